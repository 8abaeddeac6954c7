//! Who is let in, what those can do who mean harm, and what is never told.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod guarded_backend;
mod hostile;
mod intruders;
mod log;
mod page_tokens;
mod secrets;
mod tls;
mod token;
mod unauthenticated;
