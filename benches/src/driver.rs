//! Rounds: in each one everybody has a turn at everything, so that what the machine does meanwhile
//! is nobody's alone.

use std::{collections::BTreeMap, time::Instant};

use crate::{
    options::Run,
    report::rows::{Report, Row, name_of},
    trial::Trial,
    workload::Metric,
};

/// What a run gave.
pub struct RunOutcome {
    pub report: Report,
    /// How many samples are missing.
    pub failures: usize,
}

/// Runs all rounds. Tells on standard error how far it is.
pub async fn run(run: &Run) -> RunOutcome {
    let begun = Instant::now();
    let mut samples = Samples::default();
    let mut failures = 0;
    for round in 0..run.rounds {
        for workload in &run.workloads {
            for &threads in &run.threads {
                for turn in 0..run.peers.len() {
                    // Nobody is always the one who comes behind the same other.
                    let peer = run.peers[(turn + round) % run.peers.len()];
                    if !peer.can(workload) || round >= workload.rounds_of(run.rounds) {
                        continue;
                    }
                    let trial = Trial {
                        peer,
                        workload,
                        threads,
                        warm_up: run.warm_up.max(peer.least_warm_up()),
                        duration: run.duration,
                    };
                    match trial.run().await {
                        Ok(sample) => samples.add(&trial, &sample),
                        Err(error) => {
                            failures += 1;
                            eprintln!("{}, {}: {error}", peer.id, workload.id);
                        }
                    }
                }
            }
        }
        let (round, rounds) = (round + 1, run.rounds);
        eprintln!("round {round} of {rounds} after {} s", begun.elapsed().as_secs());
    }
    RunOutcome { report: Report { rows: samples.rows(run), goals: Vec::new() }, failures }
}

/// The values of each figure, one for each round.
#[derive(Default)]
struct Samples(BTreeMap<(&'static str, String, &'static str), Vec<f64>>);

impl Samples {
    fn add(&mut self, trial: &Trial, sample: &BTreeMap<String, f64>) {
        for metric in trial.workload.metrics {
            if let Some(value) = sample.get(metric.name()) {
                let workload = name_of(trial.workload.id, trial.threads);
                self.0.entry((trial.peer.id, workload, metric.name())).or_default().push(*value);
            }
        }
    }

    /// In the order of workloads and peers.
    fn rows(&self, run: &Run) -> Vec<Row> {
        let mut rows = Vec::new();
        for &threads in &run.threads {
            for workload in &run.workloads {
                for metric in workload.metrics {
                    for peer in &run.peers {
                        rows.extend(self.row(peer.id, &name_of(workload.id, threads), *metric));
                    }
                }
            }
        }
        rows
    }

    fn row(&self, peer: &'static str, workload: &str, metric: Metric) -> Option<Row> {
        let values = self.0.get(&(peer, workload.to_owned(), metric.name()))?;
        Row::new(peer, workload, metric, values)
    }
}
