//! `add` with zbus, from peer to peer.

use std::error::Error;

use tokio::net::UnixStream;
use zbus::{Guid, connection::Builder, interface, proxy};

struct Server;

#[interface(name = "org.example.Sums")]
impl Server {
    async fn add(&self, a: u32, b: u32) -> u32 {
        a + b
    }
}

#[proxy(
    interface = "org.example.Sums",
    default_service = "org.example.Sums",
    default_path = "/sums"
)]
trait Sums {
    fn add(&self, a: u32, b: u32) -> zbus::Result<u32>;
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (here, there) = UnixStream::pair()?;
    let guid = Guid::generate();
    let server =
        Builder::unix_stream(there.into_std()?).server(&guid).p2p().serve_at("/sums", Server);
    let client = Builder::unix_stream(here.into_std()?).p2p();
    let (_server, client) = tokio::try_join!(server.build(), client.build())?;
    println!("{}", SumsProxy::new(&client).await?.add(1, 2).await?);
    Ok(())
}
