//! A backend for the tests of the npm package: every kind of method, and what became of it.
//!
//! `web-backend [--token TOKEN] ENDPOINT…` writes `listening on ENDPOINT` for each, then `ready`,
//! and ends with its input.
//!
//! - `interface`: the traits; `everything`: the one that is served.
//! - `settings`: the store, its keys, and what the Rust side does with it.
//! - `dropped`: counts what was dropped before its end.
//! - `bindings`: that those of the tests are up to date.

#[cfg(test)]
mod bindings;
mod dropped;
mod everything;
pub mod interface;
pub mod settings;

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
    thread,
};

use ipc_runtime::Backend;
use tokio::sync::oneshot;

use crate::{
    everything::Everything,
    interface::EverythingApiHandler,
    settings::{Settings, SettingsApiHandler},
};

#[tokio::main]
async fn main() -> ExitCode {
    match serve().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let mut arguments: Vec<String> = env::args().skip(1).collect();
    let mut builder = Backend::builder();
    if arguments.first().is_some_and(|first| first == "--token") && arguments.len() > 1 {
        builder = builder.token(arguments[1].parse()?);
        arguments.drain(..2);
    }
    let backend = builder.build();
    backend.register(EverythingApiHandler::new(Everything::default()))?;
    backend.register(SettingsApiHandler::new(Settings::serve(&backend)?))?;
    backend.expose("add", async |(a, b): (i64, i64)| a + b)?;
    backend.expose("length", async |named: interface::Named| named.text.chars().count())?;

    // On `stdio:` the protocol has the output for itself.
    let is_child = arguments.iter().any(|endpoint| endpoint == "stdio:");
    for endpoint in &arguments {
        let endpoint = backend.listen(endpoint).await?;
        if !is_child {
            writeln!(io::stdout(), "listening on {endpoint}")?;
        }
    }
    if is_child {
        backend.run_until(std::future::pending::<()>()).await;
        return Ok(());
    }
    writeln!(io::stdout(), "ready")?;
    backend.run_until(end_of_input()).await;
    Ok(())
}

/// A test that dies, however it does, closes this process's input.
async fn end_of_input() {
    let (sender, ended) = oneshot::channel();
    // A plain thread: one of the runtime's would keep it from shutting down.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        let _ = sender.send(());
    });
    let _ = ended.await;
}
