//! zbus from peer to peer, without a bus in between: D-Bus messages over a Unix socket.

use std::time::Duration;

use futures_util::StreamExt;
use serde_bytes::ByteBuf;
use tokio::net::{UnixListener, UnixStream};
use zbus::{
    Connection, Guid, connection::Builder, fdo, interface, object_server::SignalEmitter, proxy,
    proxy::CacheProperties,
};

use super::{
    Peer, BoundPlace, Source, Stop,
    calls::{self, Caller, Calls},
};
use crate::{error::Result, record::Record, workload::Payload};

const PATH: &str = "/bench";

struct Server;

#[interface(name = "org.example.Bench")]
impl Server {
    async fn add(&self, a: u32, b: u32) -> u32 {
        a + b
    }

    async fn echo(&self, record: Record) -> Record {
        record
    }

    async fn blob(&self, blob: ByteBuf) -> ByteBuf {
        blob
    }

    async fn events(&self, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>, count: u64) {
        let emitter = emitter.to_owned();
        tokio::spawn(async move {
            for number in 0..count {
                // Whoever is gone needs no more of them.
                if Self::event(&emitter, number).await.is_err() {
                    break;
                }
            }
        });
    }

    async fn call_back(
        &self,
        #[zbus(connection)] connection: &Connection,
        window: u32,
        milliseconds: u32,
    ) -> fdo::Result<u64> {
        let client = client(connection).await?;
        let stop = Stop::after(Duration::from_millis(milliseconds.into()));
        let answered = calls::in_flight(&client, Payload::Echo, window as usize, &stop).await;
        answered.map_err(|error| fdo::Error::Failed(error.to_string()))
    }

    #[zbus(signal)]
    async fn event(emitter: &SignalEmitter<'_>, number: u64) -> zbus::Result<()>;
}

#[proxy(
    interface = "org.example.Bench",
    default_service = "org.example.Bench",
    default_path = "/bench"
)]
pub trait Bench {
    fn add(&self, a: u32, b: u32) -> zbus::Result<u32>;
    fn echo(&self, record: Record) -> zbus::Result<Record>;
    fn blob(&self, blob: ByteBuf) -> zbus::Result<ByteBuf>;
    fn events(&self, count: u64) -> zbus::Result<()>;
    fn call_back(&self, window: u32, milliseconds: u32) -> zbus::Result<u64>;

    #[zbus(signal)]
    fn event(&self, number: u64) -> zbus::Result<()>;
}

impl Caller for BenchProxy<'static> {
    type Record = Record;
    type Blob = ByteBuf;

    async fn add(&self, a: u32, b: u32) -> Result<u32> {
        Ok(BenchProxy::add(self, a, b).await?)
    }

    async fn echo(&self, record: Record) -> Result<Record> {
        Ok(BenchProxy::echo(self, record).await?)
    }

    async fn blob(&self, blob: ByteBuf) -> Result<ByteBuf> {
        Ok(BenchProxy::blob(self, blob).await?)
    }

    async fn events(&self, count: u64, _: Source) -> Result<u64> {
        let mut events = self.receive_event().await?;
        BenchProxy::events(self, count).await?;
        let mut received = 0;
        while received < count {
            let event = events.next().await.ok_or("the connection has ended")?;
            if *event.args()?.number() != received {
                return Err("an event is out of order".into());
            }
            received += 1;
        }
        Ok(received)
    }

    async fn call_back(&self, window: u32, milliseconds: u32) -> Result<u64> {
        Ok(BenchProxy::call_back(self, window, milliseconds).await?)
    }
}

async fn client(connection: &Connection) -> zbus::Result<BenchProxy<'static>> {
    BenchProxy::builder(connection).cache_properties(CacheProperties::No).build().await
}

pub struct Zbus;

impl Peer for Zbus {
    type Link = Calls<BenchProxy<'static>>;

    async fn serve(place: BoundPlace) -> Result<()> {
        let listener = UnixListener::bind(place.socket())?;
        place.announce(place.socket().display());
        let guid = Guid::generate();
        loop {
            let (stream, _) = listener.accept().await?;
            let builder =
                Builder::unix_stream(stream.into_std()?).server(&guid).p2p().serve_at(PATH, Server);
            tokio::spawn(async move {
                match builder.build().await {
                    // A dropped connection is closed.
                    Ok(connection) => connection.closed().await,
                    Err(error) => eprintln!("zbus: {error}"),
                }
            });
        }
    }

    async fn connect(endpoint: &str) -> Result<Self::Link> {
        let stream = UnixStream::connect(endpoint).await?.into_std()?;
        let builder = Builder::unix_stream(stream).p2p().serve_at(PATH, Server);
        Ok(Calls(client(&builder.build().await?).await?))
    }
}
