//! Shapes as a table, whose nodes know each other by their places: what was released, and what a
//! peer tells of itself.
//!
//! The macros write such a table for each interface that has a lock, and most builds never look
//! into it. So it is bytes, which are one token for the compiler, and each part of a node is read
//! where it is needed. The macros have a writer of their own: `lock/table_bytes.rs`.

use crate::shape::node::NodeKind;

/// Shapes that refer to each other by their places.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct ShapeTable<'a> {
    /// For each node: its kind, what is known of it, the number of its text (3 bytes), the place of
    /// its first member (4), how many members it has (3), its number (8), its hash (8). The least
    /// significant byte is the first.
    nodes: &'a [u8],
    /// For each member: the number of its word (3 bytes), its flags (2), the place of its part (4).
    members: &'a [u8],
    texts: &'a [&'a str],
}

/// How many bytes a node has.
const NODE: usize = 28;

/// How many bytes a member has.
const MEMBER: usize = 9;

/// A type contains itself somewhere in it, so that its hash doesn't count everything.
const CUT: u8 = 1;

impl<'a> ShapeTable<'a> {
    pub const fn new(nodes: &'a [u8], members: &'a [u8], texts: &'a [&'a str]) -> Self {
        Self { nodes, members, texts }
    }

    pub(crate) const fn kind(&self, node: u32) -> NodeKind {
        NodeKind::ALL[self.nodes[node as usize * NODE] as usize]
    }

    pub(crate) const fn is_cut(&self, node: u32) -> bool {
        self.nodes[node as usize * NODE + 1] & CUT != 0
    }

    pub(crate) const fn text(&self, node: u32) -> &'a str {
        self.texts[small(self.nodes, node as usize * NODE + 2, 3)]
    }

    pub(crate) const fn count(&self, node: u32) -> usize {
        small(self.nodes, node as usize * NODE + 9, 3)
    }

    pub(crate) const fn number(&self, node: u32) -> u64 {
        large(self.nodes, node as usize * NODE + 12)
    }

    pub(crate) const fn hash(&self, node: u32) -> u64 {
        large(self.nodes, node as usize * NODE + 20)
    }

    /// The place of a member of a node, for what follows.
    pub(crate) const fn member(&self, node: u32, at: usize) -> usize {
        (small(self.nodes, node as usize * NODE + 5, 4) + at) * MEMBER
    }

    pub(crate) const fn word(&self, member: usize) -> &'a str {
        self.texts[small(self.members, member, 3)]
    }

    pub(crate) const fn flags(&self, member: usize) -> u16 {
        small(self.members, member + 3, 2) as u16
    }

    pub(crate) const fn part(&self, member: usize) -> u32 {
        small(self.members, member + 5, 4) as u32
    }
}

/// A number of up to 4 bytes.
const fn small(bytes: &[u8], at: usize, length: usize) -> usize {
    let mut number = bytes[at] as usize | (bytes[at + 1] as usize) << 8;
    if length > 2 {
        number |= (bytes[at + 2] as usize) << 16;
    }
    if length > 3 {
        number |= (bytes[at + 3] as usize) << 24;
    }
    number
}

const fn large(bytes: &[u8], at: usize) -> u64 {
    small(bytes, at, 4) as u64 | (small(bytes, at + 4, 4) as u64) << 32
}

/// The bytes of a table that is made when the program runs. Its hashes count nothing.
#[derive(Debug, Default)]
pub(crate) struct TableBytes {
    nodes: Vec<u8>,
    members: Vec<u8>,
    texts: Vec<String>,
}

/// A member that isn't in a table yet.
#[derive(Debug)]
pub(crate) struct NewMember {
    pub(crate) word: String,
    pub(crate) flags: u16,
    pub(crate) part: u32,
}

impl TableBytes {
    /// Adds a node, and returns its place.
    pub(crate) fn push(
        &mut self,
        kind: NodeKind,
        text: String,
        number: u64,
        members: &[NewMember],
    ) -> u32 {
        let place = self.nodes.len() / NODE;
        self.nodes.extend([kind as u8, CUT]);
        let text = self.text(text);
        push(&mut self.nodes, text, 3);
        push(&mut self.nodes, 0, 7);
        push(&mut self.nodes, number, 8);
        push(&mut self.nodes, 0, 8);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        self.set_members(place, members);
        place
    }

    /// Says what a node holds.
    pub(crate) fn set_members(&mut self, node: u32, members: &[NewMember]) {
        let first = (self.members.len() / MEMBER) as u64;
        for member in members {
            let word = self.text(member.word.clone());
            push(&mut self.members, word, 3);
            push(&mut self.members, member.flags.into(), 2);
            push(&mut self.members, member.part.into(), 4);
        }
        let mut held = Vec::new();
        push(&mut held, first, 4);
        push(&mut held, members.len() as u64, 3);
        let at = node as usize * NODE + 5;
        if let Some(place) = self.nodes.get_mut(at..at + held.len()) {
            place.copy_from_slice(&held);
        }
    }

    fn text(&mut self, text: String) -> u64 {
        self.texts.push(text);
        (self.texts.len() - 1) as u64
    }

    /// Calls a function with the table.
    pub(crate) fn with<T>(&self, f: impl FnOnce(&ShapeTable<'_>) -> T) -> T {
        let texts: Vec<_> = self.texts.iter().map(|text| &**text).collect();
        f(&ShapeTable::new(&self.nodes, &self.members, &texts))
    }
}

fn push(bytes: &mut Vec<u8>, number: u64, length: usize) {
    bytes.extend(number.to_le_bytes().iter().take(length));
}
