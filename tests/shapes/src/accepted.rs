//! What a shape says is read.

mod enums;
mod flat;
mod keys;
mod scalars;
mod structs;

use ipc_runtime::{interface::TypeSchema, shape::Shape};

pub(crate) use self::scalars::{in_range, is_text};

use crate::{
    encoding::Encoding,
    reading::{Reading, all},
    value::Value,
};

/// Whether the shape says that such a value is read.
pub fn accepted(schema: &TypeSchema, value: &Value, encoding: Encoding) -> bool {
    reading(schema, value, encoding) == Reading::Yes
}

/// As [`accepted`], also saying where a shape doesn't tell.
pub fn reading(schema: &TypeSchema, value: &Value, encoding: Encoding) -> Reading {
    read(schema.shape(), value, How { types: schema, encoding, buffered: false })
}

/// How a value is read.
#[derive(Debug, Clone, Copy)]
struct How<'a> {
    /// What is behind the names of types.
    types: &'a TypeSchema,
    encoding: Encoding,
    /// Whether serde reads it into a tree first, for a tag that comes later, for `untagged`, and
    /// for `flatten`. What such a tree can't tell, a value in it can't be read from.
    buffered: bool,
}

impl<'a> How<'a> {
    fn named(self, name: &str) -> &'a Shape {
        self.types.get(name).map_or(&Shape::Any, |one| &one.shape)
    }

    fn buffered(self) -> Self {
        Self { buffered: true, ..self }
    }

    fn is_direct(self, encoding: Encoding) -> bool {
        self.encoding == encoding && !self.buffered
    }
}

fn read(shape: &Shape, value: &Value, how: How<'_>) -> Reading {
    // rmp-serde reads a list from bytes, and serde_json's `Value` is never read from them.
    // rmp-serde reads a list from bytes where it isn't buffered, which nobody sends.
    let is_never_bytes = matches!(
        shape,
        Shape::Sequence(_)
            | Shape::Set(_)
            | Shape::Array(..)
            | Shape::Tuple(_)
            | Shape::Struct(_)
            | Shape::Enum(_)
    );
    if is_never_bytes && matches!(value, Value::Bytes(_)) {
        return Reading::Lax;
    }
    match shape {
        // A unit struct is also read from an empty list or map out of a tree, and rmp-serde writes
        // it as an empty list; `()` isn't read from those.
        Shape::Unit => match value {
            Value::Null => Reading::Yes,
            Value::List(items) if items.is_empty() => Reading::Lax,
            Value::Map(entries) if entries.is_empty() => Reading::Lax,
            _ => Reading::No,
        },
        Shape::Bool => Reading::of(matches!(value, Value::Bool(_))),
        Shape::Char => scalars::char(value),
        Shape::Integer(integer) => scalars::integer(*integer, value, how),
        // A whole number is a number to serde, and one that is too large is infinite.
        Shape::Float(_) => Reading::of(matches!(value, Value::Int(_) | Value::Float(_))),
        Shape::Text(format) => scalars::text(*format, value),
        Shape::Bytes => scalars::bytes(value),
        Shape::Any => any(value),
        Shape::Option(inner) => match value {
            Value::Null => Reading::Yes,
            value => read(inner, value, how),
        },
        Shape::Sequence(item) | Shape::Set(item) => match value {
            Value::List(items) => all(items.iter().map(|one| read(item, one, how))),
            _ => Reading::No,
        },
        Shape::Array(item, length) => match value {
            Value::List(items) if items.len() as u64 == *length => {
                all(items.iter().map(|one| read(item, one, how)))
            }
            _ => Reading::No,
        },
        Shape::Map(key, of) => match value {
            Value::Map(entries) => all(entries
                .iter()
                .map(|(name, value)| keys::read(key, name, how) & read(of, value, how))),
            _ => Reading::No,
        },
        Shape::Tuple(elements) => match value {
            Value::List(items) if items.len() <= elements.len() => {
                let read = all(items
                    .iter()
                    .zip(elements.iter())
                    .map(|(item, element)| read(&element.shape, item, how)));
                let missing = elements.iter().skip(items.len());
                read & Reading::of(missing.into_iter().all(|element| element.has_default))
            }
            _ => Reading::No,
        },
        Shape::Newtype(inner) => read(inner, value, how),
        Shape::Struct(of) => match value {
            Value::Map(entries) => structs::read(of, entries, how),
            // Serde reads a struct from a list of its fields too, which nobody sends.
            Value::List(_) => Reading::Lax,
            _ => Reading::No,
        },
        Shape::Enum(of) => enums::read(of, value, how),
        Shape::Reference(name) => read(how.named(name), value, how),
        Shape::Literal(text) => Reading::of(value.as_text() == Some(text)),
        Shape::Asymmetric { received, .. } => read(received, value, how),
        // Nothing is known.
        _ => Reading::Lax,
    }
}

fn any(value: &Value) -> Reading {
    match value {
        Value::Bytes(_) => Reading::Lax,
        Value::List(items) => all(items.iter().map(any)),
        Value::Map(entries) => all(entries.iter().map(|(_, value)| any(value))),
        _ => Reading::Yes,
    }
}
