//! A type as data, with which the npm package checks values.

use crate::{
    notation::{map_key::MapKey, type_form::TypeForm},
    shape::{integers::Integers, scalar::Integer},
    typescript::identifier,
};

/// What a value has to be. It says what the type in TypeScript says, and what that can't: the range
/// of an integer, the length of a list, the keys of a map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TypeData {
    /// A word of the package's own.
    Word(String),
    /// A form of the type at this place.
    Type(usize, TypeForm),
    /// This text.
    Literal(String),
    /// A list, and how long it is if that is known.
    List(Box<Self>, Option<u64>),
    /// A list whose items each have a type. Those at the end may be missing.
    Tuple {
        items: Vec<Self>,
        required: usize,
    },
    Object(ObjectData),
    /// The items of a stream argument.
    Stream(Box<Self>),
    /// One of these.
    Union(Vec<Self>),
    /// All of these, on one object.
    All(Vec<Self>),
}

/// The members of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ObjectData {
    pub(super) required: Vec<(String, TypeData)>,
    pub(super) optional: Vec<(String, TypeData)>,
    /// What all other members are, where a map takes them.
    pub(super) rest: Option<Box<TypeData>>,
    /// What the names of these are, if not any text.
    pub(super) key: Option<Box<TypeData>>,
    /// Whether there are no other members, where it stands alone.
    pub(super) is_exact: bool,
}

impl TypeData {
    pub(super) fn word(word: &str) -> Self {
        Self::Word(word.to_owned())
    }

    /// An integer: its range, and what it is in TypeScript. In a raw form it is what the client
    /// parses.
    pub(super) fn integer(integer: Integer, policy: Integers, is_raw: bool) -> Self {
        let Integer { signed, bits, zero, .. } = integer;
        let range =
            format!("{}{bits}{}", if signed { 'i' } else { 'u' }, if zero { "" } else { "!" });
        match policy.plan(integer) {
            Some(_) if is_raw => {
                Self::union(vec![Self::Word(format!("{range}n")), Self::Word(range)])
            }
            Some("big" | "u128" | "i128") => Self::Word(format!("{range}n")),
            Some("str") => Self::Word(format!("{range}s")),
            _ => Self::Word(range),
        }
    }

    /// The names of a map's entries.
    pub(super) fn key(key: MapKey) -> Self {
        match key {
            MapKey::Boolean => Self::word("boolean"),
            MapKey::Character => Self::word("char"),
            MapKey::Number => Self::word("number"),
            MapKey::Integer(integer) => {
                // A name is a text of digits, whatever integers are elsewhere.
                let sign = if integer.signed { 'i' } else { 'u' };
                let zero = if integer.zero { "" } else { "!" };
                Self::Word(format!("{sign}{}{zero}s", integer.bits))
            }
            MapKey::Names(names) => Self::union(names.into_iter().map(Self::Literal).collect()),
        }
    }

    /// One of these, each once.
    pub(super) fn union(parts: Vec<Self>) -> Self {
        let mut distinct: Vec<Self> = Vec::new();
        for part in parts {
            let inner = if let Self::Union(parts) = part { parts } else { vec![part] };
            for part in inner {
                if !distinct.contains(&part) {
                    distinct.push(part);
                }
            }
        }
        match distinct.pop() {
            Some(only) if distinct.is_empty() => only,
            last => Self::Union(distinct.into_iter().chain(last).collect()),
        }
    }

    /// Calls `each` with the types that are named in it.
    pub(super) fn for_each_type(&self, each: &mut dyn FnMut(usize, TypeForm)) {
        match self {
            Self::Word(_) | Self::Literal(_) => {}
            Self::Type(place, form) => each(*place, *form),
            Self::List(inner, _) | Self::Stream(inner) => inner.for_each_type(each),
            Self::Tuple { items: parts, .. } | Self::Union(parts) | Self::All(parts) => {
                parts.iter().for_each(|part| part.for_each_type(each));
            }
            Self::Object(of) => {
                let members = of.required.iter().chain(&of.optional).map(|(_, of)| of);
                let rest = of.rest.iter().chain(&of.key).map(|of| &**of);
                members.chain(rest).for_each(|part| part.for_each_type(each));
            }
        }
    }

    /// Its text. `name` is that of a form of the type at a place.
    pub(super) fn text(&self, name: &dyn Fn(usize, TypeForm) -> String) -> String {
        let list = |parts: &[Self]| {
            let parts: Vec<String> = parts.iter().map(|part| part.text(name)).collect();
            format!("[{}]", parts.join(", "))
        };
        match self {
            Self::Word(word) => format!("\"{word}\""),
            Self::Type(place, form) => identifier::quoted(&format!("#{}", name(*place, *form))),
            Self::Literal(text) => identifier::quoted(&format!("'{text}")),
            Self::List(item, None) => format!("{{ a: {} }}", item.text(name)),
            Self::List(item, Some(length)) => format!("{{ a: {}, n: {length} }}", item.text(name)),
            Self::Tuple { items, required } if items.len() == *required => {
                format!("{{ t: {} }}", list(items))
            }
            Self::Tuple { items, required } => format!("{{ t: {}, n: {required} }}", list(items)),
            Self::Object(of) => of.text(name),
            Self::Stream(item) => format!("{{ stream: {} }}", item.text(name)),
            Self::Union(parts) => list(parts),
            Self::All(parts) => format!("{{ z: {} }}", list(parts)),
        }
    }
}

impl ObjectData {
    fn text(&self, name: &dyn Fn(usize, TypeForm) -> String) -> String {
        let members = |of: &[(String, TypeData)]| {
            let entries: Vec<String> = of
                .iter()
                .map(|(member, of)| identifier::constant_entry(member, &of.text(name)))
                .collect();
            if entries.is_empty() {
                "{}".to_owned()
            } else {
                format!("{{ {} }}", entries.join(", "))
            }
        };
        let mut parts = Vec::new();
        if !self.required.is_empty() || (self.optional.is_empty() && self.rest.is_none()) {
            parts.push(format!("s: {}", members(&self.required)));
        }
        if !self.optional.is_empty() {
            parts.push(format!("o: {}", members(&self.optional)));
        }
        parts.extend(self.rest.iter().map(|rest| format!("m: {}", rest.text(name))));
        parts.extend(self.key.iter().map(|key| format!("k: {}", key.text(name))));
        if self.is_exact {
            parts.push("x: 1".to_owned());
        }
        format!("{{ {} }}", parts.join(", "))
    }
}
