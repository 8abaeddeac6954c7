//! A type that goes to TypeScript and comes back.

use std::any::type_name;

use ipc_runtime::{
    interface::TypeSchema,
    shape::{IpcType, Shape},
    typescript::Bindings,
};
use ipc_shape_tests::{encoding::Encoding, random::Random, value::Value};
use serde::{Serialize, de::DeserializeOwned};

use crate::sample::Sample;

/// What is needed of a type.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub name: fn() -> &'static str,
    /// Adds a function that takes and returns the type.
    pub bound: fn(Bindings, String) -> Bindings,
    /// As that, but what is returned is a tuple of the type: a `Result` would be taken apart.
    pub bound_whole: fn(Bindings, String) -> Bindings,
    /// The JSON of a sample, unless serde itself reads another value of it or can't write it.
    pub written: fn(&mut Random) -> Option<String>,
    /// Compares what serde reads of two texts; the error says how they differ.
    pub compared: fn(&str, &str) -> Result<(), String>,
}

impl Case {
    pub(crate) const fn of<T: IpcType + Sample + Serialize + DeserializeOwned>() -> Self {
        Self {
            name: type_name::<T>,
            bound: |bindings, name| bindings.function::<(T,), T>(name),
            bound_whole: |bindings, name| bindings.function::<(T,), (T,)>(name),
            written: |random| {
                let written = Encoding::Json.write(&T::sample(random)).ok()?;
                let text = String::from_utf8(written).ok()?;
                compared::<T>(&text, &text).ok().map(|()| text)
            },
            compared: compared::<T>,
        }
    }
}

/// Whether serde reads the second text as it reads the first, which it has written.
fn compared<T: IpcType + Serialize + DeserializeOwned>(
    own: &str,
    theirs: &str,
) -> Result<(), String> {
    let written: Value = Encoding::Json.read(own.as_bytes())?;
    let read: T = Encoding::Json.read(theirs.as_bytes())?;
    let read = Encoding::Json.tree(&read)?;
    let are_same = |is_unordered: bool| {
        sorted(written.clone(), is_unordered) == sorted(read.clone(), is_unordered)
    };
    if are_same(false) || (has_sets(&TypeSchema::of::<T>()) && are_same(true)) {
        return Ok(());
    }
    Err(format!("{read:?} instead of {written:?}"))
}

fn has_sets(schema: &TypeSchema) -> bool {
    let mut has = false;
    schema.visit(&mut |shape| has |= matches!(shape, Shape::Set(_)));
    has
}

/// The entries of maps have no order, and neither have the items of sets.
fn sorted(value: Value, is_unordered: bool) -> Value {
    let key = |one: &Value| format!("{one:?}");
    match value {
        Value::List(items) => {
            let mut items: Vec<_> =
                items.into_iter().map(|one| sorted(one, is_unordered)).collect();
            if is_unordered {
                items.sort_by_key(key);
            }
            Value::List(items)
        }
        Value::Map(entries) => {
            let entries = entries.into_iter().map(|(name, one)| (name, sorted(one, is_unordered)));
            let mut entries: Vec<_> = entries.collect();
            entries.sort_by_key(|(name, _)| key(name));
            Value::Map(entries)
        }
        value => value,
    }
}
