//! What belongs to a [`Peer`](crate::Peer): the state of its connection, who it is to the operating
//! system, and what the app keeps with it.

// One connection, the same from both sides.
//
//            frames                messages                 handlers
//  carrier ────────▶ driver ─▶ dispatch ─────▶ service ─▶ responder ─┐
//     ▲                │                                             │
//     │                └─▶ calls (ours, waiting) ─▶ call futures     │
//     └── outbox ◀───────────────────── requests ◀──┘   replies ◀────┘
//
// `driver` is the one task of a connection: it reads, hands on and writes. `incoming` knows where a
// message belongs and runs handlers, `outgoing` waits for replies. All of them meet in `connection`,
// which holds the small machines of `state` behind one lock; user code never runs under that lock.
// A `session` is who the peer is, across connections.

pub(crate) mod client;
pub(crate) mod connection;
pub(crate) mod driver;
pub(crate) mod handshake;
pub(crate) mod incoming;
pub(crate) mod middleware;
pub(crate) mod outgoing;
pub(crate) mod session;
pub(crate) mod state;
pub(crate) mod streams;

pub use crate::{
    peer::session::{extensions::Extensions, state::ConnectionState},
    peer_info::PeerCredentials,
};
