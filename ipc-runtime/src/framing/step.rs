//! What a decoder gives for some bytes.

use std::ops::Range;

/// What a decoder found at the start of the unread bytes.
#[derive(Debug, PartialEq)]
pub(crate) enum FrameStep {
    /// The frame isn't whole; it is known to need this many bytes, or 0 where that isn't known.
    Incomplete { needs: usize },
    /// One message.
    Message { payload: Range<usize>, consumed: usize },
    /// A message over the limit, of which this is the beginning. What follows of it is skipped,
    /// unless that is `fatal`: then the connection can't go on.
    TooLarge { prefix: Range<usize>, size: u64, fatal: bool, consumed: usize },
    /// No message; the decoder goes on behind it, unless that is `fatal`.
    Broken { why: &'static str, fatal: bool, consumed: usize },
    /// Bytes that carry nothing.
    Skip { consumed: usize },
}

/// What the end of the input means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputEnd {
    /// The connection is over.
    Closed,
    /// The connection is over, amid a message.
    Truncated,
    /// The peer has said all it wants to, and waits for the answers.
    HalfClosed,
    /// The same, after a message that wasn't whole.
    HalfClosedTruncated,
}

impl InputEnd {
    /// The same, where the peer can't close one direction alone.
    pub(crate) fn of_all(self) -> Self {
        match self {
            Self::Closed | Self::HalfClosed => Self::Closed,
            Self::Truncated | Self::HalfClosedTruncated => Self::Truncated,
        }
    }
}
