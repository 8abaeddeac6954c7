//! Our calls and subscriptions: from a client's method to a message, and from its reply to the
//! caller.

pub(crate) mod call;
pub(crate) mod raw_call;
pub(crate) mod send;
pub(crate) mod subscription;
