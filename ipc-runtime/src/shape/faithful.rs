//! What constants require of types: that each value arrives as it was sent, and that a mark is
//! about something.

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

/// Refuses `#[ipc(integer = "…")]` that is about nothing. Called in a constant that stands at the
/// attribute.
#[doc(hidden)]
#[track_caller]
#[allow(clippy::panic, reason = "a constant that panics is an error of the compiler")]
pub const fn assert_integers(nodes: &[&Node]) {
    let mut at = 0;
    while at < nodes.len() {
        // What is behind a cut can't be seen here.
        if nodes[at].facts.has(Facts::WIDE | Facts::CUT) {
            return;
        }
        at += 1;
    }
    panic!(
        "there is no integer of 64 bits here that `integer` could be about\n  \
         help: it is for `u64`, `i64`, `usize` and `isize`, also in a `Vec`, an `Option` or a \
         tuple; those in a type with `#[ipc_type]` are marked there\n  \
         help: `u128` and `i128` are always a `bigint`, and smaller ones a `number`"
    );
}
