//! The side that connects.

use std::{borrow::Cow, fmt, sync::Arc};

use serde::{Serialize, de::DeserializeOwned};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::{
    Call, Client, ConnectError, Endpoint, EndpointError, Handshake, IpcError, Limits, Notification,
    PeerId, PeerInfo,
    error::DisconnectReason,
    handshake,
    peer::{self, Caller, ConnectionHandle, Driver, RawCall},
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
        let connected = transport::connect(&endpoint, &CarrierConfig::new(&self.limits)).await;
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
        let config = CarrierConfig::new(&self.limits);
        let carrier = transport::within(config.handshake_timeout, async {
            let io = Box::new(byte_stream::Foreign(io));
            let carrier = byte_stream::connect(io, &config).await?;
            Ok(Connected { carrier, credentials: None })
        });
        let connected = carrier.await.map_err(ConnectError::Carrier)?;
        self.begin("the given stream".into(), connected).await
    }

    /// Starts a backend, and connects to its standard input and output, where it listens on
    /// `stdio:`. What it writes to standard error goes where this process's does.
    ///
    /// The process belongs to the connection: when that ends, its input is closed, and if it isn't
    /// gone after two seconds, it is killed.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when it can't be started, or doesn't answer within
    /// [`Limits::handshake_timeout`].
    #[cfg(feature = "stdio")]
    pub async fn spawn(
        self,
        command: impl Into<tokio::process::Command>,
    ) -> Result<Frontend, ConnectError> {
        let config = CarrierConfig::new(&self.limits);
        let spawning = transport::stdio::spawn(command.into(), &config);
        let connected = transport::within(config.handshake_timeout, spawning).await;
        let endpoint = Endpoint::Stdio;
        let name = endpoint.to_string().into();
        let connected = connected.map_err(|error| ConnectError::Io { endpoint, error })?;
        self.begin(name, connected).await
    }

    async fn begin(
        self,
        endpoint: Arc<str>,
        connected: Connected,
    ) -> Result<Frontend, ConnectError> {
        let Connected { carrier, credentials } = connected;
        let info = PeerInfo { id: PeerId::next(), endpoint, credentials };
        let limits = Arc::new(self.limits);
        let handshake = Handshake::Optional;
        let config = peer::Config { info, limits, registry: Arc::default(), handshake };
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

    /// Starts a backend, and connects to its standard input and output, with the default limits.
    ///
    /// # Errors
    ///
    /// See [`FrontendBuilder::spawn`].
    #[cfg(feature = "stdio")]
    pub async fn spawn(command: impl Into<tokio::process::Command>) -> Result<Self, ConnectError> {
        Self::builder().spawn(command).await
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

    /// Calls a method by its name on the wire (`demo.files.list`), without an interface: for tools,
    /// and for backends that aren't written with this crate. `params` has to serialize as a
    /// sequence (by position), as a map or struct (by name) or as `()`. Versions aren't compared.
    ///
    /// Deadline, cancelling and errors are those of every [`Call`]. A method's own error is
    /// [`IpcError::Remote`].
    ///
    /// ```
    /// # use ipc_runtime::{Backend, Frontend, ipc_interface};
    /// # /// Adds numbers.
    /// # #[ipc_interface(channel = "docs.sum", version = "1.0.0")]
    /// # pub trait Sum { /// Adds.
    /// #   fn add(&self, a: i64, b: i64) -> i64; }
    /// # struct Pocket;
    /// # impl Sum for Pocket { fn add(&self, a: i64, b: i64) -> i64 { a + b } }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let backend = Backend::new();
    /// # backend.register(SumHandler::new(Pocket))?;
    /// # backend.listen("memory:docs-dynamic").await?;
    /// # let frontend = Frontend::connect("memory:docs-dynamic").await?;
    /// let sum: i64 = frontend.call("docs.sum.add", &(2, 3)).await?;
    /// assert_eq!(sum, 5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn call<T: DeserializeOwned>(
        &self,
        method: impl Into<String>,
        params: &(impl Serialize + ?Sized),
    ) -> Call<T, IpcError> {
        Call::new(self.prepare(method.into(), self.encode(params)))
    }

    /// Notifies a method by its name on the wire; see [`call`](Self::call).
    pub fn notify(
        &self,
        method: impl Into<String>,
        params: &(impl Serialize + ?Sized),
    ) -> Notification {
        Notification::new(self.prepare(method.into(), self.encode(params)))
    }

    fn encode(&self, params: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, String> {
        let mut encoded = Vec::new();
        self.handle.connection().encoding().encode(&mut encoded, params)?;
        match encoded.first() {
            Some(b'[' | b'{') => Ok(encoded),
            _ if encoded == b"null" => Ok(b"[]".to_vec()),
            _ => Err("params have to be a sequence, a map, a struct or ()".into()),
        }
    }

    fn prepare(&self, method: String, params: Result<Vec<u8>, String>) -> RawCall {
        let (handle, name) = (self.handle.clone(), Cow::Owned(method));
        match params {
            Ok(params) => RawCall::new(handle, name, params, None),
            Err(message) => {
                let error = IpcError::Encode { method: name.clone(), message };
                RawCall::failed(handle, name, error)
            }
        }
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
