//! Runs a decoder as a connection does, with the bytes split into arbitrary pieces. For tests.

use crate::framing::{
    FrameDecoder, StreamFraming,
    step::{FrameStep, InputEnd},
};

/// What a decoder found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Message(Vec<u8>),
    /// The size and the first bytes, and whether it is fatal. `None` in newline framing and if
    /// fatal: how much had arrived then depends on the pieces.
    TooLarge(Option<(u64, Vec<u8>)>, bool),
    Broken(&'static str, bool),
}

/// Everything that the decoder finds in these bytes, and what the end of the input means after
/// them. The latter is `None` if a fatal error ended the connection earlier.
///
/// # Panics
///
/// If a step contradicts itself.
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
                    // The rest of a fatal one isn't waited for.
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
