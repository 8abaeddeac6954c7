//! The shapes of types, which people get to read when two sides disagree.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The shapes of `#[ipc_type]` types by name: `FileInfo` → `struct { name: String, size: u64 }`.
///
/// Types with the same name in different modules get numbers: `Entry`, `Entry#2`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TypeShapes {
    shapes: BTreeMap<String, String>,
    /// The types that were added already. They end the walk through types that contain themselves.
    #[serde(skip)]
    seen: Vec<(&'static str, u64)>,
}

impl TypeShapes {
    /// Returns whether no type was described.
    pub fn is_empty(&self) -> bool {
        self.shapes.is_empty()
    }

    /// Returns how many types were described.
    pub fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Returns the shape of the type with this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.shapes.get(name).map(String::as_str)
    }

    /// Returns names and shapes, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.shapes.iter().map(|(name, shape)| (name.as_str(), shape.as_str()))
    }

    /// The shapes by their names.
    pub(crate) fn by_name(&self) -> &BTreeMap<String, String> {
        &self.shapes
    }

    /// Called by generated code: adds a type, then, through `inner`, the types inside of it.
    ///
    /// The shape comes in pieces, because some of them may be `#[cfg]`ed out. Each field and
    /// variant ends with `", "`, which is removed here from the last one.
    #[doc(hidden)]
    pub fn add(
        &mut self,
        name: &'static str,
        fingerprint: u64,
        pieces: &[&str],
        inner: fn(&mut Self),
    ) {
        if self.seen.contains(&(name, fingerprint)) {
            return;
        }
        self.seen.push((name, fingerprint));
        let mut shape = String::new();
        for piece in pieces {
            if piece.starts_with([')', ']', ' ']) && shape.ends_with(", ") {
                shape.truncate(shape.len() - ", ".len());
            }
            shape.push_str(piece);
        }
        let shape = shape.trim_end_matches(", ").to_owned();

        let taken = self.seen.iter().filter(|(seen, _)| *seen == name).count();
        let name = match taken {
            1 => name.to_owned(),
            number => format!("{name}#{number}"),
        };
        self.shapes.insert(name, shape);
        inner(self);
    }
}

impl PartialEq for TypeShapes {
    fn eq(&self, other: &Self) -> bool {
        self.shapes == other.shapes
    }
}

impl Eq for TypeShapes {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_described_once_and_namesakes_are_numbered() {
        let mut shapes = TypeShapes::default();
        shapes.add("Entry", 1, &["struct { ", "a: u8, ", "b: u8, ", " }"], |shapes| {
            shapes.add("Entry", 1, &["never seen"], |_| {});
        });
        shapes.add("Entry", 2, &["enum { ", "A, ", "B(", "u8, ", "), ", " }"], |_| {});
        let all: Vec<_> = shapes.iter().collect();
        assert_eq!(all, [("Entry", "struct { a: u8, b: u8 }"), ("Entry#2", "enum { A, B(u8) }")]);
    }

    #[test]
    fn shapes_travel_as_a_map() {
        let mut shapes = TypeShapes::default();
        shapes.add("Unit", 1, &["struct"], |_| {});
        let json = serde_json::to_string(&shapes).unwrap();
        assert_eq!(json, r#"{"Unit":"struct"}"#);
        assert_eq!(serde_json::from_str::<TypeShapes>(&json).unwrap(), shapes);
    }
}
