//! Two readings of a [`Shape`](ipc_runtime::shape::Shape), to compare with what serde does: which
//! values it says are sent, and which it says are read.

pub mod accepted;
pub mod comparison;
pub mod damage;
pub mod encoding;
pub mod random;
pub mod reading;
pub mod sent;
pub mod value;

// For the crate of pairs, which names this one alone.
pub use ipc_runtime;
pub use serde;
