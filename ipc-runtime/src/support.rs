//! Small helpers that every other room may use, and which use no other room.

pub(crate) mod app_value;
pub(crate) mod deadline;
pub(crate) mod error_report;
pub(crate) mod ids;
pub(crate) mod item_notes;
pub(crate) mod lock;
pub(crate) mod name;
pub(crate) mod panic_text;
pub(crate) mod precompiled_future;
pub(crate) mod random;
pub(crate) mod rt;
pub(crate) mod warnings;
