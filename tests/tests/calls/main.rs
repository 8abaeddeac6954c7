//! What an app says with it: calls, notifications, handlers on both sides, and whom they belong to.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod both_directions;
mod calls;
mod cancel;
mod connection_state;
mod context;
mod contributions;
mod deadlines;
mod discovery;
mod dynamic;
mod functions;
mod middleware;
mod office;
mod order;
mod ownership;
mod panics;
mod peers;
mod plain_threads;
mod registry;
mod usage;
