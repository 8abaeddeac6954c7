//! A backend for the tests of the npm package: every kind of method, and what became of it.
//!
//! `web-backend [OPTION VALUE]… ENDPOINT…` writes `listening on ENDPOINT` for each, then `ready`,
//! and ends with its input. `--token TOKEN` is required of clients, `--which NUMBER` names the
//! backend, `--grace MS` is how long it waits for who is away, `--version 2` (or `none`) is another
//! one of one interface, `--discover true` tells everybody what there is, and `--allow ORIGIN` lets
//! pages of that origin in, each time it is given.
//!
//! - `interface`: the traits; `everything`: the one that is served.
//! - `settings`: the store, its keys, and what the Rust side does with it.
//! - `survivor`: what is asked of a backend that is lost and comes back.
//! - `dropped`: counts what was dropped before its end.
//! - `bindings`: that those of the tests are up to date.

#[cfg(test)]
mod bindings;
mod dropped;
mod everything;
pub mod interface;
pub mod settings;
pub mod survivor;

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
    thread,
    time::Duration,
};

use ipc_runtime::{Backend, Limits, config::OriginPolicy};
use tokio::sync::oneshot;

use crate::{
    everything::Everything,
    interface::EverythingApiHandler,
    settings::{Settings, SettingsApiHandler},
    survivor::{
        Lasting, SurvivorHandler,
        later::{LaterHandler, Second},
    },
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
    let mut limits = Limits::default();
    let (mut which, mut version) = (1, "1".to_owned());
    let mut allowed = Vec::new();
    while arguments.len() > 1 && arguments[0].starts_with("--") {
        let value = arguments.remove(1);
        match arguments.remove(0).as_str() {
            "--token" => builder = builder.token(value.parse()?),
            "--which" => which = value.parse()?,
            "--grace" => limits.session_grace = Duration::from_millis(value.parse()?),
            "--version" => version = value,
            "--allow" => allowed.push(value),
            "--discover" => builder = builder.discover(value.parse()?),
            other => return Err(format!("there is no option {other}").into()),
        }
    }
    let backend = builder.limits(limits).origins(OriginPolicy::allow(allowed)).build();
    backend.register(EverythingApiHandler::new(Everything::default()))?;
    backend.register(SettingsApiHandler::new(Settings::serve(&backend)?))?;
    match version.as_str() {
        "1" => _ = backend.register(SurvivorHandler::new(Lasting::new(which, &backend)))?,
        "2" => _ = backend.register(LaterHandler::new(Second))?,
        _ => {}
    }
    backend.expose_typed("add", async |(a, b): (i64, i64)| a + b)?;
    backend.expose_typed("length", async |named: interface::Named| named.text.chars().count())?;

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
