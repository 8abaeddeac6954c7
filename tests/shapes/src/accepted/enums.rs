//! Enums.

use ipc_runtime::shape::{Enum, Shape, Tagging, Variant};

use super::{How, structs::Entry};
use crate::{encoding::Encoding, reading::Reading, value::Value};

pub(super) fn read(of: &Enum, value: &Value, how: How<'_>) -> Reading {
    let is_untagged = |one: &&Variant| matches!(of.tagging, Tagging::Untagged) || one.is_untagged;
    let received = || of.variants.iter().filter(|one| one.name.received.is_some());
    let mut untagged = received().filter(is_untagged).peekable();
    if untagged.peek().is_none() {
        return tagged(of, value, how);
    }
    // A tagged variant that doesn't fit is no error: the untagged ones are tried then.
    let how = how.buffered();
    untagged.fold(tagged(of, value, how), |reading, variant| {
        reading
            | match &variant.content {
                Some(content) => super::read(content, value, how),
                None => Reading::of(*value == Value::Null),
            }
    })
}

/// The variant that a tag names, without `other`.
pub(super) fn named<'a>(of: &'a Enum, tag: &str) -> Option<&'a Variant> {
    of.variants.iter().find(|one| !one.is_untagged && one.name.is_read_as(tag))
}

/// The variant that a tag means, or what is said of such a tag.
fn variant<'a>(of: &'a Enum, tag: &Value, how: How<'_>) -> Result<&'a Variant, Reading> {
    match tag {
        Value::Text(tag) => {
            let other = || of.variants.iter().find(|one| one.is_other);
            named(of, tag).or_else(other).ok_or(Reading::No)
        }
        // Serde reads a variant's number for its name, and its bytes.
        Value::Int(_) | Value::Bytes(_) if !how.is_direct(Encoding::Json) => Err(Reading::Lax),
        _ => Err(Reading::No),
    }
}

fn tagged(of: &Enum, value: &Value, how: How<'_>) -> Reading {
    let reading = match &of.tagging {
        Tagging::External => external(of, value, how),
        Tagging::Internal(tag) => internal(of, tag, value, how),
        Tagging::Adjacent { tag, content } => adjacent(of, tag, content, value, how),
        _ => Err(Reading::No),
    };
    reading.unwrap_or_else(|reading| reading)
}

fn external(of: &Enum, value: &Value, how: How<'_>) -> Result<Reading, Reading> {
    match value {
        Value::Map(entries) => {
            let [(key, value)] = entries.as_slice() else { return Err(Reading::No) };
            match &variant(of, key, how)?.content {
                Some(content) => Ok(super::read(content, value, how)),
                // Serde reads `{"A": null}` as it does `"A"`.
                None => Ok(super::read(&Shape::Unit, value, how)),
            }
        }
        // Only text is both a name and a value here.
        Value::Int(_) | Value::Bytes(_) if how.buffered => Err(Reading::No),
        tag => Ok(Reading::of(variant(of, tag, how)?.content.is_none())),
    }
}

fn internal(of: &Enum, tag: &str, value: &Value, how: How<'_>) -> Result<Reading, Reading> {
    let entries = match value {
        Value::Map(entries) => entries,
        // Serde reads a list of the tag and the content too.
        Value::List(_) => return Err(Reading::Lax),
        _ => return Err(Reading::No),
    };
    let is_tag = |(key, _): &Entry| key.as_text() == Some(tag);
    let mut tags = entries.iter().filter(|entry| is_tag(entry));
    let (Some((_, named)), None) = (tags.next(), tags.next()) else { return Err(Reading::No) };
    let variant = variant(of, named, how)?;
    let rest: Vec<_> = entries.iter().filter(|entry| !is_tag(entry)).cloned().collect();
    match &variant.content {
        // Whatever else is there, even where unknown fields are denied.
        None => Ok(Reading::Yes),
        // What `()` and unit structs are sent as.
        Some(content) if rest.is_empty() && is_unit(content, how) => Ok(Reading::Yes),
        Some(content) => Ok(super::read(content, &Value::Map(rest), how.buffered())),
    }
}

fn is_unit(shape: &Shape, how: How<'_>) -> bool {
    match shape {
        Shape::Unit => true,
        Shape::Reference(name) => is_unit(how.named(name), how),
        Shape::Newtype(inner) => is_unit(inner, how),
        _ => false,
    }
}

fn adjacent(
    of: &Enum,
    tag: &str,
    content: &str,
    value: &Value,
    how: How<'_>,
) -> Result<Reading, Reading> {
    let entries = match value {
        Value::Map(entries) => entries,
        // Serde reads a list of the tag and the content too.
        Value::List(_) => return Err(Reading::Lax),
        _ => return Err(Reading::No),
    };
    let (mut named, mut found, mut first) = (None, None, None);
    for (key, value) in entries {
        let place = match key.as_text() {
            Some(key) if key == tag => &mut named,
            Some(key) if key == content => &mut found,
            _ if of.denies_unknown => return Err(Reading::No),
            _ => continue,
        };
        if place.replace(value).is_some() {
            return Err(Reading::No);
        }
        first.get_or_insert(key);
    }
    let named = named.ok_or(Reading::No)?;
    // Serde reads the tag as an enum of its own.
    if let Value::Map(_) = named {
        return Err(Reading::Lax);
    }
    let variant = variant(of, named, How { buffered: false, ..how }).map_err(|reading| {
        // Out of a tree, the tag is text.
        if how.buffered { Reading::No } else { reading }
    })?;
    // Content in front of the tag has to wait.
    let how = match first.and_then(Value::as_text) == Some(content) {
        true => how.buffered(),
        false => how,
    };
    Ok(match (&variant.content, found) {
        (None, Some(value)) => Reading::of(*value == Value::Null),
        (None, None) => Reading::Yes,
        (Some(shape), Some(value)) => super::read(shape, value, how),
        // Serde needs no content for a variant without fields, even if functions of the user's
        // read some.
        (Some(shape), None) => match shape {
            Shape::Foreign(foreign) if foreign.with.is_some() => Reading::Lax,
            shape => Reading::of(how.types.is_optional(shape)),
        },
    })
}
