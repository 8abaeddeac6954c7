//! The traits of each kind of carrier. A kind's file implements how it connects and listens, and
//! `transport.rs` lists it.

use std::{future::Future, io};

use crate::{
    codec::Encoding,
    endpoint::Endpoint,
    transport::{
        carrier::{CloseKind, dismiss},
        config::{CarrierConfig, ListenOptions},
        connected::{Connected, within},
        opened::Opened,
    },
};

/// A kind of carrier. The table in `transport.rs` assigns its endpoints.
pub(crate) trait CarrierKind {
    type Acceptor: Acceptor;

    /// Whether each listener has exactly one connection.
    const ACCEPTS_ONCE: bool = false;

    fn connect(
        endpoint: &Endpoint,
        config: &CarrierConfig,
    ) -> impl Future<Output = io::Result<Connected>> + Send;

    fn listen(
        endpoint: &Endpoint,
        options: &ListenOptions,
    ) -> impl Future<Output = io::Result<Self::Acceptor>> + Send;

    /// Returns once clients can't reach a dropped listener any more.
    fn wait_until_free(_endpoint: &Endpoint) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// Accepts connections. Dropping it frees the endpoint.
pub(crate) trait Acceptor: Send {
    type Arrival: Arrival;

    /// The endpoint to connect to, with the real port if port 0 was requested.
    fn endpoint(&self) -> Endpoint;

    /// Waits for the next connection. Reads nothing from it; [`Arrival::open`] does.
    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Arrival>> + Send;
}

/// An accepted connection from which nothing was read yet.
pub(crate) trait Arrival: Sized + Send {
    /// Finds out what the peer speaks, and refuses peers that aren't let in.
    fn open(self, config: &CarrierConfig) -> impl Future<Output = io::Result<Opened>> + Send;

    /// Refuses a connection because the limit on connections is reached. `_why` is a sentence, for
    /// carriers on which no messages can be sent yet. Returns what isn't limited in this way, if
    /// that has arrived.
    fn turn_away(
        self,
        config: &CarrierConfig,
        _why: &str,
        message: impl FnOnce(Encoding) -> Vec<u8> + Send,
    ) -> impl Future<Output = io::Result<Option<Opened>>> + Send {
        async move {
            match within(config.handshake_timeout, self.open(config)).await? {
                Opened::Peer(connected) => {
                    dismiss(connected.carrier, CloseKind::Full, message).await?;
                    Ok(None)
                }
                #[cfg(feature = "socket-io")]
                other @ Opened::EngineIo(_) => Ok(Some(other)),
            }
        }
    }
}
