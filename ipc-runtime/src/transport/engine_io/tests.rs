//! The rules of Engine.IO, over real sockets, with a host that sends back what it gets.

pub(super) mod echo;
mod handshake;
pub(super) mod http;
mod messages;
mod origins;
mod upgrades;
