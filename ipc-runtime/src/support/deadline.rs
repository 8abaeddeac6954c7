//! A deadline that can be awaited on any thread.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::{Context, Poll},
};

use futures_util::{
    FutureExt,
    future::{Either, select},
};

use super::rt::{Handle, Instant, JoinHandle, sleep_until};

/// The moment after which nobody waits any more.
///
/// Whoever awaits it may be on a thread without a runtime, so the timer runs as a task of the
/// connection's runtime. A timer that is polled here wouldn't do: tokio's panics when its runtime
/// is shutting down.
pub(crate) struct Deadline {
    at: Option<Instant>,
    timer: Option<JoinHandle<()>>,
}

impl Deadline {
    /// `None` never passes.
    pub(crate) fn new(at: Option<Instant>) -> Self {
        Self { at, timer: None }
    }

    pub(crate) fn at(&self) -> Option<Instant> {
        self.at
    }

    /// Stops the timer, and keeps the moment.
    pub(crate) fn rest(&mut self) {
        if let Some(timer) = self.timer.take() {
            timer.abort();
        }
    }

    /// Ready when the deadline has passed.
    ///
    /// Once the runtime has ended, this doesn't wake anybody: all that runs there has ended then,
    /// and wakes those who wait for it.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>, runtime: Option<&Handle>) -> Poll<()> {
        let (Some(at), Some(runtime)) = (self.at, runtime) else { return Poll::Pending };
        if Instant::now() >= at {
            return Poll::Ready(());
        }
        let timer = self.timer.get_or_insert_with(|| {
            runtime.spawn(async move {
                sleep_until(at).await;
            })
        });
        match timer.poll_unpin(cx) {
            Poll::Ready(Ok(())) => Poll::Ready(()),
            Poll::Ready(Err(_runtime_ended)) => {
                self.at = None;
                Poll::Pending
            }
            Poll::Pending => Poll::Pending,
        }
    }

    /// Awaits `future` until the deadline passes. `None`: it has passed first.
    pub(crate) async fn limit<F: Future>(
        mut self,
        runtime: Option<&Handle>,
        future: F,
    ) -> Option<F::Output> {
        let passed = poll_fn(|cx| self.poll(cx, runtime));
        match select(pin!(future), passed).await {
            Either::Left((output, _)) => Some(output),
            Either::Right(((), _)) => None,
        }
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.rest();
    }
}
