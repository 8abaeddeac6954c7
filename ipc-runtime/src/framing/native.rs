//! The native framing: a u32 little-endian length, then the payload.

use crate::{
    codec::Encoding,
    framing::{
        payload::{Payloads, is_fatal},
        step::FrameStep,
    },
};

const HEADER: usize = 4;

/// Appends one frame. Returns the payload's length.
pub(crate) fn write(out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>)) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    payload(out);
    let length = out.len() - start - HEADER;
    // The limit on messages fits a u32, and is checked before anything is written.
    let header = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    out[start..start + HEADER].copy_from_slice(&header);
    length
}

/// Decodes this framing.
#[derive(Debug, Default)]
pub(crate) struct NativeDecoder {
    payloads: Payloads,
}

impl NativeDecoder {
    /// Whether the rest of a message over the limit is still to be skipped.
    pub(crate) fn skips(&self) -> bool {
        self.payloads.skips()
    }

    /// Whether no message can begin like this, as far as these bytes show.
    pub(crate) fn is_no_message(&self, unread: &[u8], limit: usize, encoding: Encoding) -> bool {
        let Some((header, payload)) = unread.split_first_chunk::<HEADER>() else { return false };
        let length = u32::from_le_bytes(*header);
        // Bytes after the payload belong to the next frame.
        let own = usize::try_from(length).map_or(payload.len(), |length| length.min(payload.len()));
        !self.skips() && (is_fatal(length.into(), limit) || !encoding.may_begin(&payload[..own]))
    }

    pub(crate) fn step(&mut self, unread: &[u8], limit: usize) -> FrameStep {
        if let Some(step) = self.payloads.rest(unread) {
            return step;
        }
        let Some(header) = unread.first_chunk::<HEADER>() else {
            return FrameStep::Incomplete { needs: HEADER };
        };
        let length = u32::from_le_bytes(*header);
        self.payloads.payload(unread, HEADER, length.into(), limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::framing::payload::PREFIX;

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        assert_eq!(write(&mut bytes, |out| out.extend_from_slice(b"hello")), 5);
        write(&mut bytes, |_| {});
        let mut decoder = NativeDecoder::default();
        assert_eq!(decoder.step(&bytes, 10), FrameStep::Message { payload: 4..9, consumed: 9 });
        assert_eq!(
            decoder.step(&bytes[9..], 10),
            FrameStep::Message { payload: 4..4, consumed: 4 }
        );
    }

    #[test]
    fn a_frame_that_is_not_whole_tells_what_it_needs() {
        let mut decoder = NativeDecoder::default();
        assert_eq!(decoder.step(&[5, 0], 10), FrameStep::Incomplete { needs: 4 });
        assert_eq!(decoder.step(&[5, 0, 0, 0, 1], 10), FrameStep::Incomplete { needs: 9 });
    }

    #[test]
    fn what_no_message_begins_with_is_told_by_its_first_bytes() {
        let is_none =
            |bytes: &[u8]| NativeDecoder::default().is_no_message(bytes, 16 << 20, Encoding::Json);
        let mut frame = Vec::new();
        write(&mut frame, |out| out.extend_from_slice(b"{\"jsonrpc\":\"2.0\"}"));
        for length in 0..=frame.len() {
            assert!(!is_none(&frame[..length]), "{length}");
        }
        for stray in ["hell", "hello", "ok\n", "a", "\n", "abc\n", "{\"a\":1}\n", "[[[[{", "größe"]
        {
            for size in [20, 0x5b, 0x7b, 0x5b5b, 0x7b20, 0x227b, 0x007b_7b7b] {
                let size = u32::to_le_bytes(size);
                let bytes = [stray.as_bytes(), &size, b"{\"jsonrpc\":\"2.0\""].concat();
                assert!(is_none(&bytes), "{stray:?} ahead of {size:?}");
            }
        }
    }

    #[test]
    fn a_large_frame_is_skipped_and_the_next_one_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, |out| out.resize(out.len() + 5000, b'x'));
        let large = bytes.len();
        write(&mut bytes, |out| out.push(b'y'));
        let mut decoder = NativeDecoder::default();
        let first = decoder.step(&bytes, 1000);
        assert_eq!(
            first,
            FrameStep::TooLarge { prefix: 4..4100, size: 5000, fatal: false, consumed: 4100 }
        );
        assert_eq!(decoder.step(&bytes[4100..], 1000), FrameStep::Skip { consumed: large - 4100 });
        let last = decoder.step(&bytes[large..], 1000);
        assert_eq!(last, FrameStep::Message { payload: 4..5, consumed: 5 });
    }

    #[test]
    fn far_beyond_the_limit_is_fatal() {
        let header = 1_000_000_u32.to_le_bytes();
        let mut bytes = header.to_vec();
        for (there, prefix) in [(4, 4..4), (9, 4..9), (5000, 4..4 + PREFIX)] {
            bytes.resize(there, b'x');
            let (size, consumed) = (1_000_000, prefix.end);
            let told = FrameStep::TooLarge { prefix, size, fatal: true, consumed };
            assert_eq!(NativeDecoder::default().step(&bytes, 100), told, "at once");
        }
    }
}
