//! A type that goes to TypeScript and comes back.

use std::{any::type_name, future::ready, marker::PhantomData};

use ipc_runtime::{
    Backend,
    error::RegisterError,
    interface::TypeSchema,
    shape::{IpcType, Shape},
    typescript::Bindings,
};
use ipc_shape_tests::{encoding::Encoding, random::Random, value::Value};
use serde::{Serialize, Serializer, de::DeserializeOwned, ser::Error};

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
    /// Exposes a function that takes the type and returns a tuple of it.
    pub exposed: fn(&Backend, String) -> Result<(), RegisterError>,
    /// Compares what serde reads of two texts; the error says how they differ.
    pub compared: fn(&str, &str) -> Result<(), String>,
}

impl Case {
    pub(crate) const fn of<T: IpcType + Sample + Serialize + DeserializeOwned + 'static>() -> Self {
        Self {
            name: type_name::<T>,
            bound: |bindings, name| bindings.function::<(T,), T>(name),
            bound_whole: |bindings, name| bindings.function::<(T,), (T,)>(name),
            written: |random| {
                let written = Encoding::Json.write(&T::sample(random)).ok()?;
                let text = String::from_utf8(written).ok()?;
                compared::<T>(&text, &text).ok().map(|()| text)
            },
            exposed: |backend, name| {
                let same = |(value,): (T,)| ready((Same::of(&value),));
                backend.expose(name, same).map(drop)
            },
            compared: compared::<T>,
        }
    }
}

/// A value that crosses threads, which not every type of the fixture may.
struct Same<T> {
    json: String,
    of: PhantomData<fn() -> T>,
}

impl<T: Serialize> Same<T> {
    fn of(value: &T) -> Self {
        Self { json: serde_json::to_string(value).unwrap(), of: PhantomData }
    }
}

impl<T: Serialize + DeserializeOwned> Serialize for Same<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value: T = serde_json::from_str(&self.json).map_err(Error::custom)?;
        value.serialize(serializer)
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
