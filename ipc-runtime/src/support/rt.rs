//! Tasks and time: all that is used of tokio's runtime beside its sockets and processes.
//!
//! But for tests, nothing else names `tokio::spawn`, `tokio::task` (but `coop`, which needs no runtime),
//! `tokio::time` or `tokio::runtime`; `.ci/imports` holds that. So what a platform without tokio's
//! runtime has to bring, beside a carrier, is this list, and whoever tests with a clock of their own puts it here.

pub(crate) use tokio::{
    runtime::Handle,
    spawn,
    task::{AbortHandle, JoinHandle, spawn_blocking, yield_now},
    time::{Instant, Sleep, sleep, sleep_until, timeout, timeout_at},
};
