//! `add` with remoc.

use std::{error::Error, sync::Arc};

use remoc::{
    ConnectExt,
    rtc::{self, CallError, ServerShared},
};
use tokio::net::UnixStream;

#[rtc::remote]
pub trait Sums {
    async fn add(&self, a: u32, b: u32) -> Result<u32, CallError>;
}

struct Here;

impl Sums for Here {
    async fn add(&self, a: u32, b: u32) -> Result<u32, CallError> {
        Ok(a + b)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (here, there) = UnixStream::pair()?;
    tokio::spawn(async move {
        let (server, client) = SumsServerShared::<_, remoc::codec::Default>::new(Arc::new(Here));
        let (read, write) = there.into_split();
        let provided = remoc::Connect::io(remoc::Cfg::default(), read, write).provide(client);
        if provided.await.is_ok() {
            let _ = server.serve().await;
        }
    });
    let (read, write) = here.into_split();
    let connection = remoc::Connect::io(remoc::Cfg::default(), read, write);
    let sums: SumsClient = connection.consume().await?;
    println!("{}", sums.add(1, 2).await?);
    Ok(())
}
