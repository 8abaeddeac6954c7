//! The side that connects.

mod keeper;

use std::{fmt, panic::Location, pin::pin, sync::Arc};

use futures_util::future::{Either, select};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
};

#[cfg(feature = "tls")]
use crate::TlsTrust;
use crate::{
    Call, Client, ConnectError, ConnectionState, Endpoint, EndpointError, Handshake, IpcError,
    Limits, Middleware, Notification, Peer, Reconnect, RegisterError, Registration, Token, Usage,
    codec::Encoding,
    error::DisconnectReason,
    handshake,
    middleware::Layers,
    peer::{self, Caller, Driver, Link, Service, Session, Side},
    peer_info::{PeerId, PeerInfo},
    registry::{Registered, Registry},
    transport::{self, CarrierConfig, Connected, byte_stream},
};

/// The side that connects: it opens clients of the backend's interfaces, and may have handlers of
/// its own, which the backend calls through its [`Peer`].
///
/// It is cheap to clone. The connection stays open while the frontend, one of its clients or one
/// of their calls is there; [`close`](Self::close) ends it for all of them. A handler doesn't keep
/// it open, unless it holds one of those itself.
///
/// When the connection ends, calls in flight fail at once with [`IpcError::Disconnected`], and so
/// do calls that are made later.
///
/// See [`Backend`](crate::Backend) for an example of both sides.
#[derive(Clone)]
pub struct Frontend {
    link: Link,
    peer: Peer,
}

/// Sets up a [`Frontend`].
#[derive(Default)]
#[must_use = "it becomes a frontend by `connect` or `over`"]
pub struct FrontendBuilder {
    limits: Limits,
    registry: Option<Arc<Registry>>,
    hooks: Layers,
    name: Option<Box<str>>,
    token: Option<Token>,
    #[cfg(feature = "tls")]
    trust: TlsTrust,
    reconnect: Option<Reconnect>,
    encoding: Encoding,
}

impl FrontendBuilder {
    /// How much of everything there may be.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How messages are encoded; default: [`Encoding::Json`]. The backend has to speak it: one that
    /// is built without that encoding's feature refuses the connection.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// Has the frontend come back by itself when its connection is lost: because the backend was
    /// restarted, or the machine slept. Default: it doesn't, and is closed then. It is for
    /// [`connect`](Self::connect) and [`connect_lazily`](Self::connect_lazily); what was made
    /// [elsewhere](Self::over) can't be made again.
    ///
    /// - Calls in flight fail with [`IpcError::Disconnected`], which tells whether they may have
    ///   run; only those of methods marked `#[ipc(idempotent)]` are made again. Calls that are made
    ///   meanwhile fail or wait, see [`WhileAway`](crate::WhileAway).
    /// - Subscriptions are opened again. What was missed is replayed where the source can, see
    ///   [`EmitterBuilder::replay`](crate::EmitterBuilder::replay); else their next item is
    ///   [`IpcError::Gap`].
    /// - Versions are compared each time. A backend that came back in one that doesn't fit closes
    ///   the frontend: [`DisconnectReason::VersionMismatch`](crate::DisconnectReason). So does one
    ///   that doesn't let it in any more ([`token`](Self::token)).
    /// - [`Frontend::state`] tells how it stands: [`ConnectionState::Reconnecting`].
    /// - To the backend it is the same [`Peer`] as before, if it is back within
    ///   [`Limits::session_grace`]; [`ConnectionState::Connected`] tells by `resumed` whether it is.
    ///
    /// A backend that closes this frontend by [`Peer::close`] doesn't want it back: it is closed, if it
    /// was away when it returns.
    ///
    /// ```no_run
    /// use ipc_runtime::{Frontend, Reconnect};
    ///
    /// # async fn example() -> Result<(), ipc_runtime::ConnectError> {
    /// let frontend = Frontend::builder().reconnect(Reconnect::default()).connect("local:app").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn reconnect(mut self, reconnect: Reconnect) -> Self {
        self.reconnect = Some(reconnect);
        self
    }

    /// What this frontend calls itself, for people to read: the backend finds it by
    /// [`Peer::name`]. Default: nothing.
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The secret that the backend asks for ([`BackendBuilder::token`](crate::BackendBuilder::token)).
    /// It is sent with the first words on each connection, whatever that is made of, and never in a
    /// URL. Default: none.
    ///
    /// If it is the wrong one, connecting fails with [`IpcError::Unauthorized`]. A frontend that
    /// [comes back](Self::reconnect) to a backend with another token is closed:
    /// [`DisconnectReason::Unauthorized`](crate::DisconnectReason).
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Whom it believes to be the backend at a `wss://` endpoint; default: whomever the system
    /// trusts, [`TlsTrust::system`].
    ///
    /// ```no_run
    /// use ipc_runtime::{Frontend, TlsTrust};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let trust = TlsTrust::nobody().and_pem_file("own-authority.pem")?;
    /// let frontend = Frontend::builder().tls(trust).connect("wss://panel.example:7443").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "tls")]
    pub fn tls(mut self, trust: TlsTrust) -> Self {
        self.trust = trust;
        self
    }

    /// Adds hooks around every call, behind those that were added before.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.hooks.push(middleware);
        self
    }

    /// Adds the handler of an interface before there is a connection, so that the backend finds it
    /// from its first call on; see [`Frontend::register`].
    ///
    /// # Errors
    ///
    /// [`RegisterError::ChannelTaken`] when the interface's channel has a handler already.
    #[track_caller]
    pub fn register(mut self, handler: impl Service) -> Result<Self, RegisterError> {
        let registered = Registered::shared(handler, Location::caller());
        self.registry().register(registered)?;
        Ok(self)
    }

    pub(crate) fn registry(&mut self) -> &Arc<Registry> {
        self.registry.get_or_insert_default()
    }

    /// Connects to a backend, and shakes hands with it.
    ///
    /// # Errors
    ///
    /// [`ConnectError`] when the endpoint is none, nobody listens there, or whoever does speaks
    /// another protocol or doesn't let this one in, all within [`Limits::handshake_timeout`].
    pub async fn connect<E>(self, endpoint: E) -> Result<Frontend, ConnectError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        let endpoint = endpoint.try_into().map_err(Into::into)?;
        let name = endpoint.to_string().into();
        let connector = Connector { endpoint, config: self.carrier_config() };
        let connected = connector.connect().await?;
        let reconnect = self.reconnect.clone();
        let session = self.session(name, ConnectionState::Connecting);
        let frontend = Frontend::new(session.clone());
        greet(&session, connected, true).await?;
        if let Some(reconnect) = reconnect {
            tokio::spawn(keeper::keep(session, connector, reconnect));
        }
        Ok(frontend)
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
        let config = self.carrier_config();
        let spawning = transport::stdio::spawn(command.into(), &config);
        let connected = transport::within(config.handshake_timeout, spawning).await;
        let endpoint = Endpoint::Stdio;
        let name = endpoint.to_string().into();
        let connected = connected.map_err(|error| ConnectError::Io { endpoint, error })?;
        self.begin(name, connected).await
    }

    /// A frontend at once, whose connection is made meanwhile. Calls made before fail with
    /// [`IpcError::NotConnected`], and so do all when none can be made; [`Frontend::state`] tells
    /// how it stands.
    ///
    /// # Errors
    ///
    /// [`EndpointError`] when the endpoint is none.
    pub fn connect_lazily<E>(self, endpoint: E) -> Result<Frontend, EndpointError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        let endpoint = endpoint.try_into().map_err(Into::into)?;
        let name: Arc<str> = endpoint.to_string().into();
        let connector = Connector { endpoint, config: self.carrier_config() };
        let reconnect = self.reconnect.clone();
        let session = self.session(name, ConnectionState::Connecting);
        let frontend = Frontend::new(session.clone());
        if let Some(reconnect) = reconnect {
            tokio::spawn(keeper::keep(session, connector, reconnect));
            return Ok(frontend);
        }
        tokio::spawn(async move {
            let connect = connector.connect();
            let mut state = session.state();
            let given_up =
                state.wait_for(|state| matches!(state, ConnectionState::Disconnected(_)));
            let Either::Left((connected, _)) = select(pin!(connect), pin!(given_up)).await else {
                return;
            };
            let outcome = match connected {
                Ok(connected) => greet(&session, connected, true).await,
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                let never = || DisconnectReason::NeverConnected(error.to_string().into());
                session.end(final_reason(&error).unwrap_or_else(never));
            }
        });
        Ok(frontend)
    }

    fn carrier_config(&self) -> CarrierConfig {
        CarrierConfig {
            #[cfg(feature = "tls")]
            trust: self.trust.clone(),
            encoding: self.encoding,
            ..CarrierConfig::new(&self.limits)
        }
    }

    /// Once, over what can't be made again.
    async fn begin(
        mut self,
        endpoint: Arc<str>,
        connected: Connected,
    ) -> Result<Frontend, ConnectError> {
        self.reconnect = None;
        let session = self.session(endpoint, ConnectionState::Connecting);
        let frontend = Frontend::new(session.clone());
        greet(&session, connected, true).await?;
        Ok(frontend)
    }

    fn session(self, endpoint: Arc<str>, state: ConnectionState) -> Arc<Session> {
        let info = PeerInfo { id: PeerId::next(), endpoint };
        let Self { limits, registry, hooks, name, token, reconnect, encoding, .. } = self;
        let (registry, hooks) = (registry.unwrap_or_default(), hooks.into());
        let side = Side {
            limits,
            registry,
            hooks,
            name,
            token,
            reconnect,
            is_of_one: true,
            ..Side::default()
        };
        Session::new(info, side.into(), encoding, state)
    }
}

/// Where a frontend connects to.
struct Connector {
    endpoint: Endpoint,
    config: CarrierConfig,
}

impl Connector {
    async fn connect(&self) -> Result<Connected, ConnectError> {
        let connected = transport::connect(&self.endpoint, &self.config).await;
        let endpoint = || self.endpoint.clone();
        connected.map_err(|error| ConnectError::Io { endpoint: endpoint(), error })
    }
}

/// What the other side will say each time.
fn final_reason(error: &ConnectError) -> Option<DisconnectReason> {
    match error {
        ConnectError::Handshake(IpcError::VersionMismatch(mismatch)) => {
            Some(DisconnectReason::VersionMismatch(mismatch.clone()))
        }
        ConnectError::Handshake(IpcError::Unauthorized { message, .. }) => {
            Some(DisconnectReason::Unauthorized(message.as_str().into()))
        }
        _ => None,
    }
}

/// Begins a connection: from here on, both sides may call. `is_last`: if this fails there won't be
/// another attempt.
async fn greet(
    session: &Arc<Session>,
    connected: Connected,
    is_last: bool,
) -> Result<(), ConnectError> {
    let Connected { carrier, credentials } = connected;
    session.set_credentials(credentials);
    let config = peer::Config {
        session: session.clone(),
        handshake: Handshake::Optional,
        token: None,
        resolver: None,
    };
    let (connection, driver) = Driver::new(carrier, config);
    tokio::spawn(driver.run());
    let greeted = handshake::greet(&Link::to(session.clone()), &connection).await;
    let id = match greeted {
        Ok(id) => id,
        Err(error) => {
            let error = ConnectError::Handshake(error);
            if let Some(dismissed) = connection.dismissal() {
                // It was closed while it was away.
                session.end(dismissed);
            } else if is_last || final_reason(&error).is_some() {
                // The backend may have begun to wait for it.
                connection.give_up();
            } else {
                connection.close(DisconnectReason::ClosedByPeer(None));
            }
            return Err(error);
        }
    };
    if session.connected_as(&connection, id) {
        return Ok(());
    }
    // It has ended behind its first words.
    let reason = connection.end_reason().unwrap_or(DisconnectReason::ClosedByPeer(None));
    connection.close(reason.clone());
    let (method, endpoint) = ("rpc.handshake".into(), session.info().endpoint.clone());
    let ended = IpcError::Disconnected { method, endpoint, may_have_run: true, reason };
    Err(ConnectError::Handshake(ended))
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

    fn new(session: Arc<Session>) -> Self {
        Self { link: Link::owning(session.clone()), peer: Peer::new(session) }
    }

    /// A frontend that has no connection, and never will: each call of its clients fails with
    /// [`IpcError::NotConnected`]. For code that wants a client also where there is no backend.
    pub fn unconnected() -> Self {
        let why = DisconnectReason::NeverConnected("it was made without one".into());
        let state = ConnectionState::Disconnected(why);
        Self::new(FrontendBuilder::default().session("nowhere".into(), state))
    }

    /// Adds the handler of an interface, which the backend may call from now on through its
    /// [`Peer`]. Handlers that it may call at once are better registered before the connection is
    /// made: by [`FrontendBuilder::register`]. It is dropped when the connection has ended.
    ///
    /// # Errors
    ///
    /// [`RegisterError::ChannelTaken`] when the interface's channel has a handler already.
    #[track_caller]
    pub fn register(&self, handler: impl Service) -> Result<Registration, RegisterError> {
        let registered = Registered::shared(handler, Location::caller());
        self.link.session().register(|registry| registry.register(registered))
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
        peer::open(&self.link).await
    }

    /// A client of an interface, at once. Both sides are compared before its first call is sent;
    /// if they don't fit, each of its calls fails as [`open`](Self::open) would.
    pub fn client<C: Client>(&self) -> C {
        C::from_caller(Caller::new(self.link.clone(), C::INTERFACE))
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
        peer::call(&self.link, method.into(), params)
    }

    /// Notifies a method by its name on the wire; see [`call`](Self::call).
    pub fn notify(
        &self,
        method: impl Into<String>,
        params: &(impl Serialize + ?Sized),
    ) -> Notification {
        peer::notify(&self.link, method.into(), params)
    }

    /// The backend, as its handlers see it. Clients made by this don't keep the connection open.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// How much there is of everything at the moment.
    pub fn usage(&self) -> Usage {
        let session = self.link.session();
        let mut usage = session.gauges().usage();
        session.add_usage(&mut usage);
        usage
    }

    /// Whether the connection is there.
    pub fn is_connected(&self) -> bool {
        self.peer.is_connected()
    }

    /// How it stands with the connection, now and whenever that changes.
    pub fn state(&self) -> watch::Receiver<ConnectionState> {
        self.peer.state()
    }

    /// Waits until the connection has ended, and tells why.
    pub async fn closed(&self) -> DisconnectReason {
        self.peer.closed().await
    }

    /// Writes what is queued, then ends the connection, for all clones and clients. Calls in
    /// flight fail with [`IpcError::Disconnected`].
    pub async fn close(&self) {
        self.peer.close().await;
    }
}

impl Clone for FrontendBuilder {
    /// Has the same handlers; each adds its own from here on, and each frontend lets go of its own.
    fn clone(&self) -> Self {
        Self {
            limits: self.limits.clone(),
            registry: self.registry.as_ref().map(|registry| registry.copy()),
            hooks: self.hooks.clone(),
            name: self.name.clone(),
            token: self.token.clone(),
            #[cfg(feature = "tls")]
            trust: self.trust.clone(),
            reconnect: self.reconnect.clone(),
            encoding: self.encoding,
        }
    }
}

impl fmt::Debug for FrontendBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrontendBuilder").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl fmt::Debug for Frontend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frontend").field("peer", self.peer()).finish()
    }
}
