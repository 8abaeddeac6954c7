//! What an arrival has turned out to be.

use crate::transport::connected::Connected;
#[cfg(feature = "socket-io")]
use crate::transport::http_arrival::HttpArrival;

/// What an arrival has turned out to be.
pub(crate) enum Opened {
    /// A peer.
    Peer(Connected),
    /// An HTTP connection, whose requests may open Engine.IO sessions or belong to some.
    #[cfg(feature = "socket-io")]
    EngineIo(Box<HttpArrival>),
}

impl From<Connected> for Opened {
    fn from(connected: Connected) -> Self {
        Self::Peer(connected)
    }
}
