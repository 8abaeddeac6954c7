//! Connections that break on purpose, at a byte that is chosen.
//!
//! - [`Plan`] says what becomes of the bytes of each direction.
//! - [`Faulty`] is any stream of bytes that goes by a plan, for `Backend::accept` and
//!   `Frontend::over`.
//! - [`Proxy`] stands between real sockets, and has each connection go by a plan of its own.

mod faulty;
mod lane;
mod plan;
#[cfg(unix)]
mod proxy;

pub use faulty::{Faulty, Traffic};
pub use plan::{Damage, Direction, Ending, Plan};
#[cfg(unix)]
pub use proxy::Proxy;
