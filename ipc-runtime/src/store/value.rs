//! Values as they are kept.

use std::{any::type_name, fmt, io, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    codec::{self, raw_json::JsonValue},
    store::error::StoreError,
};

/// How deep a value may be nested. A reader of JSON takes 128 levels, and the message around a
/// value has some of its own: one that no replica could read would end them all.
const MAX_DEPTH: usize = 100;

/// A value, shared by all who look at it.
#[derive(Clone, PartialEq)]
pub(super) struct Kept(Arc<Value>);

impl Kept {
    /// Runs the user's `Serialize`.
    pub(super) fn encode<T: Serialize + ?Sized>(key: &str, value: &T) -> Result<Self, StoreError> {
        let value = codec::to_value(value)
            .map_err(|message| StoreError::Encode { key: key.to_owned(), message })?;
        let kept = Self(Arc::new(value));
        kept.check(key)?;
        Ok(kept)
    }

    /// Runs the user's `Deserialize`.
    pub(super) fn decode<T: DeserializeOwned>(&self, key: &str) -> Result<T, StoreError> {
        T::deserialize(&*self.0).map_err(|error| {
            let message = what_was_expected(type_name::<T>(), &error.to_string());
            StoreError::Decode { key: key.to_owned(), message }
        })
    }

    pub(super) fn value(&self) -> &Value {
        &self.0
    }

    /// That it can travel to all who watch.
    pub(super) fn check(&self, key: &str) -> Result<(), StoreError> {
        if fits(&self.0, MAX_DEPTH) {
            return Ok(());
        }
        let message = format!("it is nested deeper than {MAX_DEPTH} levels");
        Err(StoreError::Encode { key: key.to_owned(), message })
    }

    /// Its size as JSON, in bytes.
    pub(super) fn size(&self) -> u64 {
        let mut count = Count(0);
        // Neither counting nor a `Value` ever fails.
        let _ = serde_json::to_writer(&mut count, &*self.0);
        count.0
    }
}

/// What an error of serde says without what it quotes of the value, which may be a secret.
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
    // What is expected comes last, and from the type alone.
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

/// Without the value, which may be a secret.
impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kept").finish_non_exhaustive()
    }
}

impl Serialize for Kept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        JsonValue(&self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Kept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(|value| Self(Arc::new(value)))
    }
}

/// What stands under a key on one side.
#[derive(Debug, Clone)]
pub(super) enum Content {
    /// With its size as JSON, in bytes.
    Value { kept: Kept, size: u64 },
    /// There is a value, which was too large to come here.
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

    /// The value's size as JSON, in bytes.
    pub(super) fn size(&self) -> u64 {
        match self {
            Self::Value { size, .. } | Self::TooLarge { size, .. } => *size,
        }
    }

    pub(super) fn value(&self) -> Option<&Value> {
        match self {
            Self::Value { kept, .. } => Some(kept.value()),
            Self::TooLarge { .. } => None,
        }
    }
}
