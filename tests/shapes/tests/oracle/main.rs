//! What the shapes of types with each of serde's attributes say, and what serde does.

// The macro of the fixture calls itself for each type.
#![recursion_limit = "512"]
#![allow(clippy::unwrap_used, reason = "a test, also outside of its functions")]

mod case;
mod evolution;
mod reading;
mod sample;
mod schema;
mod types;
mod writing;
