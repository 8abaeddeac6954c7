//! Workloads for peers whose client can be cloned and called concurrently: all but the floors.

use std::time::{Duration, Instant};

use super::{Link, Source, Stop};
use crate::{error::Result, record::Record, workload::Payload};

/// A client as its library makes it. What a call gives is what the next call takes, so that nobody
/// has to make copies that another's interface would avoid.
pub trait Caller: Clone + Send + Sync + 'static {
    /// A [`Record`], as this peer's types are made.
    type Record: From<Record> + PartialEq + Send + 'static;
    /// Bytes, in the type that this peer's docs recommend.
    type Blob: From<Vec<u8>> + AsRef<[u8]> + Send + 'static;

    fn add(&self, a: u32, b: u32) -> impl Future<Output = Result<u32>> + Send;

    fn echo(&self, record: Self::Record) -> impl Future<Output = Result<Self::Record>> + Send;

    fn blob(&self, blob: Self::Blob) -> impl Future<Output = Result<Self::Blob>> + Send;

    /// Asks for a list of `count` records, gives how many came.
    fn rows(&self, _count: u32) -> impl Future<Output = Result<usize>> + Send {
        async { Err("this peer has no lists".into()) }
    }

    /// Receives `count` numbers, gives how many came.
    fn events(&self, _count: u64, _source: Source) -> impl Future<Output = Result<u64>> + Send {
        async { Err("this peer has no events".into()) }
    }

    /// Has the server keep `window` calls of `echo` in flight to this side for as long, and tell
    /// how many were answered.
    fn call_back(
        &self,
        _window: u32,
        _milliseconds: u32,
    ) -> impl Future<Output = Result<u64>> + Send {
        async { Err("this peer has no calls from the server".into()) }
    }
}

/// A client under the workloads' loops.
pub struct Calls<C>(pub C);

impl<C: Caller> Link for Calls<C> {
    async fn once(&mut self) -> Result<()> {
        self.0.add(1, 2).await?;
        Ok(())
    }

    async fn sequential(&mut self, payload: Payload, stop: &Stop) -> Result<Vec<u64>> {
        let mut times = Vec::with_capacity(1 << 18);
        repeat(&self.0, payload, stop, &mut times).await?;
        Ok(times)
    }

    async fn in_flight(&mut self, payload: Payload, window: usize, stop: &Stop) -> Result<u64> {
        in_flight(&self.0, payload, window, stop).await
    }

    async fn events(&mut self, count: u64, source: Source) -> Result<()> {
        let received = self.0.events(count, source).await?;
        if received != count {
            Err(format!("{received} of {count} events came").into())
        } else {
            Ok(())
        }
    }

    async fn both_directions(&mut self, window: usize, duration: Duration) -> Result<u64> {
        let milliseconds = u32::try_from(duration.as_millis())?;
        let stop = Stop::after(duration);
        let theirs = self.0.call_back(window as u32, milliseconds);
        let (ours, theirs) = tokio::join!(in_flight(&self.0, Payload::Echo, window, &stop), theirs);
        Ok(ours? + theirs?)
    }
}

/// As many tasks, each of which calls and waits: what an app with concurrent callers does.
pub async fn in_flight<C: Caller>(
    client: &C,
    payload: Payload,
    window: usize,
    stop: &Stop,
) -> Result<u64> {
    let tasks: Vec<_> = (0..window)
        .map(|_| {
            let (client, stop) = (client.clone(), stop.clone());
            tokio::spawn(async move { repeat(&client, payload, &stop, &mut Count(0)).await })
        })
        .collect();
    let mut answered = 0;
    for task in tasks {
        answered += task.await??;
    }
    Ok(answered)
}

/// What is kept of each call.
trait Tally {
    fn begin() -> Option<Instant>;
    fn end(&mut self, begun: Option<Instant>);
    fn answered(&self) -> u64;
}

struct Count(u64);

impl Tally for Count {
    fn begin() -> Option<Instant> {
        None
    }

    fn end(&mut self, _: Option<Instant>) {
        self.0 += 1;
    }

    fn answered(&self) -> u64 {
        self.0
    }
}

impl Tally for Vec<u64> {
    fn begin() -> Option<Instant> {
        Some(Instant::now())
    }

    fn end(&mut self, begun: Option<Instant>) {
        self.extend(begun.map(|begun| begun.elapsed().as_nanos() as u64));
    }

    fn answered(&self) -> u64 {
        self.len() as u64
    }
}

async fn repeat<C: Caller, T: Tally>(
    client: &C,
    payload: Payload,
    stop: &Stop,
    tally: &mut T,
) -> Result<u64> {
    match payload {
        Payload::Add => {
            let mut sum = 0;
            while !stop.is_time() {
                let begun = T::begin();
                let next = client.add(sum, 1).await?;
                tally.end(begun);
                if next != sum + 1 {
                    return Err(format!("{sum} + 1 came back as {next}").into());
                }
                sum = next;
            }
        }
        Payload::Echo => {
            let mut record = C::Record::from(Record::sample());
            while !stop.is_time() {
                let begun = T::begin();
                record = client.echo(record).await?;
                tally.end(begun);
            }
            if record != C::Record::from(Record::sample()) {
                return Err("the record came back as another".into());
            }
        }
        Payload::Rows(count) => {
            while !stop.is_time() {
                let begun = T::begin();
                let came = client.rows(count as u32).await?;
                tally.end(begun);
                if came != count {
                    return Err(format!("{came} of {count} rows came").into());
                }
            }
        }
        Payload::Blob(size) => {
            let mut blob = C::Blob::from(vec![b'b'; size]);
            while !stop.is_time() {
                let begun = T::begin();
                blob = client.blob(blob).await?;
                tally.end(begun);
                // The ends alone: to look at each byte would cost the fastest most.
                let bytes = blob.as_ref();
                if bytes.len() != size || bytes.first() != bytes.last() {
                    return Err("the blob came back as another".into());
                }
            }
        }
    }
    Ok(tally.answered())
}
