//! The report for people.

use std::fmt::Write;

use super::{
    rows::{Report, name_of},
    verdict::Verdict,
};
use crate::{
    peer::{PeerInfo, Role},
    peers::{self, PEERS},
    workload::{Metric, WORKLOADS, Workload},
};

/// Tables of figures, of their ratios to the floor and of ours to each peer, and of the goals.
pub fn write(report: &Report) -> String {
    let mut out = String::new();
    for threads in [2, 1] {
        let columns = columns(report, threads);
        if columns.is_empty() {
            continue;
        }
        let threads = if threads == 1 { "one worker thread" } else { "two worker threads" };
        heading(&mut out, &format!("Figures, {threads} in each process (medians)"));
        figures(&mut out, report, &columns);
        heading(&mut out, &format!("Times as good as the bare carrier, {threads}"));
        beside_the_floor(&mut out, report, &columns);
        for ours in PEERS.iter().filter(|peer| peer.role == Role::Ours) {
            if columns.iter().any(|column| column.of(report, ours.id).is_some()) {
                heading(
                    &mut out,
                    &format!("{}: times as good as each peer, {threads}", ours.title),
                );
                beside_peers(&mut out, report, &columns, ours);
            }
        }
    }
    others(&mut out, report);
    if !report.goals.is_empty() {
        heading(&mut out, "Goals");
        goals(&mut out, &report.goals);
    }
    out
}

/// A figure that somebody was measured by.
struct Column {
    title: String,
    workload: String,
    metric: Metric,
}

impl Column {
    fn of(&self, report: &Report, peer: &str) -> Option<f64> {
        report.median(peer, &self.workload, self.metric)
    }
}

fn columns(report: &Report, threads: usize) -> Vec<Column> {
    let mut columns = Vec::new();
    for workload in &WORKLOADS {
        for &metric in workload.metrics {
            let column = Column {
                title: title(workload, metric),
                workload: name_of(workload.id, threads),
                metric,
            };
            if PEERS.iter().any(|peer| column.of(report, peer.id).is_some()) {
                columns.push(column);
            }
        }
    }
    columns
}

fn title(workload: &Workload, metric: Metric) -> String {
    format!("{}, {}", workload.title, metric.name())
}

/// A table of peers and columns, without rows that would be empty.
fn table<'a>(
    out: &mut String,
    peers: impl Iterator<Item = &'a PeerInfo>,
    columns: &[Column],
    cell: impl Fn(&PeerInfo, &Column) -> Option<String>,
) {
    let titles: Vec<&str> = columns.iter().map(|column| column.title.as_str()).collect();
    line(out, "", titles);
    line(out, "---", vec!["---:"; columns.len()]);
    for peer in peers {
        let cells: Vec<Option<String>> = columns.iter().map(|column| cell(peer, column)).collect();
        if cells.iter().any(Option::is_some) {
            let cells = cells.iter().map(|cell| cell.as_deref().unwrap_or("–"));
            line(out, peer.title, cells.collect());
        }
    }
}

fn line(out: &mut String, first: &str, cells: Vec<&str>) {
    out.push_str("| ");
    out.push_str(first);
    for cell in cells {
        out.push_str(" | ");
        out.push_str(cell);
    }
    out.push_str(" |\n");
}

fn heading(out: &mut String, text: &str) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str("### ");
    out.push_str(text);
    out.push_str("\n\n");
}

fn figures(out: &mut String, report: &Report, columns: &[Column]) {
    table(out, PEERS.iter(), columns, |peer, column| Some(figure(column.of(report, peer.id)?)));
}

fn beside_the_floor(out: &mut String, report: &Report, columns: &[Column]) {
    let peers = PEERS.iter().filter(|peer| peer.role != Role::Floor);
    table(out, peers, columns, |peer, column| {
        let floor = column.of(report, peer.carrier.floor())?;
        Some(ratio(column.metric.times_better(column.of(report, peer.id)?, floor)))
    });
}

fn beside_peers(out: &mut String, report: &Report, columns: &[Column], ours: &PeerInfo) {
    let peers = PEERS.iter().filter(|peer| peer.role == Role::Peer);
    table(out, peers, columns, |peer, column| {
        let theirs = column.of(report, peer.id)?;
        Some(ratio(column.metric.times_better(column.of(report, ours.id)?, theirs)))
    });
}

/// What has no workload: builds and macros.
fn others(out: &mut String, report: &Report) {
    let is_other = |name: &str| {
        WORKLOADS.iter().all(|workload| [1, 2].iter().all(|&n| name_of(workload.id, n) != name))
    };
    let rows: Vec<_> = report.rows.iter().filter(|row| is_other(&row.workload)).collect();
    if rows.is_empty() {
        return;
    }
    heading(out, "Builds");
    line(out, "", vec!["what", "median", "best", ""]);
    line(out, "---", vec!["---", "---:", "---:", "---"]);
    for row in rows {
        let title = peers::find(&row.peer).map_or(row.peer.as_str(), |peer| peer.title);
        let (median, best) = (figure(row.median), figure(row.best));
        line(out, title, vec![&row.workload, &median, &best, row.metric]);
    }
}

/// Those that this run has measured, and how many it hasn't.
fn goals(out: &mut String, verdicts: &[Verdict]) {
    let mut missing = 0;
    line(out, "", vec!["goal", "measured", "held"]);
    line(out, "---", vec!["---:", "---:", "---"]);
    for verdict in verdicts {
        let (Some(measured), Some(held)) = (verdict.measured, verdict.held) else {
            missing += 1;
            continue;
        };
        let held = if held { "yes" } else { "**no**" };
        line(out, &verdict.name, vec![&verdict.goal, &format!("{measured:.2}"), held]);
    }
    if missing > 0 {
        out.push_str(&format!("\nGoals that this run hasn't measured: {missing}.\n"));
    }
}

/// Three digits that count; thousands as `k`, millions as `M`.
fn figure(value: f64) -> String {
    let (value, unit) = match value {
        value if value >= 1e6 => (value / 1e6, "M"),
        value if value >= 1e4 => (value / 1e3, "k"),
        value => (value, ""),
    };
    let mut text = String::new();
    // Writing to a string can't fail.
    let _ = match value {
        value if value >= 100.0 => write!(text, "{value:.0}{unit}"),
        value if value >= 10.0 => write!(text, "{value:.1}{unit}"),
        value => write!(text, "{value:.2}{unit}"),
    };
    text
}

fn ratio(value: f64) -> String {
    if value >= 10.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::rows::Row;

    #[test]
    fn figures_have_three_digits() {
        assert_eq!(figure(12.345), "12.3");
        assert_eq!(figure(1.0), "1.00");
        assert_eq!(figure(345_678.0), "346k");
        assert_eq!(figure(9_876.0), "9876");
        assert_eq!(figure(5_156_000.0), "5.16M");
    }

    #[test]
    fn ratios_say_how_many_times_better_whatever_the_metric() {
        let rows = [
            ("raw-socket", 10.0, 800.0),
            ("local-json", 20.0, 400.0),
            ("tarpc-bincode", 40.0, 100.0),
        ];
        let rows = rows.iter().flat_map(|(peer, p50, calls)| {
            [
                Row::new(peer, "echo", Metric::P50, &[*p50]),
                Row::new(peer, "in-flight-64", Metric::Calls, &[*calls]),
            ]
        });
        let report = Report { rows: rows.flatten().collect(), goals: Vec::new() };
        let text = write(&report);
        assert!(text.contains("| ours, local, JSON | 20.0 | 400 |"), "{text}");
        assert!(text.contains("| ours, local, JSON | 0.50 | 0.50 |"), "{text}");
        assert!(text.contains("| tarpc, bincode | 2.00 | 4.00 |"), "{text}");
        assert!(!text.contains("one worker thread"), "{text}");
    }

    #[test]
    fn a_missed_goal_stands_out() {
        let verdict = Verdict {
            name: "a ÷ b".into(),
            goal: "≥ 2".into(),
            measured: Some(1.5),
            held: Some(false),
        };
        let unknown = Verdict { measured: None, held: None, ..verdict.clone() };
        let text = write(&Report { rows: Vec::new(), goals: vec![verdict, unknown] });
        assert_eq!(text.matches("| a ÷ b | ≥ 2 | 1.50 | **no** |").count(), 1, "{text}");
        assert!(text.contains("hasn't measured: 1."), "{text}");
    }
}
