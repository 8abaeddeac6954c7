//! How a backend is set up.

use std::sync::{Arc, atomic::AtomicUsize};

use tokio::sync::Notify;

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
        session::Side,
    },
    support::lock::Lock,
    token::Token,
    transport::config::{CarrierConfig, ListenOptions},
};

/// Sets up a [`Backend`].
#[derive(Debug, Clone, Default)]
#[must_use = "it becomes a backend by `build`"]
pub struct BackendBuilder {
    limits: Limits,
    #[cfg(feature = "websocket")]
    origins: OriginPolicy,
    listen: ListenOptions,
    handshake: HandshakePolicy,
    token: Option<Token>,
    #[cfg(feature = "websocket")]
    token_cookie: Option<Box<str>>,
    hooks: Layers,
}

impl BackendBuilder {
    /// How much of everything there may be.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Which web pages may connect by WebSocket; default: those of the same origin.
    #[cfg(feature = "websocket")]
    pub fn origins(mut self, origins: OriginPolicy) -> Self {
        self.origins = origins;
        self
    }

    /// What becomes of frontends that call without a handshake; default: they are served.
    pub fn handshake(mut self, handshake: HandshakePolicy) -> Self {
        self.handshake = handshake;
        self
    }

    /// A secret that whoever connects must show: for endpoints that more than one user or program
    /// can reach, such as `ws://` on a machine with several users. It holds for all endpoints, local
    /// sockets and standard input included, and for [`accept`](Backend::accept). Default: none.
    ///
    /// It may be shown
    /// - in the handshake: `rpc.handshake` must be the first request then, so this implies
    ///   [`HandshakePolicy::Required`]. [`FrontendBuilder::token`](crate::FrontendBuilder::token) does that;
    /// - when a WebSocket is opened, as a subprotocol beside the real one, which is how a web page
    ///   can: `new WebSocket(url, ["ipc.v1.json", "ipc.token." + token])`;
    /// - or by a cookie, see `token_cookie`.
    ///
    /// A wrong one is answered with -32001 (a WebSocket's: with 401), and the connection is closed:
    /// there is one attempt on each, within [`Limits::handshake_timeout`]. Until then there is no
    /// [`Peer`](crate::Peer), nothing is told of what is registered, messages may have 64 KiB, and
    /// whoever says anything but `rpc.ping` ahead of the handshake is closed. Later handshakes on the same
    /// connection needn't show it.
    pub fn token(mut self, token: Token) -> Self {
        self.token = Some(token);
        self
    }

    /// The same, and takes the token also from the cookie of this name, where a WebSocket is opened
    /// by a page of the app's own HTTP server. That server sets it, by [`Token::set_cookie`].
    ///
    /// Browsers send cookies to every port of a host, and pages of other ports may set them: so
    /// the origin is checked all the same, and two cookies of this name are refused. A name that no
    /// cookie can have is an error of [`listen`](Backend::listen).
    #[cfg(feature = "websocket")]
    pub fn token_cookie(mut self, name: impl Into<Box<str>>, token: Token) -> Self {
        self.token_cookie = Some(name.into());
        self.token(token)
    }

    /// Adds hooks around every call, behind those that were added before.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.hooks.push(middleware);
        self
    }

    /// Who this backend is on its `wss://` endpoints.
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

    /// Lets `ws://` and `wss://` endpoints be bound to addresses that other machines can reach;
    /// default: only loopback. Whoever reaches the port can call, unless a [`token`](Self::token) is
    /// asked for; and on `ws://` all travels in the clear, the token too.
    pub fn allow_remote(mut self, allow: bool) -> Self {
        self.listen.allow_remote = allow;
        self
    }

    /// The backend, which listens nowhere yet.
    #[cfg_attr(not(feature = "websocket"), expect(unused_mut, reason = "only they have more"))]
    pub fn build(mut self) -> Backend {
        #[cfg_attr(not(feature = "websocket"), expect(unused_mut, reason = "only they have more"))]
        let mut carrier = CarrierConfig::new(&self.limits);
        #[cfg(feature = "websocket")]
        {
            carrier.origins = self.origins;
            let cookie = self.token_cookie;
            carrier.token_check = self.token.clone().map(|token| TokenCheck { token, cookie });
            let fault = carrier.origins.fault();
            let fault = fault.or_else(|| carrier.token_check.as_ref().and_then(TokenCheck::fault));
            carrier.fault = fault.map(Into::into);
            self.listen.fault.clone_from(&carrier.fault);
        }
        let registry = Arc::<Registry>::default();
        let side = Side {
            warnings: carrier.warnings.clone(),
            ..Side::new(self.limits, registry.clone(), self.hooks.into_hooks())
        };
        let shared = BackendCore {
            side: side.into(),
            registry,
            carrier,
            listen: self.listen,
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
    /// Sets up a backend.
    pub fn builder() -> BackendBuilder {
        BackendBuilder::default()
    }
}
