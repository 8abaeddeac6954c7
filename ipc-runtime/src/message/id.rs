//! Request ids, which are echoed with their value and type.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::codec::raw_json::RawJson;

/// A JSON-RPC id. Peers may use any string or number, so an id that isn't a plain integer is kept
/// as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Id {
    Null,
    Number(u64),
    /// A string, or a number that is negative, fractional or huge, as JSON.
    Verbatim(Box<str>),
}

/// Why a value isn't an id.
#[derive(Debug)]
pub(crate) enum NotAnId {
    Kind,
    TooLong,
    Syntax(String),
}

impl Id {
    /// The longest accepted id, in bytes. Ids are kept while their requests run, so they must not
    /// be as large as a whole message.
    pub(super) const MAX_BYTES: usize = 1024;

    /// Whether it can be a subscription's id, which is a number or a string.
    pub(crate) fn is_of_subscription(&self) -> bool {
        *self != Self::Null
    }
}

impl Serialize for Id {
    /// Writes the id as it was received, if the encoding can.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Verbatim(json) => match serde_json::from_str(json) {
                Ok(raw) => RawJson(raw).serialize(serializer),
                Err(_) => serializer.serialize_unit(),
            },
        }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Number(number) => number.fmt(f),
            Self::Verbatim(json) => f.write_str(json),
        }
    }
}
