//! The other process of the tests that need one.
//!
//! - `serve ENDPOINT`: serves both of the tests' interfaces, prints `ready ENDPOINT`, and ends
//!   when its standard input does.
//! - `listen ENDPOINT`: listens, prints `ok ENDPOINT` or `error: …`, and ends.
//! - `ping ENDPOINT`: connects and calls, prints `ok` or `error: …`, and ends.

use std::io::Write;

use ipc_runtime::{Backend, Frontend};
use ipc_tests::{AllOfIt, EverythingHandler, Gates, SlowClient, SlowHandler};
use tokio::io::AsyncReadExt;

type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let told = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", endpoint] => return serve(endpoint).await,
        ["listen", endpoint] => listen(endpoint).await,
        ["ping", endpoint] => ping(endpoint).await,
        _ => Err("serve, listen or ping, and an endpoint".into()),
    };
    let told = told.unwrap_or_else(|error| format!("error: {error}"));
    writeln!(std::io::stdout(), "{told}")?;
    Ok(())
}

async fn serve(endpoint: &str) -> Result<(), Failure> {
    let backend = Backend::new();
    backend.register(SlowHandler::new(Gates::new()))?;
    backend.register(EverythingHandler::new(AllOfIt::default()))?;
    let endpoint = backend.listen(endpoint).await?;
    writeln!(std::io::stdout(), "ready {endpoint}")?;
    let _ = tokio::io::stdin().read(&mut [0]).await;
    Ok(())
}

async fn listen(endpoint: &str) -> Result<String, Failure> {
    let endpoint = Backend::new().listen(endpoint).await?;
    Ok(format!("ok {endpoint}"))
}

async fn ping(endpoint: &str) -> Result<String, Failure> {
    let frontend = Frontend::connect(endpoint).await?;
    let slow: SlowClient = frontend.open().await?;
    slow.ping().await?;
    Ok("ok".into())
}
