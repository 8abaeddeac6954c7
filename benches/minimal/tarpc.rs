//! `add` with tarpc.

use std::error::Error;

use futures_util::StreamExt;
use tarpc::{
    client, context,
    serde_transport::unix,
    server::{BaseChannel, Channel},
    tokio_serde::formats::Bincode,
};

#[tarpc::service]
trait Sums {
    async fn add(a: u32, b: u32) -> u32;
}

#[derive(Clone)]
struct Server;

impl Sums for Server {
    async fn add(self, _: context::Context, a: u32, b: u32) -> u32 {
        a + b
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join("ipc-bench-minimal-tarpc");
    let _ = std::fs::remove_file(&path);
    let mut incoming = unix::listen(&path, Bincode::default).await?;
    tokio::spawn(async move {
        while let Some(Ok(transport)) = incoming.next().await {
            let requests = BaseChannel::with_defaults(transport).execute(Server.serve());
            tokio::spawn(requests.for_each(async |response| {
                tokio::spawn(response);
            }));
        }
    });
    let transport = unix::connect(&path, Bincode::default).await?;
    let sums = SumsClient::new(client::Config::default(), transport).spawn();
    println!("{}", sums.add(context::current(), 1, 2).await?);
    Ok(())
}
