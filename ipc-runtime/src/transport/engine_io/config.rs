//! The settings of Engine.IO sessions.

use std::time::Duration;

use crate::limits::Limits;

/// The settings of Engine.IO sessions.
#[derive(Debug, Clone)]
pub(crate) struct EngineConfig {
    /// The path of requests, without a slash at its end.
    pub(crate) path: Box<str>,
    /// How long after a pong the next ping is sent.
    pub(crate) ping_interval: Duration,
    /// How long a client may take to answer a ping.
    pub(crate) ping_timeout: Duration,
    /// How long an upgrade may take.
    pub(crate) upgrade_timeout: Duration,
    /// The largest body of a POST, and the largest message on a WebSocket, in bytes.
    pub(crate) max_payload: usize,
    /// How many bytes may wait unsent before [`poll_ready`] waits.
    ///
    /// [`poll_ready`]: super::socket::EngineSocket::poll_ready
    pub(crate) queued_bytes: usize,
    /// How long a client may rest while it reads an answer, or sends a body.
    pub(crate) stall_time: Option<Duration>,
    /// Whether clients may use HTTP long-polling.
    pub(crate) polling: bool,
    /// Whether clients may use WebSockets.
    pub(crate) web_socket: bool,
    /// Whether the requests that open sessions are kept.
    pub(crate) keeps_requests: bool,
    /// How many HTTP connections our own listeners serve at once.
    pub(crate) max_http_connections: usize,
}

/// A polling client has one connection for what comes in and one for what leaves, and a browser may
/// keep two more for a while.
const CONNECTIONS_PER_SESSION: usize = 4;

impl EngineConfig {
    /// The defaults of socket.io, within these limits.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            path: "/socket.io".into(),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            upgrade_timeout: Duration::from_secs(10),
            max_payload: limits.message_bytes(),
            queued_bytes: limits.queued_bytes(),
            stall_time: limits.frame_time(),
            polling: true,
            web_socket: true,
            keeps_requests: false,
            max_http_connections: limits.max_connections.saturating_mul(CONNECTIONS_PER_SESSION),
        }
    }

    /// Whether requests of this path are Engine.IO's.
    pub(crate) fn is_path(&self, path: &str) -> bool {
        let rest = path.strip_prefix(&*self.path);
        matches!(rest, Some("" | "/"))
    }

    /// How long a request may wait at most: a client that gets no ping in this time is gone.
    pub(crate) fn patience(&self) -> Duration {
        self.ping_interval.saturating_add(self.ping_timeout)
    }
}
