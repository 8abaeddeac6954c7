//! A desktop app: notes as Markdown files in a folder. The backend serves its page at a port of
//! this machine, and opens it in a window of an installed browser.
//!
//! - `app`: a launch, from its start to its end. `arguments`, `places`: what it is told, and where
//!   its files are.
//! - `door`: who is let in. `page`: the HTTP server. `browser`: the window. `presence`: when the
//!   last one has gone. `windows`: what goes with each.
//! - `vault`: the folder. `note_name`, `text_file`: what is in it. `disk_watch`: what others do
//!   there. `index`, `indexing`: the words of all notes. `import`: files that come. `pinned`: names
//!   that stay.
//! - `desk`: what windows may ask of all these. The crate `interface/` has the trait, and `page/`
//!   the window's side.

mod app;
mod arguments;
mod browser;
mod desk;
mod disk_watch;
mod door;
mod import;
mod index;
mod indexing;
mod note_name;
mod page;
mod pinned;
mod places;
mod presence;
mod text_file;
mod vault;
mod windows;

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use arguments::{Arguments, HELP};

fn main() -> ExitCode {
    let outcome =
        Arguments::parse(env::args_os().skip(1)).map_err(Into::into).and_then(|arguments| {
            if arguments.help {
                return Ok(writeln!(io::stdout(), "{HELP}")?);
            }
            tokio::runtime::Runtime::new()?.block_on(app::run(arguments))
        });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
