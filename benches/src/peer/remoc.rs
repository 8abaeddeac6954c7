//! remoc over a Unix socket, with its default codec. Each side hands the other a client, so calls
//! go both ways.

use std::{sync::Arc, time::Duration};

use remoc::{
    rch,
    rtc::{self, CallError, ServerShared},
};
use serde_bytes::ByteBuf;
use tokio::{
    net::{UnixListener, UnixStream},
    sync::OnceCell,
};

use super::{
    Peer, BoundPlace, Source, Stop,
    calls::{self, Caller, Calls},
};
use crate::{error::Result, record::Record, workload::Payload};

#[rtc::remote]
pub trait Bench {
    async fn add(&self, a: u32, b: u32) -> Result<u32, CallError>;
    async fn echo(&self, record: Record) -> Result<Record, CallError>;
    async fn blob(&self, blob: ByteBuf) -> Result<ByteBuf, CallError>;
    async fn events(&self, count: u64) -> Result<rch::mpsc::Receiver<u64>, CallError>;
    async fn call_back(&self, window: u32, milliseconds: u32) -> Result<u64, CallError>;
}

/// One side, and the client of the other.
#[derive(Default)]
pub struct Here {
    there: OnceCell<BenchClient>,
}

impl Bench for Here {
    async fn add(&self, a: u32, b: u32) -> Result<u32, CallError> {
        Ok(a + b)
    }

    async fn echo(&self, record: Record) -> Result<Record, CallError> {
        Ok(record)
    }

    async fn blob(&self, blob: ByteBuf) -> Result<ByteBuf, CallError> {
        Ok(blob)
    }

    async fn events(&self, count: u64) -> Result<rch::mpsc::Receiver<u64>, CallError> {
        let (sender, receiver) = rch::mpsc::channel();
        tokio::spawn(async move {
            for number in 0..count {
                // Whoever is gone needs no more of them.
                if sender.send(number).await.is_err() {
                    break;
                }
            }
        });
        Ok(receiver)
    }

    async fn call_back(&self, window: u32, milliseconds: u32) -> Result<u64, CallError> {
        let client = self.there.get().ok_or(CallError::Dropped)?;
        let stop = Stop::after(Duration::from_millis(milliseconds.into()));
        let answered = calls::in_flight(client, Payload::Echo, window as usize, &stop).await;
        answered.map_err(|_| CallError::Dropped)
    }
}

impl Caller for BenchClient {
    type Record = Record;
    type Blob = ByteBuf;

    async fn add(&self, a: u32, b: u32) -> Result<u32> {
        Ok(Bench::add(self, a, b).await?)
    }

    async fn echo(&self, record: Record) -> Result<Record> {
        Ok(Bench::echo(self, record).await?)
    }

    async fn blob(&self, blob: ByteBuf) -> Result<ByteBuf> {
        Ok(Bench::blob(self, blob).await?)
    }

    async fn events(&self, count: u64, _: Source) -> Result<u64> {
        let mut events = Bench::events(self, count).await?;
        let mut received = 0;
        while let Some(number) = events.recv().await? {
            if number != received {
                return Err("an event is out of order".into());
            }
            received += 1;
        }
        Ok(received)
    }

    async fn call_back(&self, window: u32, milliseconds: u32) -> Result<u64> {
        Ok(Bench::call_back(self, window, milliseconds).await?)
    }
}

pub struct Remoc;

impl Peer for Remoc {
    type Link = Calls<BenchClient>;

    async fn serve(place: BoundPlace) -> Result<()> {
        let listener = UnixListener::bind(place.socket())?;
        place.announce(place.socket().display());
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(exchange(stream));
        }
    }

    async fn connect(endpoint: &str) -> Result<Self::Link> {
        Ok(Calls(exchange(UnixStream::connect(endpoint).await?).await?))
    }
}

/// Gives the other side a client of this one, and takes one of it.
async fn exchange(stream: UnixStream) -> Result<BenchClient> {
    let (read, write) = stream.into_split();
    let (connection, mut sender, mut receiver) =
        remoc::Connect::io::<_, _, BenchClient, BenchClient, remoc::codec::Default>(
            remoc::Cfg::default(),
            read,
            write,
        )
        .await?;
    tokio::spawn(connection);
    let here = Arc::new(Here::default());
    let (server, client) = BenchServerShared::new(here.clone());
    tokio::spawn(server.serve());
    sender.send(client).await?;
    let there = receiver.recv().await?.ok_or("the other side gave no client")?;
    here.there.set(there.clone())?;
    Ok(there)
}
