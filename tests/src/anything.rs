//! A value of any kind, bytes among them, as a peer has sent it.

use std::fmt;

use ipc_runtime::Bytes;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor},
};

/// A value of any kind. Objects keep the order of their members.
#[derive(Debug, Clone, PartialEq)]
pub enum Anything {
    /// `null`, or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number below 2^63.
    Integer(i64),
    /// A whole number from 2^63 on.
    Large(u64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// Bytes, in formats that have them.
    Bytes(Bytes),
    /// An array.
    List(Vec<Anything>),
    /// An object.
    Map(Vec<(String, Anything)>),
}

impl Serialize for Anything {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => value.serialize(serializer),
            Self::Integer(value) => value.serialize(serializer),
            Self::Large(value) => value.serialize(serializer),
            Self::Float(value) => value.serialize(serializer),
            Self::Text(value) => value.serialize(serializer),
            Self::Bytes(value) => value.serialize(serializer),
            Self::List(values) => values.serialize(serializer),
            Self::Map(members) => serializer.collect_map(members.iter().map(|(k, v)| (k, v))),
        }
    }
}

impl<'de> Deserialize<'de> for Anything {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnythingVisitor)
    }
}

struct AnythingVisitor;

impl<'de> Visitor<'de> for AnythingVisitor {
    type Value = Anything;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Anything, E> {
        Ok(Anything::Null)
    }

    fn visit_none<E>(self) -> Result<Anything, E> {
        Ok(Anything::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Anything, E> {
        Ok(Anything::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Anything, E> {
        Ok(Anything::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Anything, E> {
        Ok(i64::try_from(value).map_or(Anything::Large(value), Anything::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Anything, E> {
        Ok(Anything::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Anything, E> {
        Ok(Anything::Text(value.to_owned()))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Anything, E> {
        Ok(Anything::Bytes(Bytes::from(value.to_vec())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Anything, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = values.next_element()? {
            list.push(value);
        }
        Ok(Anything::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Anything, A::Error> {
        let mut map = Vec::new();
        while let Some(member) = members.next_entry()? {
            map.push(member);
        }
        Ok(Anything::Map(map))
    }
}
