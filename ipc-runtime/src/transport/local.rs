//! Local sockets: Unix sockets, by way of tokio, and Windows named pipes, by way of `interprocess`.

#[cfg(unix)]
pub(crate) mod directory;
#[cfg(unix)]
pub(crate) mod lock_file;
#[cfg(unix)]
pub(crate) mod socket;
#[cfg(unix)]
pub(crate) mod socket_file;
#[cfg(unix)]
pub(crate) mod stage;
#[cfg(unix)]
pub(crate) mod unix;
#[cfg(windows)]
pub(crate) mod windows;
