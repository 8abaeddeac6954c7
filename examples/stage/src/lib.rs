//! What the examples with several processes share, and what isn't about IPC: they start their
//! processes, play the user who types into them, show what each of them says, and check it.
//!
//! - [`Stage`]: the processes of an example, as the one that started them sees them.
//! - [`say`] and [`orders`]: the other end, in the processes.
//! - [`Screen`]: text for people. [`Performance`]: a whole example, as its test sees it.

mod actor;
mod performance;
mod screen;
mod stage;

pub use crate::{
    actor::{orders, say},
    performance::Performance,
    screen::Screen,
    stage::Stage,
};

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

/// Far more than anything takes in an example, also on a machine that is busy.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// How a process of an example ends: with 1 and a word on standard error if something was wrong.
pub fn exit_code(outcome: Result<(), Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}
