//! Framing: where one message ends and the next begins, on carriers that are byte streams.
//!
//! [`native`], [`newline`] and [`content_length`] implement one framing each. [`sniffing`] finds
//! out from a connection's first bytes which of them the peer uses.

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
    /// A u32 little-endian length, then the payload.
    Native,
    /// JSON values one after the other, each followed by a newline.
    Newline,
    /// Headers with a `Content-Length`, then the payload: LSP's base protocol.
    ContentLength,
}

impl StreamFraming {
    /// Appends one frame, whose payload `payload` writes. Returns the payload's length.
    pub(crate) fn write(self, out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>)) -> usize {
        match self {
            Self::Native => native::write(out, payload),
            Self::Newline => newline::write(out, payload),
            Self::ContentLength => content_length::write(out, payload),
        }
    }
}

/// A decoder for the framing that a connection uses.
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

    /// Reads the next step from the bytes that weren't consumed yet.
    pub(crate) fn step(&mut self, unread: &[u8], limit: usize) -> FrameStep {
        match self {
            Self::Native(decoder) => decoder.step(unread, limit),
            Self::Newline(decoder) => decoder.step(unread, limit),
            Self::ContentLength(decoder) => decoder.step(unread, limit),
        }
    }

    /// Whether the unread bytes can't be the beginning of a message of this project, as far as they
    /// show. Only the native framing can tell; the answer for the others is always `false`.
    pub(crate) fn is_no_message(&self, unread: &[u8], limit: usize, encoding: Encoding) -> bool {
        match self {
            Self::Native(decoder) => decoder.is_no_message(unread, limit, encoding),
            Self::Newline(_) | Self::ContentLength(_) => false,
        }
    }

    /// Whether the input has stopped in the middle of a frame. `unread` holds no whole frame.
    pub(crate) fn is_mid_message(&self, unread: &[u8]) -> bool {
        let skips = match self {
            Self::Native(decoder) => decoder.skips(),
            Self::ContentLength(decoder) => decoder.skips(),
            // It skips to the next newline, and whether any more bytes come before that isn't
            // known.
            Self::Newline(_) => false,
        };
        skips || !unread.is_empty()
    }

    /// What the end of the input means if `unread` is left over.
    pub(crate) fn end(&self, unread: &[u8]) -> InputEnd {
        match self {
            Self::Newline(decoder) => decoder.end(unread),
            Self::Native(_) | Self::ContentLength(_) if unread.is_empty() => InputEnd::Closed,
            Self::Native(_) | Self::ContentLength(_) => InputEnd::Truncated,
        }
    }
}
