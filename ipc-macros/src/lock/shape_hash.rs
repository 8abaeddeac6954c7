//! The hashes of released shapes. The runtime computes the same of the shapes that there are, in
//! `shape/hash.rs`: what has the same hash isn't compared.
//!
//! If both differed, everything would be compared, and nothing else would come of it.

use super::locked_node::{Kind, LockedMember, LockedNode, Part, flag};

/// What is known of a node without looking into it.
#[derive(Clone, Copy)]
pub(crate) struct Known {
    pub hash: u64,
    /// A type contains itself somewhere in it, so that the hash doesn't count everything.
    pub is_cut: bool,
    /// It may be missing where it is a field.
    pub is_optional: bool,
}

/// Finds out what is known of a node whose parts are known.
pub(crate) fn known(node: &LockedNode, all: &[Known]) -> Known {
    let part = |member: &LockedMember| match &member.part {
        Part::Node(place) => all.get(*place).copied().unwrap_or(RECURSIVE),
        Part::Open(_) => RECURSIVE,
    };
    let parts: Vec<_> = node.members.iter().map(part).collect();
    let is_optional = match (node.kind, parts.as_slice()) {
        (Kind::Option, _) => true,
        (Kind::Named, [first, ..]) => first.is_optional,
        (Kind::Asymmetric, [_, received]) => received.is_optional,
        _ => false,
    };
    let is_cut = parts.iter().any(|part| part.is_cut);
    Known { hash: hash(node, &parts), is_cut, is_optional }
}

/// A place where a type contains itself.
const RECURSIVE: Known = Known { hash: text("recursive"), is_cut: true, is_optional: false };

fn hash(node: &LockedNode, parts: &[Known]) -> u64 {
    let LockedNode { kind, text: own, number, members } = node;
    let pairs = members.iter().zip(parts);
    match kind {
        Kind::Named | Kind::Newtype => parts.first().map_or(0, |part| part.hash),
        Kind::Struct | Kind::Enum => {
            let mut by_name = 0u64;
            let mut in_order = text("in order");
            for (member, part) in pairs {
                if member.is(flag::FLATTENED | flag::UNTAGGED) {
                    let counted = flag::SENT | flag::RECEIVED | flag::FLATTENED | flag::OMITTED;
                    let directions = u64::from(member.flags & counted);
                    in_order = ordered(text("next"), &[in_order, directions, part.hash]);
                } else {
                    let may_be_missing =
                        member.is(flag::RECEIVED) && (member.is(flag::DEFAULT) || part.is_optional);
                    let matters = *kind == Kind::Struct || *number == 1;
                    let missing = u64::from(may_be_missing && matters);
                    let member = ordered(text("member"), &[text(&member.word), part.hash, missing]);
                    by_name = by_name.wrapping_add(mix(member));
                }
            }
            ordered(*kind as u64, &[text(own), members.len() as u64, by_name, in_order])
        }
        Kind::Foreign => {
            let mut hash = text(own);
            for (member, part) in pairs {
                hash = match member.is(flag::WITH) {
                    true => ordered(text("with"), &[text(&member.word)]),
                    false => ordered(text("argument"), &[hash, part.hash]),
                };
            }
            ordered(*kind as u64, &[hash])
        }
        _ => {
            let mut hash = ordered(*kind as u64, &[text(own), *number, members.len() as u64]);
            for (member, part) in pairs {
                let default = u64::from(member.flags & flag::DEFAULT);
                hash = ordered(text("part"), &[hash, part.hash, default]);
            }
            hash
        }
    }
}

const fn text(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0000_0100_0000_01b3);
        at += 1;
    }
    hash
}

fn ordered(tag: u64, parts: &[u64]) -> u64 {
    let hash = parts.iter().fold(tag, |hash, part| mix(hash.rotate_left(1) ^ part));
    mix(hash ^ parts.len() as u64)
}

fn mix(mut hash: u64) -> u64 {
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash ^= hash >> 33;
    hash = hash.wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}
