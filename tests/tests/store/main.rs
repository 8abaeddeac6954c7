//! The shared store and its replicas.

mod store;
mod store_wire;
