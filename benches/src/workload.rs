//! What is measured.

use serde::{Deserialize, Serialize};

/// One thing that every peer is asked to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Workload {
    /// What it is called on the command line and in reports.
    pub id: &'static str,
    /// What it is, for people.
    pub title: &'static str,
    pub job: Job,
    /// What is measured; the first is the one that tables show.
    pub metrics: &'static [Metric],
    /// Part of `--quick`.
    pub quick: bool,
}

/// What the client does. The driver tells it as JSON, to clients in Node too.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Job {
    /// One call after another, with both processes on one core.
    Sequential(Payload),
    /// As many calls at once on each connection.
    InFlight { payload: Payload, connections: usize, window: usize },
    /// The server pushes what comes up one by one, the client counts.
    Events,
    /// The same from a stream that has all its items ready.
    Stream,
    /// Both sides keep as many calls at once in flight to each other.
    BothDirections { window: usize },
    /// Connections that have been used once.
    Idle { connections: usize },
}

/// What a call carries there and back.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Payload {
    /// Two numbers, and their sum back.
    Add,
    /// A [`Record`](crate::record::Record).
    Echo,
    /// As many bytes.
    Blob(usize),
    /// Nothing but a number, and as many records back.
    Rows(usize),
}

/// A figure that a workload gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    P50,
    P99,
    Calls,
    ServerCpu,
    Megabytes,
    Events,
    Memory,
    Seconds,
    Crates,
}

impl Metric {
    /// Its name and unit in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::P50 => "p50 µs",
            Self::P99 => "p99 µs",
            Self::Calls => "calls/s",
            Self::ServerCpu => "server CPU µs/call",
            Self::Megabytes => "MB/s",
            Self::Events => "events/s",
            Self::Memory => "KB/connection",
            Self::Seconds => "s",
            Self::Crates => "crates",
        }
    }

    pub fn more_is_better(self) -> bool {
        matches!(self, Self::Calls | Self::Megabytes | Self::Events)
    }

    /// The best of some values.
    pub fn best(self, values: &[f64]) -> Option<f64> {
        let values = values.iter().copied();
        if self.more_is_better() { values.reduce(f64::max) } else { values.reduce(f64::min) }
    }

    /// How many times better `ours` is than `theirs`: above 1 is better, whichever way it counts.
    pub fn times_better(self, ours: f64, theirs: f64) -> f64 {
        if self.more_is_better() { ours / theirs } else { theirs / ours }
    }
}

use Job::{BothDirections, Events, Idle, InFlight, Sequential, Stream};
use Payload::{Add, Blob, Echo, Rows};

const KIB: usize = 1024;
const MIB: usize = 1024 * 1024;
const LATENCY: &[Metric] = &[Metric::P50, Metric::P99];
const CALLS: &[Metric] = &[Metric::Calls, Metric::ServerCpu];
const BLOBS: &[Metric] = &[Metric::Megabytes];

pub static WORKLOADS: [Workload; 18] = [
    latency("add", "add, one core", Add, false),
    latency("echo", "echo, one core", Echo, true),
    calls("in-flight-64", "64 in flight", 1, 64, true),
    calls("in-flight-256", "256 in flight", 1, 256, true),
    calls("connections-32x8", "32 connections × 8", 32, 8, true),
    // Of 107 bytes each in JSON: 1 MiB.
    latency("rows-1m", "list of 1 MiB, one core", Rows(9_800), false),
    blobs("blob-1k", "blob 1 KiB", KIB, 1, false),
    blobs("blob-1k-4", "blob 1 KiB × 4", KIB, 4, false),
    blobs("blob-64k", "blob 64 KiB", 64 * KIB, 1, true),
    blobs("blob-64k-4", "blob 64 KiB × 4", 64 * KIB, 4, false),
    blobs("blob-1m", "blob 1 MiB", MIB, 1, true),
    blobs("blob-1m-4", "blob 1 MiB × 4", MIB, 4, false),
    Workload {
        id: "events",
        title: "events",
        job: Events,
        metrics: &[Metric::Events],
        quick: true,
    },
    Workload {
        id: "stream",
        title: "stream",
        job: Stream,
        metrics: &[Metric::Events],
        quick: false,
    },
    Workload {
        id: "both-directions",
        title: "both directions, 32 each",
        job: BothDirections { window: 32 },
        metrics: &[Metric::Calls],
        quick: false,
    },
    idle("memory-1k", "memory, 1,000 idle", 1_000, true),
    idle("memory-10k", "memory, 10,000 idle", 10_000, false),
    // The same calls as `in-flight-64`, small enough that only the envelope counts.
    Workload {
        id: "add-64",
        title: "add, 64 in flight",
        job: InFlight { payload: Add, connections: 1, window: 64 },
        metrics: CALLS,
        quick: false,
    },
];

const fn latency(id: &'static str, title: &'static str, payload: Payload, quick: bool) -> Workload {
    Workload { id, title, job: Sequential(payload), metrics: LATENCY, quick }
}

const fn calls(
    id: &'static str,
    title: &'static str,
    connections: usize,
    window: usize,
    quick: bool,
) -> Workload {
    let job = InFlight { payload: Echo, connections, window };
    Workload { id, title, job, metrics: CALLS, quick }
}

const fn blobs(
    id: &'static str,
    title: &'static str,
    size: usize,
    window: usize,
    quick: bool,
) -> Workload {
    let job = InFlight { payload: Blob(size), connections: 1, window };
    Workload { id, title, job, metrics: BLOBS, quick }
}

const fn idle(id: &'static str, title: &'static str, connections: usize, quick: bool) -> Workload {
    Workload { id, title, job: Idle { connections }, metrics: &[Metric::Memory], quick }
}

impl Workload {
    /// In how many of the rounds it has its turn: memory hardly differs between rounds, and takes
    /// long.
    pub fn rounds_of(&self, rounds: usize) -> usize {
        match self.job {
            Job::Idle { .. } => rounds.div_ceil(2),
            _ => rounds,
        }
    }
}

/// The workload of that name.
pub fn find(id: &str) -> Option<&'static Workload> {
    WORKLOADS.iter().find(|workload| workload.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_workload_is_found_by_its_name() {
        for workload in &WORKLOADS {
            assert_eq!(find(workload.id), Some(workload));
            assert!(!workload.metrics.is_empty());
        }
        assert_eq!(find("none"), None);
    }

    #[test]
    fn better_is_more_of_a_rate_and_less_of_a_cost() {
        assert_eq!(Metric::Calls.best(&[1.0, 3.0, 2.0]), Some(3.0));
        assert_eq!(Metric::P50.best(&[2.0, 1.0, 3.0]), Some(1.0));
        assert_eq!(Metric::Calls.times_better(20.0, 10.0), 2.0);
        assert_eq!(Metric::P50.times_better(10.0, 20.0), 2.0);
    }
}
