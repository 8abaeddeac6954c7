//! What a side serves, as far as its sessions have to know.

use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::interface::InterfaceInfo;

/// What a side serves, as far as its sessions have to know. Who handles what is known by those who
/// hand messages on.
pub(crate) trait ServedInterfaces: Send + Sync + UnwindSafe + RefUnwindSafe {
    /// All interfaces, in the order of their registration.
    fn interfaces(&self) -> Vec<&'static InterfaceInfo>;

    /// Lets go of everything.
    fn clear(&self);
}
