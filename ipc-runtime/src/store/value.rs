//! Values in the form in which they are stored and sent.

use std::{any::type_name, fmt, io, sync::Arc};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{DeserializeOwned, Error},
};
use serde_json::Value;

use crate::{
    codec::{Encoding, json, raw_json::JsonValue},
    store::{
        error::StoreError,
        exact::{Exact, is_wide, reserved_name},
    },
};

/// How many levels deep a value may be nested. JSON readers accept 128 levels, and the message
/// around the value needs some of them. A value that no replica could read would end all replicas.
const MAX_DEPTH: usize = 100;

/// A value that untyped JSON can't represent is sent as an object with only this member. It holds
/// the value's JSON as text, so that an integer of more than 64 bits keeps its digits in every
/// encoding. A value that happens to look like such an object is sent in the same way.
const EXACT: &str = "$json";

/// A stored value. Clones share it.
#[derive(Clone, PartialEq)]
pub(super) struct Kept(Arc<Form>);

#[derive(PartialEq)]
enum Form {
    Value(Value),
    /// A value that a `Value` can't hold.
    Exact(Exact),
}

impl Form {
    fn parse(text: &str) -> Result<Self, serde_json::Error> {
        Ok(Exact::parse(text)?.into_value().map_or_else(Self::Exact, Self::Value))
    }

    /// Runs the user's `Serialize`.
    fn encode<T: Serialize + ?Sized>(value: &T) -> Result<Self, String> {
        if let Some(value) = json::to_value(value).ok().filter(|value| !is_wide(value)) {
            return Ok(Self::Value(value));
        }
        let mut json = Vec::new();
        Encoding::Json.encode(&mut json, value)?;
        let json = String::from_utf8(json).map_err(|error| error.to_string())?;
        Self::parse(&json).map_err(|error| error.to_string())
    }
}

/// Returns the text of a value that is sent as its JSON text.
fn exact_text(value: &Value) -> Option<&str> {
    let members = value.as_object().filter(|members| members.len() == 1)?;
    members.get(EXACT)?.as_str()
}

impl Kept {
    /// Runs the user's `Serialize`.
    pub(super) fn encode<T: Serialize + ?Sized>(key: &str, value: &T) -> Result<Self, StoreError> {
        let form = Form::encode(value)
            .map_err(|message| StoreError::Encode { key: key.to_owned(), message })?;
        let kept = Self(Arc::new(form));
        kept.check(key)?;
        Ok(kept)
    }

    /// Runs the user's `Deserialize`.
    pub(super) fn decode<T: DeserializeOwned>(&self, key: &str) -> Result<T, StoreError> {
        let decoded = match &*self.0 {
            Form::Value(value) => T::deserialize(value),
            Form::Exact(exact) => serde_json::from_str(exact.text()),
        };
        decoded.map_err(|error| {
            let position = format!(" at line {} column {}", error.line(), error.column());
            let text = error.to_string();
            let text = text.strip_suffix(&position).unwrap_or(&text);
            let message = what_was_expected(type_name::<T>(), text);
            StoreError::Decode { key: key.to_owned(), message }
        })
    }

    pub(super) fn value(&self) -> &Value {
        match &*self.0 {
            Form::Value(value) => value,
            Form::Exact(exact) => exact.nearest(),
        }
    }

    /// The value itself, not the form in which it is sent.
    pub(super) fn whole(&self) -> impl Serialize {
        UnwrappedValue(self)
    }

    /// Checks that the value can be sent to every replica.
    pub(super) fn check(&self, key: &str) -> Result<(), StoreError> {
        let message = if fits(self.value(), MAX_DEPTH) {
            let Some(reserved) = reserved_name(self.value()) else { return Ok(()) };
            reserved
        } else {
            format!("it is nested deeper than {MAX_DEPTH} levels")
        };
        Err(StoreError::Encode { key: key.to_owned(), message })
    }

    /// Returns the size as JSON of the form in which the value is sent, in bytes.
    pub(super) fn size(&self) -> u64 {
        let mut count = Count(0);
        // Neither counting nor serializing to JSON fails.
        let _ = serde_json::to_writer(&mut count, self);
        count.0
    }
}

/// Returns the message of a serde error without the parts that quote the value: it may be a secret.
fn what_was_expected(type_name: &str, error: &str) -> String {
    const MISSING: &str = "missing field ";
    const QUOTING: [&str; 5] = [
        "invalid type: ",
        "invalid value: ",
        "invalid length ",
        "unknown variant ",
        "unknown field ",
    ];
    let quotes = QUOTING.iter().any(|begins| error.starts_with(begins));
    // The expectation comes last, and depends only on the type.
    match error.rsplit_once(", expected ") {
        Some((_, expected)) if quotes => format!("it isn't a `{type_name}`: expected {expected}"),
        _ if error.starts_with(MISSING) => format!("it isn't a `{type_name}`: {error}"),
        _ => format!("it isn't a `{type_name}`"),
    }
}

fn fits(value: &Value, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    match value {
        Value::Array(items) => items.iter().all(|item| fits(item, depth)),
        Value::Object(members) => members.values().all(|member| fits(member, depth)),
        _ => true,
    }
}

struct Count(u64);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Leaves out the value, which may be a secret.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").finish_non_exhaustive()
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &*self.0 {
            Form::Value(value) if exact_text(value).is_none() => {
                JsonValue(value).serialize(serializer)
            }
            Form::Value(value) => serializer.collect_map([(EXACT, value.to_string())]),
            Form::Exact(exact) => serializer.collect_map([(EXACT, exact.text())]),
        }
    }
}

struct UnwrappedValue<'a>(&'a Kept);

impl Serialize for UnwrappedValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &*self.0.0 {
            Form::Value(value) => value.serialize(serializer),
            Form::Exact(exact) => exact.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let form = match exact_text(&value) {
            Some(text) => Form::parse(text),
            None if is_wide(&value) => Form::parse(&value.to_string()),
            None => Ok(Form::Value(value)),
        };
        form.map(|form| Self(Arc::new(form))).map_err(D::Error::custom)
    }
}

/// What one side has under a key.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// A value with its size as JSON, in bytes.
    Value { kept: Kept, size: u64 },
    /// The key has a value, but it was too large to be sent here.
    TooLarge { size: u64, limit: u64 },
}

impl PartialEq for Content {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Value { kept, .. }, Self::Value { kept: other, .. }) => kept == other,
            (Self::TooLarge { size, .. }, Self::TooLarge { size: other, .. }) => size == other,
            _ => false,
        }
    }
}

impl Content {
    pub(super) fn decode<T: DeserializeOwned>(&self, key: &str) -> Result<T, StoreError> {
        match self {
            Self::Value { kept, .. } => kept.decode(key),
            Self::TooLarge { size, limit } => {
                Err(StoreError::TooLarge { key: key.to_owned(), size: *size, limit: *limit })
            }
        }
    }

    /// Returns the value's size as JSON, in bytes.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Value { size, .. } | Self::TooLarge { size, .. } => *size,
        }
    }

    pub(super) fn kept(&self) -> Option<&Kept> {
        match self {
            Self::Value { kept, .. } => Some(kept),
            Self::TooLarge { .. } => None,
        }
    }

    pub(super) fn value(&self) -> Option<&Value> {
        self.kept().map(Kept::value)
    }
}
