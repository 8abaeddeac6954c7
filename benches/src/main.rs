//! ipc-runtime beside its peers: see README.md.
#![forbid(unsafe_code)]

mod build_time;
mod cargo;
mod cpu;
mod driver;
mod error;
mod goals;
mod lock_time;
mod macro_time;
mod measure;
mod memory;
mod options;
mod peer;
mod peers;
mod process;
mod record;
mod report;
mod statistics;
mod trial;
mod workload;

use std::{fs, process::ExitCode};

use tokio::runtime::{Builder, Runtime};

use crate::{
    error::Result,
    measure::Order,
    options::{Command, Run},
    peer::BoundPlace,
    report::rows::Report,
};

fn main() -> ExitCode {
    let outcome = options::parse(std::env::args().skip(1)).and_then(run);
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("ipc-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Help => println!("{}", options::HELP),
        Command::List => list(),
        Command::Run(run) => return compare(&run),
        Command::Build { json, rounds } => {
            let rows = build_time::measure(rounds)?;
            print(Report { rows, goals: Vec::new() }, json)?;
        }
        Command::Macro { json, rounds } => {
            let mut rows = macro_time::measure(rounds)?;
            rows.extend(lock_time::measure(rounds)?);
            print(Report { rows, goals: Vec::new() }, json)?;
        }
        Command::Serve(serve) => {
            let place = BoundPlace::new(serve.directory);
            runtime(serve.threads)?.block_on(peers::serve(&serve.peer, place))?;
        }
        Command::Measure(measure) => {
            let order = Order {
                job: measure.job,
                endpoint: measure.endpoint,
                server: measure.server,
                warm_up: measure.warm_up,
                duration: measure.duration,
            };
            let runtime = runtime(measure.threads)?;
            // A worker thread's task, as callers in an app are: the main thread would have to be
            // woken by a worker for each reply.
            let task = runtime.spawn(peers::measure(measure.peer, order));
            let sample = runtime.block_on(task)??;
            println!("{}", serde_json::to_string(&sample)?);
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// One worker thread is the main thread itself, as in an app with `flavor = "current_thread"`.
fn runtime(threads: usize) -> Result<Runtime> {
    let mut builder = match threads {
        1 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    Ok(builder.worker_threads(threads).enable_all().build()?)
}

fn list() {
    println!("peers");
    for peer in &peers::PEERS {
        println!("  {:18}{}", peer.id, peer.title);
    }
    println!("workloads");
    for workload in &workload::WORKLOADS {
        println!("  {:18}{}", workload.id, workload.title);
    }
}

fn compare(run: &Run) -> Result<ExitCode> {
    if run.peers.iter().any(|peer| peer.node) {
        peer::node::prepare()?;
    }
    let outcome = runtime(1)?.block_on(driver::run(run));
    let mut report = outcome.report;
    if run.everything {
        report.rows.extend(build_time::measure(1)?);
        report.rows.extend(macro_time::measure(run.rounds)?);
        report.rows.extend(lock_time::measure(run.rounds)?);
    }
    let chart = match &run.svg {
        Some(path) => path.clone(),
        None => process::this().with_file_name("ipc-bench.svg"),
    };
    fs::write(&chart, report::svg::draw(&report))?;
    eprintln!("the chart is {}", chart.display());
    print(report, run.json)?;
    Ok(if outcome.failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(mut report: Report, json: bool) -> Result<()> {
    report.goals = goals::judge(&report);
    if json {
        println!("{}", report::json::write(&report)?);
    } else {
        print!("{}", report::markdown::write(&report));
    }
    Ok(())
}
