//! What carries the bytes: local sockets, WebSockets, standard input and output, and whatever an app
//! brings.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod broken_writes;
mod carriers;
mod http;
mod no_backend;
mod pipes;
mod sockets;
mod stdio;
mod stdio_faults;
mod upgraded;
mod websocket;
