//! The native framing: a u32 little-endian length, then the payload.

use super::{Step, payload::Payloads};

const HEADER: usize = 4;

/// Appends one frame. Gives the payload's length.
pub(crate) fn write(out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>)) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0; HEADER]);
    payload(out);
    let length = out.len() - start - HEADER;
    // The limit on messages is a u32, and is checked before anything is written.
    let header = u32::try_from(length).unwrap_or(u32::MAX).to_le_bytes();
    out[start..start + HEADER].copy_from_slice(&header);
    length
}

/// Finds frames.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    payloads: Payloads,
}

impl Decoder {
    /// Whether there is more to come of a message that was too large.
    pub(crate) fn skips(&self) -> bool {
        self.payloads.skips()
    }

    pub(crate) fn step(&mut self, unread: &[u8], limit: usize) -> Step {
        if let Some(step) = self.payloads.rest(unread) {
            return step;
        }
        let Some(header) = unread.first_chunk::<HEADER>() else {
            return Step::Incomplete { needs: HEADER };
        };
        let length = u32::from_le_bytes(*header);
        self.payloads.payload(unread, HEADER, length.into(), limit)
    }
}

#[cfg(test)]
mod tests {
    use super::{super::payload::PREFIX, *};

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = Vec::new();
        assert_eq!(write(&mut bytes, |out| out.extend_from_slice(b"hello")), 5);
        write(&mut bytes, |_| {});
        let mut decoder = Decoder::default();
        assert_eq!(decoder.step(&bytes, 10), Step::Message { payload: 4..9, consumed: 9 });
        assert_eq!(decoder.step(&bytes[9..], 10), Step::Message { payload: 4..4, consumed: 4 });
    }

    #[test]
    fn a_frame_that_is_not_whole_tells_what_it_needs() {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.step(&[5, 0], 10), Step::Incomplete { needs: 4 });
        assert_eq!(decoder.step(&[5, 0, 0, 0, 1], 10), Step::Incomplete { needs: 9 });
    }

    #[test]
    fn a_large_frame_is_skipped_and_the_next_one_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, |out| out.resize(out.len() + 5000, b'x'));
        let large = bytes.len();
        write(&mut bytes, |out| out.push(b'y'));
        let mut decoder = Decoder::default();
        let first = decoder.step(&bytes, 1000);
        assert_eq!(
            first,
            Step::TooLarge { prefix: 4..4100, size: 5000, fatal: false, consumed: 4100 }
        );
        assert_eq!(decoder.step(&bytes[4100..], 1000), Step::Skip { consumed: large - 4100 });
        let last = decoder.step(&bytes[large..], 1000);
        assert_eq!(last, Step::Message { payload: 4..5, consumed: 5 });
    }

    #[test]
    fn far_beyond_the_limit_is_fatal() {
        let header = 1_000_000_u32.to_le_bytes();
        let mut bytes = header.to_vec();
        assert_eq!(Decoder::default().step(&bytes, 100), Step::Incomplete { needs: 4 + PREFIX });
        bytes.resize(5000, b'x');
        let step = Decoder::default().step(&bytes, 100);
        assert!(matches!(step, Step::TooLarge { size: 1_000_000, fatal: true, .. }));
    }
}
