//! The crates of this tree, their rooms from top to bottom, and the exceptions.

use crate::layout::Layout;

/// Every crate whose layout is known.
pub const CRATES: &[Layout] = &[
    Layout { source: "ipc-runtime/src", rooms: &[], pairs: &[], shared_names: &[], is_held: false },
    Layout { source: "ipc-macros/src", rooms: &[], pairs: &[], shared_names: &[], is_held: false },
    Layout { source: "benches/src", rooms: &[], pairs: &[], shared_names: &[], is_held: false },
];
