//! What Socket.IO needs of whoever serves the peers that it finds.

use std::{future::Future, pin::Pin};

use crate::{
    interface::InterfaceInfo, limits::Limits, message::error_object::ErrorObject,
    socket_io::options::SocketOptions, transport::carrier::Carrier,
};

/// Serves a peer until its connection has ended.
pub(crate) type ServedPeer = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Serves the peers of a session.
pub(crate) trait SocketHost: Send + Sync + 'static {
    /// The version of the protocol in our handshakes.
    fn protocol(&self) -> u32;

    fn limits(&self) -> &Limits;

    fn options(&self) -> &SocketOptions;

    /// The interface that is served on a channel.
    fn interface(&self, channel: &str) -> Option<&'static InterfaceInfo>;

    /// Whether no more peers are taken, and those that there are will be gone soon.
    fn is_stopped(&self) -> bool;

    /// Begins to serve the peer that has joined `namespace`. The first one of a session has the
    /// session's own place among the connections; others (`is_further`) need a place each.
    fn open(
        &self,
        carrier: Box<dyn Carrier>,
        namespace: &str,
        is_further: bool,
    ) -> Result<ServedPeer, ErrorObject>;
}
