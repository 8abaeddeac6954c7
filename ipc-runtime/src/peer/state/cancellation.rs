//! Whether a call is wanted any more.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Whether a call is wanted any more, for handlers that aren't stopped from outside.
#[derive(Debug, Default)]
pub(crate) struct Cancellation {
    cancelled: AtomicBool,
    told: Notify,
}

impl Cancellation {
    /// Wakes those who wait, so it isn't called under a lock.
    pub(crate) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.told.notify_waiters();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Acquire)
    }

    pub(crate) async fn cancelled(&self) {
        let told = self.told.notified();
        tokio::pin!(told);
        // Listened before it is looked at, so that nothing comes in between.
        told.as_mut().enable();
        if !self.is_cancelled() {
            told.await;
        }
    }
}
