//! Handlers that wait until the test lets them go on, and tell how they ended.

use std::{collections::HashMap, sync::Arc, time::Duration};

use ipc_runtime::{CallContext, ipc_interface};
use tokio::{runtime::Handle, sync::watch};

/// Methods that take as long as the test wants. Each call has a number, by which the test knows it.
#[ipc_interface(channel = "test.slow", version = "1.0.0")]
pub trait Slow {
    /// Waits to be let go.
    async fn wait(&self, call: u32) -> u32;
    /// Waits to be let go, and can't be cancelled.
    #[ipc(no_cancel)]
    async fn insist(&self, call: u32) -> u32;
    /// Waits to be let go on a thread.
    #[ipc(blocking)]
    fn block(&self, call: u32) -> u32;
    /// Waits to be let go, with a deadline of its own.
    #[ipc(timeout = "30ms")]
    async fn hurried(&self, call: u32) -> u32;
    /// Waits to be let go, for ever.
    #[ipc(timeout = "none")]
    async fn patient(&self, call: u32) -> u32;
    /// Waits to be let go; nobody waits for it.
    #[ipc(notification)]
    async fn tell(&self, call: u32);
    /// Answers at once.
    fn ping(&self) -> u32;
    /// Answers at once with so many bytes.
    fn fill(&self, bytes: usize) -> String;
    /// Waits to be let go, and answers with so many bytes.
    async fn fill_later(&self, call: u32, bytes: usize) -> String;
    /// How many milliseconds are left.
    async fn remaining(&self, #[ipc(context)] context: &CallContext) -> Option<u64>;
}

/// How a handler ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandlerEnding {
    /// It ran to its end.
    Finished,
    /// Its future was dropped before.
    Dropped,
}

/// The handler, and the test's view of it. Clones are the same.
#[derive(Debug, Clone)]
pub struct Gates {
    state: Arc<watch::Sender<GateState>>,
}

#[derive(Debug, Default)]
struct GateState {
    began: Vec<u32>,
    ended: HashMap<u32, HandlerEnding>,
    released: Vec<u32>,
    all_released: bool,
    filled: usize,
}

impl Gates {
    /// All gates closed.
    pub fn new() -> Self {
        Self { state: Arc::new(watch::Sender::default()) }
    }

    /// Lets a call go on, now or when it comes.
    pub fn release(&self, call: u32) {
        self.state.send_modify(|state| state.released.push(call));
    }

    /// Lets all calls go on.
    pub fn release_all(&self) {
        self.state.send_modify(|state| state.all_released = true);
    }

    /// Waits until a call's handler has begun.
    pub async fn began(&self, call: u32) {
        self.until(|state| state.began.contains(&call)).await;
    }

    /// Waits until so many handlers have begun.
    pub async fn have_begun(&self, count: usize) {
        self.until(|state| state.began.len() >= count).await;
    }

    /// The calls whose handlers have begun, in order.
    pub fn order(&self) -> Vec<u32> {
        self.state.borrow().began.clone()
    }

    /// Waits until a call's handler has ended, and tells how.
    pub async fn ended(&self, call: u32) -> HandlerEnding {
        self.until(|state| state.ended.contains_key(&call)).await;
        self.state.borrow().ended[&call]
    }

    /// Waits until so many handlers have ended.
    pub async fn have_ended(&self, count: usize) {
        self.until(|state| state.ended.len() >= count).await;
    }

    /// How a call's handler ended, if it has.
    pub fn ending(&self, call: u32) -> Option<HandlerEnding> {
        self.state.borrow().ended.get(&call).copied()
    }

    /// How many replies of many bytes were asked for.
    pub fn filled(&self) -> usize {
        self.state.borrow().filled
    }

    async fn until(&self, holds: impl FnMut(&GateState) -> bool) {
        let mut state = self.state.subscribe();
        crate::in_time(state.wait_for(holds)).await.unwrap();
    }

    async fn pass(&self, call: u32) -> u32 {
        let mut guard = Guard { gates: self, call, ending: HandlerEnding::Dropped };
        self.state.send_modify(|state| state.began.push(call));
        let mut state = self.state.subscribe();
        // The sender is in `self`.
        let _ = state.wait_for(|state| state.all_released || state.released.contains(&call)).await;
        guard.ending = HandlerEnding::Finished;
        call
    }
}

impl Default for Gates {
    fn default() -> Self {
        Self::new()
    }
}

struct Guard<'a> {
    gates: &'a Gates,
    call: u32,
    ending: HandlerEnding,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        self.gates.state.send_modify(|state| {
            state.ended.insert(self.call, self.ending);
        });
    }
}

impl Slow for Gates {
    async fn wait(&self, call: u32) -> u32 {
        self.pass(call).await
    }

    async fn insist(&self, call: u32) -> u32 {
        self.pass(call).await
    }

    fn block(&self, call: u32) -> u32 {
        Handle::current().block_on(self.pass(call))
    }

    async fn hurried(&self, call: u32) -> u32 {
        self.pass(call).await
    }

    async fn patient(&self, call: u32) -> u32 {
        self.pass(call).await
    }

    async fn tell(&self, call: u32) {
        self.pass(call).await;
    }

    fn ping(&self) -> u32 {
        7
    }

    fn fill(&self, bytes: usize) -> String {
        self.state.send_modify(|state| state.filled += 1);
        "x".repeat(bytes)
    }

    async fn fill_later(&self, call: u32, bytes: usize) -> String {
        self.pass(call).await;
        "x".repeat(bytes)
    }

    async fn remaining(&self, context: &CallContext) -> Option<u64> {
        let milliseconds = |left: Duration| u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
        context.remaining().map(milliseconds)
    }
}
