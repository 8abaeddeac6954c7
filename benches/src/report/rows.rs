//! The figures of a run.

use serde::Serialize;

use super::verdict::Verdict;
use crate::{statistics::median, workload::Metric};

/// All figures of a run, and what they say about the goals.
#[derive(Debug, Default, PartialEq, Serialize)]
pub struct Report {
    pub rows: Vec<Row>,
    pub goals: Vec<Verdict>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    pub peer: String,
    /// With two worker threads the workload's own name, see [`name_of`].
    pub workload: String,
    pub metric: &'static str,
    pub median: f64,
    pub best: f64,
    /// How many rounds it was measured in.
    pub rounds: usize,
}

impl Row {
    /// `None` without values.
    pub fn new(peer: &str, workload: &str, metric: Metric, values: &[f64]) -> Option<Self> {
        Some(Self {
            peer: peer.into(),
            workload: workload.into(),
            metric: metric.name(),
            median: median(values)?,
            best: metric.best(values)?,
            rounds: values.len(),
        })
    }
}

impl Report {
    /// The median of a figure.
    pub fn median(&self, peer: &str, workload: &str, metric: Metric) -> Option<f64> {
        let mut rows = self.rows.iter();
        let row = rows.find(|row| {
            row.peer == peer && row.workload == workload && row.metric == metric.name()
        })?;
        Some(row.median)
    }
}

/// A workload's name in a report.
pub fn name_of(workload: &str, threads: usize) -> String {
    match threads {
        1 => format!("{workload}, 1 thread"),
        _ => workload.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_the_median_and_the_best_of_its_rounds() {
        let row = Row::new("a", "echo", Metric::P50, &[3.0, 1.0, 2.0]).unwrap();
        assert_eq!((row.median, row.best, row.rounds), (2.0, 1.0, 3));
        let row = Row::new("a", "x", Metric::Calls, &[3.0, 1.0, 2.0]).unwrap();
        assert_eq!((row.median, row.best), (2.0, 3.0));
        assert_eq!(Row::new("a", "x", Metric::Calls, &[]), None);
    }

    #[test]
    fn figures_of_one_thread_have_a_name_of_their_own() {
        assert_eq!(name_of("echo", 2), "echo");
        assert_eq!(name_of("echo", 1), "echo, 1 thread");
    }
}
