//! Two processes that talk through one trait.
//!
//! `cargo run -p quickstart` starts itself once more as the backend, and is the frontend.
//!
//! - `interface`: the trait, which both sides share; `release_1`: the same of an earlier release.
//! - `folder`: the trait implemented; `backend`: the process that serves it.
//! - `frontend`: the process that calls it; `node_frontend`: the same from Node.
//! - `typescript`: the interface for frontends in TypeScript.
//! - `backend_process`: the backend as the frontend's child; `command_line`, `screen`: the rest.

mod backend;
mod backend_process;
mod command_line;
mod folder;
mod frontend;
pub mod interface;
mod node_frontend;
pub mod release_1;
mod screen;
mod typescript;

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::{self, ExitCode},
    time::Instant,
};

use tokio::runtime::Runtime;

use crate::{backend_process::BackendProcess, command_line::Command, screen::Screen};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let screen = Screen::new();
    match command_line::parse(env::args().skip(1))? {
        Command::Both => both(&screen),
        Command::Backend { endpoints, until_eof } => {
            Runtime::new()?.block_on(backend::serve(&endpoints, until_eof))
        }
        Command::Frontend { endpoint } => {
            Runtime::new()?.block_on(frontend::tour(&screen, &[endpoint]))
        }
        Command::TypeScript { dir } => typescript::write(&screen, &dir),
        Command::Help => {
            screen.line(command_line::HELP.trim_end());
            Ok(())
        }
    }
}

/// Starts a backend, goes through everything with it, and ends it.
fn both(screen: &Screen) -> Result<(), Box<dyn Error>> {
    let begun = Instant::now();
    let own = process::id();
    // The name is this run's own, so that two of them don't meet.
    let asked = [format!("local:quickstart-{own}"), "ws://127.0.0.1:0".to_owned()];
    let backend = BackendProcess::start(&asked)?;

    screen.title("One trait, two processes");
    screen.row("backend", format_args!("process {}", backend.id()));
    screen.row("frontend", format_args!("process {own}, this one"));
    screen.row("directory", env::current_dir()?.display());

    Runtime::new()?.block_on(frontend::tour(screen, backend.endpoints()))?;
    if let Some(endpoint) = backend.endpoints().first() {
        node_frontend::tour(screen, endpoint)?;
    }

    backend.stop()?;
    screen.line("");
    screen.line(format_args!(
        "Done in {} ms, and the backend has ended.",
        begun.elapsed().as_millis()
    ));
    screen.line("Run the halves by hand: cargo run -p quickstart -- --help");
    Ok(())
}
