//! The state that a backend's tasks share.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    future::Future,
    sync::{Arc, MutexGuard, atomic::AtomicUsize},
    time::Duration,
};

use futures_util::future::{join, join_all};
use tokio::sync::Notify;

use crate::{
    backend::closed_sessions::ClosedSessions,
    endpoint::Endpoint,
    error::disconnect_reason::DisconnectReason,
    event::Emitter,
    peer::{
        handshake::policy::HandshakePolicy,
        incoming::registry::Registry,
        session::{
            LocalSide, Session, handle::Peer, id::SessionId, served_interfaces::ServedInterfaces,
        },
    },
    peer_info::PeerId,
    support::{
        deadline::Deadline,
        lock::Lock,
        precompiled_future::PrecompiledFuture,
        rt::{Handle, Instant, JoinHandle},
    },
    token::Token,
    transport::{
        self,
        config::{CarrierConfig, ListenOptions},
    },
};
#[cfg(feature = "socket-io")]
use crate::{
    backend::socket_authorizer::SocketAuthorizer,
    socket_io::{options::SocketOptions, recovery::Recovery},
    transport::engine_io::server::EngineServer,
};

/// The state that a backend's tasks share. The tasks don't hold the backend itself: dropping it
/// ends them.
pub(crate) struct BackendCore {
    pub(super) side: Arc<LocalSide>,
    pub(super) registry: Arc<Registry>,
    pub(super) carrier: CarrierConfig,
    pub(super) listen: ListenOptions,
    /// The sessions of socket.io clients, if they are served.
    #[cfg(feature = "socket-io")]
    pub(super) engine_io: Option<Arc<EngineServer>>,
    #[cfg(feature = "socket-io")]
    pub(super) socket_io: SocketOptions,
    /// Who decides which socket.io clients may join, besides the token.
    #[cfg(feature = "socket-io")]
    pub(super) socket_authorizer: Option<SocketAuthorizer>,
    /// The peers of socket.io clients that may have them back, if they may.
    #[cfg(feature = "socket-io")]
    pub(super) socket_recovery: Option<Arc<Recovery>>,
    pub(super) handshake: HandshakePolicy,
    /// The token that a connection must show before it has a peer.
    pub(super) token: Option<Token>,
    /// How many connections there are, including those whose client has yet to identify itself.
    pub(super) open: AtomicUsize,
    /// How many connections beyond the limit are being refused.
    pub(super) turned_away: AtomicUsize,
    pub(super) state: Lock<BackendState>,
    /// Notified when a connection has ended.
    pub(super) changed: Notify,
    pub(super) connected: Emitter<Peer>,
    pub(super) disconnected: Emitter<(Peer, DisconnectReason)>,
}

#[derive(Default)]
pub(super) struct BackendState {
    pub(super) stopped: bool,
    /// The last clone of the backend was dropped.
    pub(super) dropped: bool,
    pub(super) listeners: Vec<ServedEndpoint>,
    /// Connections whose client has yet to identify itself.
    pub(super) arriving: BTreeMap<PeerId, Peer>,
    pub(super) peers: BTreeMap<PeerId, Peer>,
    /// The peers that can come back.
    pub(super) by_session: HashMap<SessionId, Peer>,
    /// Those of them that are disconnected, in the order in which they lost their connections.
    pub(super) away: VecDeque<Away>,
    /// The sessions of peers that were closed for good.
    pub(crate) closed: ClosedSessions,
    /// Only groups that have members.
    pub(super) groups: HashMap<Arc<str>, BTreeMap<PeerId, Peer>>,
    pub(super) had_connections: bool,
    /// An endpoint that accepts only one connection has had it, and it has ended.
    pub(super) once_ended: bool,
    /// The app itself has brought connections, and may bring more.
    pub(super) was_brought_some: bool,
}

/// A disconnected peer that may come back.
pub(super) struct Away {
    /// A number that grows with each peer that is disconnected.
    pub(super) place: u64,
    pub(super) peer: Peer,
    /// Which of its session's connections was lost.
    pub(super) ordinal: u64,
}

impl BackendState {
    /// Whether there is no connection, and no peer that may come back.
    pub(super) fn is_empty(&self) -> bool {
        self.peers.is_empty() && self.arriving.is_empty()
    }

    /// Whether there is no connection and no peer that may come back, and no connection can come in
    /// any more.
    fn is_unreachable(&self) -> bool {
        self.once_ended
            && self.listeners.iter().all(|listening| listening.accepts_once)
            && !self.was_brought_some
            && self.is_empty()
    }
}

pub(super) struct StopOnDrop(pub(super) Arc<BackendCore>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.state().dropped = true;
        let (listeners, sessions) = self.0.stop_listening();
        drop(listeners);
        sessions.iter().for_each(|session| session.close(DisconnectReason::ClosedHere));
        // Breaks a cycle: handlers may hold peers, whose sessions hold the registry.
        self.0.registry.clear();
        #[cfg(feature = "socket-io")]
        self.0.stop_engine_io();
        // So may a middleware, whose hooks the sessions hold. No peer is served any more.
        if let Some(hooks) = &self.0.side.hooks {
            hooks.retire();
        }
    }
}

impl BackendCore {
    pub(super) fn state(&self) -> MutexGuard<'_, BackendState> {
        self.state.lock()
    }

    pub(super) fn stop_listening(&self) -> (Vec<ServedEndpoint>, Vec<Arc<Session>>) {
        let mut state = self.state();
        state.stopped = true;
        let listeners = std::mem::take(&mut state.listeners);
        let peers = state.peers.values().chain(state.arriving.values());
        (listeners, peers.map(|peer| peer.session().clone()).collect())
    }

    /// See [`Backend::stop`](super::Backend::stop).
    pub(super) fn stop(&self, grace: Duration) -> PrecompiledFuture<'_, ()> {
        Box::pin(async move {
            let (listeners, sessions) = self.stop_listening();
            let listeners = join_all(listeners.into_iter().map(ServedEndpoint::stop));
            for session in &sessions {
                match session.connectivity().attached() {
                    Some(connection) if !connection.is_stranger() => {
                        connection.drain("the backend is stopping");
                    }
                    // It is disconnected and needn't come back, or has shown no token and gets no
                    // message.
                    _ => session.close(DisconnectReason::ClosedHere),
                }
            }
            // Whoever awaits this may be on a thread without a runtime.
            let runtime = Handle::try_current().ok();
            let runtime = runtime.as_ref().or_else(|| sessions.iter().find_map(|s| s.runtime()));
            let deadline = Deadline::new(Instant::now().checked_add(grace));
            let sessions = async {
                if deadline.limit(runtime, self.all_gone()).await.is_none() {
                    for session in &sessions {
                        tracing::debug!(peer = %session.info().id, "cancelling what still runs");
                        session.close(DisconnectReason::ClosedHere);
                    }
                    // Each connection closes within seconds, whatever its peer does.
                    self.all_gone().await;
                }
            };
            join(listeners, sessions).await;
            // Clients that never connected to a namespace, and HTTP connections.
            #[cfg(feature = "socket-io")]
            self.stop_engine_io();
        })
    }

    #[cfg(feature = "socket-io")]
    fn stop_engine_io(&self) {
        if let Some(server) = &self.engine_io {
            server.stop();
        }
    }

    /// See [`Backend::abandoned`](super::Backend::abandoned).
    pub(super) fn abandoned(&self) -> PrecompiledFuture<'_, ()> {
        Box::pin(self.wait_until(|state| state.had_connections && state.is_empty()))
    }

    /// Waits until nobody can call this backend any more, which may never happen.
    pub(super) fn unreachable(&self) -> PrecompiledFuture<'_, ()> {
        Box::pin(self.wait_until(BackendState::is_unreachable))
    }

    async fn all_gone(&self) {
        self.wait_until(BackendState::is_empty).await;
    }

    /// Waits for a condition that becomes true when a connection ends.
    async fn wait_until(&self, condition: impl Fn(&BackendState) -> bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if condition(&self.state()) {
                return;
            }
            changed.await;
        }
    }
}

/// An endpoint that is served, and the task that serves it. Dropping this stops the task.
pub(crate) struct ServedEndpoint {
    pub(super) endpoint: Endpoint,
    /// It accepts one connection, and never another one.
    pub(super) accepts_once: bool,
    pub(super) task: JoinHandle<()>,
    /// The runtime of that task.
    pub(super) runtime: Option<Handle>,
}

impl ServedEndpoint {
    /// Stops the task at once. The future is ready when the endpoint is free and nobody can connect
    /// to it any more.
    pub(crate) fn stop(mut self) -> impl Future<Output = ()> + Send {
        self.task.abort();
        async move {
            let _ = (&mut self.task).await;
            // Whoever awaits this may be on a thread without a runtime, and looking needs one.
            let Some(runtime) = &self.runtime else { return };
            let endpoint = self.endpoint.clone();
            let free = runtime.spawn(async move { transport::wait_until_free(&endpoint).await });
            let _ = free.await;
        }
    }
}

impl Drop for ServedEndpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}
