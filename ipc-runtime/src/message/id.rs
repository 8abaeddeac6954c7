//! A request's id, echoed with its value and type.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::codec::raw_json::RawJson;

/// A JSON-RPC id. Other peers' ids can be any string or number, so what isn't a plain integer is
/// kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Id {
    Null,
    Number(u64),
    /// A string, or a number that is negative, fractional or huge: verbatim JSON.
    Verbatim(Box<str>),
}

/// Why a value is no id.
#[derive(Debug)]
pub(crate) enum NotAnId {
    Kind,
    TooLong,
    Syntax(String),
}

impl Id {
    /// The longest id that is taken. Ids are kept while their requests run, and nothing that is
    /// kept may be as large as a whole message.
    pub(super) const MAX_BYTES: usize = 1024;

    /// Whether a subscription may have it, whose id is a number or a string.
    pub(crate) fn is_of_subscription(&self) -> bool {
        *self != Self::Null
    }
}

impl Serialize for Id {
    /// As it came, where the encoding can.
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
