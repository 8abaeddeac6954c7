//! What the tests ask of a backend that is lost and comes back.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicU32, Ordering},
};

use ipc_runtime::{Backend, CallContext, Stream, event::Emitter, ipc_interface};
use tokio::sync::Semaphore;

/// So many fired items are replayed to who comes back.
const KEPT: usize = 16;

/// As that of the Rust frontend's own tests.
#[ipc_interface(channel = "test.survivor", version = "1.0.0", rename_all = "camelCase")]
pub trait Survivor {
    /// Which backend this is.
    fn which(&self) -> u32;
    /// As which peer the caller is known.
    fn name(&self, #[ipc(context)] call: &CallContext) -> String;
    /// How many peers there are, how many have come, and how many have gone.
    fn peers(&self) -> (u32, u32, u32);
    /// Waits to be let go; gives which backend this is.
    async fn wait(&self) -> u32;
    /// The same, and may run twice.
    #[ipc(idempotent)]
    async fn wait_again(&self) -> u32;
    /// How many have begun to wait.
    fn begun(&self) -> u32;
    /// Lets so many of those go that wait.
    fn let_go(&self, count: u32);
    /// Notes a number, and returns it.
    fn mark(&self, number: u32) -> u32;
    /// The same, and may run twice.
    #[ipc(idempotent)]
    fn mark_again(&self, number: u32) -> u32;
    /// The numbers that were noted.
    fn marked(&self) -> Vec<u32>;
    /// What is fired, of which the last few are replayed to who comes back.
    #[ipc(subscription)]
    fn news(&self) -> impl Stream<Item = u32>;
    /// What is fired, not replayed.
    #[ipc(subscription)]
    fn ticks(&self) -> impl Stream<Item = u32>;
    /// Fires this at both.
    fn fire(&self, item: u32);
    /// Sends the caller away for good.
    async fn send_away(&self, #[ipc(context)] call: &CallContext);
    /// Sends all peers away for good that aren't connected.
    async fn send_the_others_away(&self);
    /// Stops the backend, which finishes what runs.
    fn stop(&self);
}

/// A later release.
pub mod later {
    use ipc_runtime::ipc_interface;

    /// The same channel.
    #[ipc_interface(channel = "test.survivor", version = "2.0.0")]
    pub trait Later {
        /// Which backend this is.
        fn which(&self) -> String;
    }

    #[derive(Debug)]
    pub(crate) struct Second;

    impl Later for Second {
        fn which(&self) -> String {
            "the second".to_owned()
        }
    }
}

#[derive(Debug)]
pub(crate) struct Lasting {
    which: u32,
    backend: Backend,
    begun: AtomicU32,
    gate: Semaphore,
    marks: Mutex<Vec<u32>>,
    news: Emitter<u32>,
    ticks: Emitter<u32>,
    came: Arc<AtomicU32>,
    went: Arc<AtomicU32>,
}

impl Lasting {
    pub(crate) fn new(which: u32, backend: &Backend) -> Self {
        let (came, went) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (coming, going) = (came.clone(), went.clone());
        backend.peer_connected().on(move |_| _ = coming.fetch_add(1, Ordering::SeqCst));
        backend.peer_disconnected().on(move |_| _ = going.fetch_add(1, Ordering::SeqCst));
        Self {
            which,
            backend: backend.clone(),
            begun: AtomicU32::new(0),
            gate: Semaphore::new(0),
            marks: Mutex::default(),
            news: Emitter::builder().replay(KEPT).build(),
            ticks: Emitter::new(),
            came,
            went,
        }
    }
}

impl Survivor for Lasting {
    fn which(&self) -> u32 {
        self.which
    }

    fn name(&self, call: &CallContext) -> String {
        call.peer().id().to_string()
    }

    fn peers(&self) -> (u32, u32, u32) {
        let there = u32::try_from(self.backend.peers().len()).unwrap_or(u32::MAX);
        (there, self.came.load(Ordering::SeqCst), self.went.load(Ordering::SeqCst))
    }

    async fn wait(&self) -> u32 {
        self.begun.fetch_add(1, Ordering::SeqCst);
        if let Ok(place) = self.gate.acquire().await {
            place.forget();
        }
        self.which
    }

    async fn wait_again(&self) -> u32 {
        self.wait().await
    }

    fn begun(&self) -> u32 {
        self.begun.load(Ordering::SeqCst)
    }

    fn let_go(&self, count: u32) {
        self.gate.add_permits(count as usize);
    }

    fn mark(&self, number: u32) -> u32 {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).push(number);
        number
    }

    fn mark_again(&self, number: u32) -> u32 {
        self.mark(number)
    }

    fn marked(&self) -> Vec<u32> {
        self.marks.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn news(&self) -> impl Stream<Item = u32> {
        self.news.event().listen()
    }

    fn ticks(&self) -> impl Stream<Item = u32> {
        self.ticks.event().listen()
    }

    fn fire(&self, item: u32) {
        self.news.fire(item);
        self.ticks.fire(item);
    }

    async fn send_away(&self, call: &CallContext) {
        call.peer().close().await;
    }

    async fn send_the_others_away(&self) {
        for peer in self.backend.peers().iter().filter(|peer| !peer.is_connected()) {
            peer.close().await;
        }
    }

    fn stop(&self) {
        let backend = self.backend.clone();
        tokio::spawn(async move { backend.stop(std::time::Duration::from_secs(60)).await });
    }
}
