//! What flows: subscriptions, streams among the arguments, progress, and what becomes of items that
//! nobody takes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod item_runs;
mod lag;
mod returning;
mod stream_wire;
mod subscriber_wire;
mod subscription_ends;
mod subscription_wire;
mod subscriptions;
mod uploads;
mod wakers;
