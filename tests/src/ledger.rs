//! An interface whose calls are numbered, and a handler that keeps book of them: so that it can be
//! told of each call how often it ran.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use futures_util::{StreamExt, stream};
use ipc_runtime::{
    CallContext, CallError, IpcError, Stream, Streaming, event::Emitter, ipc_interface,
};

/// Numbered work, of every kind that there is.
#[ipc_interface(channel = "ledger", version = "1.0.0")]
pub trait Ledger {
    /// Gives the number back, after others had their turn.
    async fn run(&self, call: u32) -> u32;
    /// Gives it back at once.
    fn now(&self, call: u32) -> u32;
    /// May run twice.
    #[ipc(idempotent)]
    async fn again(&self, call: u32) -> u32;
    /// Nobody waits for it.
    #[ipc(notification)]
    fn tell(&self, call: u32);
    /// Waits until it is cancelled.
    async fn never(&self, call: u32);
    /// The sum of what is uploaded.
    async fn sum(&self, call: u32, numbers: Streaming<u32>) -> u32;
    /// Calls [`Ledger::run`] of whoever calls, with the same number.
    async fn back(&self, #[ipc(context)] context: &CallContext, call: u32) -> bool;
    /// The numbers from 0 up to `end`.
    #[ipc(subscription)]
    fn count(&self, call: u32, end: u32) -> impl Stream<Item = u32>;
    /// What is fired, replayed to who comes back.
    #[ipc(subscription)]
    async fn news(&self) -> impl Stream<Item = u32>;
    /// What is fired, not replayed.
    #[ipc(subscription)]
    async fn ticks(&self) -> impl Stream<Item = u32>;
}

/// What its caller was told of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It was answered.
    Answered,
    /// It has not run.
    HasNotRun,
    /// It may have run.
    MayHaveRun,
}

impl Fate {
    /// What a result says.
    pub fn of<T>(result: &Result<T, IpcError>) -> Self {
        match result {
            Ok(_) => Self::Answered,
            Err(error) if error.may_have_run() => Self::MayHaveRun,
            Err(_) => Self::HasNotRun,
        }
    }

    /// The same of a method that has errors of its own.
    pub fn of_call<T, E>(result: &Result<T, CallError<E>>) -> Self {
        match result {
            Ok(_) | Err(CallError::Method(_)) => Self::Answered,
            Err(CallError::Ipc(error)) if error.may_have_run() => Self::MayHaveRun,
            Err(CallError::Ipc(_)) => Self::HasNotRun,
        }
    }

    /// Whether it goes together with a call that has run so often and may run so often at most.
    pub fn allows(self, runs: u32, most: u32) -> bool {
        match self {
            Self::Answered => (1..=most).contains(&runs),
            Self::HasNotRun => runs == 0,
            Self::MayHaveRun => runs <= most,
        }
    }
}

/// Keeps book of what ran. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct RunLog(Arc<RunLogState>);

#[derive(Debug)]
struct RunLogState {
    runs: Mutex<HashMap<u32, u32>>,
    /// Of the calls that handlers made of their callers.
    fates: Mutex<BTreeMap<u32, Fate>>,
    alive: AtomicUsize,
    news: Emitter<u32>,
    ticks: Emitter<u32>,
}

impl Default for RunLogState {
    fn default() -> Self {
        Self {
            runs: Mutex::default(),
            fates: Mutex::default(),
            alive: AtomicUsize::new(0),
            news: Emitter::builder().replay(1024).build(),
            ticks: Emitter::new(),
        }
    }
}

/// A handler or stream while it is there.
struct Alive(Arc<RunLogState>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

impl RunLog {
    /// How often a call ran.
    pub fn runs(&self, call: u32) -> u32 {
        self.0.runs.lock().unwrap().get(&call).copied().unwrap_or_default()
    }

    /// How often each call ran that did.
    pub fn all_runs(&self) -> HashMap<u32, u32> {
        self.0.runs.lock().unwrap().clone()
    }

    /// What handlers were told of their own calls.
    pub fn fates(&self) -> BTreeMap<u32, Fate> {
        self.0.fates.lock().unwrap().clone()
    }

    /// How many handlers and streams are there at the moment.
    pub fn alive(&self) -> usize {
        self.0.alive.load(Ordering::SeqCst)
    }

    /// Fires into [`Ledger::news`].
    pub fn news(&self) -> &Emitter<u32> {
        &self.0.news
    }

    /// Fires into [`Ledger::ticks`].
    pub fn ticks(&self) -> &Emitter<u32> {
        &self.0.ticks
    }

    fn enter(&self, call: u32) -> Alive {
        *self.0.runs.lock().unwrap().entry(call).or_default() += 1;
        self.here()
    }

    fn here(&self) -> Alive {
        self.0.alive.fetch_add(1, Ordering::SeqCst);
        Alive(self.0.clone())
    }
}

/// A stream that is counted while it is there.
fn counted<S: Stream>(alive: Alive, stream: S) -> impl Stream<Item = S::Item> {
    stream.inspect(move |_| {
        let _ = &alive;
    })
}

impl Ledger for RunLog {
    async fn run(&self, call: u32) -> u32 {
        let _alive = self.enter(call);
        tokio::task::yield_now().await;
        call
    }

    fn now(&self, call: u32) -> u32 {
        let _alive = self.enter(call);
        call
    }

    async fn again(&self, call: u32) -> u32 {
        self.run(call).await
    }

    fn tell(&self, call: u32) {
        let _alive = self.enter(call);
    }

    async fn never(&self, call: u32) {
        let _alive = self.enter(call);
        std::future::pending().await
    }

    async fn sum(&self, call: u32, mut numbers: Streaming<u32>) -> u32 {
        let _alive = self.enter(call);
        let mut sum = 0;
        while let Some(Ok(number)) = numbers.next().await {
            sum += number;
        }
        sum
    }

    async fn back(&self, context: &CallContext, call: u32) -> bool {
        let _alive = self.enter(call);
        let window: LedgerClient = context.peer().client();
        let outcome = window.run(call).await;
        self.0.fates.lock().unwrap().insert(call, Fate::of(&outcome));
        outcome.is_ok()
    }

    fn count(&self, call: u32, end: u32) -> impl Stream<Item = u32> {
        counted(self.enter(call), stream::iter(0..end))
    }

    async fn news(&self) -> impl Stream<Item = u32> {
        counted(self.here(), self.0.news.event().listen())
    }

    async fn ticks(&self) -> impl Stream<Item = u32> {
        counted(self.here(), self.0.ticks.event().listen())
    }
}
