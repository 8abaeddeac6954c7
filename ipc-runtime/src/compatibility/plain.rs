//! What serde can keep in a buffer.

use crate::{
    compatibility::view::View,
    shape::{node::NodeKind, scalar::Integer},
};

/// How deep it is looked.
const MAX_DEPTH: u32 = 16;

/// Whether a value arrives the same where serde buffers it before its type is known: in what is
/// flattened. It keeps no numbers of 128 bits, and of a map's keys in JSON only text.
pub(crate) const fn is_plain(view: View<'_>) -> bool {
    is_plain_within(view, MAX_DEPTH)
}

const fn is_plain_within(view: View<'_>, depth: u32) -> bool {
    let (view, _) = view.seen();
    if depth == 0 {
        return false;
    }
    match view.kind() {
        NodeKind::Integer => Integer::of_number(view.number()).bits <= 64,
        NodeKind::Unit
        | NodeKind::Nothing
        | NodeKind::Bool
        | NodeKind::Char
        | NodeKind::Float
        | NodeKind::Text
        | NodeKind::Literal => true,
        NodeKind::Map => {
            let (key, _) = view.part(0).seen();
            matches!(key.kind(), NodeKind::Text | NodeKind::Char)
                && is_plain_within(view.part(1), depth - 1)
        }
        NodeKind::Option
        | NodeKind::Sequence
        | NodeKind::Set
        | NodeKind::Array
        | NodeKind::Tuple
        | NodeKind::Struct
        | NodeKind::Enum
        | NodeKind::Asymmetric => {
            let mut at = 0;
            while at < view.len() {
                if !is_plain_within(view.part(at), depth - 1) {
                    return false;
                }
                at += 1;
            }
            true
        }
        _ => false,
    }
}
