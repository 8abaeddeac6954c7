//! Runs a decoder as a connection does, whatever pieces the bytes come in: for tests.

use crate::framing::{
    FrameDecoder, StreamFraming,
    step::{FrameStep, InputEnd},
};

/// What a decoder has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Message(Vec<u8>),
    /// How much of it had come in is chance in newline framing, and where it is fatal; else the
    /// beginning.
    TooLarge(Option<(u64, Vec<u8>)>, bool),
    Broken(&'static str, bool),
}

/// Everything that is found in these bytes, and what the end of the input means behind them, unless
/// the connection has ended before.
///
/// # Panics
///
/// When a step makes no sense.
pub(crate) fn decode(
    framing: StreamFraming,
    bytes: &[u8],
    pieces: &[usize],
    limit: usize,
) -> (Vec<Found>, Option<InputEnd>) {
    let (mut decoder, mut unread, mut found) = (FrameDecoder::new(framing), Vec::new(), Vec::new());
    let mut rest = bytes;
    let mut pieces = pieces.iter().copied().chain(std::iter::repeat(usize::MAX));
    while !rest.is_empty() {
        let piece = pieces.next().unwrap_or(usize::MAX).clamp(1, rest.len());
        unread.extend_from_slice(&rest[..piece]);
        rest = &rest[piece..];
        loop {
            let (consumed, fatal) = match decoder.step(&unread, limit) {
                FrameStep::Incomplete { needs } => {
                    assert!(needs == 0 || needs > unread.len(), "{needs} are there");
                    break;
                }
                FrameStep::Skip { consumed } => {
                    assert!(consumed > 0, "it would be skipped for ever");
                    (consumed, false)
                }
                FrameStep::Message { payload, consumed } => {
                    assert!(payload.end <= consumed && payload.len() <= limit && consumed > 0);
                    found.push(Found::Message(unread[payload].to_vec()));
                    (consumed, false)
                }
                FrameStep::TooLarge { prefix, size, fatal, consumed } => {
                    assert!(prefix.end <= consumed && size > limit as u64);
                    // Nobody waits for the rest of one that is fatal.
                    let known = framing != StreamFraming::Newline && !fatal;
                    let told = known.then(|| (size, unread[prefix].to_vec()));
                    found.push(Found::TooLarge(told, fatal));
                    (consumed, fatal)
                }
                FrameStep::Broken { why, fatal, consumed } => {
                    found.push(Found::Broken(why, fatal));
                    (consumed, fatal)
                }
            };
            if fatal {
                return (found, None);
            }
            unread.drain(..consumed);
        }
    }
    (found, Some(decoder.end(&unread)))
}
