//! A JSON value whose members stay in their order.

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq},
};
use serde_json::Number;

use crate::codec::raw_json::PlainNumber;

/// A JSON value. The members of its objects stay in the order in which they were added:
/// `serde_json` sorts them by name, unless somebody turns on a feature of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JsonTree {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Self>),
    Object(JsonMembers),
}

/// The members of an object.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct JsonMembers(Vec<(String, JsonTree)>);

impl JsonMembers {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a member, or replaces the one of this name.
    pub(crate) fn with(mut self, name: &str, value: impl Into<JsonTree>) -> Self {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name.to_owned(), value)),
        }
        self
    }

    /// Adds a member if there is a value.
    pub(crate) fn with_some(self, name: &str, value: Option<impl Into<JsonTree>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds the members of another.
    pub(crate) fn and(self, other: Self) -> Self {
        other.0.into_iter().fold(self, |all, (name, value)| all.with(&name, value))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&JsonTree> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut JsonTree> {
        self.0.iter_mut().find(|(known, _)| known == name).map(|(_, value)| value)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of the only member, if it has this name.
    pub(crate) fn only(&self, name: &str) -> Option<&JsonTree> {
        if self.0.len() == 1 { self.get(name) } else { None }
    }
}

impl From<bool> for JsonTree {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<u64> for JsonTree {
    fn from(value: u64) -> Self {
        Self::Number(value.into())
    }
}

impl From<i64> for JsonTree {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<&str> for JsonTree {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for JsonTree {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<Vec<JsonTree>> for JsonTree {
    fn from(value: Vec<JsonTree>) -> Self {
        Self::List(value)
    }
}

impl From<JsonMembers> for JsonTree {
    fn from(value: JsonMembers) -> Self {
        Self::Object(value)
    }
}

impl Serialize for JsonTree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(value) => PlainNumber(value).serialize(serializer),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| list.serialize_element(item))?;
                list.end()
            }
            Self::Object(JsonMembers(members)) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                members.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))?;
                map.end()
            }
        }
    }
}
