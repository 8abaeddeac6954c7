//! What an app is that has the runtime from a registry.

use std::error::Error;

use ipc_runtime::{Backend, Frontend, ipc_interface, ipc_type};

/// Two numbers.
#[ipc_type]
pub struct Pair {
    /// The one.
    pub a: i64,
    /// The other.
    pub b: i64,
}

/// Sums.
#[ipc_interface(channel = "outside.sums", version = "1.0.0")]
pub trait Sums {
    /// That of both.
    async fn add(&self, pair: Pair) -> i64;
}

struct Abacus;

impl Sums for Abacus {
    async fn add(&self, pair: Pair) -> i64 {
        pair.a + pair.b
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let backend = Backend::new();
    backend.register(SumsHandler::new(Abacus))?;
    backend.listen("memory:sums").await?;

    let sums: SumsClient = Frontend::connect("memory:sums").await?.open().await?;
    println!("2 + 3 = {}", sums.add(Pair { a: 2, b: 3 }).await?);
    Ok(())
}
