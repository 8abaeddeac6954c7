//! The side that connects.

use std::{fmt, sync::Arc};

use tokio::io::{AsyncRead, AsyncWrite};

use crate::{
    Client, ConnectError, Endpoint, EndpointError, IpcError, Limits, PeerInfo,
    backend::next_peer_id,
    error::DisconnectReason,
    handshake, message,
    peer::{self, Caller, ConnectionHandle, Driver},
    transport::{self, CarrierConfig, Connected, byte_stream},
};

/// The side that connects: it opens clients of the backend's interfaces.
///
/// It is cheap to clone. The connection stays open while the frontend, one of its clients or one
/// of their calls is there; [`close`](Self::close) ends it for all of them.
///
/// When the connection ends, calls in flight fail at once with [`IpcError::Disconnected`], and so
/// do calls that are made later.
///
/// See [`Backend`](crate::Backend) for an example of both sides.
#[derive(Clone)]
pub struct Frontend {
    handle: ConnectionHandle,
}

/// Sets up a [`Frontend`].
#[derive(Debug, Clone, Default)]
#[must_use = "it becomes a frontend by `connect` or `over`"]
pub struct FrontendBuilder {
    limits: Limits,
}

impl FrontendBuilder {
    /// How much of everything there may be.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Connects to a backend, and shakes hands with it.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when the endpoint is none, nobody listens there, or whoever does speaks
    /// another protocol, all within [`Limits::handshake_timeout`].
    pub async fn connect<E>(self, endpoint: E) -> Result<Frontend, ConnectError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        let endpoint = endpoint.try_into().map_err(Into::into)?;
        let connected = transport::connect(&endpoint, &self.carrier_config()).await;
        let name = endpoint.to_string().into();
        let connected = connected.map_err(|error| ConnectError::Io { endpoint, error })?;
        self.begin(name, connected).await
    }

    /// Connects over a connection that was made elsewhere: any stream of bytes in both
    /// directions, with a backend at its other end.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when no backend answers within [`Limits::handshake_timeout`].
    pub async fn over<T>(self, io: T) -> Result<Frontend, ConnectError>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let config = self.carrier_config();
        let carrier = transport::within(config.handshake_timeout, async {
            let io = Box::new(byte_stream::Foreign(io));
            let carrier = byte_stream::connect(io, &config).await?;
            Ok(Connected { carrier, credentials: None })
        });
        let connected = carrier.await.map_err(ConnectError::Carrier)?;
        self.begin("the given stream".into(), connected).await
    }

    fn carrier_config(&self) -> CarrierConfig {
        CarrierConfig {
            max_message_bytes: self.limits.message_bytes(),
            handshake_timeout: self.limits.handshake_timeout,
            not_understood: message::not_understood,
            #[cfg(feature = "websocket")]
            origins: Default::default(),
        }
    }

    async fn begin(
        self,
        endpoint: Arc<str>,
        connected: Connected,
    ) -> Result<Frontend, ConnectError> {
        let Connected { carrier, credentials } = connected;
        let info = PeerInfo { id: next_peer_id(), endpoint, credentials };
        let limits = Arc::new(self.limits);
        let config = peer::Config { info, limits, registry: Arc::default() };
        let (connection, driver) = Driver::new(carrier, config);
        tokio::spawn(driver.run());
        let handle = ConnectionHandle::new(connection);
        handshake::greet(&handle).await.map_err(ConnectError::Handshake)?;
        Ok(Frontend { handle })
    }
}

impl Frontend {
    /// Connects to a backend with the default limits, and shakes hands with it.
    ///
    /// # Errors
    ///
    /// See [`FrontendBuilder::connect`].
    pub async fn connect<E>(endpoint: E) -> Result<Self, ConnectError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        Self::builder().connect(endpoint).await
    }

    /// Connects over a connection that was made elsewhere, with the default limits.
    ///
    /// # Errors
    ///
    /// See [`FrontendBuilder::over`].
    pub async fn over<T>(io: T) -> Result<Self, ConnectError>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        Self::builder().over(io).await
    }

    /// Sets up a frontend.
    pub fn builder() -> FrontendBuilder {
        FrontendBuilder::default()
    }

    /// A client of an interface, after both sides were found to fit.
    ///
    /// # Errors
    ///
    /// - [`IpcError::VersionMismatch`] when they don't; it names what differs.
    /// - [`IpcError::NotFound`] when the backend doesn't know the channel.
    /// - [`IpcError::Disconnected`] when the connection has ended.
    /// - [`IpcError::DeadlineExceeded`] when there is no answer within
    ///   [`Limits::handshake_timeout`].
    pub async fn open<C: Client>(&self) -> Result<C, IpcError> {
        let caller = Caller::new(self.handle.clone(), C::INTERFACE);
        caller.verify().await?;
        Ok(C::from_caller(caller))
    }

    /// A client of an interface, at once. Both sides are compared before its first call is sent;
    /// if they don't fit, each of its calls fails as [`open`](Self::open) would.
    pub fn client<C: Client>(&self) -> C {
        C::from_caller(Caller::new(self.handle.clone(), C::INTERFACE))
    }

    /// The backend, as far as it is known.
    pub fn peer(&self) -> &PeerInfo {
        self.handle.connection().info()
    }

    /// Whether the connection has not ended.
    pub fn is_connected(&self) -> bool {
        self.handle.connection().end_reason().is_none()
    }

    /// Waits until the connection has ended, and tells why.
    pub async fn closed(&self) -> DisconnectReason {
        self.handle.connection().ended().await
    }

    /// Writes what is queued, then ends the connection, for all clones and clients. Calls in
    /// flight fail with [`IpcError::Disconnected`].
    pub async fn close(&self) {
        self.handle.connection().close(DisconnectReason::ClosedHere);
        self.handle.connection().ended().await;
    }
}

impl fmt::Debug for Frontend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frontend")
            .field("peer", self.peer())
            .field("connected", &self.is_connected())
            .finish()
    }
}
