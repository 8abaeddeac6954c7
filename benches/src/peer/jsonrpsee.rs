//! jsonrpsee over a WebSocket. Its methods are synchronous, which is its shortest way.

use jsonrpsee::{
    PendingSubscriptionSink,
    core::{RpcResult, SubscriptionResult, async_trait, to_json_raw_value},
    proc_macros::rpc,
    server::{ServerBuilder, ServerConfig},
    ws_client::{WsClient, WsClientBuilder},
};
use std::sync::Arc;

use super::{
    Peer, BoundPlace, Source,
    calls::{Caller, Calls},
};
use crate::{error::Result, record::Record};

/// base64 in JSON, which is the best that JSON can do.
type Blob = ipc_runtime::Bytes;

#[rpc(client, server)]
trait Bench {
    #[method(name = "add")]
    fn add(&self, a: u32, b: u32) -> RpcResult<u32>;

    #[method(name = "echo")]
    fn echo(&self, record: Record) -> RpcResult<Record>;

    #[method(name = "blob")]
    fn blob(&self, blob: Blob) -> RpcResult<Blob>;

    #[subscription(name = "events", unsubscribe = "unsubscribe_events", item = u64)]
    async fn events(&self, count: u64) -> SubscriptionResult;
}

struct Server;

#[async_trait]
impl BenchServer for Server {
    fn add(&self, a: u32, b: u32) -> RpcResult<u32> {
        Ok(a + b)
    }

    fn echo(&self, record: Record) -> RpcResult<Record> {
        Ok(record)
    }

    fn blob(&self, blob: Blob) -> RpcResult<Blob> {
        Ok(blob)
    }

    async fn events(&self, pending: PendingSubscriptionSink, count: u64) -> SubscriptionResult {
        let sink = pending.accept().await?;
        for number in 0..count {
            sink.send(to_json_raw_value(&number)?).await?;
        }
        Ok(())
    }
}

#[derive(Clone)]
pub struct Client(Arc<WsClient>);

impl Caller for Client {
    type Record = Record;
    type Blob = Blob;

    async fn add(&self, a: u32, b: u32) -> Result<u32> {
        Ok(BenchClient::add(&*self.0, a, b).await?)
    }

    async fn echo(&self, record: Record) -> Result<Record> {
        Ok(BenchClient::echo(&*self.0, record).await?)
    }

    async fn blob(&self, blob: Blob) -> Result<Blob> {
        Ok(BenchClient::blob(&*self.0, blob).await?)
    }

    async fn events(&self, count: u64, _: Source) -> Result<u64> {
        let mut events = BenchClient::events(&*self.0, count).await?;
        let mut received = 0;
        while received < count {
            let Some(number) = events.next().await else { break };
            if number? != received {
                return Err("an event is out of order".into());
            }
            received += 1;
        }
        Ok(received)
    }
}

pub struct Jsonrpsee;

impl Peer for Jsonrpsee {
    type Link = Calls<Client>;

    async fn serve(place: BoundPlace) -> Result<()> {
        let config = ServerConfig::builder()
            .ws_only()
            .max_connections(20_000)
            .set_tcp_no_delay(true)
            .build();
        let server = ServerBuilder::with_config(config).build("127.0.0.1:0").await?;
        place.announce(format!("ws://{}", server.local_addr()?));
        server.start(Server.into_rpc()).stopped().await;
        Ok(())
    }

    async fn connect(endpoint: &str) -> Result<Self::Link> {
        // Its default drops events of a reader that is 1,024 behind; the server waits for the
        // socket, and not for the reader.
        let builder = WsClientBuilder::default()
            .max_concurrent_requests(1024)
            .max_buffer_capacity_per_subscription(1 << 24);
        Ok(Calls(Client(Arc::new(builder.build(endpoint).await?))))
    }
}
