//! What each kind of carrier has: its file says how it connects and listens, and `transport.rs` lists
//! it.

use std::{future::Future, io};

use crate::{
    codec::Encoding,
    endpoint::Endpoint,
    transport::{
        carrier::{CloseKind, dismiss},
        config::{CarrierConfig, ListenOptions},
        connected::{Connected, within},
    },
};

/// A kind of carrier, for the endpoints that the table in `transport.rs` gives it.
pub(crate) trait CarrierKind {
    type Acceptor: Acceptor;

    /// Whether there is one connection for each listener, and never another one.
    const ACCEPTS_ONCE: bool = false;

    fn connect(
        endpoint: &Endpoint,
        config: &CarrierConfig,
    ) -> impl Future<Output = io::Result<Connected>> + Send;

    fn listen(
        endpoint: &Endpoint,
        options: &ListenOptions,
    ) -> impl Future<Output = io::Result<Self::Acceptor>> + Send;

    /// Returns when a listener that was dropped is gone for everybody else, too.
    fn wait_until_free(_endpoint: &Endpoint) -> impl Future<Output = ()> + Send {
        async {}
    }
}

/// A place where connections come in. Dropping it gives the place free.
pub(crate) trait Acceptor: Send {
    type Arrival: Arrival;

    /// The endpoint to connect to: with the real port where port 0 was asked for.
    fn endpoint(&self) -> Endpoint;

    /// Waits for the next connection. Nothing was read from it yet: [`Arrival::open`] does.
    fn accept(&mut self) -> impl Future<Output = io::Result<Self::Arrival>> + Send;
}

/// A connection that has come in and has said nothing yet.
pub(crate) trait Arrival: Sized + Send {
    /// Finds out what is spoken, and refuses whom this side doesn't talk to.
    fn open(self, config: &CarrierConfig) -> impl Future<Output = io::Result<Connected>> + Send;

    /// Tells a connection that there is no place for it. `_why` is a sentence, where no messages are
    /// spoken yet.
    fn turn_away(
        self,
        config: &CarrierConfig,
        _why: &str,
        message: impl FnOnce(Encoding) -> Vec<u8> + Send,
    ) -> impl Future<Output = io::Result<()>> + Send {
        async move {
            let opened = within(config.handshake_timeout, self.open(config)).await?;
            dismiss(opened.carrier, CloseKind::Full, message).await
        }
    }
}
