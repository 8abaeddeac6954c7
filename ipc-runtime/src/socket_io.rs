//! Socket.IO 5, for stock clients: its packets are turned into messages of our own, so that each
//! namespace that a client joins is a peer like any other.
//!
//! [`serve`](serve::serve) runs one Engine.IO session with all its namespaces. Each of them has a
//! [`NamespaceCarrier`](carrier::NamespaceCarrier), which a peer's driver reads and writes. Inside,
//! messages are MessagePack, so that a packet's attachments are raw bytes.
//!
//! A peer sits in a [`Seat`](seat::Seat) of the session's [`Hub`](hub::Hub). If the client loses
//! its session and may come back ([`Recovery`](recovery::Recovery)), the seat is kept with the
//! peer, and moves to the hub of the client's next session.

pub(crate) mod acknowledgement;
pub(crate) mod attachments;
pub(crate) mod carrier;
pub(crate) mod connect;
pub(crate) mod event_log;
pub(crate) mod event_name;
pub(crate) mod from_json;
pub(crate) mod handshake;
pub(crate) mod host;
pub(crate) mod hub;
pub(crate) mod incoming;
pub(crate) mod namespace;
pub(crate) mod options;
pub(crate) mod outgoing;
pub(crate) mod outgoing_packet;
pub(crate) mod packet;
#[cfg(test)]
mod properties;
pub(crate) mod recovery;
pub(crate) mod seat;
pub(crate) mod seat_link;
pub(crate) mod seated_peer;
pub(crate) mod serve;
pub(crate) mod to_json;
