//! Flattened fields: they take what they know out of what the struct around them doesn't.

use ipc_runtime::shape::{Enum, Shape, Tagging};

use super::{
    How, enums,
    structs::{self, Entry, Found},
};
use crate::{
    reading::{Reading, all},
    value::Value,
};

/// What is left of the struct around. What was taken is `None`.
pub(super) type Rest = [Option<Entry>];

pub(super) fn read(shape: &Shape, rest: &mut Rest, how: How<'_>) -> Reading {
    match shape {
        Shape::Struct(of) if structs::has_flattened(of) => structs::read(of, &left(rest), how),
        // Its `deny_unknown_fields` counts for nothing: it is shown the fields that it knows.
        Shape::Struct(of) => {
            let mut found = Found::new(of);
            for slot in rest {
                let Some(entry) = slot.take_if(|entry| found.field(entry).is_some()) else {
                    continue;
                };
                if found.take(&entry, how) == Some(Reading::No) {
                    return Reading::No;
                }
            }
            found.finish(how)
        }
        // Nothing is taken.
        Shape::Map(key, value) => all(left(rest)
            .iter()
            .map(|(name, one)| super::keys::read(key, name, how) & super::read(value, one, how))),
        // What can't be read is `None`, whatever the reason. What was taken until then is gone.
        Shape::Option(inner) => match read(inner, rest, how) {
            Reading::No => Reading::Yes,
            reading => reading,
        },
        Shape::Newtype(inner) => read(inner, rest, how),
        Shape::Unit => Reading::Yes,
        Shape::Any => Reading::Yes,
        Shape::Enum(of) => enumeration(of, shape, rest, how),
        Shape::Reference(name) => read(how.named(name), rest, how),
        Shape::Asymmetric { received, .. } => read(received, rest, how),
        Shape::Foreign(_) | Shape::Unknown(_) => Reading::Lax,
        _ => Reading::No,
    }
}

fn enumeration(of: &Enum, shape: &Shape, rest: &mut Rest, how: How<'_>) -> Reading {
    let is_mixed = of.variants.iter().any(|variant| variant.is_untagged);
    match &of.tagging {
        // The first variant that is there. `other` doesn't count: each field would be one.
        Tagging::External if !is_mixed => {
            let known = |(key, _): &mut Entry| {
                key.as_text().is_some_and(|name| enums::named(of, name).is_some())
            };
            match rest.iter_mut().find_map(|slot| slot.take_if(known)) {
                Some(entry) => enums::read(of, &Value::Map(vec![entry]), how),
                None => Reading::No,
            }
        }
        Tagging::Adjacent { tag, content } if !is_mixed => {
            let known = |(key, _): &mut Entry| {
                key.as_text().is_some_and(|name| *name == **tag || *name == **content)
            };
            let taken = rest.iter_mut().filter_map(|slot| slot.take_if(known)).collect();
            enums::read(of, &Value::Map(taken), how)
        }
        // Serde makes a tree of everything, and takes nothing.
        _ => super::read(shape, &Value::Map(left(rest)), how),
    }
}

fn left(rest: &Rest) -> Vec<Entry> {
    rest.iter().flatten().cloned().collect()
}
