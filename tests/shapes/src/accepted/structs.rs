//! Named fields.

use ipc_runtime::shape::{Field, Struct};

use super::{How, flat};
use crate::{
    reading::{Reading, all},
    value::Value,
};

pub(super) type Entry = (Value, Value);

/// Whether serde reads the struct as a map of unknown keys, because some of them are for others.
pub(super) fn has_flattened(of: &Struct) -> bool {
    of.fields.iter().any(|field| field.is_flattened && field.name.received.is_some())
}

/// The fields that are read under names of their own.
fn own(of: &Struct) -> impl Iterator<Item = &Field> {
    of.fields.iter().filter(|field| !field.is_flattened && field.name.received.is_some())
}

pub(super) fn read(of: &Struct, entries: &[Entry], how: How<'_>) -> Reading {
    let mut found = Found::new(of);
    let mut rest = Vec::new();
    let flattens = has_flattened(of);
    for entry in entries {
        // Serde reads a field's number for its name, and its bytes.
        if matches!(entry.0, Value::Int(_) | Value::Bytes(_)) && !flattens {
            return Reading::Lax;
        }
        match found.take(entry, how) {
            Some(Reading::No) => return Reading::No,
            Some(_) => {}
            None if flattens => rest.push(Some(entry.clone())),
            None if of.denies_unknown => return Reading::No,
            None => {}
        }
    }
    let mut reading = found.finish(how);
    for field in of.fields.iter().filter(|field| field.is_flattened) {
        if reading == Reading::No {
            return Reading::No;
        }
        if field.name.received.is_some() {
            let flat = flat::read(&field.shape, &mut rest, how.buffered());
            reading = reading & (flat | Reading::of(how.types.may_be_missing(field)));
        }
    }
    // What a flattened map has read is still there, so that it can't be in a struct that refuses
    // the unknown. That is how serde does it.
    if of.denies_unknown && rest.iter().any(Option::is_some) {
        return Reading::No;
    }
    reading
}

/// The fields that have been found.
pub(super) struct Found<'a> {
    of: &'a Struct,
    seen: Vec<&'a Field>,
    is_lax: bool,
}

impl<'a> Found<'a> {
    pub(super) fn new(of: &'a Struct) -> Self {
        Self { of, seen: Vec::new(), is_lax: false }
    }

    /// The field that the entry is, if it is one.
    pub(super) fn field(&self, (key, _): &Entry) -> Option<&'a Field> {
        let name = key.as_text()?;
        own(self.of).find(|field| field.name.is_read_as(name))
    }

    /// Reads an entry, if it is a field. One that comes twice is an error.
    pub(super) fn take(&mut self, entry: &Entry, how: How<'_>) -> Option<Reading> {
        let field = self.field(entry)?;
        if self.seen.iter().any(|seen| std::ptr::eq(*seen, field)) {
            return Some(Reading::No);
        }
        self.seen.push(field);
        let reading = match is_of_system_time(field, &entry.1) {
            true => Reading::Lax,
            false => super::read(&field.shape, &entry.1, how),
        };
        self.is_lax |= reading == Reading::Lax;
        Some(reading)
    }

    /// Whether what is missing may be.
    pub(super) fn finish(&self, how: How<'_>) -> Reading {
        let is_seen = |field: &Field| self.seen.iter().any(|seen| std::ptr::eq(*seen, field));
        let missing = own(self.of).filter(|field| !is_seen(field));
        let reading = all(missing.map(|field| Reading::of(how.types.may_be_missing(field))));
        if self.is_lax { reading & Reading::Lax } else { reading }
    }
}

/// A time that `SystemTime` doesn't hold though its seconds are a `u64` on the wire: on Windows it
/// ends in the year 30828.
fn is_of_system_time(field: &Field, value: &Value) -> bool {
    field.name.shown() == "secs_since_epoch"
        && matches!(value, Value::Int(secs) if *secs > 900_000_000_000)
}
