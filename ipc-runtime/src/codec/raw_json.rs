//! JSON inside values of any encoding.

use serde::{Serialize, Serializer};
use serde_json::{Number, Value, value::RawValue};

use crate::codec::bytes::NATIVE;

/// JSON text as a value: JSON contains the text as it is, other encodings contain what it says.
pub(crate) struct RawJson<'a>(pub(crate) &'a RawValue);

impl Serialize for RawJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NATIVE, &NativeJson(self.0))
    }
}

struct NativeJson<'a>(&'a RawValue);

impl Serialize for NativeJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.0.serialize(serializer);
        }
        let value = serde_json::from_str(self.0.get()).map_err(serde::ser::Error::custom)?;
        Plain(&value).serialize(serializer)
    }
}

/// A JSON value, for any encoding.
pub(crate) struct JsonValue<'a>(pub(crate) &'a Value);

impl Serialize for JsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_newtype_struct(NATIVE, &NativeJsonValue(self.0))
    }
}

struct NativeJsonValue<'a>(&'a Value);

impl Serialize for NativeJsonValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            self.0.serialize(serializer)
        } else {
            Plain(self.0).serialize(serializer)
        }
    }
}

/// A value whose numbers are always serialized as numbers.
struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Number(number) => PlainNumber(number).serialize(serializer),
            Value::Array(items) => serializer.collect_seq(items.iter().map(Plain)),
            Value::Object(members) => {
                serializer.collect_map(members.iter().map(|(key, value)| (key, Plain(value))))
            }
            value => value.serialize(serializer),
        }
    }
}

/// A number as one, in any encoding. If the app turns on serde_json's feature
/// `arbitrary_precision`, numbers keep their text, and serde_json serializes them as a struct of
/// its own.
pub(crate) struct PlainNumber<'a>(pub(crate) &'a Number);

impl Serialize for PlainNumber<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(number) = self;
        if let Some(number) = number.as_u64() {
            serializer.serialize_u64(number)
        } else if let Some(number) = number.as_i64() {
            serializer.serialize_i64(number)
        } else if let Some(number) = number.as_f64() {
            serializer.serialize_f64(number)
        } else {
            serializer.serialize_unit()
        }
    }
}
