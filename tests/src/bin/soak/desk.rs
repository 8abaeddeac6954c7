//! What the backend offers, and what it asks of its windows.

use std::time::Duration;

use futures_util::{StreamExt, stream};
use ipc_runtime::{
    Backend, Bytes, CallContext, Group, Peer, Stream, Streaming,
    error::RegisterError,
    event::Emitter,
    ipc_interface,
    store::{Key, Store},
};

/// What a window may ask of the backend.
#[ipc_interface(channel = "soak.desk", version = "1.0.0")]
pub(crate) trait Desk {
    /// Answers at once.
    fn add(&self, a: i64, b: i64) -> i64;
    /// Answers after others had their turn.
    async fn echo(&self, text: String) -> String;
    /// Never answers.
    async fn never(&self);
    /// Works on a thread.
    #[ipc(blocking)]
    fn sum_bytes(&self, bytes: Bytes) -> u64;
    /// Takes a while.
    #[ipc(notification)]
    async fn note(&self, text: String);
    /// Calls the window back, so often.
    async fn ask_back(&self, times: u32) -> Result<u32, String>;
    /// Reports each step.
    async fn work(&self, #[ipc(context)] call: &CallContext<u32>, steps: u32) -> u32;
    /// Counts.
    #[ipc(subscription)]
    fn count(&self, end: u32) -> impl Stream<Item = u32>;
    /// What is fired at all windows.
    #[ipc(subscription)]
    async fn ticks(&self) -> impl Stream<Item = u64>;
    /// Takes an upload.
    async fn sum(&self, numbers: Streaming<u32>) -> u64;
    /// Takes an upload while it sends.
    #[ipc(subscription)]
    async fn doubled(&self, numbers: Streaming<u32>) -> impl Stream<Item = u32>;
    /// Joins a group, or leaves it.
    fn visit(&self, #[ipc(context)] call: &CallContext, stays: bool) -> bool;
    /// Has the backend close the connection.
    #[ipc(notification)]
    fn kick_me(&self, #[ipc(context)] call: &CallContext);
}

/// What the backend may ask of a window.
#[ipc_interface(channel = "soak.window", version = "1.0.0")]
pub(crate) trait Window {
    /// Answers at once.
    fn ping(&self, number: u64) -> u64;
    /// Answers after others had their turn, by a call of its own to the backend.
    async fn ping_slowly(&self, #[ipc(context)] call: &CallContext, number: i64) -> i64;
}

/// The same interface in a version that nobody serves.
pub(crate) mod newer {
    use ipc_runtime::ipc_interface;

    /// See [`super::Desk`].
    #[ipc_interface(channel = "soak.desk", version = "2.0.0")]
    pub(crate) trait NewerDesk {
        /// Answers at once.
        fn add(&self, a: i64, b: i64) -> i64;
    }
}

/// What all write.
pub(crate) const COUNTER: Key<u64> = Key::new("counter");

/// The handler that one window has.
struct WindowDesk {
    window: WindowClient,
    ticks: Emitter<u64>,
    visitors: Group,
}

impl Desk for WindowDesk {
    fn add(&self, a: i64, b: i64) -> i64 {
        a.wrapping_add(b)
    }

    async fn echo(&self, text: String) -> String {
        tokio::task::yield_now().await;
        text
    }

    async fn never(&self) {
        std::future::pending().await
    }

    fn sum_bytes(&self, bytes: Bytes) -> u64 {
        bytes.iter().map(|byte| u64::from(*byte)).sum()
    }

    async fn note(&self, text: String) {
        tokio::task::yield_now().await;
        drop(text);
    }

    async fn ask_back(&self, times: u32) -> Result<u32, String> {
        let mut answered = 0;
        for number in 0..times {
            let answer = self.window.ping_slowly(number.into()).await;
            answer.map_err(|error| error.to_string())?;
            answered += 1;
        }
        Ok(answered)
    }

    async fn work(&self, call: &CallContext<u32>, steps: u32) -> u32 {
        for step in 0..steps {
            call.progress(&step);
            tokio::task::yield_now().await;
        }
        steps
    }

    fn count(&self, end: u32) -> impl Stream<Item = u32> {
        stream::iter(0..end)
    }

    async fn ticks(&self) -> impl Stream<Item = u64> {
        self.ticks.event().listen()
    }

    async fn sum(&self, mut numbers: Streaming<u32>) -> u64 {
        let mut sum = 0;
        while let Some(Ok(number)) = numbers.next().await {
            sum += u64::from(number);
        }
        sum
    }

    async fn doubled(&self, numbers: Streaming<u32>) -> impl Stream<Item = u32> {
        numbers.filter_map(async |number| number.ok().map(|number| number.wrapping_mul(2))).boxed()
    }

    fn visit(&self, call: &CallContext, stays: bool) -> bool {
        if stays { self.visitors.join(call.peer()) } else { self.visitors.leave(call.peer()) }
    }

    fn kick_me(&self, call: &CallContext) {
        let peer = call.peer().clone();
        tokio::spawn(async move { peer.close().await });
    }
}

/// The handler that a window has.
pub(crate) struct Pane;

impl Window for Pane {
    fn ping(&self, number: u64) -> u64 {
        number
    }

    async fn ping_slowly(&self, call: &CallContext, number: i64) -> i64 {
        let desk: DeskClient = call.peer().client();
        desk.add(number, 0).await.unwrap_or(number)
    }
}

/// Sets up everything that the backend offers.
pub(crate) fn furnish(
    backend: &Backend,
    ticks: &Emitter<u64>,
    store: &Store,
) -> Result<(), RegisterError> {
    let (group, ticks) = (backend.group("visitors"), ticks.clone());
    backend.register_with(move |peer: Peer| {
        let (window, visitors, ticks) = (peer.client(), group.clone(), ticks.clone());
        DeskHandler::new(WindowDesk { window, ticks, visitors })
    })?;
    backend.expose("plus", async |(a, b): (u64, u64)| a.wrapping_add(b))?;
    store.serve(backend)?;
    Ok(())
}

/// What the backend does by itself: fires, writes, calls its windows.
pub(crate) async fn keep_busy(backend: Backend, ticks: Emitter<u64>, store: Store) {
    for number in 0_u64.. {
        ticks.fire(number);
        let _ = store.set(&COUNTER, &number);
        if number % 10 == 0 {
            let windows = backend.peers();
            let ping = |window: WindowClient| window.ping(number).timeout(Duration::from_secs(5));
            // Windows come and go: what each has answered is nobody's concern here.
            drop(windows.broadcast(ping).await);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
