//! A logger service, as an IDE has it: windows write to one log, each may set its level, and all of
//! them are notified of that.
//!
//! `cargo run -p logger` starts itself once more as the backend and as three windows.
//!
//! - `interface`: the traits of both directions.
//! - `service`: the log, and the handler that each window gets; `backend`: the process.
//! - `window`: the process of a window, with a handler of its own.
//! - `story`: what happens, and what is checked.

mod backend;
pub mod interface;
mod service;
mod story;
mod window;

use std::{env, error::Error, process::ExitCode};

use tokio::runtime::Runtime;

const HELP: &str = "\
logger                         starts everything, and ends by itself
logger backend ENDPOINT        the backend alone, such as at local:log
logger window ENDPOINT NAME    a window; type `log warn TEXT`, `set debug`, `show` or `hide`";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    example_stage::exit_code(match arguments[..] {
        [] => story::tell(),
        ["backend", endpoint] => block_on(backend::serve(endpoint)),
        ["window", endpoint, name] => block_on(window::run(endpoint, name)),
        _ => Err(HELP.into()),
    })
}

fn block_on(
    process: impl Future<Output = Result<(), Box<dyn Error>>>,
) -> Result<(), Box<dyn Error>> {
    Runtime::new()?.block_on(process)
}
