//! How a backend is set up.

use std::sync::{Arc, atomic::AtomicUsize};

use tokio::sync::Notify;

#[cfg(feature = "socket-io")]
use crate::backend::socket_io::SocketIo;
#[cfg(feature = "openrpc")]
use crate::peer::incoming::discovery_state::Audience;
#[cfg(feature = "websocket")]
use crate::transport::websocket::{origins::OriginPolicy, token_check::TokenCheck};
use crate::{
    backend::{
        Backend,
        core::{BackendCore, StopOnDrop},
    },
    event::Emitter,
    limits::Limits,
    peer::incoming::registry::Registry,
    peer::{
        handshake::policy::HandshakePolicy,
        middleware::{Layers, Middleware},
        session::LocalSide,
    },
    support::lock::Lock,
    token::Token,
    transport::config::{CarrierConfig, ListenOptions},
};
#[cfg(feature = "socket-io")]
use crate::{
    socket_io::{options::SocketOptions, recovery::Recovery},
    transport::engine_io::server::EngineServer,
};

/// Sets up a [`Backend`].
#[derive(Debug, Clone, Default)]
#[must_use = "it becomes a backend by `build`"]
pub struct BackendBuilder {
    limits: Limits,
    #[cfg(feature = "websocket")]
    origins: OriginPolicy,
    #[cfg(feature = "socket-io")]
    socket_io: Option<SocketIo>,
    listen: ListenOptions,
    handshake: HandshakePolicy,
    token: Option<Token>,
    #[cfg(feature = "websocket")]
    token_cookie: Option<Box<str>>,
    hooks: Layers,
    #[cfg(feature = "openrpc")]
    pub(super) audience: Audience,
}

impl BackendBuilder {
    /// Sets the limits; default: [`Limits::default`].
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets which web pages may connect with a WebSocket; default: those of the same origin.
    #[cfg(feature = "websocket")]
    pub fn origins(mut self, origins: OriginPolicy) -> Self {
        self.origins = origins;
        self
    }

    /// Serves stock socket.io clients too; default: it doesn't. See [`SocketIo`].
    #[cfg(feature = "socket-io")]
    pub fn socket_io(mut self, socket_io: SocketIo) -> Self {
        self.socket_io = Some(socket_io);
        self
    }

    /// Sets what happens to frontends that call without a handshake; default: they are served.
    pub fn handshake(mut self, handshake: HandshakePolicy) -> Self {
        self.handshake = handshake;
        self
    }

    /// Requires each connection to show a secret. Use it for endpoints that more than one user or
    /// program can reach, such as `ws://` on a machine with several users. It applies to all
    /// endpoints, including local sockets and standard input, and to [`accept`](Backend::accept).
    /// Default: none.
    ///
    /// A client can show the token
    ///
    /// - in the handshake, as [`FrontendBuilder::token`](crate::FrontendBuilder::token) does. Then
    ///   `rpc.handshake` must be the first request, so this implies [`HandshakePolicy::Required`];
    /// - when it opens a WebSocket, as a subprotocol beside the real one. A web page can do that:
    ///   `new WebSocket(url, ["ipc.v1.json", "ipc.token." + token])`;
    /// - or in a cookie, see `token_cookie`.
    ///
    /// A wrong token gets the error -32001 (401 for a WebSocket's request), and the connection is
    /// closed. Each connection has one attempt, within [`Limits::handshake_timeout`]. Until the
    /// token is shown, there is no [`Peer`](crate::Peer), the client learns nothing of what is
    /// registered, and a message may have at most 64 KiB. A client that sends anything but
    /// `rpc.ping` before the handshake is disconnected. Later handshakes on the same connection
    /// don't have to show the token again.
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// Requires a secret as [`token`](Self::token) does, and also takes it from the cookie of this
    /// name when a page of the app's own HTTP server opens a WebSocket. That server sets the
    /// cookie, with [`Token::set_cookie`].
    ///
    /// Browsers send cookies to every port of a host, and pages of other ports may set them. So the
    /// origin is checked as well, and a request with two cookies of this name is refused. If no
    /// cookie can have this name, [`listen`](Backend::listen) fails.
    #[cfg(feature = "websocket")]
    pub fn token_cookie(mut self, name: impl Into<Box<str>>, token: Token) -> Self {
        self.token_cookie = Some(name.into());
        self.token(token)
    }

    /// Adds hooks around every call. They run after those that were added before.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.hooks.push(middleware);
        self
    }

    /// Sets the certificate and key of this backend for its `wss://` endpoints.
    ///
    /// ```no_run
    /// use ipc_runtime::{Backend, tls::TlsIdentity};
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let identity = TlsIdentity::from_pem_files("chain.pem", "key.pem")?;
    /// let backend = Backend::builder().tls(identity).allow_remote(true).build();
    /// backend.listen("wss://0.0.0.0:7443").await?;
    /// # Ok(())
    /// # }
    /// ```
    #[cfg(feature = "tls")]
    pub fn tls(mut self, identity: crate::transport::tls::TlsIdentity) -> Self {
        self.listen.identity = Some(identity);
        self
    }

    /// Allows `ws://` and `wss://` endpoints at addresses that other machines can reach; default:
    /// only loopback addresses. Anyone who reaches the port can call, unless a
    /// [`token`](Self::token) is required. On `ws://` everything travels in the clear, including
    /// the token.
    pub fn allow_remote(mut self, allow: bool) -> Self {
        self.listen.allow_remote = allow;
        self
    }

    /// Builds the backend. It listens nowhere yet.
    #[cfg_attr(not(feature = "websocket"), expect(unused_mut, reason = "only they have more"))]
    pub fn build(mut self) -> Backend {
        #[cfg_attr(not(feature = "websocket"), expect(unused_mut, reason = "only they have more"))]
        let mut carrier = CarrierConfig::new(&self.limits);
        #[cfg(feature = "socket-io")]
        let (mut engine_io, mut socket_options) = (None, SocketOptions::default());
        #[cfg(feature = "socket-io")]
        let (mut socket_authorizer, mut socket_recovery) = (None, None);
        #[cfg(feature = "websocket")]
        {
            carrier.origins = self.origins;
            let cookie = self.token_cookie;
            carrier.token_check = self.token.clone().map(|token| TokenCheck { token, cookie });
            let fault = carrier.origins.fault();
            let fault = fault.or_else(|| carrier.token_check.as_ref().and_then(TokenCheck::fault));
            carrier.fault = fault.map(Into::into);
            #[cfg(feature = "socket-io")]
            if let Some(socket_io) = self.socket_io {
                socket_options = socket_io.options().clone();
                socket_authorizer = socket_io.authorizer().cloned();
                let recovers = socket_options.recovers && !self.limits.session_grace.is_zero();
                socket_recovery = recovers.then(|| Arc::new(Recovery::new(&self.limits)));
                let fault = carrier.fault.take().or_else(|| socket_io.fault().map(Into::into));
                carrier.fault = fault;
                let config = socket_io.engine_config(&self.limits);
                let server = EngineServer::new(config);
                carrier.engine_io = Some(server.config().clone());
                engine_io = Some(server);
            }
            self.listen.fault.clone_from(&carrier.fault);
        }
        let registry = Registry::default();
        #[cfg(feature = "openrpc")]
        let registry = registry.with_audience(self.audience);
        let registry = Arc::new(registry);
        let side = LocalSide {
            warnings: carrier.warnings.clone(),
            ..LocalSide::new(self.limits, registry.clone(), self.hooks.into_hooks())
        };
        let shared = BackendCore {
            side: side.into(),
            registry,
            carrier,
            listen: self.listen,
            #[cfg(feature = "socket-io")]
            engine_io,
            #[cfg(feature = "socket-io")]
            socket_io: socket_options,
            #[cfg(feature = "socket-io")]
            socket_authorizer,
            #[cfg(feature = "socket-io")]
            socket_recovery,
            handshake: self.handshake,
            token: self.token,
            open: AtomicUsize::new(0),
            turned_away: AtomicUsize::new(0),
            state: Lock::default(),
            changed: Notify::new(),
            connected: Emitter::new(),
            disconnected: Emitter::new(),
        };
        Backend { inner: Arc::new(StopOnDrop(Arc::new(shared))) }
    }
}

impl Backend {
    /// Returns a builder that sets up a backend.
    pub fn builder() -> BackendBuilder {
        BackendBuilder::default()
    }
}
