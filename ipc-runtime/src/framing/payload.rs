//! What the framings with a length in front share: a payload of known size, and what is left to
//! skip of one that was too large.

use crate::framing::step::FrameStep;

/// A message beyond this many times the limit isn't skipped: the connection closes.
const SKIPPABLE: u64 = 16;

/// Whether a message of this size closes the connection.
pub(super) fn is_fatal(length: u64, limit: usize) -> bool {
    length > SKIPPABLE.saturating_mul(limit as u64)
}

/// How much of a message that is too large is looked at, for its id.
pub(super) const PREFIX: usize = 4096;

/// Cuts payloads out of the unread bytes.
#[derive(Debug, Default)]
pub(super) struct Payloads {
    /// What is left to skip of a message that was too large.
    skipping: u64,
}

impl Payloads {
    /// Whether something comes before the next header.
    pub(super) fn skips(&self) -> bool {
        self.skipping > 0
    }

    /// What comes before the next header, if something does.
    pub(super) fn rest(&mut self, unread: &[u8]) -> Option<FrameStep> {
        if self.skipping == 0 {
            return None;
        }
        if unread.is_empty() {
            return Some(FrameStep::Incomplete { needs: 0 });
        }
        let skipped = self.skipping.min(unread.len() as u64);
        self.skipping -= skipped;
        // At most what is there, so it fits a usize.
        Some(FrameStep::Skip { consumed: skipped as usize })
    }

    /// The payload that begins at `start` of the unread bytes, and is `length` bytes long.
    pub(super) fn payload(
        &mut self,
        unread: &[u8],
        start: usize,
        length: u64,
        limit: usize,
    ) -> FrameStep {
        if length <= limit as u64 {
            // Not above the limit, which is a usize.
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
            // It isn't waited for: most likely that is no length, and nothing more comes.
            prefix_end = unread.len();
        }
        self.skipping = length - (prefix_end - start) as u64;
        FrameStep::TooLarge { prefix: start..prefix_end, size: length, fatal, consumed: prefix_end }
    }
}
