//! What a side serves, as far as its sessions need to know.

use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::interface::InterfaceInfo;

/// What a side serves, as far as its sessions need to know. Which handler gets a message is decided
/// elsewhere.
pub(crate) trait ServedInterfaces: Send + Sync + UnwindSafe + RefUnwindSafe {
    /// All interfaces, in the order of their registration.
    fn interfaces(&self) -> Vec<&'static InterfaceInfo>;

    /// Drops all handlers.
    fn clear(&self);
}
