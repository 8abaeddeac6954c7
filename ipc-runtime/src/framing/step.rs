//! The results of a decoder.

use std::ops::Range;

/// What a decoder found at the start of the unread bytes.
#[derive(Debug, PartialEq)]
pub(crate) enum FrameStep {
    /// The frame isn't complete. It needs this many bytes, or 0 if the number isn't known.
    Incomplete { needs: usize },
    /// One message.
    Message { payload: Range<usize>, consumed: usize },
    /// A message over the limit, with its first bytes. The decoder skips the rest, unless this is
    /// `fatal`: then the connection has to close.
    TooLarge { prefix: Range<usize>, size: u64, fatal: bool, consumed: usize },
    /// Bytes that are no message. The decoder goes on after them, unless this is `fatal`.
    Broken { why: &'static str, fatal: bool, consumed: usize },
    /// Bytes without content.
    Skip { consumed: usize },
}

/// What the end of the input means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InputEnd {
    /// The connection is over.
    Closed,
    /// The connection is over, in the middle of a message.
    Truncated,
    /// The peer sends nothing more, and waits for the answers.
    HalfClosed,
    /// Like `HalfClosed`, after an incomplete message.
    HalfClosedTruncated,
}

impl InputEnd {
    /// The same on a carrier whose peer can't close one direction alone.
    pub(crate) fn of_all(self) -> Self {
        match self {
            Self::Closed | Self::HalfClosed => Self::Closed,
            Self::Truncated | Self::HalfClosedTruncated => Self::Truncated,
        }
    }
}
