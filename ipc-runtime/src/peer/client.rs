//! What clients are built on: the generated ones, and calls by name.

pub(crate) mod by_name;
pub(crate) mod caller;
#[cfg(feature = "openrpc")]
pub(crate) mod documented;
pub(crate) mod usable;
