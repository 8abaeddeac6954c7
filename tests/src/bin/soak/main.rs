//! Does everything at once, at random, with connections that come, go and break; then sees that
//! nothing is left over, and that memory doesn't grow.
//!
//! `ipc-soak [SECONDS [CONNECTIONS [SEED]]]`: 60 seconds and 50 connections unless told otherwise.
//! Memory is compared where there is a `/proc` and the soak runs for 60 seconds at least: the
//! median of its last quarter may be at most 1.1 times that of its second quarter. A single look
//! says little: with 50 windows that come and go it differs by a tenth from one moment to the next.

#![allow(clippy::print_stdout, reason = "a program that tells how it goes")]

mod cut;
mod desk;
mod life;

use std::{
    error::Error,
    process::ExitCode,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use ipc_runtime::{Backend, event::Emitter, store::Store};
use ipc_tests::memory::resident_kib;
use tokio::{
    runtime::Handle,
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::life::World;

/// So long, memory is compared.
const LONG: Duration = Duration::from_secs(60);

/// How long what ends may take for it.
const QUIET: Duration = Duration::from_secs(20);

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    match soak().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("FAILED: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn soak() -> Result<(), Box<dyn Error>> {
    let numbers: Result<Vec<u64>, _> = std::env::args().skip(1).map(|arg| arg.parse()).collect();
    let numbers = numbers.map_err(|_| "usage: ipc-soak [SECONDS [CONNECTIONS [SEED]]]")?;
    let number = |place: usize, default| numbers.get(place).copied().unwrap_or(default);
    let (time, connections) = (Duration::from_secs(number(0, 60)), number(1, 50));
    let seed = number(2, std::process::id().into());
    println!("{} s, {connections} connections at a time, seed {seed}", time.as_secs());

    let (backend, ticks, store) = (Backend::new(), Emitter::new(), Store::new());
    desk::furnish(&backend, &ticks, &store)?;
    let local = format!("local:ipc-soak-{}", std::process::id());
    let endpoints = vec![backend.listen(local).await?, backend.listen("ws://127.0.0.1:0").await?];
    let tasks_before = Handle::current().metrics().num_alive_tasks();
    let begun = Instant::now();
    let world = World {
        backend: backend.clone(),
        endpoints: Arc::new(endpoints),
        until: begun + time,
        lives: Arc::default(),
        deeds: Arc::default(),
    };
    let busy = tokio::spawn(desk::keep_busy(backend.clone(), ticks.clone(), store.clone()));
    let windows: Vec<_> =
        (0..connections).map(|n| tokio::spawn(life::live(world.clone(), n, seed))).collect();
    let memory = tokio::spawn(watch_memory(begun, time));
    let mut troubles = Vec::new();
    for window in windows {
        troubles.extend(window.await?.err());
    }
    let memory = memory.await?;
    busy.abort();
    let _ = busy.await;
    let (lives, deeds) = (&world.lives, &world.deeds);
    println!("{} windows did {} things", load(lives), load(deeds));
    if let Some(trouble) = troubles.first() {
        return Err(format!("{} windows had trouble; {trouble}", troubles.len()).into());
    }

    let tasks = || Handle::current().metrics().num_alive_tasks();
    let quiet = async {
        while !backend.usage().is_zero()
            || ticks.listener_count() > 0
            || store.listener_count() > 0
            || !backend.group("visitors").peers().is_empty()
            || tasks() > tasks_before
        {
            sleep(Duration::from_millis(10)).await;
        }
    };
    let quiet = timeout(QUIET, quiet).await;
    println!(
        "left: {:?}; {} listeners of events, {} of the store, {} tasks",
        backend.usage(),
        ticks.listener_count(),
        store.listener_count(),
        tasks() - tasks_before
    );
    quiet.map_err(|_| "something is left over")?;
    match memory {
        Some(Growth { second_quarter, last_quarter }) => {
            println!(
                "resident, as medians: {second_quarter} KiB in the second quarter of the time, \
                 {last_quarter} KiB in the last"
            );
            if time >= LONG && last_quarter * 10 > second_quarter * 11 {
                return Err("memory grows".into());
            }
        }
        None => println!("resident memory isn't known here"),
    }
    println!("ok: nothing is left over");
    Ok(())
}

/// What the process has, in KiB.
struct Growth {
    second_quarter: u64,
    last_quarter: u64,
}

/// Looks at the process's memory until `time` is over; `None` where nothing tells how much it is.
async fn watch_memory(begun: Instant, time: Duration) -> Option<Growth> {
    let second_quarter = median_until(begun + time / 4, begun + time / 2).await?;
    let last_quarter = median_until(begun + time * 3 / 4, begun + time).await?;
    Some(Growth { second_quarter, last_quarter })
}

async fn median_until(from: Instant, until: Instant) -> Option<u64> {
    sleep_until(from).await;
    let mut samples = vec![resident_kib()?];
    while Instant::now() < until {
        sleep((until - from) / 50).await;
        samples.push(resident_kib()?);
    }
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied()
}

fn load(counter: &std::sync::atomic::AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}
