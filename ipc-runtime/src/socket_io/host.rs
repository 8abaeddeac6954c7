//! What Socket.IO needs of whoever serves the peers that it finds.

use std::sync::Arc;

use crate::{
    interface::InterfaceInfo,
    limits::Limits,
    message::error_object::ErrorObject,
    socket_io::{
        carrier::NamespaceCarrier, handshake::SocketHandshake, options::SocketOptions,
        recovery::Recovery, seated_peer::ServedPeer,
    },
};

/// Who joins a namespace.
pub(crate) struct SocketArrival {
    pub(crate) namespace: Arc<str>,
    /// What the app has asked to see before anybody joins, unless the client shows the wrong token.
    pub(crate) handshake: Option<SocketHandshake>,
}

/// Serves the peers of a session.
pub(crate) trait SocketHost: Send + Sync + 'static {
    /// A place among the connections, which is free again when this is dropped.
    type Place: Send;

    /// The version of the protocol in our handshakes.
    fn protocol(&self) -> u32;

    fn limits(&self) -> &Limits;

    fn options(&self) -> &SocketOptions;

    /// The interface that is served on a channel.
    fn interface(&self, channel: &str) -> Option<&'static InterfaceInfo>;

    /// Whether no more peers are taken, and those that there are will be gone soon.
    fn is_stopped(&self) -> bool;

    /// A place among the connections, for each peer of a session beyond the first: that has the
    /// session's own place.
    fn place(&self) -> Result<Self::Place, ErrorObject>;

    /// Begins to serve the peer that joins a namespace.
    fn open(
        &self,
        carrier: NamespaceCarrier,
        arrival: SocketArrival,
    ) -> Result<ServedPeer, ErrorObject>;

    /// The peers that their clients may have back, if they may.
    fn recovery(&self) -> Option<&Arc<Recovery>>;

    /// Whether a client is let in that shows this token.
    fn lets_in(&self, token: Option<&str>) -> bool;
}
