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

pub(crate) mod batch;
pub(crate) mod call;
pub(crate) mod caller;
pub(crate) mod calls;
pub(crate) mod cancellation;
pub(crate) mod closing;
pub(crate) mod connection;
pub(crate) mod connection_state;
pub(crate) mod connectivity;
pub(crate) mod context;
pub(crate) mod dispatch;
pub(crate) mod driver;
pub(crate) mod entries;
pub(crate) mod flows;
pub(crate) mod handle;
pub(crate) mod handlers;
pub(crate) mod handling;
pub(crate) mod heartbeat;
pub(crate) mod inbox;
pub(crate) mod inboxes;
pub(crate) mod item_runs;
pub(crate) mod items;
pub(crate) mod nesting;
pub(crate) mod notifications;
pub(crate) mod outbox;
pub(crate) mod own_handlers;
pub(crate) mod payload;
pub(crate) mod producer;
pub(crate) mod raw_call;
pub(crate) mod reports;
pub(crate) mod request;
pub(crate) mod reserved;
pub(crate) mod responder;
pub(crate) mod running;
pub(crate) mod service;
pub(crate) mod session;
pub(crate) mod session_id;
pub(crate) mod session_resolver;
pub(crate) mod stall_watch;
pub(crate) mod streams;
pub(crate) mod subscription;
pub(crate) mod target;
pub(crate) mod turnstile;
