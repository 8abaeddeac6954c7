//! What somebody reads who writes a program with it: the words of compilers and errors for each
//! mistake, and the docs.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod compiled_cases;
mod contributed_twice;
mod docs;
