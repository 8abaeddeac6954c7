//! Numbers that are unique in this process.

use std::sync::atomic::{AtomicU64, Ordering};

/// Returns a number that is unique in this process.
pub(crate) fn next_id() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}
