//! The floor of WebSockets: tokio-tungstenite with its defaults, each message sent back. A server
//! flushes once for all that it has read.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_tungstenite::{WebSocketStream, accept_async, client_async, tungstenite::Message};

use super::{BoundPlace, Link, Peer, Source, Stop};
use crate::{
    error::{Error, Result},
    record::Record,
    workload::Payload,
};

pub struct RawWebSocket;

impl Peer for RawWebSocket {
    type Link = RawWebSocketLink;

    async fn serve(place: BoundPlace) -> Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        place.announce(listener.local_addr()?);
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(answer(stream));
        }
    }

    async fn connect(endpoint: &str) -> Result<Self::Link> {
        let stream = TcpStream::connect(endpoint).await?;
        stream.set_nodelay(true)?;
        let (stream, _) = client_async(format!("ws://{endpoint}/"), stream).await?;
        Ok(RawWebSocketLink { stream })
    }
}

async fn answer(stream: TcpStream) -> Result<()> {
    let mut stream = accept_async(stream).await?;
    while let Some(message) = stream.next().await {
        let mut message = Some(message);
        while let Some(received) = message {
            match received? {
                Message::Text(text) => match text.strip_prefix("events ") {
                    Some(count) => {
                        for number in 0..count.parse::<u64>()? {
                            let number = Bytes::copy_from_slice(&number.to_be_bytes());
                            stream.feed(Message::Binary(number)).await?;
                        }
                    }
                    None => stream.feed(Message::Text(text)).await?,
                },
                Message::Binary(bytes) => stream.feed(Message::Binary(bytes)).await?,
                _ => {}
            }
            message = stream.next().now_or_never().flatten();
        }
        stream.flush().await?;
    }
    Ok(())
}

fn message(payload: Payload) -> Result<Message> {
    Ok(match payload {
        Payload::Add => Message::Binary(Bytes::from_static(&[1; 8])),
        Payload::Echo => Message::Text(serde_json::to_string(&Record::sample())?.into()),
        Payload::Blob(size) => Message::Binary(vec![b'b'; size].into()),
        Payload::Rows(count) => {
            Message::Text(serde_json::to_string(&vec![Record::sample(); count])?.into())
        }
    })
}

pub struct RawWebSocketLink {
    stream: WebSocketStream<TcpStream>,
}

impl RawWebSocketLink {
    async fn receive(&mut self) -> Result<()> {
        self.stream.next().await.ok_or("the server has gone")??;
        Ok(())
    }
}

impl Link for RawWebSocketLink {
    async fn once(&mut self) -> Result<()> {
        self.stream.send(message(Payload::Add)?).await?;
        self.receive().await
    }

    async fn sequential(&mut self, payload: Payload, stop: &Stop) -> Result<Vec<u64>> {
        let message = message(payload)?;
        let mut times = Vec::with_capacity(1 << 18);
        while !stop.is_time() {
            let begun = Instant::now();
            self.stream.send(message.clone()).await?;
            self.receive().await?;
            times.push(begun.elapsed().as_nanos() as u64);
        }
        Ok(times)
    }

    /// One half writes and the other reads: see the floor of local sockets.
    async fn in_flight(&mut self, payload: Payload, window: usize, stop: &Stop) -> Result<u64> {
        let message = message(payload)?;
        let (mut sink, mut stream) = (&mut self.stream).split();
        let (places, received) = (Semaphore::new(window), AtomicU64::new(0));
        let write = async {
            let mut sent = 0u64;
            while !stop.is_time() {
                places.acquire().await?.forget();
                sink.feed(message.clone()).await?;
                sent += 1;
                while let Ok(place) = places.try_acquire() {
                    place.forget();
                    sink.feed(message.clone()).await?;
                    sent += 1;
                }
                sink.flush().await?;
            }
            Ok::<u64, Error>(sent)
        };
        let read = async {
            loop {
                stream.next().await.ok_or("the server has gone")??;
                received.fetch_add(1, Ordering::Relaxed);
                places.add_permits(1);
            }
        };
        // The writer ends by itself, and what is under way then is read.
        let sent = tokio::select! {
            sent = write => sent?,
            failed = read => return failed,
        };
        for _ in received.load(Ordering::Relaxed)..sent {
            stream.next().await.ok_or("the server has gone")??;
        }
        Ok(sent)
    }

    async fn events(&mut self, count: u64, _: Source) -> Result<()> {
        self.stream.send(Message::Text(format!("events {count}").into())).await?;
        for _ in 0..count {
            self.receive().await?;
        }
        Ok(())
    }

    async fn both_directions(&mut self, _: usize, _: Duration) -> Result<u64> {
        Err("an echo has one direction".into())
    }
}
