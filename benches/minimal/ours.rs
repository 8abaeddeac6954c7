//! `add` with ipc-runtime.

use std::error::Error;

use ipc_runtime::{Backend, Frontend, ipc_interface};

#[ipc_interface(channel = "sums", version = "1.0.0")]
pub trait Sums {
    async fn add(&self, a: u32, b: u32) -> u32;
}

struct Server;

impl Sums for Server {
    async fn add(&self, a: u32, b: u32) -> u32 {
        a + b
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let backend = Backend::new();
    backend.register(SumsHandler::new(Server))?;
    backend.listen("local:ipc-bench-minimal").await?;
    let frontend = Frontend::connect("local:ipc-bench-minimal").await?;
    let sums: SumsClient = frontend.open().await?;
    println!("{}", sums.add(1, 2).await?);
    Ok(())
}
