//! One connection, the same from both sides.
//!
//! ```text
//!            frames                messages                 handlers
//!  carrier ────────▶ driver ─▶ dispatch ─────▶ service ─▶ responder ─┐
//!     ▲                │                                             │
//!     │                └─▶ calls (ours, waiting) ─▶ call futures     │
//!     └── outbox ◀───────────────────── requests ◀──┘   replies ◀────┘
//! ```
//!
//! [`driver`] is the one task of a connection: it reads, hands on and writes; [`dispatch`] knows
//! where a message belongs, [`handling`] runs handlers. Everybody else meets
//! it in [`connection`]'s state, which is a handful of small machines behind one lock: [`calls`],
//! [`running`], [`notifications`] and [`outbox`]. User code never runs under that lock.

pub(crate) mod connection;
pub(crate) mod driver;
pub(crate) mod handshake;
pub(crate) mod incoming;
pub(crate) mod middleware;
pub(crate) mod outgoing;
pub(crate) mod session;
pub(crate) mod state;
pub(crate) mod streams;
