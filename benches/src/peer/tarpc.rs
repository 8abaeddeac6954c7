//! tarpc over a Unix socket, in bincode and in JSON, a task for each request as in its example.

use futures_util::StreamExt;
use tarpc::{
    client, context,
    serde_transport::unix,
    server::{BaseChannel, Channel},
    tokio_serde::formats,
};

use super::{
    Peer, BoundPlace,
    calls::{Caller, Calls},
};
use crate::{error::Result, record::Record};

/// In bincode the bytes are as they are, in JSON base64: `Bytes` of ipc-runtime does both, and is
/// what tarpc-json would else be without.
type Blob = ipc_runtime::Bytes;

#[tarpc::service]
pub trait Bench {
    async fn add(a: u32, b: u32) -> u32;
    async fn echo(record: Record) -> Record;
    async fn blob(blob: Blob) -> Blob;
}

#[derive(Clone)]
struct Server;

impl Bench for Server {
    async fn add(self, _: context::Context, a: u32, b: u32) -> u32 {
        a + b
    }

    async fn echo(self, _: context::Context, record: Record) -> Record {
        record
    }

    async fn blob(self, _: context::Context, blob: Blob) -> Blob {
        blob
    }
}

impl Caller for BenchClient {
    type Record = Record;
    type Blob = Blob;

    async fn add(&self, a: u32, b: u32) -> Result<u32> {
        Ok(BenchClient::add(self, context::current(), a, b).await?)
    }

    async fn echo(&self, record: Record) -> Result<Record> {
        Ok(BenchClient::echo(self, context::current(), record).await?)
    }

    async fn blob(&self, blob: Blob) -> Result<Blob> {
        Ok(BenchClient::blob(self, context::current(), blob).await?)
    }
}

/// The two formats differ in a type that can't be named by a parameter.
macro_rules! peer {
    ($name:ident, $format:path) => {
        pub struct $name;

        impl Peer for $name {
            type Link = Calls<BenchClient>;

            async fn serve(place: BoundPlace) -> Result<()> {
                let mut incoming = unix::listen(place.socket(), $format).await?;
                place.announce(place.socket().display());
                while let Some(transport) = incoming.next().await {
                    let requests = BaseChannel::with_defaults(transport?).execute(Server.serve());
                    tokio::spawn(requests.for_each(async |response| {
                        tokio::spawn(response);
                    }));
                }
                Ok(())
            }

            async fn connect(endpoint: &str) -> Result<Self::Link> {
                let transport = unix::connect(endpoint, $format).await?;
                Ok(Calls(BenchClient::new(client::Config::default(), transport).spawn()))
            }
        }
    };
}

peer!(Bincode, formats::Bincode::default);
peer!(Json, formats::Json::default);
