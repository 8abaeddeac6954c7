//! One backend and three windows, as an IDE has them: the backend calls one of them, those of a
//! project, or all, and each has handlers and state of its own.
//!
//! `cargo run -p windows` starts itself once more as the backend and as three windows.
//!
//! - `interface`: the traits of both directions.
//! - `workbench`: the handler that each window gets; `backend`: the process, which calls windows.
//! - `window`: the process of a window, with handlers of its own.
//! - `story`: what happens, and what is checked.

mod backend;
pub mod interface;
mod story;
mod window;
mod workbench;

use std::{env, error::Error, process::ExitCode};

use tokio::runtime::Runtime;

const HELP: &str = "\
windows                                  starts everything, and ends by itself
windows backend ENDPOINT                 the backend alone, such as at local:ide; type `reveal FILE`,
                                         `save PROJECT`, `quit?`, `zoom WINDOW PERCENT`, `theme NAME`
                                         or `usage`
windows window ENDPOINT TITLE PROJECT    a window; type `open FILE`, `files`, `zoomable`, `count`,
                                         `yes` or `no`";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    example_stage::exit_code(match arguments[..] {
        [] => story::tell(),
        ["backend", endpoint] => block_on(backend::serve(endpoint)),
        ["window", endpoint, title, project] => block_on(window::run(endpoint, title, project)),
        _ => Err(HELP.into()),
    })
}

fn block_on(
    process: impl Future<Output = Result<(), Box<dyn Error>>>,
) -> Result<(), Box<dyn Error>> {
    Runtime::new()?.block_on(process)
}
