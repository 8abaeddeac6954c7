//! tonic over a Unix socket: protobuf over HTTP/2, with larger windows and frames than its
//! defaults, which blobs are faster with.

use bytes::Bytes;
use futures_util::{
    StreamExt,
    stream::{self, BoxStream},
};
use tokio::{net::UnixListener, sync::mpsc};
use tokio_stream::wrappers::{ReceiverStream, UnixListenerStream};
use tonic::{
    Request, Response, Status,
    transport::{Channel, Endpoint},
};

use super::{
    Peer, BoundPlace, Source,
    calls::{Caller, Calls},
};
use crate::{error::Result, record};

/// What `proto/bench.proto` becomes.
mod generated {
    tonic::include_proto!("bench");
}

use generated::{
    AddReply, AddRequest, Bytes as Blob, Event, EventsRequest, Record,
    bench_client::BenchClient,
    bench_server::{Bench, BenchServer},
};

const WINDOW: u32 = 4 * 1024 * 1024;
const FRAME: u32 = 1024 * 1024;
/// How many events wait for a subscriber at most.
const WAITING: usize = 1024;

struct Server;

#[tonic::async_trait]
impl Bench for Server {
    async fn add(&self, request: Request<AddRequest>) -> Result<Response<AddReply>, Status> {
        let AddRequest { a, b } = request.into_inner();
        Ok(Response::new(AddReply { sum: a + b }))
    }

    async fn echo(&self, request: Request<Record>) -> Result<Response<Record>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn blob(&self, request: Request<Blob>) -> Result<Response<Blob>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    type EventsStream = BoxStream<'static, Result<Event, Status>>;

    async fn events(
        &self,
        request: Request<EventsRequest>,
    ) -> Result<Response<Self::EventsStream>, Status> {
        let EventsRequest { count, ready } = request.into_inner();
        let events = (0..count).map(|number| Ok(Event { number }));
        if ready {
            return Ok(Response::new(stream::iter(events).boxed()));
        }
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(async move {
            // Whoever is gone needs no more of them.
            for event in events {
                if sender.send(event).await.is_err() {
                    break;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(receiver).boxed()))
    }
}

#[derive(Clone)]
pub struct Client(BenchClient<Channel>);

impl From<record::Record> for Record {
    fn from(record: record::Record) -> Self {
        let record::Record { id, name, tags, score } = record;
        Self { id, name, tags, score }
    }
}

impl From<Vec<u8>> for Blob {
    fn from(bytes: Vec<u8>) -> Self {
        Self { content: Bytes::from(bytes) }
    }
}

impl AsRef<[u8]> for Blob {
    fn as_ref(&self) -> &[u8] {
        &self.content
    }
}

impl Caller for Client {
    type Record = Record;
    type Blob = Blob;

    async fn add(&self, a: u32, b: u32) -> Result<u32> {
        Ok(self.0.clone().add(AddRequest { a, b }).await?.into_inner().sum)
    }

    async fn echo(&self, record: Record) -> Result<Record> {
        Ok(self.0.clone().echo(record).await?.into_inner())
    }

    async fn blob(&self, blob: Blob) -> Result<Blob> {
        Ok(self.0.clone().blob(blob).await?.into_inner())
    }

    async fn events(&self, count: u64, source: Source) -> Result<u64> {
        let request = EventsRequest { count, ready: source == Source::Ready };
        let mut events = self.0.clone().events(request).await?.into_inner();
        let mut received = 0;
        while let Some(event) = events.message().await? {
            if event.number != received {
                return Err("an event is out of order".into());
            }
            received += 1;
        }
        Ok(received)
    }
}

pub struct Tonic;

impl Peer for Tonic {
    type Link = Calls<Client>;

    async fn serve(place: BoundPlace) -> Result<()> {
        let incoming = UnixListenerStream::new(UnixListener::bind(place.socket())?);
        place.announce(place.socket().display());
        tonic::transport::Server::builder()
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_frame_size(FRAME)
            .add_service(BenchServer::new(Server))
            .serve_with_incoming(incoming)
            .await?;
        Ok(())
    }

    async fn connect(endpoint: &str) -> Result<Self::Link> {
        let channel = Endpoint::from_shared(format!("unix:{endpoint}"))?
            .initial_stream_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .connect()
            .await?;
        Ok(Calls(Client(BenchClient::new(channel))))
    }
}
