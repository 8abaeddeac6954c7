//! What a backend's tasks share.

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
            Session, Side, handle::Peer, id::SessionId, served_interfaces::ServedInterfaces,
        },
    },
    peer_info::PeerId,
    support::{
        lock::Lock,
        precompiled_future::PrecompiledFuture,
        rt::{JoinHandle, timeout},
    },
    token::Token,
    transport::{
        self,
        config::{CarrierConfig, ListenOptions},
    },
};

/// What a backend's tasks share. They don't hold the backend itself, whose drop ends them.
pub(crate) struct BackendCore {
    pub(super) side: Arc<Side>,
    pub(super) registry: Arc<Registry>,
    pub(super) carrier: CarrierConfig,
    pub(super) listen: ListenOptions,
    pub(super) handshake: HandshakePolicy,
    /// What a connection must show before it is a peer's.
    pub(super) token: Option<Token>,
    /// Connections, those included that haven't said yet who they are.
    pub(super) open: AtomicUsize,
    /// Those that there is no place for, while they are told so.
    pub(super) turned_away: AtomicUsize,
    pub(super) state: Lock<BackendState>,
    /// Told when a connection has gone.
    pub(super) changed: Notify,
    pub(super) connected: Emitter<Peer>,
    pub(super) disconnected: Emitter<(Peer, DisconnectReason)>,
}

#[derive(Default)]
pub(super) struct BackendState {
    pub(super) stopped: bool,
    /// Nobody has the backend any more.
    pub(super) dropped: bool,
    pub(super) listeners: Vec<ServedEndpoint>,
    /// Those that haven't said yet who they are.
    pub(super) arriving: BTreeMap<PeerId, Peer>,
    pub(super) peers: BTreeMap<PeerId, Peer>,
    /// The peers that can come back.
    pub(super) by_session: HashMap<SessionId, Peer>,
    /// Those of them that are away, in the order in which they went.
    pub(super) away: VecDeque<Away>,
    /// Those that were, and aren't to come back.
    pub(crate) closed: ClosedSessions,
    /// Only those that have members.
    pub(super) groups: HashMap<Arc<str>, BTreeMap<PeerId, Peer>>,
    pub(super) had_connections: bool,
    /// The one connection has ended that an endpoint had which accepts one alone.
    pub(super) once_ended: bool,
    /// The app itself brings connections, and may bring more.
    pub(super) was_brought_some: bool,
}

/// A peer that is away.
pub(super) struct Away {
    /// A number that grows with each that goes away.
    pub(super) place: u64,
    pub(super) peer: Peer,
    /// Which of its connections was lost.
    pub(super) ordinal: u64,
}

impl BackendState {
    /// Whether nobody is there, or waited for.
    pub(super) fn is_empty(&self) -> bool {
        self.peers.is_empty() && self.arriving.is_empty()
    }

    /// Whether nobody is there, and nobody can come any more.
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
        // Handlers may keep peers, whose sessions know the registry.
        self.0.registry.clear();
        // So may a middleware, whose hooks the sessions know. Nobody is served any more.
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
                    // It is away, and needn't come back; or it is nobody, and isn't told anything.
                    _ => session.close(DisconnectReason::ClosedHere),
                }
            }
            let sessions = async {
                if timeout(grace, self.all_gone()).await.is_err() {
                    for session in &sessions {
                        tracing::debug!(peer = %session.info().id, "cancelling what still runs");
                        session.close(DisconnectReason::ClosedHere);
                    }
                    // Each closes by itself within seconds, whatever its peer does.
                    self.all_gone().await;
                }
            };
            join(listeners, sessions).await;
        })
    }

    /// See [`Backend::abandoned`](super::Backend::abandoned).
    pub(super) fn abandoned(&self) -> PrecompiledFuture<'_, ()> {
        Box::pin(self.wait_until(|state| state.had_connections && state.is_empty()))
    }

    /// Waits until nobody can call this backend any more, if that can happen.
    pub(super) fn unreachable(&self) -> PrecompiledFuture<'_, ()> {
        Box::pin(self.wait_until(BackendState::is_unreachable))
    }

    async fn all_gone(&self) {
        self.wait_until(BackendState::is_empty).await;
    }

    /// Waits for something that comes true when a connection goes.
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

/// An endpoint that is served, and the task that does; dropped, it isn't any more.
pub(crate) struct ServedEndpoint {
    pub(super) endpoint: Endpoint,
    /// It has one connection, and never another one.
    pub(super) accepts_once: bool,
    pub(super) task: JoinHandle<()>,
}

impl ServedEndpoint {
    /// Ends it at once. Ready when the endpoint is free, and nobody gets through to it any more.
    pub(crate) fn stop(mut self) -> impl Future<Output = ()> + Send {
        self.task.abort();
        async move {
            let _ = (&mut self.task).await;
            transport::wait_until_free(&self.endpoint).await;
        }
    }
}

impl Drop for ServedEndpoint {
    fn drop(&mut self) {
        self.task.abort();
    }
}
