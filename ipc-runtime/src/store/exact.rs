//! Values with integers of more than 64 bits, which methods can send but a [`Value`] can't hold.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer, de, ser::Error};
use serde_json::{Value, value::RawValue};

/// A value as JSON text. Equal values have the same text: members of objects are sorted, and
/// numbers are written in one way.
#[derive(Debug)]
pub(super) struct Exact {
    text: Box<RawValue>,
    nearest: Value,
    /// Whether there is an integer that `nearest` can't hold.
    is_wide: bool,
}

impl Exact {
    pub(super) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        // This comes first: only serde_json refuses text that isn't JSON, or is nested too deep to
        // be walked.
        let nearest = serde_json::from_str(text)?;
        let digits = Digits::read(text)?;
        let is_wide = digits.is_wide();
        let text = RawValue::from_string(serde_json::to_string(&digits)?)?;
        Ok(Self { text, nearest, is_wide })
    }

    pub(super) fn text(&self) -> &str {
        self.text.get()
    }

    /// Returns the value as far as a [`Value`] can hold it: integers of more than 64 bits are
    /// floats.
    pub(super) fn nearest(&self) -> &Value {
        &self.nearest
    }

    /// Returns the nearest [`Value`] if it is exact.
    pub(super) fn into_value(self) -> Result<Value, Self> {
        if self.is_wide { Err(self) } else { Ok(self.nearest) }
    }
}

impl PartialEq for Exact {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

/// Writes all digits.
impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Digits::read(self.text()).map_err(S::Error::custom)?.serialize(serializer)
    }
}

/// Returns whether there is an integer in the value that another app's [`Value`] couldn't hold.
/// This is always `false` unless serde_json keeps the text of numbers (its feature
/// `arbitrary_precision`).
pub(super) fn is_wide(value: &Value) -> bool {
    match value {
        Value::Number(number) => !(number.is_u64() || number.is_i64() || number.is_f64()),
        Value::Array(items) => items.iter().any(is_wide),
        Value::Object(members) => members.values().any(is_wide),
        _ => false,
    }
}

/// JSON as values of serde, whose integers have up to 128 bits. It is read in one pass, so the cost
/// doesn't grow with the depth.
enum Digits<'a> {
    Array(Vec<Self>),
    Object(BTreeMap<String, Self>),
    /// Any other value, as its text.
    Scalar(&'a str),
}

impl<'a> Digits<'a> {
    /// Reads text that is known to be JSON.
    fn read(text: &'a str) -> Result<Self, serde_json::Error> {
        Walk { text }.value()
    }

    fn is_wide(&self) -> bool {
        match self {
            Self::Array(items) => items.iter().any(Self::is_wide),
            Self::Object(members) => members.values().any(Self::is_wide),
            Self::Scalar(text) => {
                let is_narrow = text.parse::<u64>().is_ok() || text.parse::<i64>().is_ok();
                !is_narrow && (text.parse::<u128>().is_ok() || text.parse::<i128>().is_ok())
            }
        }
    }
}

/// The rest of a text that is known to be JSON.
struct Walk<'a> {
    text: &'a str,
}

impl<'a> Walk<'a> {
    fn value(&mut self) -> Result<Digits<'a>, serde_json::Error> {
        match self.next() {
            Some(b'[') => {
                let mut items = Vec::new();
                self.skip(1);
                while !matches!(self.next(), Some(b']') | None) {
                    items.push(self.value()?);
                    self.skip_if(b',');
                }
                self.skip(1);
                Ok(Digits::Array(items))
            }
            Some(b'{') => {
                let mut members = BTreeMap::new();
                self.skip(1);
                while !matches!(self.next(), Some(b'}') | None) {
                    let name: String = serde_json::from_str(self.scalar())?;
                    if name.starts_with(RESERVED) {
                        return Err(de::Error::custom(reserved(&name)));
                    }
                    self.skip_if(b':');
                    members.insert(name, self.value()?);
                    self.skip_if(b',');
                }
                self.skip(1);
                Ok(Digits::Object(members))
            }
            _ => Ok(Digits::Scalar(self.scalar())),
        }
    }

    /// Takes the text of a string, a number, or a word like `true`.
    fn scalar(&mut self) -> &'a str {
        let is_string = self.next() == Some(b'"');
        let bytes = self.text.as_bytes();
        let mut end = 0;
        if is_string {
            end = 1;
            while bytes.get(end).is_some_and(|byte| *byte != b'"') {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            end += 1;
        } else {
            let is_inside = |byte: &u8| {
                !matches!(byte, b',' | b']' | b'}' | b':') && !byte.is_ascii_whitespace()
            };
            while bytes.get(end).is_some_and(is_inside) {
                end += 1;
            }
        }
        let text = self.text;
        let scalar = text.get(..end).unwrap_or(text);
        self.skip(scalar.len());
        scalar
    }

    /// Returns the first byte after whitespace.
    fn next(&mut self) -> Option<u8> {
        self.text = self.text.trim_ascii_start();
        self.text.bytes().next()
    }

    fn skip_if(&mut self, byte: u8) {
        if self.next() == Some(byte) {
            self.skip(1);
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.text = self.text.get(bytes..).unwrap_or_default();
    }
}

impl Serialize for Digits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Array(items) => serializer.collect_seq(items),
            Self::Object(members) => serializer.collect_map(members),
            Self::Scalar(text) => {
                // Only a float can be a zero with a sign.
                if *text == "-0" {
                    serializer.serialize_f64(-0.0)
                } else if let Ok(number) = text.parse::<u64>() {
                    serializer.serialize_u64(number)
                } else if let Ok(number) = text.parse::<u128>() {
                    serializer.serialize_u128(number)
                } else if let Ok(number) = text.parse::<i64>() {
                    serializer.serialize_i64(number)
                } else if let Ok(number) = text.parse::<i128>() {
                    serializer.serialize_i128(number)
                } else {
                    let value: Value = serde_json::from_str(text).map_err(S::Error::custom)?;
                    value.serialize(serializer)
                }
            }
        }
    }
}

/// The prefix of member names that serde_json uses for forms of its own. Wherever it reads a
/// [`Value`], it takes a member with such a name for one of these forms, and returns another value
/// or an error.
const RESERVED: &str = "$serde_json::private::";

fn reserved(name: &str) -> String {
    format!("it has a member named `{name}`, a name that is serde_json's own")
}

/// Returns what is wrong with the first member that has such a name, if there is one.
pub(super) fn reserved_name(value: &Value) -> Option<String> {
    match value {
        Value::Array(items) => items.iter().find_map(reserved_name),
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            if name.starts_with(RESERVED) { Some(reserved(name)) } else { reserved_name(member) }
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(text: &str) -> String {
        Exact::parse(text).unwrap().text().to_owned()
    }

    #[test]
    fn what_says_the_same_has_the_same_text() {
        let wide = u128::MAX;
        let text =
            format!(r#" {{ "b\"]" : [ {wide} , -1, "}}]," ] , "a": {{"é": [] }}, "c": 1.50e1 }} "#);
        assert_eq!(
            sorted(&text),
            format!(r#"{{"a":{{"é":[]}},"b\"]":[{wide},-1,"}}],"],"c":15.0}}"#)
        );
        assert!(Exact::parse(&text).unwrap().into_value().is_err());
        for text in ["-0", "1", "true", r#""""#, "[]", "[[],{}]", r#"{"b":1,"a":-0.0}"#] {
            let nearest: Value = serde_json::from_str(text).unwrap();
            assert_eq!(Exact::parse(text).unwrap().into_value().unwrap(), nearest, "{text}");
        }
        assert_eq!(sorted("[-0]"), "[-0.0]");
    }

    #[test]
    fn names_of_serde_json_s_own_are_refused_wherever_they_stand() {
        let own = "$serde_json::private::RawValue";
        for text in [
            format!(r#"{{"a":1,"{own}":5}}"#),
            format!(r#"[{{"{own}":"[1]"}}]"#),
            format!(r#"{{"a":[{{"a":{{}},"{own}":"x"}}],"b":1}}"#),
        ] {
            let error = Exact::parse(&text).unwrap_err();
            assert!(error.to_string().contains("serde_json's own"), "{error}");
        }
        let value: Value = serde_json::from_str(&format!(r#"[{{"a":1,"{own}":5}}]"#)).unwrap();
        assert!(reserved_name(&value).is_some());
    }
}
