//! Where one message ends and the next begins, on carriers that are streams of bytes.
//!
//! [`native`], [`newline`] and [`content_length`] each know one framing; [`sniffing`] tells from a connection's
//! first bytes which of them is spoken.

pub(crate) mod content_length;
pub(crate) mod native;
pub(crate) mod newline;
pub(crate) mod payload;
pub(crate) mod plain;
#[cfg(test)]
mod properties;
#[cfg(any(test, fuzzing))]
pub(crate) mod replay;
pub(crate) mod sniffing;
pub(crate) mod step;

use crate::{
    codec::Encoding,
    framing::step::{FrameStep, InputEnd},
};

/// How messages are framed on one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StreamFraming {
    /// A u32 little-endian length and the payload.
    Native,
    /// One JSON value after the other, a newline behind each.
    Newline,
    /// Headers with a `Content-Length`, and the payload: LSP's base protocol.
    ContentLength,
}

impl StreamFraming {
    /// Appends one frame, its payload written by `payload`. Gives the payload's length.
    pub(crate) fn write(self, out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>)) -> usize {
        match self {
            Self::Native => native::write(out, payload),
            Self::Newline => newline::write(out, payload),
            Self::ContentLength => content_length::write(out, payload),
        }
    }
}

/// A decoder for the framing that a connection was found to speak.
#[derive(Debug)]
pub(crate) enum FrameDecoder {
    Native(native::NativeDecoder),
    Newline(newline::NewlineDecoder),
    ContentLength(content_length::ContentLengthDecoder),
}

impl FrameDecoder {
    pub(crate) fn new(framing: StreamFraming) -> Self {
        match framing {
            StreamFraming::Native => Self::Native(native::NativeDecoder::default()),
            StreamFraming::Newline => Self::Newline(newline::NewlineDecoder::default()),
            StreamFraming::ContentLength => {
                Self::ContentLength(content_length::ContentLengthDecoder::default())
            }
        }
    }

    pub(crate) fn framing(&self) -> StreamFraming {
        match self {
            Self::Native(_) => StreamFraming::Native,
            Self::Newline(_) => StreamFraming::Newline,
            Self::ContentLength(_) => StreamFraming::ContentLength,
        }
    }

    /// Looks at the bytes that weren't consumed yet.
    pub(crate) fn step(&mut self, unread: &[u8], limit: usize) -> FrameStep {
        match self {
            Self::Native(decoder) => decoder.step(unread, limit),
            Self::Newline(decoder) => decoder.step(unread, limit),
            Self::ContentLength(decoder) => decoder.step(unread, limit),
        }
    }

    /// Whether no message of this project begins like these bytes, as far as they show it. The native
    /// framing alone can tell: others go on behind what isn't understood.
    pub(crate) fn is_no_message(&self, unread: &[u8], limit: usize, encoding: Encoding) -> bool {
        match self {
            Self::Native(decoder) => decoder.is_no_message(unread, limit, encoding),
            Self::Newline(_) | Self::ContentLength(_) => false,
        }
    }

    /// Whether more of a frame is to come, when these bytes are left and are no whole one.
    pub(crate) fn is_amid(&self, unread: &[u8]) -> bool {
        let skips = match self {
            Self::Native(decoder) => decoder.skips(),
            Self::ContentLength(decoder) => decoder.skips(),
            // What it skips is of no known length, and may well be over.
            Self::Newline(_) => false,
        };
        skips || !unread.is_empty()
    }

    /// What the end of the input means, when these bytes are left.
    pub(crate) fn end(&self, unread: &[u8]) -> InputEnd {
        match self {
            Self::Newline(decoder) => decoder.end(unread),
            Self::Native(_) | Self::ContentLength(_) if unread.is_empty() => InputEnd::Closed,
            Self::Native(_) | Self::ContentLength(_) => InputEnd::Truncated,
        }
    }
}
