//! What clients are made of: those that are generated, and calls by name.

pub(crate) mod by_name;
pub(crate) mod caller;
