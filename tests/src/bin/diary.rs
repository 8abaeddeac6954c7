//! The other process of the tests that kill and freeze one.
//!
//! - `serve ENDPOINT FILE`: serves a [`Diary`](ipc_tests::diary::Diary) and prints
//!   `ready ENDPOINT`.
//! - `use ENDPOINT`: connects to a [`Ledger`](ipc_tests::Ledger), subscribes 20 times to its ticks
//!   and makes 1,000 calls that are never answered, prints `busy`, and then prints what it is told:
//!   `lagged` when items were dropped for it.
//!
//! Both end when their standard input does.

use std::{future::pending, io::Write};

use futures_util::{StreamExt, future::join_all, stream::select_all};
use ipc_runtime::{Backend, ErrorKind, Frontend, Limits};
use ipc_tests::{
    LedgerClient,
    diary::{DiaryFile, DiaryHandler},
};
use tokio::io::AsyncReadExt;

type Failure = Box<dyn std::error::Error>;

/// How many subscriptions and calls a frontend has.
const BUSY: (u32, u32) = (20, 1_000);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", endpoint, file] => serve(endpoint, file).await,
        ["use", endpoint] => tokio::select! {
            used = use_it(endpoint) => used,
            _ = async { tokio::io::stdin().read(&mut [0]).await } => Ok(()),
        },
        _ => Err("serve ENDPOINT FILE, or use ENDPOINT".into()),
    }
}

async fn serve(endpoint: &str, file: &str) -> Result<(), Failure> {
    let mut limits = Limits::default();
    limits.heartbeat = Some(std::time::Duration::from_secs(2));
    let backend = Backend::builder().limits(limits).build();
    backend.register(DiaryHandler::new(DiaryFile::new(file.as_ref())?))?;
    let endpoint = backend.listen(endpoint).await?;
    writeln!(std::io::stdout(), "ready {endpoint}")?;
    let _ = tokio::io::stdin().read(&mut [0]).await;
    Ok(())
}

async fn use_it(endpoint: &str) -> Result<(), Failure> {
    let frontend = Frontend::connect(endpoint).await?;
    let ledger: LedgerClient = frontend.open().await?;
    let mut subscriptions = Vec::new();
    for _ in 0..BUSY.0 {
        subscriptions.push(ledger.ticks().await?);
    }
    let calls = join_all((0..BUSY.1).map(|call| ledger.never(call).no_timeout()));
    tokio::spawn(calls);
    writeln!(std::io::stdout(), "busy")?;
    let mut ticks = select_all(subscriptions);
    while let Some(tick) = ticks.next().await {
        match tick {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Lagged => {
                writeln!(std::io::stdout(), "lagged")?
            }
            Err(error) => return Err(error.into()),
        }
    }
    pending().await
}
