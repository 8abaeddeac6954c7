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

mod batch;
mod call;
mod caller;
mod calls;
mod cancellation;
mod closing;
mod connection;
mod connection_state;
mod connectivity;
mod context;
mod dispatch;
mod driver;
mod entries;
mod flows;
mod handle;
mod handlers;
mod handling;
mod heartbeat;
mod inbox;
mod inboxes;
mod item_runs;
mod items;
mod nesting;
mod notifications;
mod outbox;
mod own_handlers;
mod payload;
mod producer;
mod raw_call;
mod reports;
mod request;
mod reserved;
mod responder;
mod running;
mod service;
mod session;
mod session_id;
mod session_resolver;
mod stall_watch;
mod streams;
mod subscription;
mod target;
mod turnstile;

pub use call::{Call, CallWithProgress, NoProgress, Notification};
pub use caller::{Caller, Client};
pub(crate) use connection::{Config, Connection};
pub use connection_state::ConnectionState;
pub(crate) use connectivity::Unclaimed;
pub use context::CallContext;
pub(crate) use driver::Driver;
pub use handle::Peer;
pub(crate) use handle::{call, notify, open};
pub(crate) use inbox::Window;
pub(crate) use raw_call::RawCall;
pub use responder::Responder;
pub use service::{Flow, Incoming, Service};
pub(crate) use session::{Link, Session, Side};
pub(crate) use session_id::{Resumption, SessionId};
pub(crate) use session_resolver::{Refused, SessionResolver};
pub use streams::{StreamArgument, StreamReference, Streaming, Streams};
pub use subscription::{Subscribe, Subscription};
pub(crate) use target::Called;
