//! Whether two shapes are the same on the wire.

use crate::{
    compatibility::{const_text::same, view::View},
    shape::node::{Member, NodeKind},
};

/// How many pairs of nodes are looked at: a peer's types may fan out without end.
const MAX_PAIRS: u32 = 10_000;

/// How deep it is looked.
const MAX_DEPTH: u32 = 24;

/// Whether they are the same. What can't be seen to be the same isn't.
pub(crate) const fn is_same(one: View<'_>, other: View<'_>) -> bool {
    is_same_below(one, other, None, &mut { MAX_PAIRS })
}

/// Whether the members at one place are the same.
pub(crate) const fn is_same_part(one: View<'_>, other: View<'_>, at: usize) -> bool {
    is_same_member(one, at, other, at) && is_same(one.part(at), other.part(at))
}

/// The pairs in which a pair is found.
#[derive(Clone, Copy)]
struct Above<'a> {
    pair: (u64, u64),
    up: Option<&'a Above<'a>>,
}

const fn is_same_below(
    one: View<'_>,
    other: View<'_>,
    above: Option<&Above<'_>>,
    left: &mut u32,
) -> bool {
    let ((one, _), (other, _)) = (one.seen(), other.seen());
    let ((a, a_is_whole), (b, b_is_whole)) = (one.hash(), other.hash());
    if a_is_whole && b_is_whole {
        return a == b;
    }
    // Both contain themselves: what is behind is looked at when the program runs.
    if one.is_out_of_sight() || other.is_out_of_sight() {
        return true;
    }
    if *left == 0
        || one.kind() as u8 != other.kind() as u8
        || one.number() != other.number()
        || one.len() != other.len()
        || !same(one.text(), other.text())
    {
        return false;
    }
    *left -= 1;
    let here = Above { pair: (one.identity(), other.identity()), up: above };
    let mut next = above;
    let mut depth = 0;
    while let Some(above) = next {
        depth += 1;
        if depth == MAX_DEPTH {
            return false;
        }
        if above.pair.0 == here.pair.0 && above.pair.1 == here.pair.1 {
            return true;
        }
        next = above.up;
    }
    let is_ordered = !matches!(one.kind(), NodeKind::Struct | NodeKind::Enum)
        || is_any(one, Member::FLATTENED | Member::UNTAGGED)
        || is_any(other, Member::FLATTENED | Member::UNTAGGED);
    let mut at = 0;
    while at < one.len() {
        let mut found = false;
        let mut to = if is_ordered { at } else { 0 };
        let end = if is_ordered { at + 1 } else { other.len() };
        while to < end {
            found |= is_same_member(one, at, other, to)
                && is_same_below(one.part(at), other.part(to), Some(&here), left);
            to += 1;
        }
        if !found {
            return false;
        }
        at += 1;
    }
    true
}

/// Whether both have the same members besides what these hold, in any order.
pub(crate) const fn has_same_members(one: View<'_>, other: View<'_>) -> bool {
    if one.len() != other.len() || !same(one.text(), other.text()) {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        let (mut found, mut to) = (false, 0);
        while to < other.len() && !found {
            // What both sides read is compared where it is read.
            let is_read = one.is(at, Member::SENT) && one.is(at, Member::RECEIVED);
            found = is_same_member(one, at, other, to)
                && (is_read || is_same(one.part(at), other.part(to)));
            to += 1;
        }
        if !found {
            return false;
        }
        at += 1;
    }
    true
}

const fn is_any(of: View<'_>, flags: u16) -> bool {
    let mut at = 0;
    while at < of.len() {
        if of.is(at, flags) {
            return true;
        }
        at += 1;
    }
    false
}

const fn is_same_member(one: View<'_>, at: usize, other: View<'_>, to: usize) -> bool {
    const COUNTED: [u16; 5] =
        [Member::SENT, Member::RECEIVED, Member::UNTAGGED, Member::FLATTENED, Member::OMITTED];
    let mut next = 0;
    while next < COUNTED.len() {
        if one.is(at, COUNTED[next]) != other.is(to, COUNTED[next]) {
            return false;
        }
        next += 1;
    }
    if one.may_be_missing(at) != other.may_be_missing(to) {
        return false;
    }
    // Flattened fields and untagged variants have no names on the wire.
    one.is(at, Member::FLATTENED | Member::UNTAGGED) || same(one.word(at), other.word(to))
}
