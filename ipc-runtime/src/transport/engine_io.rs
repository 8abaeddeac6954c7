//! Engine.IO 4, the protocol below Socket.IO: sessions over HTTP long-polling and WebSockets, and
//! the upgrade between them. This module doesn't know what is said in its messages.

pub(crate) mod message;
pub(crate) mod socket;
