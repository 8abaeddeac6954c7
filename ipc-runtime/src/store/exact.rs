//! Values with integers of more than 64 bits, which methods carry and a [`Value`] can't hold.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, ser::Error};
use serde_json::{Value, value::RawValue};

/// A value by the text of its JSON. What says the same has the same text: members of objects are
/// sorted, and numbers are written in one way.
#[derive(Debug)]
pub(super) struct Exact {
    text: Box<RawValue>,
    nearest: Value,
}

impl Exact {
    pub(super) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        // First, since it alone refuses what is nested too deep to be looked through.
        let nearest = serde_json::from_str(text)?;
        let sorted = serde_json::to_string(&Digits(serde_json::from_str(text)?))?;
        Ok(Self { text: RawValue::from_string(sorted)?, nearest })
    }

    pub(super) fn text(&self) -> &str {
        self.text.get()
    }

    /// The same as far as a [`Value`] can tell it: integers of more than 64 bits are floats.
    pub(super) fn nearest(&self) -> &Value {
        &self.nearest
    }

    /// The nearest, if it is no other.
    pub(super) fn into_value(self) -> Result<Value, Self> {
        let is_same = serde_json::to_string(&self.nearest).is_ok_and(|text| text == self.text());
        if is_same { Ok(self.nearest) } else { Err(self) }
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

/// With all digits.
impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Digits(&self.text).serialize(serializer)
    }
}

/// Whether there is an integer in it that another app's [`Value`] couldn't hold. It is false
/// wherever serde_json doesn't keep the text of numbers (its feature `arbitrary_precision`).
pub(super) fn is_wide(value: &Value) -> bool {
    match value {
        Value::Number(number) => !(number.is_u64() || number.is_i64() || number.is_f64()),
        Value::Array(items) => items.iter().any(is_wide),
        Value::Object(members) => members.values().any(is_wide),
        _ => false,
    }
}

/// JSON as values of serde, whose integers have up to 128 bits.
struct Digits<'a>(&'a RawValue);

impl Serialize for Digits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.get();
        match text.as_bytes().first() {
            Some(b'{') => {
                let members: BTreeMap<String, &RawValue> = parsed(text)?;
                serializer.collect_map(members.iter().map(|(name, value)| (name, Digits(value))))
            }
            Some(b'[') => {
                let items: Vec<&RawValue> = parsed(text)?;
                serializer.collect_seq(items.into_iter().map(Digits))
            }
            _ => {
                if let Ok(number) = text.parse::<u64>() {
                    serializer.serialize_u64(number)
                } else if let Ok(number) = text.parse::<u128>() {
                    serializer.serialize_u128(number)
                } else if let Ok(number) = text.parse::<i64>() {
                    serializer.serialize_i64(number)
                } else if let Ok(number) = text.parse::<i128>() {
                    serializer.serialize_i128(number)
                } else {
                    parsed::<Value, S::Error>(text)?.serialize(serializer)
                }
            }
        }
    }
}

fn parsed<'a, T: serde::Deserialize<'a>, E: Error>(text: &'a str) -> Result<T, E> {
    serde_json::from_str(text).map_err(E::custom)
}
