//! `add` with jsonrpsee.

use std::error::Error;

use jsonrpsee::{
    core::{RpcResult, async_trait},
    proc_macros::rpc,
    server::ServerBuilder,
    ws_client::WsClientBuilder,
};

#[rpc(client, server)]
trait Sums {
    #[method(name = "add")]
    async fn add(&self, a: u32, b: u32) -> RpcResult<u32>;
}

struct Server;

#[async_trait]
impl SumsServer for Server {
    async fn add(&self, a: u32, b: u32) -> RpcResult<u32> {
        Ok(a + b)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let server = ServerBuilder::default().build("127.0.0.1:0").await?;
    let endpoint = format!("ws://{}", server.local_addr()?);
    let _handle = server.start(Server.into_rpc());
    let client = WsClientBuilder::default().build(&endpoint).await?;
    println!("{}", client.add(1, 2).await?);
    Ok(())
}
