//! Numbers that tell things of this process apart.

use std::sync::atomic::{AtomicU64, Ordering};

/// A number that is unique in this process.
pub(crate) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
