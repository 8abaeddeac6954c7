//! How a backend is set up.

use std::sync::{Arc, Mutex, atomic::AtomicUsize};

use tokio::sync::Notify;

use super::{
    Backend,
    serving::{Shared, StopOnDrop},
};
#[cfg(feature = "websocket")]
use crate::OriginPolicy;
use crate::{
    Emitter, Handshake, Limits, Middleware,
    middleware::Layers,
    peer::Side,
    transport::{CarrierConfig, ListenOptions},
};

/// Sets up a [`Backend`].
#[derive(Debug, Clone, Default)]
#[must_use = "it becomes a backend by `build`"]
pub struct BackendBuilder {
    limits: Limits,
    #[cfg(feature = "websocket")]
    origins: OriginPolicy,
    listen: ListenOptions,
    handshake: Handshake,
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
    pub fn handshake(mut self, handshake: Handshake) -> Self {
        self.handshake = handshake;
        self
    }

    /// Adds hooks around every call, behind those that were added before.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.hooks.push(middleware);
        self
    }

    /// Lets `ws://` endpoints be bound to addresses that other machines can reach; default: only
    /// loopback. Calls then travel in the clear, and whoever reaches the port can make them.
    pub fn allow_remote(mut self, allow: bool) -> Self {
        self.listen.allow_remote = allow;
        self
    }

    /// The backend, which listens nowhere yet.
    pub fn build(self) -> Backend {
        #[cfg_attr(not(feature = "websocket"), expect(unused_mut, reason = "only they have more"))]
        let mut carrier = CarrierConfig::new(&self.limits);
        #[cfg(feature = "websocket")]
        {
            carrier.origins = self.origins;
        }
        let side = Side { limits: self.limits, hooks: self.hooks.into(), ..Side::default() }.into();
        let shared = Shared {
            side,
            carrier,
            listen: self.listen,
            handshake: self.handshake,
            open: AtomicUsize::new(0),
            state: Mutex::default(),
            changed: Notify::new(),
            connected: Emitter::new(),
            disconnected: Emitter::new(),
        };
        Backend { inner: Arc::new(StopOnDrop(Arc::new(shared))) }
    }
}
