//! Who is at the other end of a connection.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// What the operating system says of the process at the other end of a local socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerCredentials {
    /// The effective user; `None` on Windows, where users have no numbers.
    pub user: Option<u32>,
    /// The process; on Windows only the backend knows it.
    pub process: Option<i32>,
}

/// A connection's number, unique in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(u64);

impl PeerId {
    /// Unique in this process, so that logs of both sides in one process stay readable.
    pub(crate) fn next() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl fmt::Display for PeerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct PeerInfo {
    /// The connection's number.
    pub(crate) id: PeerId,
    /// The endpoint that the connection came in by, or was made to.
    pub(crate) endpoint: Arc<str>,
}
