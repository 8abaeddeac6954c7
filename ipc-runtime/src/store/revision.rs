//! The number of a write.

use std::fmt;

use ipc_macros::ipc_type;

/// The number of a write in its scope, counted from 1. Each write has its own number, and later
/// writes have larger numbers. It stays below 2^53, so that JavaScript can hold it.
///
/// Zero is the revision of a scope that was never written to.
#[ipc_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Revision(u64);

impl Revision {
    /// Returns the number.
    pub const fn get(self) -> u64 {
        self.0
    }

    pub(super) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl From<Revision> for u64 {
    fn from(revision: Revision) -> Self {
        revision.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
