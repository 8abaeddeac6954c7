//! How a frontend is set up.

use std::{fmt, panic::Location, sync::Arc};

use tokio::io::{AsyncRead, AsyncWrite};

use super::{Frontend, connecting};
#[cfg(feature = "tls")]
use crate::TlsTrust;
use crate::{
    ConnectError, ConnectionState, Endpoint, EndpointError, Limits, Middleware, Reconnect,
    RegisterError, Token,
    codec::Encoding,
    middleware::Layers,
    peer::{Service, Session, Side},
    peer_info::{PeerId, PeerInfo},
    registry::{Registered, Registry},
    transport::{CarrierConfig, byte_stream::Foreign},
};

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
    pub(super) reconnect: Option<Reconnect>,
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
    /// - Calls in flight fail with [`IpcError::Disconnected`](crate::IpcError::Disconnected), which
    ///   tells whether they may have run; only those of methods marked `#[ipc(idempotent)]` are
    ///   made again. Calls that are made meanwhile fail or wait, see
    ///   [`WhileAway`](crate::WhileAway).
    /// - Subscriptions are opened again. What was missed is replayed where the source can, see
    ///   [`EmitterBuilder::replay`](crate::EmitterBuilder::replay); else their next item is
    ///   [`IpcError::Gap`](crate::IpcError::Gap).
    /// - Versions are compared each time. A backend that came back in one that doesn't fit closes
    ///   the frontend: [`DisconnectReason::VersionMismatch`](crate::DisconnectReason). So does one
    ///   that doesn't let it in any more ([`token`](Self::token)).
    /// - [`Frontend::state`] tells how it stands: [`ConnectionState::Reconnecting`].
    /// - To the backend it is the same [`Peer`](crate::Peer) as before, if it is back within
    ///   [`Limits::session_grace`]; [`ConnectionState::Connected`] tells by `resumed` whether it is.
    ///
    /// A backend that closes this frontend by [`Peer::close`](crate::Peer::close) doesn't want it
    /// back: it is closed, if it was away when it returns.
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
    /// [`Peer::name`](crate::Peer::name). Default: nothing.
    pub fn name(mut self, name: impl Into<Box<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The secret that the backend asks for
    /// ([`BackendBuilder::token`](crate::BackendBuilder::token)). It is sent with the first words
    /// on each connection, whatever that is made of, and never in a URL. Default: none.
    ///
    /// If it is the wrong one, connecting fails with
    /// [`IpcError::Unauthorized`](crate::IpcError::Unauthorized). A frontend that [comes
    /// back](Self::reconnect) to a backend with another token is closed:
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
        connecting::connect(self, endpoint).await
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
        connecting::over(self, Box::new(Foreign(io))).await
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
        connecting::spawn(self, command.into()).await
    }

    /// A frontend at once, whose connection is made meanwhile. Calls made before fail with
    /// [`IpcError::NotConnected`](crate::IpcError::NotConnected), and so do all when none can be
    /// made; [`Frontend::state`] tells how it stands.
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
        Ok(connecting::connect_lazily(self, endpoint))
    }

    pub(super) fn carrier_config(&self) -> CarrierConfig {
        CarrierConfig {
            #[cfg(feature = "tls")]
            trust: self.trust.clone(),
            encoding: self.encoding,
            ..CarrierConfig::new(&self.limits)
        }
    }

    /// The frontend's session, to which everything goes that was set up, but for `reconnect`'s
    /// task.
    pub(super) fn session(self, endpoint: Arc<str>, state: ConnectionState) -> Arc<Session> {
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
