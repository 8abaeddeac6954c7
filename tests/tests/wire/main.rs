//! What stands on the wire, in every framing and encoding: what is understood, what is answered,
//! and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod answers;
mod bad_envelopes;
mod bad_params;
mod bad_peers;
mod bad_replies;
mod bad_text;
mod batches;
mod content_length;
mod encodings;
mod extension;
mod fingerprints;
mod framing;
mod half_close;
mod input_rows;
mod jsonrpc_spec;
mod limits;
mod limits_wire;
mod message_pack;
mod params;
mod plain_clients;
mod plain_servers;
mod request_ids;
mod requests;
mod served_backend;
mod text_keys;
mod unreadable;
mod unwritable;
