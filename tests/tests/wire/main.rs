//! What stands on the wire, in every framing and encoding: what is understood, what is answered, and
//! what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod bad_input;
mod bad_peers;
mod bad_replies;
mod batches;
mod content_length;
mod encodings;
mod extension;
mod framing;
mod half_close;
mod jsonrpc_spec;
mod limits;
mod limits_wire;
mod message_pack;
mod plain_servers;
mod unreadable;
mod unwritable;
mod wire;
