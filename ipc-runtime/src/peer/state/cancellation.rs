//! Whether a call is still wanted.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Whether a call is still wanted, for handlers that aren't stopped from outside.
#[derive(Debug, Default)]
pub(crate) struct Cancellation {
    cancelled: AtomicBool,
    told: Notify,
}

impl Cancellation {
    /// Wakes the tasks that wait, so it must not be called under a lock.
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
        // Registered before looking, so that no change in between is missed.
        told.as_mut().enable();
        if !self.is_cancelled() {
            told.await;
        }
    }
}
