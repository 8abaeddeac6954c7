//! A backend in a process of its own, which stops gracefully.
//!
//! `ipc-test-backend ENDPOINT [stay]` serves the tests' interfaces, and one that tells how handlers
//! ended. On `stdio:` it stops when its frontend has gone, elsewhere it prints `ready ENDPOINT` and
//! stops when its standard input ends. With `stay` it then lingers on, until it is killed. It asks
//! for the token that its environment has as `IPC_TEST_TOKEN`, if any.

use std::io::Write;

use ipc_runtime::{Backend, ipc_interface};
use ipc_tests::{
    ArchiveHandler, ArchiveService, EverythingHandler, EverythingService, Gates, HandlerEnding,
    SlowHandler,
};
use tokio::io::AsyncReadExt;

/// What became of calls of `test.slow`.
#[ipc_interface(channel = "test.endings", version = "1.0.0")]
trait Endings {
    /// Waits until a call's handler has begun.
    async fn began(&self, call: u32);
    /// Waits until a call's handler has ended, and tells how: `finished` or `dropped`.
    async fn ended(&self, call: u32) -> String;
    /// Lets a call go on.
    fn release(&self, call: u32);
}

impl Endings for Gates {
    async fn began(&self, call: u32) {
        Gates::began(self, call).await;
    }

    async fn ended(&self, call: u32) -> String {
        match Gates::ended(self, call).await {
            HandlerEnding::Finished => "finished".into(),
            HandlerEnding::Dropped => "dropped".into(),
        }
    }

    fn release(&self, call: u32) {
        Gates::release(self, call);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let endpoint = arguments.next().ok_or("an endpoint to serve")?;
    let stays = arguments.next().is_some_and(|argument| argument == "stay");

    let mut builder = Backend::builder();
    if let Ok(token) = std::env::var("IPC_TEST_TOKEN") {
        builder = builder.token(token.parse()?);
    }
    let backend = builder.build();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone()))?;
    backend.register(EndingsHandler::new(gates))?;
    backend.register(EverythingHandler::new(EverythingService::default()))?;
    backend.register(ArchiveHandler::new(ArchiveService::default()))?;
    backend.expose("add", async |(a, b): (i64, i64)| a + b)?;
    let endpoint = backend.listen(endpoint).await?.to_string();
    if endpoint == "stdio:" {
        backend.run_until(backend.abandoned()).await;
    } else {
        writeln!(std::io::stdout(), "ready {endpoint}")?;
        backend.run_until(async { tokio::io::stdin().read(&mut [0]).await.map(drop) }).await?;
    }
    if stays {
        std::future::pending::<()>().await;
    }
    Ok(())
}
