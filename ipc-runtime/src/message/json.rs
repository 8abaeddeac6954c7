//! How messages look in JSON.

pub(crate) mod item;
pub(crate) mod scan;
pub(crate) mod value;
pub(crate) mod write;
