//! The client's process: carries out one workload and says what it took.

use std::time::{Duration, Instant};

use crate::{
    cpu,
    error::Result,
    memory,
    peer::{Link, Peer, Source, Stop},
    statistics::{Sample, percentile},
    workload::{Job, Metric, Payload},
};

/// What to measure, where, and for how long.
#[derive(Debug, Clone)]
pub struct Order {
    pub job: Job,
    pub endpoint: String,
    /// The server's process.
    pub server: u32,
    pub warm_up: Duration,
    pub duration: Duration,
}

/// Carries it out.
pub async fn carry_out<P: Peer>(order: &Order) -> Result<Sample> {
    match order.job {
        Job::Sequential(payload) => sequential::<P>(order, payload).await,
        Job::InFlight { payload, connections, window } => {
            in_flight::<P>(order, payload, connections, window).await
        }
        Job::Events => events::<P>(order, Source::Pushed).await,
        Job::Stream => events::<P>(order, Source::Ready).await,
        Job::BothDirections { window } => both_directions::<P>(order, window).await,
        Job::Idle { connections } => idle::<P>(order, connections).await,
    }
}

fn sample<const N: usize>(metrics: [(Metric, f64); N]) -> Sample {
    metrics.into_iter().map(|(metric, value)| (metric.name().to_owned(), value)).collect()
}

async fn sequential<P: Peer>(order: &Order, payload: Payload) -> Result<Sample> {
    let mut link = P::connect(&order.endpoint).await?;
    link.sequential(payload, &Stop::after(order.warm_up)).await?;
    let mut times = link.sequential(payload, &Stop::after(order.duration)).await?;
    let p50 = percentile(&mut times, 50.0).ok_or("no call was answered")?;
    let p99 = percentile(&mut times, 99.0).ok_or("no call was answered")?;
    Ok(sample([(Metric::P50, p50 as f64 / 1e3), (Metric::P99, p99 as f64 / 1e3)]))
}

async fn in_flight<P: Peer>(
    order: &Order,
    payload: Payload,
    connections: usize,
    window: usize,
) -> Result<Sample> {
    let mut links = Vec::new();
    for _ in 0..connections {
        links.push(P::connect(&order.endpoint).await?);
    }
    let (links, _) = all_in_flight(links, payload, window, order.warm_up).await?;
    let (begun, cpu) = (Instant::now(), cpu::time_of(order.server)?);
    let (_links, answered) = all_in_flight(links, payload, window, order.duration).await?;
    let (elapsed, cpu) = (begun.elapsed(), cpu::time_of(order.server)?.saturating_sub(cpu));

    let rate = answered as f64 / elapsed.as_secs_f64();
    let cpu = cpu.as_secs_f64() * 1e6 / answered as f64;
    Ok(match payload {
        Payload::Blob(size) => sample([(Metric::Megabytes, rate * size as f64 / 1e6)]),
        _ => sample([(Metric::Calls, rate), (Metric::ServerCpu, cpu)]),
    })
}

async fn all_in_flight<L: Link>(
    links: Vec<L>,
    payload: Payload,
    window: usize,
    duration: Duration,
) -> Result<(Vec<L>, u64)> {
    let stop = Stop::after(duration);
    let tasks: Vec<_> = links
        .into_iter()
        .map(|mut link| {
            let stop = stop.clone();
            tokio::spawn(async move {
                let answered = link.in_flight(payload, window, &stop).await;
                (link, answered)
            })
        })
        .collect();
    let (mut links, mut total) = (Vec::new(), 0);
    for task in tasks {
        let (link, answered) = task.await?;
        links.push(link);
        total += answered?;
    }
    if total == 0 { Err("no call was answered".into()) } else { Ok((links, total)) }
}

/// A fixed number of events takes each peer another time, so the number follows from the pace of
/// those before.
async fn events<P: Peer>(order: &Order, source: Source) -> Result<Sample> {
    let mut link = P::connect(&order.endpoint).await?;
    let mut count = 2_000;
    let mut rate = 0.0;
    for duration in [order.warm_up / 2, order.warm_up, order.duration, Duration::ZERO] {
        let begun = Instant::now();
        link.events(count, source).await?;
        rate = count as f64 / begun.elapsed().as_secs_f64();
        if duration.is_zero() {
            break;
        }
        count = ((rate * duration.as_secs_f64()) as u64).max(1_000);
    }
    Ok(sample([(Metric::Events, rate)]))
}

async fn both_directions<P: Peer>(order: &Order, window: usize) -> Result<Sample> {
    let mut link = P::connect(&order.endpoint).await?;
    link.both_directions(window, order.warm_up).await?;
    let begun = Instant::now();
    let answered = link.both_directions(window, order.duration).await?;
    Ok(sample([(Metric::Calls, answered as f64 / begun.elapsed().as_secs_f64())]))
}

async fn idle<P: Peer>(order: &Order, connections: usize) -> Result<Sample> {
    // What the first connection sets up belongs to none in particular.
    let mut links = vec![used_once::<P>(&order.endpoint).await?];
    let before = memory::settled(order.server).await?;
    for _ in 0..connections {
        links.push(used_once::<P>(&order.endpoint).await?);
    }
    let after = memory::settled(order.server).await?;
    let each = after.saturating_sub(before) as f64 / connections as f64;
    Ok(sample([(Metric::Memory, each / 1e3)]))
}

async fn used_once<P: Peer>(endpoint: &str) -> Result<P::Link> {
    let mut link = P::connect(endpoint).await?;
    link.once().await?;
    Ok(link)
}
