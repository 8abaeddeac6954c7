//! Everything at once while something breaks: connections that are cut, stuck or damaged, processes
//! that are killed and frozen, crowds, and floods.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and tells its figures"
)]

mod bad_connections;
mod busy;
mod crowd;
mod cut_everywhere;
mod cut_sockets;
mod killed;
mod soak;
mod stuck_peer;
