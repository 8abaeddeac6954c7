//! Settings that all windows share, and a log file that all of them write: a store, and functions
//! and events by name.
//!
//! `cargo run -p settings` starts itself once more as the backend and as windows.
//!
//! - `keys`: what can be set; both sides share it.
//! - `settings_file`, `log_file`: what outlives the backend; `backend`: its process.
//! - `window`: the process of a window.
//! - `story`: what happens, and what is checked.

mod backend;
pub mod keys;
mod log_file;
mod settings_file;
mod story;
mod window;

use std::{env, error::Error, path::Path, process::ExitCode};

use tokio::runtime::Runtime;

const HELP: &str = "\
settings                              starts everything, and ends by itself
settings backend ENDPOINT DIRECTORY   the backend alone, such as at local:settings; type `theme NAME`
                                      or `log TEXT`
settings window ENDPOINT              a window; type `read`, `theme NAME`, `autosave on`,
                                      `look` and then `font SIZE`, or `log TEXT`";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    example_stage::exit_code(match arguments[..] {
        [] => story::tell(),
        ["backend", endpoint, directory] => {
            block_on(backend::serve(endpoint, Path::new(directory)))
        }
        ["window", endpoint] => block_on(window::run(endpoint)),
        _ => Err(HELP.into()),
    })
}

fn block_on(
    process: impl Future<Output = Result<(), Box<dyn Error>>>,
) -> Result<(), Box<dyn Error>> {
    Runtime::new()?.block_on(process)
}
