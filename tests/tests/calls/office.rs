//! A backend with a desk, and windows that it calls: what suites of both directions have in common.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use ipc_runtime::{
    Backend, CallContext, Frontend, Limits, Peer, Stream, event::Emitter, ipc_interface,
};
use ipc_tests::TestCarrier;

/// What a backend asks of a window.
#[ipc_interface(channel = "test.window", version = "1.0.0")]
pub(crate) trait Window {
    /// Its name.
    fn name(&self) -> String;
    /// Calls the backend back `depth` times, and each time that calls this.
    async fn bounce(&self, #[ipc(context)] call: &CallContext, depth: u32) -> Result<u32, String>;
    /// Calls the other side back five times at once, which does so too, down to this depth. Gives
    /// the number of calls at the bottom.
    async fn fan_out(&self, #[ipc(context)] call: &CallContext, depth: u32) -> Result<u32, String>;
    /// What happens there.
    #[ipc(subscription)]
    async fn clicks(&self) -> impl Stream<Item = u32>;
}

/// What a window asks of the backend.
#[ipc_interface(channel = "test.desk", version = "1.0.0")]
pub(crate) trait Desk {
    /// Asks the caller for its name.
    async fn who_am_i(&self, #[ipc(context)] call: &CallContext) -> Result<String, String>;
    /// See [`Window::bounce`].
    async fn bounce(&self, #[ipc(context)] call: &CallContext, depth: u32) -> Result<u32, String>;
    /// Calls the other side back five times at once, which does so too, down to this depth. Gives
    /// the number of calls at the bottom.
    async fn fan_out(&self, #[ipc(context)] call: &CallContext, depth: u32) -> Result<u32, String>;
    /// How often this window has called this.
    fn visits(&self) -> usize;
}

/// A window, which tells what is clicked.
pub(crate) struct Pane {
    name: String,
    pub(crate) clicks: Emitter<u32>,
}

impl Pane {
    pub(crate) fn new(name: &str) -> Self {
        Self { name: name.into(), clicks: Emitter::new() }
    }
}

impl Window for Pane {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn bounce(&self, call: &CallContext, depth: u32) -> Result<u32, String> {
        if depth == 0 {
            return Ok(0);
        }
        let desk: DeskClient = call.peer().client();
        desk.bounce(depth - 1).await.map(|n| n + 1).map_err(|error| error.to_string())
    }

    async fn fan_out(&self, call: &CallContext, depth: u32) -> Result<u32, String> {
        if depth == 0 {
            return Ok(1);
        }
        let other: DeskClient = call.peer().client();
        let calls = join_all((0..5).map(|_| other.fan_out(depth - 1))).await;
        calls.into_iter().map(|leaves| leaves.map_err(|error| error.to_string())).sum()
    }

    async fn clicks(&self) -> impl Stream<Item = u32> {
        self.clicks.event().listen()
    }
}

/// The desk that one peer visits; it counts the visits, and itself while it is there.
#[derive(Default)]
pub(crate) struct Office {
    visits: AtomicUsize,
    alive: Arc<AtomicUsize>,
    /// A handler that keeps the peer it was made for, and by that the connection.
    _window: Option<WindowClient>,
}

impl Office {
    pub(crate) fn of(peer: &Peer, alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::SeqCst);
        let visits = AtomicUsize::new(0);
        Self { visits, alive: alive.clone(), _window: Some(peer.client()) }
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Desk for Office {
    async fn who_am_i(&self, call: &CallContext) -> Result<String, String> {
        let window: WindowClient = call.peer().client();
        window.name().await.map_err(|error| error.to_string())
    }

    async fn bounce(&self, call: &CallContext, depth: u32) -> Result<u32, String> {
        if depth == 0 {
            return Ok(0);
        }
        let window: WindowClient = call.peer().client();
        window.bounce(depth - 1).await.map(|n| n + 1).map_err(|error| error.to_string())
    }

    async fn fan_out(&self, call: &CallContext, depth: u32) -> Result<u32, String> {
        if depth == 0 {
            return Ok(1);
        }
        let other: WindowClient = call.peer().client();
        let calls = join_all((0..5).map(|_| other.fan_out(depth - 1))).await;
        calls.into_iter().map(|leaves| leaves.map_err(|error| error.to_string())).sum()
    }

    fn visits(&self) -> usize {
        self.visits.fetch_add(1, Ordering::SeqCst) + 1
    }
}

/// A backend with a desk, and some windows that are connected to it.
pub(crate) async fn office(
    carrier: &TestCarrier,
    names: &[&str],
    limits: Limits,
) -> (Backend, Vec<Frontend>) {
    let backend = Backend::builder().limits(limits.clone()).build();
    let alive = Arc::default();
    backend.register_with(move |peer| DeskHandler::new(Office::of(&peer, &alive))).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let mut windows = Vec::new();
    for name in names {
        let builder = carrier.builder().limits(limits.clone());
        let builder = builder.register(WindowHandler::new(Pane::new(name))).unwrap();
        windows.push(builder.connect(endpoint.clone()).await.unwrap());
    }
    (backend, windows)
}
