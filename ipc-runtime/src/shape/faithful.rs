//! Whether each value arrives as it was sent.

use crate::shape::node::{Facts, Node};

/// Refuses a type of which a value may arrive as another. Called in a constant that stands at the
/// type.
#[doc(hidden)]
#[track_caller]
#[allow(clippy::panic, reason = "a constant that panics is an error of the compiler")]
pub const fn assert_faithful(node: &Node) {
    if node.facts.has(Facts::LOSSY_OPTION) {
        panic!(
            "`Some(None)` would arrive as `None`: both are null on the wire\n  \
             help: take one `Option` away, or write an enum; for a change that may also clear a \
             value, see `#[serde(with = \"…\")]` in the guide on interfaces\n  \
             help: if the difference doesn't matter, say so with `#[ipc(lossy)]`"
        );
    }
    if node.facts.has(Facts::LOSSY_UNIT) {
        panic!(
            "`Some(())` would arrive as `None`: both are null on the wire\n  \
             help: write `bool`\n  \
             help: if the difference doesn't matter, say so with `#[ipc(lossy)]`"
        );
    }
}

/// Refuses a `Result` under another name. Called in a constant that stands at the type.
#[doc(hidden)]
#[track_caller]
pub const fn assert_no_result(is_result: bool) {
    assert!(
        !is_result,
        "this is a `Result` under another name: its error would arrive as a value, not as the \
         call's error\n  \
         help: write `Result<T, E>`, or name the alias `Result`"
    );
}
