//! What carries the bytes: local sockets, WebSockets, standard input and output, and whatever an
//! app brings.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod accept_queue;
mod broken_writes;
mod carriers;
mod http;
mod no_backend;
mod pipes;
mod socket_descriptors;
mod socket_directories;
mod socket_files;
mod socket_locks;
mod socket_paths;
mod socket_users;
mod stdio;
mod stdio_faults;
mod unix_socket;
mod upgraded;
mod websocket;
