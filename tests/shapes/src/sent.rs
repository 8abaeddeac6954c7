//! What a shape says is sent.

use std::collections::BTreeSet;

use ipc_runtime::{
    interface::TypeSchema,
    shape::{Enum, Field, Shape, Struct, Tagging, Variant},
};

use crate::{
    accepted::{in_range, is_text},
    encoding::Encoding,
    value::Value,
};

type Entry = (Value, Value);

/// Whether a value looks like what the shape says is sent.
pub fn sent(schema: &TypeSchema, value: &Value, encoding: Encoding) -> Result<(), String> {
    let shape = schema.shape();
    match (Sent { types: schema, encoding }).is(shape, value) {
        true => Ok(()),
        false => Err(format!("{value:?} isn't sent as {shape:?}")),
    }
}

#[derive(Clone, Copy)]
struct Sent<'a> {
    /// What is behind the names of types.
    types: &'a TypeSchema,
    encoding: Encoding,
}

impl<'a> Sent<'a> {
    fn named(self, name: &str) -> &'a Shape {
        self.types.get(name).map_or(&Shape::Any, |one| &one.shape)
    }

    fn is(self, shape: &Shape, value: &Value) -> bool {
        match (shape, value) {
            (Shape::Unit, Value::Null) => true,
            // rmp-serde's form of a unit struct, which the runtime's codec writes as nil.
            (Shape::Unit, Value::List(items)) => {
                self.encoding == Encoding::MessagePack && items.is_empty()
            }
            (Shape::Bool, Value::Bool(_)) => true,
            (Shape::Char, Value::Text(text)) => text.chars().count() == 1,
            (Shape::Integer(integer), Value::Int(number)) => {
                let as_bytes = integer.bits == 128 && self.encoding == Encoding::MessagePack;
                !as_bytes && in_range(*integer, *number)
            }
            // rmp-serde writes a number of 128 bits as its bytes.
            (Shape::Integer(integer), Value::Bytes(bytes)) => {
                integer.bits == 128 && bytes.len() == 16
            }
            (Shape::Float(_), Value::Float(_)) => true,
            (Shape::Text(format), Value::Text(text)) => is_text(*format, text),
            (Shape::Bytes, Value::Text(_)) => true,
            (Shape::Bytes, Value::Bytes(_)) => self.encoding == Encoding::MessagePack,
            (Shape::Option(_), Value::Null) => true,
            (Shape::Option(inner), value) => self.is(inner, value),
            (Shape::Sequence(item), Value::List(items)) => {
                items.iter().all(|one| self.is(item, one))
            }
            (Shape::Set(item), Value::List(items)) => {
                let is_new = |at: usize| !items[..at].contains(&items[at]);
                (0..items.len()).all(|at| is_new(at) && self.is(item, &items[at]))
            }
            (Shape::Array(item, length), Value::List(items)) => {
                items.len() as u64 == *length && items.iter().all(|one| self.is(item, one))
            }
            (Shape::Map(key, of), Value::Map(entries)) => {
                entries.iter().all(|(name, one)| self.is_key(key, name) && self.is(of, one))
            }
            (Shape::Tuple(elements), Value::List(items)) => {
                items.len() == elements.len()
                    && items.iter().zip(elements.iter()).all(|(one, of)| self.is(&of.shape, one))
            }
            (Shape::Newtype(inner), value) => self.is(inner, value),
            (Shape::Struct(of), Value::Map(entries)) => {
                self.after_fields(of, entries, 0).contains(&entries.len())
            }
            (Shape::Enum(of), value) => {
                of.variants.iter().any(|variant| self.is_variant(of, variant, value))
            }
            (Shape::Reference(name), value) => self.is(self.named(name), value),
            (Shape::Literal(text), Value::Text(value)) => text == value,
            (Shape::Asymmetric { sent, .. }, value) => self.is(sent, value),
            // Anything, and what nothing is known of.
            (Shape::Any | Shape::Foreign(_), _) => true,
            _ => false,
        }
    }

    /// In JSON, numbers and truth values are text where they are keys.
    fn is_key(self, shape: &Shape, key: &Value) -> bool {
        let Value::Text(text) = key else { return self.is(shape, key) };
        if self.encoding != Encoding::Json {
            return self.is(shape, key);
        }
        match shape {
            Shape::Integer(integer) => text.parse().is_ok_and(|number| in_range(*integer, number)),
            Shape::Float(_) => text.parse::<f64>().is_ok(),
            Shape::Bool => matches!(text.as_str(), "true" | "false"),
            Shape::Option(inner) | Shape::Newtype(inner) => self.is_key(inner, key),
            Shape::Reference(name) => self.is_key(self.named(name), key),
            Shape::Asymmetric { sent, .. } => self.is_key(sent, key),
            shape => self.is(shape, key),
        }
    }

    fn is_variant(self, of: &Enum, variant: &Variant, value: &Value) -> bool {
        let Some(name) = variant.name.sent.as_deref() else { return false };
        let is_untagged = variant.is_untagged || of.tagging == Tagging::Untagged;
        match (value, &variant.content) {
            (value, Some(content)) if is_untagged => self.is(content, value),
            (value, None) if is_untagged => *value == Value::Null,
            (Value::Text(text), None) => of.tagging == Tagging::External && text == name,
            // In a map, a variant without content is one of a flattened enum alone.
            (Value::Map(_), None) if of.tagging == Tagging::External => false,
            (Value::Map(entries), _) => {
                self.after_variant(of, variant, entries, 0).contains(&entries.len())
            }
            _ => false,
        }
    }

    /// Where the entries of a struct's fields may end that begin there. A flattened map may end at
    /// several places.
    fn after_fields(self, of: &Struct, entries: &[Entry], start: usize) -> BTreeSet<usize> {
        let mut ends = BTreeSet::from([start]);
        for field in of.fields.iter().filter(|field| field.name.sent.is_some()) {
            ends = ends.iter().flat_map(|end| self.after_field(field, entries, *end)).collect();
        }
        ends
    }

    fn after_field(self, field: &Field, entries: &[Entry], start: usize) -> BTreeSet<usize> {
        let mut ends = match (field.is_flattened, entries.get(start)) {
            (true, _) => self.after_flattened(&field.shape, entries, start),
            (false, Some((key, value)))
                if key.as_text() == field.name.sent.as_deref() && self.is(&field.shape, value) =>
            {
                BTreeSet::from([start + 1])
            }
            _ => BTreeSet::new(),
        };
        if field.may_be_omitted {
            ends.insert(start);
        }
        ends
    }

    fn after_flattened(self, shape: &Shape, entries: &[Entry], start: usize) -> BTreeSet<usize> {
        match shape {
            Shape::Struct(of) => self.after_fields(of, entries, start),
            Shape::Map(key, of) => {
                let fits = entries[start..]
                    .iter()
                    .take_while(|(name, one)| self.is_key(key, name) && self.is(of, one));
                (start..=start + fits.count()).collect()
            }
            Shape::Any | Shape::Foreign(_) => (start..=entries.len()).collect(),
            Shape::Unit => BTreeSet::from([start]),
            Shape::Option(inner) => {
                let mut ends = self.after_flattened(inner, entries, start);
                ends.insert(start);
                ends
            }
            Shape::Newtype(inner) => self.after_flattened(inner, entries, start),
            Shape::Reference(name) => self.after_flattened(self.named(name), entries, start),
            Shape::Asymmetric { sent, .. } => self.after_flattened(sent, entries, start),
            Shape::Enum(of) => of
                .variants
                .iter()
                .flat_map(|variant| self.after_variant(of, variant, entries, start))
                .collect(),
            _ => BTreeSet::new(),
        }
    }

    /// As [`after_fields`](Self::after_fields), for a variant that is written as entries of a map.
    fn after_variant(
        self,
        of: &Enum,
        variant: &Variant,
        entries: &[Entry],
        start: usize,
    ) -> BTreeSet<usize> {
        let none = BTreeSet::new();
        let Some(name) = variant.name.sent.as_deref() else { return none };
        let content = variant.content.as_ref();
        if variant.is_untagged || of.tagging == Tagging::Untagged {
            return match content {
                Some(content) => self.after_flattened(content, entries, start),
                None => BTreeSet::from([start]),
            };
        }
        let Some((key, value)) = entries.get(start) else { return none };
        let is_tag = |tag: &str| key.as_text() == Some(tag) && value.as_text() == Some(name);
        match &of.tagging {
            Tagging::External if key.as_text() == Some(name) => match content {
                Some(content) if self.is(content, value) => BTreeSet::from([start + 1]),
                None if *value == Value::Null => BTreeSet::from([start + 1]),
                _ => none,
            },
            Tagging::Internal(tag) if is_tag(tag) => match content {
                Some(content) => self.after_flattened(content, entries, start + 1),
                None => BTreeSet::from([start + 1]),
            },
            Tagging::Adjacent { tag, content: name } if is_tag(tag) => {
                match (content, entries.get(start + 1)) {
                    (None, _) => BTreeSet::from([start + 1]),
                    (Some(content), Some((key, value)))
                        if key.as_text() == Some(name) && self.is(content, value) =>
                    {
                        BTreeSet::from([start + 2])
                    }
                    _ => none,
                }
            }
            _ => none,
        }
    }
}
