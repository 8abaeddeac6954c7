//! What a backend's tasks do: take in connections, and serve them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{sync::Notify, task::JoinHandle};

use crate::{
    ConnectionState, Emitter, Endpoint, Handshake, Peer, PeerId, Token,
    error::DisconnectReason,
    peer::{self, Admission, Connection, Driver, Session, Side},
    peer_info::PeerInfo,
    transport::{self, CarrierConfig, Connected, ListenOptions},
};

/// How long an endpoint rests after a failed accept, which most often means too many open files.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// What a backend's tasks share. They don't hold the backend itself, whose drop ends them.
pub(super) struct Shared {
    pub(super) side: Arc<Side>,
    pub(super) carrier: CarrierConfig,
    pub(super) listen: ListenOptions,
    pub(super) handshake: Handshake,
    /// What a connection must show before it is a peer's.
    pub(super) token: Option<Token>,
    /// Connections, those included that haven't said yet who they are.
    pub(super) open: AtomicUsize,
    pub(super) state: Mutex<State>,
    /// Told when a connection has gone.
    pub(super) changed: Notify,
    pub(super) connected: Emitter<Peer>,
    pub(super) disconnected: Emitter<(Peer, DisconnectReason)>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) stopped: bool,
    pub(super) listeners: Vec<JoinHandle<()>>,
    pub(super) peers: BTreeMap<PeerId, Peer>,
    /// Only those that have members.
    pub(super) groups: BTreeMap<Arc<str>, BTreeSet<PeerId>>,
    pub(super) had_connections: bool,
}

pub(super) struct StopOnDrop(pub(super) Arc<Shared>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        let (listeners, peers) = self.0.stop_listening();
        listeners.iter().for_each(JoinHandle::abort);
        peers.iter().for_each(|peer| peer.session().close(DisconnectReason::ClosedHere));
        // Handlers may keep peers, whose sessions know the registry.
        self.0.side.registry.clear();
        // So may a middleware, whose hooks the sessions know. Nobody is served any more.
        self.0.side.hooks.retire();
    }
}

impl Shared {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stop_listening(&self) -> (Vec<JoinHandle<()>>, Vec<Peer>) {
        let mut state = self.state();
        state.stopped = true;
        let listeners = std::mem::take(&mut state.listeners);
        (listeners, state.peers.values().cloned().collect())
    }

    pub(super) async fn all_gone(&self) {
        self.wait_until(|state| state.peers.is_empty()).await;
    }

    /// Waits for something that comes true when a connection goes.
    pub(super) async fn wait_until(&self, condition: impl Fn(&State) -> bool) {
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

/// One of the connections that there may be.
pub(super) struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    pub(super) fn take(shared: &'a Shared) -> Option<Self> {
        let place = Self(&shared.open);
        let open = shared.open.fetch_add(1, Ordering::Relaxed);
        if open < shared.side.limits.max_connections {
            return Some(place);
        }
        let limit = shared.side.limits.max_connections;
        tracing::warn!(limit, "refused a connection: there are max_connections already");
        None
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(super) async fn accept_all(shared: Arc<Shared>, mut listener: transport::Listener) {
    let accepts_once = matches!(listener.endpoint(), Endpoint::Stdio);
    let endpoint: Arc<str> = listener.endpoint().to_string().into();
    loop {
        match listener.accept().await {
            Ok(incoming) => {
                let (shared, endpoint) = (shared.clone(), endpoint.clone());
                tokio::spawn(async move {
                    let Some(place) = Place::take(&shared) else { return };
                    let connected = incoming.open(&shared.carrier).await;
                    serve(&shared, endpoint, connected).await;
                    drop(place);
                    if accepts_once {
                        // Also if it came to nothing: nobody else will ever connect there.
                        shared.state().had_connections = true;
                        shared.changed.notify_waiters();
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%endpoint, %error, "could not accept a connection");
                tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
            }
        }
    }
}

pub(super) async fn serve(
    shared: &Arc<Shared>,
    endpoint: Arc<str>,
    connected: std::io::Result<Connected>,
) {
    let Connected { carrier, credentials } = match connected {
        Ok(connected) => connected,
        Err(error) => {
            tracing::debug!(%endpoint, %error, "a connection came to nothing");
            return;
        }
    };
    let info = PeerInfo { id: PeerId::next(), endpoint };
    let id = info.id;
    tracing::debug!(peer = %id, endpoint = %info.endpoint, ?credentials, "connected");
    let session = Session::new(info, shared.side.clone(), ConnectionState::Connecting);
    session.set_credentials(credentials);
    let token = shared.token.clone().filter(|_| !carrier.showed_token());
    let admission = token.map(|token| {
        let (shared, session) = (shared.clone(), session.clone());
        let admit = move |connection: &Arc<Connection>| enter(&shared, &session, connection);
        Admission { token, admit: Box::new(admit) }
    });
    let is_peer = admission.is_none();
    let config = peer::Config { session: session.clone(), handshake: shared.handshake, admission };
    let (connection, driver) = Driver::new(carrier, config);
    // Also when this task is dropped: whoever stops the backend waits for the last one to go.
    let _entry = Entry { shared, id };
    if is_peer && !enter(shared, &session, &connection) {
        return;
    }
    drop((connection, session));
    driver.run().await;
}

/// A connection is that of a peer from here on. `false`: it has come too late.
fn enter(shared: &Shared, session: &Arc<Session>, connection: &Arc<Connection>) -> bool {
    session.connected(connection);
    {
        let mut state = shared.state();
        if state.stopped {
            return false;
        }
        state.peers.insert(session.info().id, Peer::new(session.clone()));
        state.had_connections = true;
    }
    shared.connected.fire(Peer::new(session.clone()));
    true
}

/// A connection's place among those that are served.
struct Entry<'a> {
    shared: &'a Shared,
    id: PeerId,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let peer = {
            let mut state = self.shared.state();
            state.groups.retain(|_, members| {
                members.remove(&self.id);
                !members.is_empty()
            });
            state.peers.remove(&self.id)
        };
        if let Some(peer) = peer {
            let reason = match &*peer.state().borrow() {
                ConnectionState::Disconnected(reason) => reason.clone(),
                // The driver was dropped before it ran.
                _ => DisconnectReason::ClosedHere,
            };
            self.shared.disconnected.fire((peer.clone(), reason));
            // Only now: whoever hears of it may want to know whose it was.
            peer.session().release();
        }
        self.shared.changed.notify_waiters();
    }
}
