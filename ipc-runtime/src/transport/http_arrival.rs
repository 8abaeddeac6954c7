//! HTTP connections of our own listeners that don't begin with one of our WebSockets.

use bytes::Bytes;
use tokio_tungstenite::tungstenite::http::Request;

use crate::transport::byte_stream::Io;

/// A connection whose first request was read.
pub(crate) struct HttpArrival {
    pub(crate) io: Box<dyn Io>,
    pub(crate) request: Request<()>,
    /// All that was read so far.
    pub(crate) read: Bytes,
    /// Whether more bytes came after the head.
    pub(crate) is_followed: bool,
    /// The host that the listener binds.
    pub(crate) host: String,
    pub(crate) is_tls: bool,
}
