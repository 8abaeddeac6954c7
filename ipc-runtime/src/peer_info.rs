//! Who is at the other end of a connection.

use std::{
    fmt,
    num::ParseIntError,
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Deserialize, Serialize};

use crate::shape::{ipc_type::IpcType, node::Node};

/// What the operating system says about the process at the other end of a local socket, or about a
/// backend that this side has started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerCredentials {
    /// The effective user. `None` on Windows, where users have no numbers, and for a backend that
    /// this side has started.
    pub user: Option<u32>,
    /// The process. On a Windows named pipe, only the backend knows it.
    pub process: Option<i32>,
}

/// The number of a peer, unique in the process that assigned it.
///
/// An id can be sent: an interface may take one as an argument or return one as a result. On the
/// wire and in fingerprints it is a `u64`. Ids are assigned in order from 1 on, so JavaScript reads
/// them exactly. As text an id is the same number, which [`FromStr`] reads.
///
/// To find the peer of an id that a frontend has sent, use [`Backend::peer`](crate::Backend::peer).
/// An id is no secret and proves nothing: anyone who guesses a number can name that peer.
///
/// ```
/// use ipc_runtime::{CallContext, PeerId, WeakBackend, ipc_interface};
///
/// #[ipc_interface(channel = "demo.windows", version = "1.0.0")]
/// trait Windows {
///     async fn own_id(&self, #[ipc(context)] call: &CallContext) -> PeerId;
///     async fn is_open(&self, window: PeerId) -> bool;
/// }
///
/// struct App {
///     backend: WeakBackend,
/// }
///
/// impl Windows for App {
///     async fn own_id(&self, call: &CallContext) -> PeerId {
///         call.peer().id()
///     }
///
///     async fn is_open(&self, window: PeerId) -> bool {
///         self.backend.upgrade().is_some_and(|backend| backend.peer(window).is_some())
///     }
/// }
///
/// # fn main() -> Result<(), std::num::ParseIntError> {
/// let window: PeerId = "7".parse()?;
/// assert_eq!(window.to_string(), "7");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PeerId(u64);

impl PeerId {
    /// Returns a new id, unique in this process, so that logs of both sides in one process stay
    /// readable.
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

impl FromStr for PeerId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

/// As for any newtype, the fingerprint is that of the wrapped type.
impl IpcType for PeerId {
    const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive: &'static Node = u64::NODE;
}

/// Who is at the other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct PeerInfo {
    /// The number of the peer.
    pub(crate) id: PeerId,
    /// The endpoint that the connection came in on, or was made to.
    pub(crate) endpoint: Arc<str>,
}
