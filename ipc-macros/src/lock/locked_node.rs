//! The nodes of released shapes.

/// A node, as the runtime's `Node` has it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct LockedNode {
    pub kind: Kind,
    pub text: String,
    pub number: u64,
    pub members: Vec<LockedMember>,
}

/// The kinds of nodes, with the numbers of the runtime's `NodeKind`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Unit = 0,
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
    Named = 18,
    Foreign = 19,
    Constant = 20,
    Literal = 21,
    Asymmetric = 22,
}

/// A part of a node, as the runtime's `Member` has it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct LockedMember {
    pub word: String,
    /// Those of [`flag`].
    pub flags: u16,
    pub part: Part,
}

/// The flags of the runtime's `Member`.
pub(crate) mod flag {
    pub(crate) const DEFAULT: u16 = 1;
    pub(crate) const SENT: u16 = 1 << 1;
    pub(crate) const RECEIVED: u16 = 1 << 2;
    pub(crate) const UNTAGGED: u16 = 1 << 3;
    pub(crate) const FLATTENED: u16 = 1 << 4;
    pub(crate) const WITH: u16 = 1 << 6;
    pub(crate) const OMITTED: u16 = 1 << 8;
    pub(crate) const IGNORED: u16 = 1 << 11;
}

/// Where a member's part is.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Node(usize),
    /// It is the type of this name, which is being read: a type that contains itself.
    Open(String),
}

impl LockedMember {
    /// A part without a name, which is sent and read.
    pub(crate) fn part(part: Part) -> Self {
        Self { word: String::new(), flags: flag::SENT | flag::RECEIVED, part }
    }

    pub(crate) fn is(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}
