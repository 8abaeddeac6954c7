//! The part that framings with a length prefix share: cutting out a payload of known size, and
//! skipping the rest of a message over the limit.

use crate::framing::step::FrameStep;

/// A message larger than this many times the limit isn't skipped: the connection closes.
const SKIPPABLE: u64 = 16;

/// Whether a message of this size closes the connection.
pub(super) fn is_fatal(length: u64, limit: usize) -> bool {
    length > SKIPPABLE.saturating_mul(limit as u64)
}

/// How many bytes of a message over the limit are searched for its id.
pub(super) const PREFIX: usize = 4096;

/// Cuts payloads out of the unread bytes.
#[derive(Debug, Default)]
pub(super) struct Payloads {
    /// How many bytes of a message over the limit are still to be skipped.
    skipping: u64,
}

impl Payloads {
    /// Whether bytes have to be skipped before the next header.
    pub(super) fn skips(&self) -> bool {
        self.skipping > 0
    }

    /// The step that skips bytes before the next header; `None` if there are none to skip.
    pub(super) fn rest(&mut self, unread: &[u8]) -> Option<FrameStep> {
        if self.skipping == 0 {
            return None;
        }
        if unread.is_empty() {
            return Some(FrameStep::Incomplete { needs: 0 });
        }
        let skipped = self.skipping.min(unread.len() as u64);
        self.skipping -= skipped;
        // At most `unread.len()`, so it fits a usize.
        Some(FrameStep::Skip { consumed: skipped as usize })
    }

    /// The step for the payload of `length` bytes that begins at `start` in the unread bytes.
    pub(super) fn payload(
        &mut self,
        unread: &[u8],
        start: usize,
        length: u64,
        limit: usize,
    ) -> FrameStep {
        if length <= limit as u64 {
            // At most `limit`, which is a usize.
            let end = start + length as usize;
            return if unread.len() >= end {
                FrameStep::Message { payload: start..end, consumed: end }
            } else {
                FrameStep::Incomplete { needs: end }
            };
        }
        let mut prefix_end = start + length.min(PREFIX as u64) as usize;
        let fatal = is_fatal(length, limit);
        if unread.len() < prefix_end {
            if !fatal {
                return FrameStep::Incomplete { needs: prefix_end };
            }
            // Don't wait for the rest of the prefix: most likely these bytes are no length, and
            // nothing more comes.
            prefix_end = unread.len();
        }
        self.skipping = length - (prefix_end - start) as u64;
        FrameStep::TooLarge { prefix: start..prefix_end, size: length, fatal, consumed: prefix_end }
    }
}
