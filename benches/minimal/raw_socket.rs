//! `add` over a tokio Unix socket, by hand.

use std::{error::Error, io};

use serde::{Deserialize, Serialize};
use tokio::net::UnixStream;

#[derive(Serialize, Deserialize)]
struct Add {
    a: u32,
    b: u32,
}

async fn write(stream: &UnixStream, value: impl Serialize) -> Result<(), Box<dyn Error>> {
    stream.writable().await?;
    stream.try_write(&serde_json::to_vec(&value)?)?;
    Ok(())
}

async fn read(stream: &UnixStream) -> Result<Vec<u8>, io::Error> {
    stream.readable().await?;
    let mut buffer = vec![0; 1024];
    let length = stream.try_read(&mut buffer)?;
    buffer.truncate(length);
    Ok(buffer)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (client, server) = UnixStream::pair()?;
    write(&client, Add { a: 1, b: 2 }).await?;
    let add: Add = serde_json::from_slice(&read(&server).await?)?;
    write(&server, add.a + add.b).await?;
    let sum: u32 = serde_json::from_slice(&read(&client).await?)?;
    println!("{sum}");
    Ok(())
}
