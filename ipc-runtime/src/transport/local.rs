//! Local sockets: Unix sockets, by way of tokio, and Windows named pipes, by way of `interprocess`.

#[cfg(unix)]
mod directory;
#[cfg(unix)]
mod lock_file;
#[cfg(unix)]
mod socket;
#[cfg(unix)]
mod socket_file;
#[cfg(unix)]
mod stage;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(super) use unix::{Incoming, Listener, connect};
#[cfg(windows)]
pub(super) use windows::{Incoming, Listener, connect, wait_until_free};
