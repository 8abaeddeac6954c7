//! The life of a connection: how it begins, how it is kept, how it is lost and taken up again, and
//! how it ends.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod desk;
mod ends;
mod handshake_wire;
mod heartbeat;
mod lazily;
mod promised_handshake;
mod reconnect;
mod reconnect_faults;
mod renamed;
mod required;
mod runtime_end;
mod session_races;
mod session_wire;
mod sessions;
mod shapes;
mod shop;
mod used;
mod verified;
mod version_mismatch;
mod versioned_interface;
mod versions;
