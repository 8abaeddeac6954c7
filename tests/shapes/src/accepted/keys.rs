//! Keys of maps.

use ipc_runtime::shape::Shape;

use super::{How, scalars};
use crate::{encoding::Encoding, reading::Reading, value::Value};

pub(super) fn read(shape: &Shape, key: &Value, how: How<'_>) -> Reading {
    match key {
        // Out of a tree, a key of JSON is text and nothing else: a number isn't read from it.
        Value::Text(text) if how.is_direct(Encoding::Json) => json(shape, key, text, how),
        key => super::read(shape, key, how),
    }
}

/// A key of JSON, which serde_json reads numbers and truth values from.
fn json(shape: &Shape, key: &Value, text: &str, how: How<'_>) -> Reading {
    match shape {
        Shape::Integer(integer) => match text.parse::<i128>() {
            // As JSON writes it: no `+`, no zeros in front.
            Ok(number) if number.to_string() == text => {
                Reading::of(scalars::in_range(*integer, number))
            }
            _ => Reading::No,
        },
        // What else may be a number in JSON isn't worth a parser here.
        Shape::Float(_) => match text.parse::<f64>() {
            Ok(_) => Reading::Lax,
            Err(_) => Reading::No,
        },
        Shape::Bool => Reading::of(matches!(text, "true" | "false")),
        Shape::Option(inner) | Shape::Newtype(inner) => json(inner, key, text, how),
        Shape::Reference(name) => json(how.named(name), key, text, how),
        Shape::Asymmetric { received, .. } => json(received, key, text, how),
        shape => super::read(shape, key, how),
    }
}
