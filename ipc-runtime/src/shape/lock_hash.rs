//! The hash of a shape as a constant.

use std::fmt;

use crate::shape::ipc_type::IpcType;

/// A number that changes with everything that is visible on the wire of a type, a method or an
/// interface, as a constant: `L1:9c3e41d2a07b55f8`.
///
/// Const code can't follow a type into itself. Behind `#[ipc(recursive)]`, and where a type names
/// itself in its own definition, it counts only that there is such a place. A
/// [`Fingerprint`](crate::interface::Fingerprint) is computed when the program runs, and counts
/// everything. So a lock hash is for what is compared when the program is built, and never travels.
///
/// ```
/// use ipc_runtime::{interface::LockHash, ipc_type};
///
/// #[ipc_type]
/// struct FileInfo { name: String, size: u64 }
///
/// const HASH: LockHash = LockHash::of::<FileInfo>();
/// assert!(HASH.to_string().starts_with("L1:"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LockHash(u64);

impl LockHash {
    pub(crate) const fn new(value: u64) -> Self {
        Self(value)
    }

    /// Returns that of a type.
    pub const fn of<T: IpcType + ?Sized>() -> Self {
        Self(T::NODE.facts.hash)
    }

    /// Returns the 64 bits.
    pub const fn value(self) -> u64 {
        self.0
    }
}

impl fmt::Display for LockHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "L1:{:016x}", self.0)
    }
}
