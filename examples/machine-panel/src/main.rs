//! A robot and its operator panels: telemetry a thousand times a second, commands with progress,
//! and an emergency stop that every panel is notified of.
//!
//! `cargo run -p machine-panel` starts itself once more as the machine and as its panels; the panel
//! that draws is this process. With `-- page` it is the machine alone, with two panels for the
//! browser: one with this project's client, and one with socket.io's.
//!
//! - The crate `interface/` has the traits of both directions; `release_2`: the one of panels that
//!   are too old.
//! - `arm`: the robot; `controller`: what panels may ask of it; `machine`: its process.
//! - `page`: serves the page, whose source is in `page/`; `socket_io_page`: the one with
//!   socket.io's client, from `socket-io-page/`; `site`: the files of either.
//! - `socket_io_panel`: what only the latter says and hears.
//! - `panel`: what all panels share; `recorder`, `slow_panel`, `old_panel`, `picture`: each of
//!   them.
//! - `story`: what happens, and what is checked.

mod arm;
mod controller;
mod machine;
mod old_panel;
mod page;
mod panel;
mod picture;
mod recorder;
pub mod release_2;
mod site;
mod slow_panel;
mod socket_io_page;
mod socket_io_panel;
mod story;

use std::{env, error::Error, process::ExitCode};

use tokio::runtime::Runtime;

use crate::machine::Addresses;

/// Where the page is unless it is said: the same at each start, so that a page finds it again. The
/// other page, and what it connects to, have the next two ports.
const ADDRESS: &str = "127.0.0.1:7300";

const HELP: &str = "\
machine-panel                      starts everything, and ends by itself
machine-panel page [ADDRESS]       the machine with panels as pages: at 127.0.0.1:7300 unless said, and
                                   with socket.io's client at the next port; that connects to one more.
                                   Or say all three: ADDRESS ADDRESS ADDRESS
machine-panel machine ENDPOINT     the machine alone, such as at local:arm
machine-panel recorder ENDPOINT    a panel that takes every sample; type `report`, `unsubscribe`,
                                   `home PERCENT` (of its speed) or `stop REASON`
machine-panel slow ENDPOINT        a panel that reads twenty samples a second
machine-panel old ENDPOINT         a panel of release 2";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    example_stage::exit_code(match arguments[..] {
        [] => story::tell(),
        ["page"] => run_with_pages(Addresses::from(ADDRESS)),
        ["page", address] => run_with_pages(Addresses::from(address)),
        ["page", page, socket_io_page, socket_io] => run_with_pages(Ok(Addresses {
            page: page.to_owned(),
            socket_io_page: socket_io_page.to_owned(),
            socket_io: socket_io.to_owned(),
        })),
        ["machine", endpoint] => block_on(machine::run(endpoint)),
        ["recorder", endpoint] => block_on(recorder::run(endpoint)),
        ["slow", endpoint] => block_on(slow_panel::run(endpoint)),
        ["old", endpoint] => block_on(old_panel::run(endpoint)),
        _ => Err(HELP.into()),
    })
}

fn run_with_pages(addresses: Result<Addresses, String>) -> Result<(), Box<dyn Error>> {
    block_on(machine::run_with_pages(addresses?))
}

fn block_on(
    process: impl Future<Output = Result<(), Box<dyn Error>>>,
) -> Result<(), Box<dyn Error>> {
    Runtime::new()?.block_on(process)
}
