//! ipc-runtime, over local sockets and WebSockets, in JSON and in MessagePack, with every duty on:
//! deadlines, cancelling, limits, versions, heartbeat.

use std::time::Duration;

use futures_util::stream;
use ipc_runtime::{
    Backend, Bytes, CallContext, Encoding, Frontend, Stream, config::SocketIo, event::Emitter,
    ipc_interface,
};

use super::{
    BoundPlace, Peer, Source, Stop,
    calls::{self, Caller, Calls},
};
use crate::{error::Result, record::Record, workload::Payload};

/// What the server does.
///
/// The client of the npm package uses 1.0.0, written by hand: of another version no fingerprints
/// are compared.
#[ipc_interface(channel = "bench", version = "1.1.0")]
pub trait Bench {
    async fn add(&self, a: u32, b: u32) -> u32;
    async fn echo(&self, record: Record) -> Record;
    async fn blob(&self, blob: Bytes) -> Bytes;
    async fn rows(&self, count: u32) -> Vec<Record>;
    #[ipc(subscription)]
    fn events(&self, count: u64) -> impl Stream<Item = u64>;
    #[ipc(subscription)]
    fn stream(&self, count: u64) -> impl Stream<Item = u64>;
    async fn call_back(
        &self,
        #[ipc(context)] call: &CallContext,
        window: u32,
        milliseconds: u32,
    ) -> Result<u64, String>;
}

/// How many events wait for a subscriber at most.
const WAITING: usize = 1024;

struct Server;

impl Bench for Server {
    async fn add(&self, a: u32, b: u32) -> u32 {
        a + b
    }

    async fn echo(&self, record: Record) -> Record {
        record
    }

    async fn blob(&self, blob: Bytes) -> Bytes {
        blob
    }

    async fn rows(&self, count: u32) -> Vec<Record> {
        vec![Record::sample(); count as usize]
    }

    fn events(&self, count: u64) -> impl Stream<Item = u64> {
        let event = Emitter::builder().capacity(WAITING).build();
        let listener = event.event().listen();
        tokio::spawn(async move {
            for number in 0..count {
                event.fire_wait(number).await;
            }
        });
        listener
    }

    fn stream(&self, count: u64) -> impl Stream<Item = u64> {
        stream::iter(0..count)
    }

    async fn call_back(
        &self,
        call: &CallContext,
        window: u32,
        milliseconds: u32,
    ) -> Result<u64, String> {
        let client: BenchClient = call.peer().client();
        let stop = Stop::after(Duration::from_millis(milliseconds.into()));
        let answered = calls::in_flight(&client, Payload::Echo, window as usize, &stop).await;
        answered.map_err(|error| error.to_string())
    }
}

impl Caller for BenchClient {
    type Record = Record;
    type Blob = Bytes;

    async fn add(&self, a: u32, b: u32) -> Result<u32> {
        Ok(BenchClient::add(self, a, b).await?)
    }

    async fn echo(&self, record: Record) -> Result<Record> {
        Ok(BenchClient::echo(self, record).await?)
    }

    async fn blob(&self, blob: Bytes) -> Result<Bytes> {
        Ok(BenchClient::blob(self, blob).await?)
    }

    async fn rows(&self, count: u32) -> Result<usize> {
        Ok(BenchClient::rows(self, count).await?.len())
    }

    async fn events(&self, count: u64, source: Source) -> Result<u64> {
        let mut events = match source {
            Source::Pushed => BenchClient::events(self, count).await?,
            Source::Ready => BenchClient::stream(self, count).await?,
        };
        let mut received = 0;
        while let Some(number) = events.next().await {
            if number? != received {
                return Err("an event is out of order".into());
            }
            received += 1;
        }
        Ok(received)
    }

    async fn call_back(&self, window: u32, milliseconds: u32) -> Result<u64> {
        Ok(BenchClient::call_back(self, window, milliseconds).await?)
    }
}

pub struct LocalJson;
pub struct LocalMessagePack;
pub struct WebSocketJson;
pub struct WebSocketMessagePack;

impl Peer for LocalJson {
    type Link = Calls<BenchClient>;

    async fn serve(place: BoundPlace) -> Result<()> {
        serve(&local(&place), place).await
    }

    async fn connect(endpoint: &str) -> Result<Self::Link> {
        connect(endpoint, Encoding::Json).await
    }
}

impl Peer for LocalMessagePack {
    type Link = Calls<BenchClient>;

    async fn serve(place: BoundPlace) -> Result<()> {
        serve(&local(&place), place).await
    }

    async fn connect(endpoint: &str) -> Result<Self::Link> {
        connect(endpoint, Encoding::MessagePack).await
    }
}

impl Peer for WebSocketJson {
    type Link = Calls<BenchClient>;

    async fn serve(place: BoundPlace) -> Result<()> {
        serve(WEB_SOCKET, place).await
    }

    async fn connect(endpoint: &str) -> Result<Self::Link> {
        connect(endpoint, Encoding::Json).await
    }
}

impl Peer for WebSocketMessagePack {
    type Link = Calls<BenchClient>;

    async fn serve(place: BoundPlace) -> Result<()> {
        serve(WEB_SOCKET, place).await
    }

    async fn connect(endpoint: &str) -> Result<Self::Link> {
        connect(endpoint, Encoding::MessagePack).await
    }
}

const WEB_SOCKET: &str = "ws://127.0.0.1:0";

fn local(place: &BoundPlace) -> String {
    format!("unix:{}", place.socket().display())
}

async fn serve(endpoint: &str, place: BoundPlace) -> Result<()> {
    // Stock clients of socket.io are served at the same endpoint.
    let backend = Backend::builder().socket_io(SocketIo::new()).build();
    backend.register(BenchHandler::new(Server))?;
    place.announce(backend.listen(endpoint).await?);
    std::future::pending().await
}

async fn connect(endpoint: &str, encoding: Encoding) -> Result<Calls<BenchClient>> {
    // What the backend calls back is the same interface.
    let builder = Frontend::builder().encoding(encoding).register(BenchHandler::new(Server))?;
    let frontend = builder.connect(endpoint).await?;
    Ok(Calls(frontend.open().await?))
}
