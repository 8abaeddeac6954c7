//! The hash of a node: 64 bits that change with everything that a side writes or accepts.
//!
//! It is computed by const code, so that it is there for each type without a walk, and it is cut
//! where a type contains itself. [`Hashes`](crate::shape::hashes::Hashes) look behind these cuts.

use crate::shape::node::{Member, NodeKind};

/// The hash of a place where a type contains itself.
pub(crate) const RECURSIVE: u64 = text("recursive");

/// What is known of a member's part when the program runs: also what is behind the cuts.
#[derive(Clone, Copy)]
pub(crate) struct Value {
    pub(crate) hash: u64,
    pub(crate) may_be_missing: bool,
}

/// The hash of a node. `values` are those of its members; in constants they are `None`, and what is
/// known of the parts is taken.
pub(crate) const fn node(
    kind: NodeKind,
    name: &str,
    members: &[Member],
    number: u64,
    values: Option<&[Value]>,
) -> u64 {
    match kind {
        // Neither the name nor the wrapping can be seen.
        NodeKind::Named | NodeKind::Newtype => value(members, values, 0).hash,
        NodeKind::Struct | NodeKind::Enum => {
            let mut by_name = 0u64;
            let mut in_order = text("in order");
            let mut at = 0;
            while at < members.len() {
                let member = &members[at];
                let Value { hash, may_be_missing } = value(members, values, at);
                // A variant's content may only where it stands beside its tag.
                let matters = matches!(kind, NodeKind::Struct) || number == 1;
                let missing = (may_be_missing && matters) as u64;
                // Flattened fields take what is theirs one after another, and untagged variants are
                // tried so. Their names aren't on the wire.
                if member.is(Member::FLATTENED) || member.is(Member::UNTAGGED) {
                    let counted =
                        Member::SENT | Member::RECEIVED | Member::FLATTENED | Member::OMITTED;
                    let directions = (member.flags & counted) as u64;
                    in_order = ordered(text("next"), &[in_order, directions, hash]);
                } else {
                    let parts = [text(member.word), hash, missing];
                    by_name = by_name.wrapping_add(mix(ordered(text("member"), &parts)));
                }
                at += 1;
            }
            let parts = [text(name), members.len() as u64, by_name, in_order];
            ordered(kind as u64, &parts)
        }
        NodeKind::Foreign => {
            let mut hash = text(name);
            let mut at = 0;
            while at < members.len() {
                let member = &members[at];
                if member.is(Member::WITH) {
                    // What functions write has the functions' name.
                    hash = ordered(text("with"), &[text(member.word)]);
                } else if !member.is(Member::FORMAT) {
                    hash = ordered(text("argument"), &[hash, value(members, values, at).hash]);
                }
                at += 1;
            }
            ordered(kind as u64, &[hash])
        }
        _ => {
            let mut hash = ordered(kind as u64, &[text(name), number, members.len() as u64]);
            let mut at = 0;
            while at < members.len() {
                let default = (members[at].flags & Member::DEFAULT) as u64;
                hash = ordered(text("part"), &[hash, value(members, values, at).hash, default]);
                at += 1;
            }
            hash
        }
    }
}

const fn value(members: &[Member], values: Option<&[Value]>, at: usize) -> Value {
    match values {
        Some(values) if at < values.len() => values[at],
        _ => Value {
            hash: members[at].part.facts.hash,
            may_be_missing: members[at].may_be_missing(),
        },
    }
}

/// The hash of a text: FNV-1a, 64 bits.
pub(crate) const fn text(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        at += 1;
    }
    hash
}

/// The hash of a node whose parts have a fixed order.
///
/// It takes few steps, since the compiler counts them: a type of some hundred variants must not
/// come near the limit beyond which rustc complains about a constant.
pub(crate) const fn ordered(tag: u64, parts: &[u64]) -> u64 {
    let mut hash = tag;
    let mut at = 0;
    while at < parts.len() {
        hash = mix(hash.rotate_left(1) ^ parts[at]);
        at += 1;
    }
    mix(hash ^ parts.len() as u64)
}

/// MurmurHash3's finalizer, which spreads each bit over all others. In a plain sum of hashes,
/// changes of two parts could cancel each other.
pub(crate) const fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
