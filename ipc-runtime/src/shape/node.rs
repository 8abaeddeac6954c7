//! Shapes as the macros write them: constant data in few places.
//!
//! The compiler checks all that a constant refers to, for each constant anew. So a type that isn't
//! generic is a static, at which that ends; generic ones refer to each other by functions, into
//! which the compiler doesn't look, once they would be too much. For the same reason, a node has no
//! enums that hold data, and what is known of a member when the macro runs is one word: that of the
//! schema's text.

use crate::shape::{integers::Integers, name::Docs};

/// What a type looks like on the wire, as a constant. [`Schema`](crate::interface::Schema) makes
/// what can be read of it.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Node {
    pub(crate) kind: NodeKind,
    /// The name of a type; the header of a struct or an enum; the value of a literal.
    pub(crate) text: &'static str,
    pub(crate) members: &'static [Member],
    /// An integer's range, the bits of a float, the format of a text, the length of an array, the
    /// value of a constant.
    pub(crate) number: u64,
    /// What a link leads to, where constants may follow it.
    pub(crate) target: Option<&'static Node>,
    /// Returns what a link leads to.
    pub(crate) behind: fn() -> &'static Node,
    pub(crate) facts: Facts,
}

#[doc(hidden)]
/// Its numbers count in fingerprints, which never change: only add to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    Unit = 0,
    /// A variant without content.
    Nothing = 1,
    Bool = 2,
    Char = 3,
    Integer = 4,
    Float = 5,
    Text = 6,
    Bytes = 7,
    Any = 8,
    Option = 9,
    Sequence = 10,
    Set = 11,
    Array = 12,
    Map = 13,
    Tuple = 14,
    Newtype = 15,
    Struct = 16,
    Enum = 17,
    /// The first member is its module and its shape, the others are its generic arguments.
    Named = 18,
    /// The members are its generic arguments, what functions write it, and its format.
    Foreign = 19,
    /// A generic argument that is a constant.
    Constant = 20,
    Literal = 21,
    /// What is sent, and what is received.
    Asymmetric = 22,
    /// Another node: see [`Node::link`].
    Link = 23,
}

impl NodeKind {
    /// All of them, by their numbers.
    pub(crate) const ALL: [Self; 24] = [
        Self::Unit,
        Self::Nothing,
        Self::Bool,
        Self::Char,
        Self::Integer,
        Self::Float,
        Self::Text,
        Self::Bytes,
        Self::Any,
        Self::Option,
        Self::Sequence,
        Self::Set,
        Self::Array,
        Self::Map,
        Self::Tuple,
        Self::Newtype,
        Self::Struct,
        Self::Enum,
        Self::Named,
        Self::Foreign,
        Self::Constant,
        Self::Literal,
        Self::Asymmetric,
        Self::Link,
    ];
}

/// A part of a node, with what stands beside it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Member {
    /// The name of a field or a variant with its attributes, as in the schema's text.
    pub(crate) word: &'static str,
    pub(crate) flags: u16,
    pub(crate) part: &'static Node,
    pub(crate) docs: &'static Docs,
}

impl Member {
    /// It may be missing where it is read.
    pub const DEFAULT: u16 = 1;
    pub const SENT: u16 = 1 << 1;
    pub const RECEIVED: u16 = 1 << 2;
    /// A variant without a tag.
    pub const UNTAGGED: u16 = 1 << 3;
    /// A field whose own fields stand in its place.
    pub const FLATTENED: u16 = 1 << 4;
    /// A value may arrive as another.
    pub const LOSSY: u16 = 1 << 5;
    /// It may be left out where it is sent. The word says so too, but a flattened field has none on
    /// the wire.
    pub const OMITTED: u16 = 1 << 8;
    /// Not a part, but the functions that write a foreign type.
    pub const WITH: u16 = 1 << 6;
    /// Not a part, but the format of a foreign type.
    pub const FORMAT: u16 = 1 << 7;
    /// What its integers of 64 bits are in TypeScript: one of three, which count for bindings
    /// alone.
    pub const INTEGER_NUMBER: u16 = 1 << 9;
    pub const INTEGER_BIGINT: u16 = 2 << 9;
    pub const INTEGER_STRING: u16 = 3 << 9;
    /// A field that nobody heeds any more, and that may go.
    pub const IGNORED: u16 = 1 << 11;
    /// What can't be seen on the wire.
    pub(crate) const UNSEEN: u16 = Self::LOSSY | Self::INTEGER_STRING | Self::IGNORED;

    pub const fn new(
        word: &'static str,
        flags: u16,
        part: &'static Node,
        docs: &'static Docs,
    ) -> Self {
        Self { word, flags, part, docs }
    }

    /// A part without a name.
    pub const fn part(part: &'static Node) -> Self {
        Self::new("", Self::SENT | Self::RECEIVED, part, &Docs::NONE)
    }

    pub(crate) const fn is(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }

    /// What its integers of 64 bits are asked to be in TypeScript.
    pub(crate) fn integers(&self) -> Option<Integers> {
        match self.flags & Self::INTEGER_STRING {
            Self::INTEGER_NUMBER => Some(Integers::Number),
            Self::INTEGER_BIGINT => Some(Integers::BigInt),
            Self::INTEGER_STRING => Some(Integers::String),
            _ => None,
        }
    }

    /// Whether it may be missing where it is read, as far as constants know.
    pub(crate) const fn may_be_missing(&self) -> bool {
        self.is(Self::RECEIVED)
            && (self.is(Self::DEFAULT)
                || (!self.is(Self::FLATTENED) && self.part.facts.has(Facts::OPTIONAL)))
    }
}

/// What is known of a node without looking into it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts {
    /// The hash, cut where a type contains itself.
    pub(crate) hash: u64,
    pub(crate) bits: u8,
    /// How many constants the node is made of, up to the next statics.
    pub(crate) weight: u16,
}

impl Facts {
    /// What is heavier is linked by a function.
    pub(crate) const MAX_WEIGHT: u16 = 128;

    /// The hash is cut somewhere.
    pub(crate) const CUT: u8 = 1;
    /// A field of it may be missing.
    pub(crate) const OPTIONAL: u8 = 1 << 1;
    /// A value of it is null because it is `None`.
    pub(crate) const NULL_OPTION: u8 = 1 << 2;
    /// A value of it is null because it is a unit.
    pub(crate) const NULL_UNIT: u8 = 1 << 3;
    /// `Some(None)` would arrive as `None`.
    pub(crate) const LOSSY_OPTION: u8 = 1 << 4;
    /// `Some(())` would arrive as `None`.
    pub(crate) const LOSSY_UNIT: u8 = 1 << 5;
    /// There is an integer of 64 bits in it, outside of what has a name.
    pub(crate) const WIDE: u8 = 1 << 6;

    pub(crate) const NULL: u8 = Self::NULL_OPTION | Self::NULL_UNIT;
    pub(crate) const LOSSY: u8 = Self::LOSSY_OPTION | Self::LOSSY_UNIT;

    pub(crate) const fn has(self, fact: u8) -> bool {
        self.bits & fact != 0
    }
}
