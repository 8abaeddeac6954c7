//! A request's id, echoed with its value and type.

use std::fmt;

#[cfg(feature = "msgpack")]
use rmp::Marker;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::{
    codec::{Encoding, raw_json::RawJson},
    message::json::value,
};

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

    /// The first number that has more than 18 digits, which is kept verbatim.
    #[cfg(feature = "msgpack")]
    pub(super) const FIRST_LARGE: u64 = 1_000_000_000_000_000_000;

    /// Reads an id from the bytes of one value of JSON.
    pub(super) fn of_json(value: &[u8]) -> Result<Self, NotAnId> {
        match value {
            b"null" => return Ok(Self::Null),
            [b'0'] => return Ok(Self::Number(0)),
            // 18 digits can't overflow; a leading zero would not be echoed as it came.
            [b'1'..=b'9', rest @ ..] if rest.len() < 18 && rest.iter().all(u8::is_ascii_digit) => {
                let digits = value.iter().map(|digit| u64::from(digit - b'0'));
                return Ok(Self::Number(digits.fold(0, |number, digit| number * 10 + digit)));
            }
            _ if value.len() > Self::MAX_BYTES => return Err(NotAnId::TooLong),
            _ => {}
        }
        let raw: &RawValue =
            serde_json::from_slice(value).map_err(|error| NotAnId::Syntax(error.to_string()))?;
        match raw.get().as_bytes().first() {
            Some(b'"' | b'-' | b'0'..=b'9') => Ok(Self::Verbatim(raw.get().into())),
            _ => Err(NotAnId::Kind),
        }
    }

    /// An id, which is kept as JSON has it.
    #[cfg(feature = "msgpack")]
    pub(super) fn of_msgpack(value: &[u8]) -> Result<Self, NotAnId> {
        if value.len() > Self::MAX_BYTES {
            return Err(NotAnId::TooLong);
        }
        let syntax = |why: &str| NotAnId::Syntax(why.to_owned());
        let first = *value.first().ok_or_else(|| syntax("an id was expected"))?;
        let json = match Marker::from_u8(first) {
            Marker::Null => return Ok(Self::Null),
            Marker::FixPos(_) | Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64 => {
                let number: u64 =
                    rmp_serde::from_slice(value).map_err(|e| syntax(&e.to_string()))?;
                if number < Self::FIRST_LARGE {
                    return Ok(Self::Number(number));
                }
                number.to_string()
            }
            Marker::FixNeg(_) | Marker::I8 | Marker::I16 | Marker::I32 | Marker::I64 => {
                let number: i64 =
                    rmp_serde::from_slice(value).map_err(|e| syntax(&e.to_string()))?;
                match u64::try_from(number) {
                    Ok(number) if number < Self::FIRST_LARGE => return Ok(Self::Number(number)),
                    _ => number.to_string(),
                }
            }
            Marker::F32 | Marker::F64 => {
                let number: f64 =
                    rmp_serde::from_slice(value).map_err(|e| syntax(&e.to_string()))?;
                if !number.is_finite() {
                    return Err(NotAnId::Kind);
                }
                serde_json::to_string(&number).map_err(|e| syntax(&e.to_string()))?
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let text: &str =
                    rmp_serde::from_slice(value).map_err(|e| syntax(&e.to_string()))?;
                serde_json::to_string(text).map_err(|e| syntax(&e.to_string()))?
            }
            _ => return Err(NotAnId::Kind),
        };
        Ok(Self::Verbatim(json.into()))
    }

    /// Reads an id from the bytes of one value.
    pub(super) fn read(encoding: Encoding, value: &[u8]) -> Result<Self, NotAnId> {
        match encoding {
            Encoding::Json => Self::of_json(value),
            #[cfg(feature = "msgpack")]
            Encoding::MessagePack => Self::of_msgpack(value),
        }
    }

    /// The same, of something that may be none.
    pub(crate) fn parse(encoding: Encoding, value: &[u8]) -> Option<Self> {
        Self::read(encoding, value).ok()
    }

    /// Reads the id of a subscription, which is a number or a string.
    pub(crate) fn of_subscription(encoding: Encoding, value: &[u8]) -> Option<Self> {
        Self::parse(encoding, value).filter(|id| *id != Self::Null)
    }

    /// Appends the id as JSON.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Number(number) => value::integer(out, *number),
            Self::Verbatim(json) => out.extend_from_slice(json.as_bytes()),
        }
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
