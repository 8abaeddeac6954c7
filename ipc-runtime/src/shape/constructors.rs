//! The constructors of nodes, which generated code calls. They find out what is known of a node.

use crate::shape::{
    hash,
    ipc_type::IpcType,
    node::{Facts, Member, Node, NodeKind},
};

impl Node {
    pub(crate) const fn new(
        kind: NodeKind,
        text: &'static str,
        members: &'static [Member],
        number: u64,
    ) -> Self {
        let hash = hash::node(kind, text, members, number, None);
        let facts = Facts { hash, bits: bits(kind, members, number), weight: weight(members) };
        Self { kind, text, members, number, target: None, behind: nothing, facts }
    }

    /// The node of a type, as a part of another.
    pub const fn link<T: IpcType + ?Sized>() -> Self {
        Self::link_to(T::NODE, node_of::<T>)
    }

    /// A link to a node, which `behind` returns too.
    ///
    /// The compiler goes through all that a constant refers to, once for each path that leads
    /// there. So a link to a heavy constant is a function, which the compiler doesn't look into.
    pub(crate) const fn link_to(target: &'static Self, behind: fn() -> &'static Self) -> Self {
        let is_light = target.facts.weight <= Facts::MAX_WEIGHT;
        let target_in_sight = if is_light { Some(target) } else { None };
        let weight = if is_light { target.facts.weight } else { 1 };
        let facts = Facts { weight, ..target.facts };
        Self {
            kind: NodeKind::Link,
            text: "",
            members: &[],
            number: 0,
            target: target_in_sight,
            behind,
            facts,
        }
    }

    /// A place where a type contains itself, of which constants know nothing.
    pub const fn recursive(behind: fn() -> &'static Self) -> Self {
        let facts = Facts { hash: hash::RECURSIVE, bits: Facts::CUT, weight: 1 };
        let (kind, text, members, number) = (NodeKind::Link, "", &[], 0);
        Self { kind, text, members, number, target: None, behind, facts }
    }

    /// The node as a static's value: what refers to it isn't burdened with what it refers to.
    pub const fn as_static(self) -> Self {
        Self { facts: Facts { weight: 1, ..self.facts }, ..self }
    }

    /// What a link leads to.
    pub(crate) fn linked(&self) -> &'static Self {
        self.target.unwrap_or_else(self.behind)
    }

    /// Named fields. The header says whether unknown fields are refused.
    pub const fn structure(header: &'static str, fields: &'static [Member]) -> Self {
        Self::new(NodeKind::Struct, header, fields, 0)
    }

    /// The header says how the variants are told apart, and whether unknown fields are refused.
    ///
    /// `is_adjacent`: beside the tag stands the content, which may be missing if it is an `Option`.
    pub const fn enumeration(
        header: &'static str,
        variants: &'static [Member],
        is_adjacent: bool,
    ) -> Self {
        Self::new(NodeKind::Enum, header, variants, is_adjacent as u64)
    }

    pub const fn tuple(elements: &'static [Member]) -> Self {
        Self::new(NodeKind::Tuple, "", elements, 0)
    }

    pub const fn newtype(inner: &'static [Member]) -> Self {
        Self::new(NodeKind::Newtype, "", inner, 0)
    }

    /// The first member is the module with the shape, the others are the generic arguments.
    pub const fn named(name: &'static str, members: &'static [Member]) -> Self {
        Self::new(NodeKind::Named, name, members, 0)
    }

    /// A generic argument that is a constant.
    pub const fn constant(value: i128) -> Self {
        // 64 bits are enough for all but the widest: -1 and `u64::MAX` have the same.
        let is_wide = value > i64::MAX as i128 || value < i64::MIN as i128;
        Self::new(NodeKind::Constant, if is_wide { "wide" } else { "" }, &[], value as u64)
    }

    pub(crate) fn constant_value(&self) -> i128 {
        match self.text {
            "" => i64::from_ne_bytes(self.number.to_ne_bytes()).into(),
            _ => self.number.into(),
        }
    }

    /// A type of which only the name is known, with its generic arguments.
    pub const fn foreign(name: &'static str, members: &'static [Member]) -> Self {
        Self::new(NodeKind::Foreign, name, members, 0)
    }

    pub const fn literal(value: &'static str) -> Self {
        Self::new(NodeKind::Literal, value, &[], 0)
    }

    /// What is sent, and what is received. If that is the same, the node is that.
    pub const fn asymmetric(both: &'static [Member]) -> Self {
        if let [sent, received] = both {
            let (sent, received) = (sent.part, received.part);
            let is_known = !sent.facts.has(Facts::CUT) && !received.facts.has(Facts::CUT);
            if is_known && sent.facts.hash == received.facts.hash {
                return *received;
            }
        }
        Self::new(NodeKind::Asymmetric, "", both, 0)
    }

    pub const fn array(item: &'static [Member], length: usize) -> Self {
        Self::new(NodeKind::Array, "", item, length as u64)
    }

    pub const fn container(kind: NodeKind, parts: &'static [Member]) -> Self {
        Self::new(kind, "", parts, 0)
    }
}

fn node_of<T: IpcType + ?Sized>() -> &'static Node {
    T::NODE
}

fn nothing() -> &'static Node {
    const { &Node::new(NodeKind::Unit, "", &[], 0) }
}

/// How many constants a constant is made of.
const fn weight(members: &[Member]) -> u16 {
    let mut weight = 1u16;
    let mut at = 0;
    while at < members.len() {
        weight = weight.saturating_add(members[at].part.facts.weight);
        at += 1;
    }
    weight
}

const fn bits(kind: NodeKind, members: &[Member], number: u64) -> u8 {
    let mut bits = 0;
    let mut at = 0;
    while at < members.len() {
        let member = &members[at];
        let part = member.part.facts.bits;
        bits |= part & Facts::CUT;
        // A type with a name is checked where it is defined, except for what its arguments bring.
        let is_checked_there = matches!(kind, NodeKind::Named) && members.len() == 1;
        if !member.is(Member::LOSSY) && !is_checked_there {
            bits |= part & Facts::LOSSY;
        }
        let inherits_null = match kind {
            NodeKind::Named => at == 0,
            NodeKind::Newtype => true,
            NodeKind::Asymmetric => at == 0,
            NodeKind::Enum => member.is(Member::UNTAGGED),
            _ => false,
        };
        if inherits_null {
            bits |= part & Facts::NULL;
        }
        let inherits_integers = match kind {
            // Those within a name are asked for where they are written. Keys are text.
            NodeKind::Named | NodeKind::Foreign => false,
            NodeKind::Map => at == 1,
            _ => true,
        };
        if inherits_integers {
            bits |= part & Facts::WIDE;
        }
        let inherits_optionality = match kind {
            NodeKind::Named => at == 0,
            NodeKind::Asymmetric => at == 1,
            _ => false,
        };
        if inherits_optionality {
            bits |= part & Facts::OPTIONAL;
        }
        at += 1;
    }
    match kind {
        NodeKind::Unit | NodeKind::Nothing => bits |= Facts::NULL_UNIT,
        NodeKind::Integer if number & 0xff == 64 => bits |= Facts::WIDE,
        NodeKind::Option => {
            let inner = members[0].part.facts;
            if inner.has(Facts::NULL_OPTION) {
                bits |= Facts::LOSSY_OPTION;
            } else if inner.has(Facts::NULL_UNIT) {
                bits |= Facts::LOSSY_UNIT;
            }
            bits |= Facts::NULL_OPTION | Facts::OPTIONAL;
        }
        _ => {}
    }
    bits
}
