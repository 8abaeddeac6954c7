//! Shapes as they are written down for other languages: as types of TypeScript, as schemas of JSON.
//!
//! A [`TypeWriter`](type_writer::TypeWriter) knows what serde's attributes make of a value, and a
//! [`Notation`] how that is said.

// type_writer       a shape as a type; struct_writer, enum_writer: the large ones
// object_form       the members of an object, as they are gathered
// map_key           what the names of a map's entries are
// function_form     what a function by name takes and gives
// type_form         the forms that a type may have
// type_names        a name for each type; type_identifier: what it is made of
// classes           which of its forms look alike
// same_values       which types are nothing but each other
// tag_content       what else is on one object with a tag
// unit_variants     variants without content

pub(crate) mod classes;
pub(crate) mod enum_writer;
pub(crate) mod function_form;
pub(crate) mod map_key;
pub(crate) mod object_form;
pub(crate) mod same_values;
pub(crate) mod struct_writer;
pub(crate) mod tag_content;
pub(crate) mod type_form;
pub(crate) mod type_identifier;
pub(crate) mod type_names;
pub(crate) mod type_writer;
pub(crate) mod unit_variants;

use crate::{
    notation::{map_key::MapKey, object_form::ObjectForm, type_form::TypeForm},
    shape::{
        name::Docs,
        nodes::ForeignType,
        scalar::{Integer, TextFormat},
    },
};

/// How types are written.
pub(crate) trait Notation {
    /// A type that is written.
    type Type: Clone;

    /// A type of the schema, by its name.
    fn reference(&mut self, name: &str, form: TypeForm) -> Self::Type;

    /// No value: null.
    fn null(&self) -> Self::Type;

    fn boolean(&self) -> Self::Type;

    /// Text of one character.
    fn character(&self) -> Self::Type;

    fn text(&self, format: TextFormat) -> Self::Type;

    /// A floating-point number.
    fn number(&self) -> Self::Type;

    fn integer(&self, integer: Integer, form: TypeForm) -> Self::Type;

    fn bytes(&self, form: TypeForm) -> Self::Type;

    /// A value of any form.
    fn json(&self) -> Self::Type;

    /// A type of another crate, of which the format of its text may be known.
    fn foreign(&self, of: &ForeignType) -> Self::Type;

    /// A type of which nothing is known.
    fn unknown(&self) -> Self::Type;

    /// This text.
    fn literal(&self, value: &str) -> Self::Type;

    /// Any number of items.
    fn list(&self, item: Self::Type) -> Self::Type;

    /// So many items.
    fn array(&self, item: Self::Type, length: u64) -> Self::Type;

    /// Items that each have a type, of which those behind the first `required` may be missing.
    fn tuple(&self, items: Vec<Self::Type>, required: usize) -> Self::Type;

    /// A map, whose keys are any text unless something is known of them.
    fn map(&self, key: Option<MapKey>, value: Self::Type, form: TypeForm) -> Self::Type;

    /// What may stand where a variant without content could have some, if that is said.
    fn missing_content(&self) -> Option<Self::Type>;

    fn object(&self, of: ObjectForm<Self::Type>, form: TypeForm) -> Self::Type;

    /// An object of which nothing is known.
    fn any_object(&self) -> Self::Type;

    /// An object without members of these names.
    fn object_without(&self, names: &[&str]) -> Self::Type;

    /// All of these at once, on one object.
    fn intersection(&self, parts: Vec<Self::Type>) -> Self::Type;

    /// One of these.
    fn union(&self, parts: Vec<Self::Type>) -> Self::Type;

    /// The type without values.
    fn never(&self) -> Self::Type;

    /// The type with what its author has written about it, where that has a place.
    fn documented(&self, ty: Self::Type, docs: Docs) -> Self::Type;
}
