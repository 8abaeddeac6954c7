//! What stock socket.io clients send over real WebSockets, and what they are answered.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod app_server;
mod authorizing;
mod broken_packets;
mod client;
mod events;
mod flow;
mod joining;
mod namespaces;
mod recovery;
mod stopping;
