//! Incoming calls: from the message to the handler, and to the reply.

pub(crate) mod context;
pub(crate) mod control;
#[cfg(feature = "openrpc")]
pub(crate) mod discovery;
#[cfg(feature = "openrpc")]
pub(crate) mod discovery_state;
pub(crate) mod dispatch;
pub(crate) mod function;
pub(crate) mod function_output;
pub(crate) mod handler_lookup;
pub(crate) mod peer_handlers;
pub(crate) mod registry;
pub(crate) mod responder;
pub(crate) mod run;
pub(crate) mod service;
pub(crate) mod target;
