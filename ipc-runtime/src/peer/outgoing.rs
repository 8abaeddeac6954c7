//! Our calls: from a method of a client to a message, and from its reply to the caller.

pub(crate) mod call;
pub(crate) mod raw_call;
pub(crate) mod send;
pub(crate) mod subscription;
