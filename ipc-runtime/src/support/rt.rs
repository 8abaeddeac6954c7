//! Tasks and time: all that is used of tokio's runtime, apart from its sockets and processes.
//!
//! Except for tests, nothing else names `tokio::spawn`, `tokio::task` (except `coop`, which needs
//! no runtime), `tokio::time` or `tokio::runtime`; `.ci/imports` checks that. So this list, beside
//! a carrier, is what a platform without tokio's runtime has to provide. If tests need a clock of
//! their own, it goes here too.

pub(crate) use tokio::{
    runtime::Handle,
    spawn,
    task::{AbortHandle, JoinHandle, spawn_blocking, yield_now},
    time::{Instant, Sleep, sleep, sleep_until, timeout},
};
