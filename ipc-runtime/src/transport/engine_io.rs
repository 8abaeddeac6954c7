//! Engine.IO 4, the protocol below Socket.IO: sessions over HTTP long-polling and WebSockets, and
//! the upgrade between them. This module doesn't know what is said in its messages.
//!
//! A request comes in by a [`door`], which checks it as a WebSocket's request is checked. It opens
//! a [`session`], or belongs to one: then [`polling`] answers it, or [`upgrade`] gives the session
//! a [`web_socket`]. Whoever serves the session has its [`socket`].

pub(crate) mod arrival;
pub(crate) mod config;
mod cors;
pub(crate) mod door;
pub(crate) mod host;
pub(crate) mod message;
pub(crate) mod opening;
mod packet;
mod payload;
mod ping_timer;
mod polling;
mod query;
mod refusal;
pub(crate) mod server;
mod session;
pub(crate) mod socket;
mod stall_guard;
mod upgrade;
mod web_socket;

#[cfg(test)]
mod tests;
