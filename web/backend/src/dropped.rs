//! Counts futures and streams that were dropped before their end.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

/// A count that others hold too.
#[derive(Debug, Clone, Default)]
pub(crate) struct Count(Arc<AtomicU32>);

impl Count {
    pub(crate) fn add(&self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn get(&self) -> u32 {
        self.0.load(Ordering::SeqCst)
    }

    /// Counts one when what this returns is dropped.
    pub(crate) fn when_dropped(&self) -> WhenDropped {
        WhenDropped(self.clone())
    }
}

/// Counts one when it is dropped.
#[derive(Debug)]
pub(crate) struct WhenDropped(Count);

impl Drop for WhenDropped {
    fn drop(&mut self) {
        self.0.add();
    }
}
