//! One shape, whichever form it has: a constant of a type, or a place in a table.

use crate::{
    compatibility::const_text::same_bytes,
    shape::{
        node::{Facts, Member, Node, NodeKind},
        table::ShapeTable,
    },
};

/// A shape that is compared.
#[derive(Clone, Copy)]
pub(crate) enum View<'a> {
    Node(&'a Node),
    Table(&'a ShapeTable<'a>, u32),
}

impl<'a> View<'a> {
    /// What stands where there is nothing yet.
    pub(crate) const NOTHING: View<'static> = View::Table(&ShapeTable::new(&[], &[], &[]), 0);

    /// That of a constant, behind its links as far as constants can follow them.
    pub(crate) const fn of(mut node: &'a Node) -> Self {
        while let (NodeKind::Link, Some(target)) = (node.kind, node.target) {
            node = target;
        }
        Self::Node(node)
    }

    pub(crate) const fn kind(self) -> NodeKind {
        match self {
            Self::Node(node) => node.kind,
            Self::Table(table, place) => table.kind(place),
        }
    }

    pub(crate) const fn text(self) -> &'a str {
        match self {
            Self::Node(node) => node.text,
            Self::Table(table, place) => table.text(place),
        }
    }

    pub(crate) const fn number(self) -> u64 {
        match self {
            Self::Node(node) => node.number,
            Self::Table(table, place) => table.number(place),
        }
    }

    /// The hash, and whether it counts everything: not where a type contains itself.
    pub(crate) const fn hash(self) -> (u64, bool) {
        match self {
            Self::Node(node) => (node.facts.hash, !node.facts.has(Facts::CUT)),
            Self::Table(table, place) => (table.hash(place), !table.is_cut(place)),
        }
    }

    /// What tells it apart from others of the same side.
    pub(crate) const fn identity(self) -> u64 {
        match self {
            Self::Node(node) => node.facts.hash,
            Self::Table(_, place) => place as u64,
        }
    }

    /// How many members it has.
    pub(crate) const fn len(self) -> usize {
        match self {
            Self::Node(node) => node.members.len(),
            Self::Table(table, place) => table.count(place),
        }
    }

    pub(crate) const fn word(self, at: usize) -> &'a str {
        match self {
            Self::Node(node) => node.members[at].word,
            Self::Table(table, place) => table.word(table.member(place, at)),
        }
    }

    pub(crate) const fn flags(self, at: usize) -> u16 {
        match self {
            Self::Node(node) => node.members[at].flags,
            Self::Table(table, place) => table.flags(table.member(place, at)),
        }
    }

    pub(crate) const fn is(self, at: usize, flag: u16) -> bool {
        self.flags(at) & flag != 0
    }

    pub(crate) const fn part(self, at: usize) -> Self {
        match self {
            Self::Node(node) => Self::of(node.members[at].part),
            Self::Table(table, place) => Self::Table(table, table.part(table.member(place, at))),
        }
    }

    /// Whether a member may be missing where it is read.
    pub(crate) const fn may_be_missing(self, at: usize) -> bool {
        self.is(at, Member::RECEIVED)
            && (self.is(at, Member::DEFAULT)
                || (!self.is(at, Member::FLATTENED) && self.part(at).is_optional()))
    }

    /// Whether it may be missing where it is a field.
    pub(crate) const fn is_optional(self) -> bool {
        let mut view = self;
        let mut names = 0;
        // A type without values may be nothing but itself.
        while names < MAX_NAMES {
            names += 1;
            view = match view.kind() {
                NodeKind::Option => return true,
                NodeKind::Named => view.part(0),
                NodeKind::Asymmetric => view.part(1),
                NodeKind::Link => {
                    return match view {
                        Self::Node(node) => node.facts.has(Facts::OPTIONAL),
                        Self::Table(..) => false,
                    };
                }
                _ => return false,
            };
        }
        false
    }

    /// What is seen of it on the wire: neither names nor newtypes. With it, the last name.
    pub(crate) const fn seen(self) -> (Self, Option<&'a str>) {
        let (mut view, mut name) = (self, None);
        let mut names = 0;
        while names < MAX_NAMES {
            match view.kind() {
                NodeKind::Named => name = Some(view.text()),
                NodeKind::Newtype => {}
                _ => break,
            }
            view = view.part(0);
            names += 1;
        }
        (view, name)
    }

    /// What is written, or read, where that isn't the same.
    pub(crate) const fn directed(self, is_reader: bool) -> Self {
        match self.kind() {
            NodeKind::Asymmetric => self.part(is_reader as usize),
            _ => self,
        }
    }

    /// Whether nothing can be said of it: a place where a type contains itself, or which constants
    /// may not follow.
    pub(crate) const fn is_out_of_sight(self) -> bool {
        matches!(self.kind(), NodeKind::Link)
    }

    /// How an enum's variants are told apart: its header but for the last word.
    pub(crate) const fn tagging(self) -> &'a [u8] {
        let header = self.text().as_bytes();
        if !self.denies_unknown() {
            return header;
        }
        let (tagging, _) = header.split_at(header.len() - DENIES.len());
        match tagging {
            [tagging @ .., b' '] => tagging,
            _ => tagging,
        }
    }

    /// Whether a struct or an enum refuses unknown fields.
    pub(crate) const fn denies_unknown(self) -> bool {
        let header = self.text().as_bytes();
        if header.len() < DENIES.len() {
            return false;
        }
        let (_, end) = header.split_at(header.len() - DENIES.len());
        same_bytes(end, DENIES)
    }
}

/// The last word of a header.
const DENIES: &[u8] = b"deny_unknown";

/// How many names are followed.
const MAX_NAMES: usize = 1000;
