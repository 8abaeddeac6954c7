//! What the suites of sessions have in common: a desk that a window may visit, a pane that the
//! backend may look through, and how long either waits for the other.
#![cfg(unix)]

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicUsize, Ordering},
    },
    time::Duration,
};

use ipc_runtime::{
    Backend, BackendBuilder, CallContext, Endpoint, Limits, Peer, Reconnect, Stream,
    event::Emitter, ipc_interface, peer::ConnectionState,
};
use ipc_tests::{Scratch, eventually, in_time};
use serde_json::{Value, json};

/// Longer than any test.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// What a window asks of its backend.
#[ipc_interface(channel = "test.desk", version = "1.0.0")]
pub(crate) trait Desk {
    /// Which peer this is, and how often this handler was asked.
    fn visit(&self, #[ipc(context)] call: &CallContext) -> (String, u32);
    /// Is never done.
    async fn stay(&self);
}

/// Counts who visits.
#[derive(Default)]
pub(crate) struct Visits {
    count: AtomicU32,
    _alive: Arc<()>,
}

impl Visits {
    /// Keeps this for as long as it is there itself.
    pub(crate) fn keeping(alive: Arc<()>) -> Self {
        Self { _alive: alive, ..Self::default() }
    }
}

impl Desk for Visits {
    fn visit(&self, call: &CallContext) -> (String, u32) {
        (call.peer().id().to_string(), self.count.fetch_add(1, Ordering::SeqCst) + 1)
    }

    async fn stay(&self) {
        std::future::pending::<()>().await;
    }
}

/// What a backend asks of a window.
#[ipc_interface(channel = "test.pane", version = "1.0.0")]
pub(crate) trait Pane {
    /// What is typed there.
    #[ipc(subscription)]
    async fn typed(&self) -> impl Stream<Item = u32>;
}

/// Types what is fired.
pub(crate) struct Keyboard(pub(crate) Emitter<u32>);

impl Pane for Keyboard {
    async fn typed(&self) -> impl Stream<Item = u32> {
        self.0.event().listen()
    }
}

/// A backend that waits so long for who is away.
pub(crate) fn waits(grace: Duration) -> BackendBuilder {
    waits_for(grace, Limits::default().max_disconnected_peers)
}

/// The same, and for so many of them.
pub(crate) fn waits_for(grace: Duration, max_disconnected_peers: usize) -> BackendBuilder {
    let mut limits = Limits::default();
    limits.session_grace = grace;
    limits.max_disconnected_peers = max_disconnected_peers;
    Backend::builder().limits(limits)
}

/// Somebody who comes back at once.
pub(crate) fn soon() -> Reconnect {
    let mut reconnect = Reconnect::default();
    reconnect.first_delay = Duration::from_millis(1);
    reconnect.max_delay = Duration::from_millis(8);
    reconnect
}

/// Waits until the peer's connection is lost.
pub(crate) async fn is_away(peer: &Peer) {
    let mut state = peer.state();
    let away = |state: &ConnectionState| matches!(state, ConnectionState::Reconnecting { .. });
    in_time(state.wait_for(away)).await.unwrap();
}

/// A handshake that says this.
pub(crate) fn handshake(params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": 1, "method": "rpc.handshake", "params": params }).to_string()
}

/// That of somebody who wants this session, or a new one for an empty text.
pub(crate) fn hello(session: &str) -> String {
    handshake(&json!({ "protocol": 1, "session": session }))
}

/// A backend with a desk for each peer, on a local socket.
pub(crate) struct Site {
    pub(crate) backend: Backend,
    pub(crate) path: PathBuf,
    pub(crate) directory: Scratch,
    /// How often somebody was told to have come or gone.
    pub(crate) told: Arc<AtomicUsize>,
}

impl Site {
    pub(crate) async fn new(builder: BackendBuilder) -> Self {
        let (backend, directory) = (builder.build(), Scratch::new());
        let path = directory.join("socket");
        backend.register_with(|_| DeskHandler::new(Visits::default())).unwrap();
        let told = Arc::new(AtomicUsize::new(0));
        let (came, went) = (told.clone(), told.clone());
        backend.peer_connected().on(move |_| _ = came.fetch_add(1, Ordering::SeqCst));
        backend.peer_disconnected().on(move |_| _ = went.fetch_add(1, Ordering::SeqCst));
        backend.listen(Endpoint::Unix(path.clone())).await.unwrap();
        Self { backend, path, directory, told }
    }

    /// The one that is there, or away.
    pub(crate) fn only_peer(&self) -> Peer {
        let peers = self.backend.peers();
        assert_eq!(peers.len(), 1);
        peers.iter().next().unwrap().clone()
    }

    /// Waits until nobody is there or away, and nothing is left of anybody.
    pub(crate) async fn is_empty(&self) {
        let backend = &self.backend;
        let is_left = || backend.peers().is_empty() && backend.usage().is_zero();
        eventually("nothing is left", is_left).await;
        assert_eq!(backend.connection_count(), 0);
    }
}
