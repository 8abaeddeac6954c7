//! Very many connections that do nothing, to see that they are held and what they cost.
//!
//! - `serve ENDPOINT SECONDS`: serves a [`Ledger`](ipc_tests::Ledger) to whoever says something
//!   within so many seconds, prints `ready ENDPOINT`, then answers each line of its standard input
//!   with how much it has: connections and KiB of memory, or `zero` where nothing is left. It ends
//!   when its input does.

use std::{error::Error, io::Write, time::Duration};

use ipc_runtime::{Backend, Limits};
use ipc_tests::{LedgerHandler, RunLog, memory::resident_kib};
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::main(worker_threads = 2)]
async fn main() -> Result<(), Box<dyn Error>> {
    let (endpoint, seconds) = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [serve, endpoint, seconds] if serve == "serve" => (endpoint.clone(), seconds.parse()?),
        _ => return Err("serve ENDPOINT SECONDS".into()),
    };
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(seconds);
    let backend = Backend::builder().limits(limits).build();
    backend.register(LedgerHandler::new(RunLog::default()))?;
    let endpoint = backend.listen(endpoint).await?;
    writeln!(std::io::stdout(), "ready {endpoint}")?;
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    while lines.next_line().await?.is_some() {
        let usage = backend.usage();
        let memory = resident_kib().unwrap_or_default();
        if usage.is_zero() {
            writeln!(std::io::stdout(), "zero {memory}")?;
        } else {
            writeln!(std::io::stdout(), "{} {memory}", usage.connections)?;
        }
    }
    Ok(())
}
