//! A handler's progress reports.

use std::collections::VecDeque;

/// How many reports are kept for a caller that doesn't look at them.
const KEPT: usize = 64;

/// How many bytes of reports are kept. The newest report is always kept.
const KEPT_BYTES: usize = 256 * 1024;

/// Reports that the caller hasn't looked at. If it doesn't keep up, the oldest are dropped, since
/// each report replaces those before it.
#[derive(Debug, Default)]
pub(crate) struct ProgressReports {
    reports: VecDeque<Box<[u8]>>,
    bytes: usize,
}

impl ProgressReports {
    pub(crate) fn push(&mut self, report: &[u8]) {
        self.bytes += report.len();
        self.reports.push_back(report.into());
        while self.reports.len() > KEPT || (self.bytes > KEPT_BYTES && self.reports.len() > 1) {
            let oldest = self.reports.pop_front();
            self.bytes -= oldest.map_or(0, |oldest| oldest.len());
        }
    }

    /// Takes all reports, in order.
    pub(crate) fn take(&mut self) -> VecDeque<Box<[u8]>> {
        self.bytes = 0;
        std::mem::take(&mut self.reports)
    }
}

/// The progress type of a method that reports no progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoProgress {}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(sizes: impl IntoIterator<Item = usize>) -> Vec<usize> {
        let mut reports = ProgressReports::default();
        sizes.into_iter().for_each(|size| reports.push(&vec![b'1'; size]));
        reports.take().iter().map(|report| report.len()).collect()
    }

    #[test]
    fn the_newest_are_kept_by_count_and_by_bytes() {
        assert_eq!(kept(0..100), (36..100).collect::<Vec<_>>());
        assert_eq!(kept([100_000; 10]), [100_000; 2]);
        assert_eq!(kept([5, 1_000_000]), [1_000_000]);
        assert_eq!(kept([1_000_000, 5]), [5]);
    }

    #[test]
    fn what_was_taken_does_not_count() {
        let mut reports = ProgressReports::default();
        for _ in 0..10 {
            reports.push(&[b'1'; 200_000]);
            assert_eq!(reports.take().len(), 1);
        }
    }
}
