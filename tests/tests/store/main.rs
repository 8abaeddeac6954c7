//! The shared store and its replicas.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod changes;
mod concurrent_writes;
mod lifetimes;
mod plain_client;
mod served_store;
mod shared_values;
mod sizes;
mod slow_watchers;
mod store_errors;
mod store_wire;
