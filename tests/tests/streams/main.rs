//! What flows: subscriptions, streams among the arguments, progress, and what becomes of items that
//! nobody takes.

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
