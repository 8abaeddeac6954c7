//! What ipc-runtime wants to reach, as ratios of one run.

use crate::{
    report::{
        rows::{Report, name_of},
        verdict::Verdict,
    },
    workload::Metric,
};

/// One goal: a figure of ours beside another's, or by itself.
#[derive(Debug, Clone, PartialEq)]
struct Goal {
    name: &'static str,
    ours: &'static str,
    /// Nobody: the figure itself is what counts.
    beside: Option<&'static str>,
    workload: &'static str,
    metric: Metric,
    threads: usize,
    bound: Bound,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Bound {
    AtMost(f64),
    AtLeast(f64),
    MoreThan(f64),
}

use Bound::{AtLeast, AtMost, MoreThan};
use Metric::{Calls, Events, Megabytes, Memory, P50, Seconds};

fn goals() -> Vec<Goal> {
    let mut goals = Vec::new();
    let mut add = |name, ours, beside, workload, metric, threads, bound| {
        goals.push(Goal { name, ours, beside, workload, metric, threads, bound });
    };
    let (json, msgpack, ws) = ("local-json", "local-msgpack", "ws-json");
    let (socket, tarpc) = (Some("raw-socket"), Some("tarpc-bincode"));
    let (jsonrpsee, tonic) = (Some("jsonrpsee"), Some("tonic"));

    add("echo, one core: local JSON ÷ floor", json, socket, "echo", P50, 2, AtMost(0.95));
    let floor = Some("raw-websocket");
    add("echo, one core: WebSocket JSON ÷ floor", ws, floor, "echo", P50, 2, AtMost(1.0));

    // Behind the workload: two worker threads, and one.
    for (name, ours, workload, two, one) in [
        ("64 in flight: local JSON ÷ tarpc", json, "in-flight-64", 2.0, 1.6),
        ("64 in flight: local MessagePack ÷ tarpc", msgpack, "in-flight-64", 2.7, 2.2),
        ("256 in flight: local JSON ÷ tarpc", json, "in-flight-256", 2.6, 1.6),
        ("256 in flight: local MessagePack ÷ tarpc", msgpack, "in-flight-256", 4.5, 2.2),
        ("32 × 8: local JSON ÷ tarpc", json, "connections-32x8", 2.4, 1.9),
        ("32 × 8: local MessagePack ÷ tarpc", msgpack, "connections-32x8", 3.2, 2.6),
    ] {
        add(name, ours, tarpc, workload, Calls, 2, AtLeast(two));
        add(name, ours, tarpc, workload, Calls, 1, AtLeast(one));
    }
    let name = "64 in flight: WebSocket JSON ÷ jsonrpsee";
    add(name, ws, jsonrpsee, "in-flight-64", Calls, 2, AtLeast(4.5));

    for (floor, ahead, workload, bound) in [
        ("blob 64 KiB: MessagePack ÷ floor", "blob 64 KiB: MessagePack ÷ tonic", "blob-64k", 0.5),
        (
            "blob 64 KiB × 4: MessagePack ÷ floor",
            "blob 64 KiB × 4: MessagePack ÷ tonic",
            "blob-64k-4",
            0.5,
        ),
        ("blob 1 MiB: MessagePack ÷ floor", "blob 1 MiB: MessagePack ÷ tonic", "blob-1m", 0.55),
        (
            "blob 1 MiB × 4: MessagePack ÷ floor",
            "blob 1 MiB × 4: MessagePack ÷ tonic",
            "blob-1m-4",
            0.55,
        ),
    ] {
        add(floor, msgpack, socket, workload, Megabytes, 2, AtLeast(bound));
        add(ahead, msgpack, tonic, workload, Megabytes, 2, MoreThan(1.0));
    }

    add("events: local JSON ÷ jsonrpsee", json, jsonrpsee, "events", Events, 2, AtLeast(4.0));
    let name = "events: local MessagePack ÷ tonic";
    add(name, msgpack, tonic, "events", Events, 2, MoreThan(1.0));

    for (local, web_socket, workload) in [
        ("1,000 idle: KB of local JSON", "1,000 idle: WebSocket JSON ÷ jsonrpsee", "memory-1k"),
        ("10,000 idle: KB of local JSON", "10,000 idle: WebSocket JSON ÷ jsonrpsee", "memory-10k"),
    ] {
        add(local, json, None, workload, Memory, 2, AtMost(8.0));
        add(web_socket, ws, jsonrpsee, workload, Memory, 2, AtMost(1.0));
    }

    let name = "clean build: local only ÷ tarpc";
    add(name, "ours-local-only", Some("tarpc"), "build", Seconds, 2, AtMost(1.0));
    let name = "clean build: default ÷ tarpc";
    add(name, "ours-default", Some("tarpc"), "build", Seconds, 2, AtMost(1.3));
    goals
}

/// What the report says about every goal.
pub fn judge(report: &Report) -> Vec<Verdict> {
    goals().iter().map(|goal| goal.judge(report)).collect()
}

impl Goal {
    fn judge(&self, report: &Report) -> Verdict {
        let measured = self.measured(report);
        Verdict {
            name: name_of(self.name, self.threads),
            goal: self.bound.to_string(),
            measured,
            held: measured.map(|measured| self.bound.holds(measured)),
        }
    }

    fn measured(&self, report: &Report) -> Option<f64> {
        let workload = name_of(self.workload, self.threads);
        let ours = report.median(self.ours, &workload, self.metric)?;
        match self.beside {
            Some(beside) => Some(ours / report.median(beside, &workload, self.metric)?),
            None => Some(ours),
        }
    }
}

impl Bound {
    fn holds(self, measured: f64) -> bool {
        match self {
            AtMost(bound) => measured <= bound,
            AtLeast(bound) => measured >= bound,
            MoreThan(bound) => measured > bound,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            AtMost(bound) => write!(f, "≤ {bound}"),
            AtLeast(bound) => write!(f, "≥ {bound}"),
            MoreThan(bound) => write!(f, "> {bound}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{report::rows::Row, workload};

    fn row(peer: &str, workload: &str, metric: Metric, value: f64) -> Row {
        Row::new(peer, workload, metric, &[value]).unwrap()
    }

    fn verdict(rows: Vec<Row>, name: &str) -> Verdict {
        let report = Report { rows, goals: Vec::new() };
        judge(&report).into_iter().find(|verdict| verdict.name == name).unwrap()
    }

    #[test]
    fn a_ratio_is_held_or_not() {
        let name = "64 in flight: local JSON ÷ tarpc";
        for (ours, held) in [(250.0, true), (200.0, true), (199.0, false)] {
            let rows = vec![
                row("local-json", "in-flight-64", Calls, ours),
                row("tarpc-bincode", "in-flight-64", Calls, 100.0),
            ];
            let verdict = verdict(rows, name);
            assert_eq!(verdict.measured, Some(ours / 100.0));
            assert_eq!(verdict.held, Some(held), "{ours}");
        }
    }

    #[test]
    fn one_worker_thread_has_a_bound_of_its_own() {
        let rows = vec![
            row("local-json", "in-flight-64, 1 thread", Calls, 170.0),
            row("tarpc-bincode", "in-flight-64, 1 thread", Calls, 100.0),
        ];
        let verdict = verdict(rows, "64 in flight: local JSON ÷ tarpc, 1 thread");
        assert_eq!((verdict.goal.as_str(), verdict.held), ("≥ 1.6", Some(true)));
    }

    #[test]
    fn ahead_is_not_level() {
        let rows = vec![
            row("local-msgpack", "events", Events, 100.0),
            row("tonic", "events", Events, 100.0),
        ];
        assert_eq!(verdict(rows, "events: local MessagePack ÷ tonic").held, Some(false));
    }

    #[test]
    fn what_was_not_measured_is_neither_held_nor_missed() {
        let rows = vec![row("local-json", "echo", P50, 1.0)];
        let verdict = verdict(rows, "echo, one core: local JSON ÷ floor");
        assert_eq!((verdict.measured, verdict.held), (None, None));
    }

    #[test]
    fn goals_are_about_workloads_that_exist() {
        let mut names = Vec::new();
        for goal in goals() {
            assert!(
                goal.workload == "build" || workload::find(goal.workload).is_some(),
                "{goal:?}"
            );
            names.push(name_of(goal.name, goal.threads));
        }
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
