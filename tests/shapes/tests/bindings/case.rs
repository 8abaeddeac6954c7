//! A type that goes to TypeScript and comes back.

use std::{any::type_name, collections::BTreeSet, future::ready, marker::PhantomData};

use ipc_runtime::{
    Backend,
    error::RegisterError,
    interface::TypeSchema,
    openrpc::Document,
    shape::{IpcType, Shape},
    typescript::Bindings,
};
use ipc_shape_tests::{
    accepted::reading,
    comparison::{names, read},
    damage::damaged,
    encoding::Encoding,
    random::Random,
    reading::Reading,
    value::Value,
};
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
    /// Adds a function that takes the type and returns a tuple of it.
    pub described: fn(Document, String) -> Document,
    /// The JSON of a sample, unless serde itself reads another value of it or can't write it.
    pub written: fn(&mut Random) -> Option<String>,
    /// The JSON of a sample that was damaged at one place, in each of many ways, with whether serde
    /// reads it.
    pub damaged: fn(&mut Random) -> Vec<(String, bool)>,
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
            described: |document, name| document.function::<(T,), (T,)>(name),
            written: |random| {
                let written = Encoding::Json.write(&T::sample(random)).ok()?;
                let text = String::from_utf8(written).ok()?;
                compared::<T>(&text, &text).ok().map(|()| text)
            },
            damaged: damaged_samples::<T>,
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

/// What a sample may be damaged to. What neither a shape nor a parser of JavaScript can tell apart
/// is left out.
fn damaged_samples<T: IpcType + Sample + Serialize + DeserializeOwned>(
    random: &mut Random,
) -> Vec<(String, bool)> {
    let Ok(written) = Encoding::Json.tree(&T::sample(random)) else { return Vec::new() };
    let schema = TypeSchema::of::<T>();
    let mut all = damaged(&written, &names(&schema), true);
    all.retain(|value| {
        !has_doubles(value) && reading(&schema, value, Encoding::Json) != Reading::Lax
    });
    let line = |value: Value| {
        let json = String::from_utf8(Encoding::Json.write(&value).ok()?).ok()?;
        Some((json, read::<T>(&value, Encoding::Json).is_ok()))
    };
    all.into_iter().filter_map(line).collect()
}

/// Whether a name comes twice on an object, of which a parser of JSON may keep either.
fn has_doubles(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().any(has_doubles),
        Value::Map(entries) => {
            let names: BTreeSet<_> = entries.iter().map(|(name, _)| format!("{name:?}")).collect();
            names.len() < entries.len() || entries.iter().any(|(_, value)| has_doubles(value))
        }
        _ => false,
    }
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
