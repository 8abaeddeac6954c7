//! A shape as a type of TypeScript.

use crate::{
    notation::{
        Notation,
        map_key::MapKey,
        object_form::ObjectForm,
        type_form::{Direction, TypeForm},
    },
    shape::{
        integers::Integers,
        name::Docs,
        nodes::ForeignType,
        scalar::{Integer, TextFormat},
    },
    typescript::{
        identifier,
        type_data::{ObjectData, TypeData},
    },
};

/// Longer arrays are written without their length.
const MAX_WRITTEN_LENGTH: u64 = 16;

/// The type without values.
const NEVER: &str = "never";

/// A type as text, with how loosely its parts hold together, and as data.
#[derive(Debug, Clone)]
pub(super) struct TypeText {
    pub(super) text: String,
    pub(super) data: TypeData,
    level: Level,
    /// Of a union.
    parts: Vec<Self>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    Atom,
    Intersection,
    Union,
}

impl TypeText {
    /// A type that needs no brackets anywhere.
    pub(super) fn atom(text: impl Into<String>, data: TypeData) -> Self {
        Self { text: text.into(), data, level: Level::Atom, parts: Vec::new() }
    }

    /// A type that the package knows by a word.
    pub(super) fn plain(text: &str, word: &str) -> Self {
        Self::atom(text, TypeData::word(word))
    }

    /// Any value.
    pub(super) fn unknown() -> Self {
        Self::plain("unknown", "any")
    }

    fn never() -> Self {
        Self::atom(NEVER, TypeData::Union(Vec::new()))
    }

    fn list(self, length: Option<u64>) -> Self {
        let data = TypeData::List(Box::new(self.data.clone()), length);
        Self::atom(format!("{}[]", self.within(Level::Atom)), data)
    }

    /// One of these.
    pub(super) fn union(parts: Vec<Self>) -> Self {
        let mut distinct: Vec<Self> = Vec::new();
        let parts = parts.into_iter();
        for part in parts.flat_map(|one| if one.parts.is_empty() { vec![one] } else { one.parts }) {
            match distinct.iter_mut().find(|known| known.text == part.text) {
                // TypeScript sees no difference; what is checked may be another range.
                Some(known) => {
                    known.data = TypeData::union(vec![known.data.clone(), part.data]);
                }
                None => distinct.push(part),
            }
        }
        // What is never there adds nothing.
        if distinct.len() > 1 {
            distinct.retain(|part| part.text != NEVER);
        }
        // `unknown` is each of the others.
        if let Some(unknown) = distinct.iter().find(|part| part.text == "unknown") {
            return unknown.clone();
        }
        let data = TypeData::union(distinct.iter().map(|part| part.data.clone()).collect());
        let union = Self::joined(distinct.clone(), " | ", Level::Union);
        let union = union.unwrap_or_else(Self::never);
        Self { data, parts: if distinct.len() > 1 { distinct } else { Vec::new() }, ..union }
    }

    /// The text of the parts, if there are any. Of more than one, the data is for the caller to
    /// say.
    fn joined(parts: Vec<Self>, sign: &str, level: Level) -> Option<Self> {
        let mut parts = parts.into_iter();
        let first = parts.next()?;
        let Some(second) = parts.next() else { return Some(first) };
        let data = first.data.clone();
        let parts = [first, second].into_iter().chain(parts);
        let texts: Vec<String> = parts.map(|part| part.within(level)).collect();
        Some(Self { text: texts.join(sign), data, level, parts: Vec::new() })
    }

    /// The text as a part of a union.
    pub(super) fn as_part_of_union(&self) -> String {
        self.clone().within(Level::Union)
    }

    /// The text as a part of what holds together at least as closely as this. An intersection in a
    /// union would need no brackets; people do.
    fn within(self, level: Level) -> String {
        if self.level == Level::Atom || self.level == level {
            self.text
        } else {
            format!("({})", self.text)
        }
    }
}

/// The notation of TypeScript.
pub(super) struct TypeScript<'a> {
    pub(super) integers: Integers,
    /// The form of a type, by its name.
    pub(super) name: &'a mut dyn FnMut(&str, TypeForm) -> TypeText,
}

impl Notation for TypeScript<'_> {
    type Type = TypeText;

    fn reference(&mut self, name: &str, form: TypeForm) -> TypeText {
        (self.name)(name, form)
    }

    fn null(&self) -> TypeText {
        TypeText::plain("null", "null")
    }

    fn boolean(&self) -> TypeText {
        TypeText::plain("boolean", "boolean")
    }

    fn character(&self) -> TypeText {
        TypeText::plain("string", "char")
    }

    fn text(&self, _: TextFormat) -> TypeText {
        TypeText::plain("string", "string")
    }

    fn number(&self) -> TypeText {
        TypeText::plain("number", "number")
    }

    fn integer(&self, integer: Integer, form: TypeForm) -> TypeText {
        let data = TypeData::integer(integer, self.integers, form.is_raw);
        // As the client parses it: long ones can't be a number.
        if form.is_raw && integer.bits > 32 {
            let both = ["number", "bigint"].map(|text| TypeText::atom(text, data.clone()));
            return self.union(both.into());
        }
        TypeText::atom(self.integers.type_text(integer), data)
    }

    fn bytes(&self, form: TypeForm) -> TypeText {
        if !form.is_raw {
            return TypeText::plain("$.Bytes", "bytes");
        }
        let text = TypeText::plain("string", "string");
        match form.direction {
            Direction::ToRust => text,
            // Base64 in JSON, bytes in MessagePack.
            Direction::FromRust => self.union(vec![text, TypeText::plain("$.Bytes", "bytes")]),
        }
    }

    fn json(&self) -> TypeText {
        TypeText::plain("$.JsonValue", "json")
    }

    fn foreign(&self, of: &ForeignType) -> TypeText {
        match of.format {
            Some(_) => TypeText::plain("string", "string"),
            None => self.unknown(),
        }
    }

    fn unknown(&self) -> TypeText {
        TypeText::unknown()
    }

    fn literal(&self, value: &str) -> TypeText {
        TypeText::atom(identifier::quoted(value), TypeData::Literal(value.to_owned()))
    }

    fn list(&self, item: TypeText) -> TypeText {
        item.list(None)
    }

    fn array(&self, item: TypeText, length: u64) -> TypeText {
        match usize::try_from(length) {
            Ok(count) if length <= MAX_WRITTEN_LENGTH => {
                let data = TypeData::List(Box::new(item.data), Some(length));
                let items = vec![item.text; count];
                TypeText::atom(format!("[{}]", items.join(", ")), data)
            }
            _ => item.list(Some(length)),
        }
    }

    fn tuple(&self, items: Vec<TypeText>, required: usize) -> TypeText {
        let (mut texts, mut data) = (Vec::new(), Vec::new());
        for (at, item) in items.into_iter().enumerate() {
            data.push(item.data.clone());
            texts.push(if at < required {
                item.text
            } else {
                format!("{}?", item.within(Level::Atom))
            });
        }
        let data = TypeData::Tuple { items: data, required };
        TypeText::atom(format!("[{}]", texts.join(", ")), data)
    }

    fn map(&self, key: Option<MapKey>, value: TypeText, _: TypeForm) -> TypeText {
        let TypeText { text, data, .. } = value;
        let data = TypeData::Object(ObjectData {
            rest: Some(Box::new(data)),
            key: key.map(|key| Box::new(TypeData::key(key))),
            ..ObjectData::default()
        });
        TypeText::atom(format!("{{ [key: string]: {text} }}"), data)
    }

    fn missing_content(&self) -> Option<TypeText> {
        None
    }

    fn object(&self, of: ObjectForm<TypeText>, _: TypeForm) -> TypeText {
        self.object_text(of)
    }

    fn any_object(&self) -> TypeText {
        TypeText::atom("{}", TypeData::Object(ObjectData::default()))
    }

    fn object_without(&self, names: &[&str]) -> TypeText {
        let never = |name: &&str| ((*name).to_owned(), TypeData::Union(Vec::new()));
        let optional = names.iter().map(never).collect();
        TypeText::atom("{}", TypeData::Object(ObjectData { optional, ..ObjectData::default() }))
    }

    fn intersection(&self, parts: Vec<TypeText>) -> TypeText {
        if parts.iter().any(|part| part.text == NEVER) {
            return self.never();
        }
        let data = TypeData::All(parts.iter().map(|part| part.data.clone()).collect());
        let joined = TypeText::joined(parts, " & ", Level::Intersection);
        let joined = joined.unwrap_or_else(|| self.any_object());
        let mut one = TypeText { data, ..joined };
        // A union may be the only one.
        for part in &mut one.parts {
            part.data = TypeData::All(vec![part.data.clone()]);
        }
        one
    }

    fn union(&self, parts: Vec<TypeText>) -> TypeText {
        TypeText::union(parts)
    }

    fn never(&self) -> TypeText {
        TypeText::never()
    }

    /// Docs stand where a type is declared.
    fn documented(&self, ty: TypeText, _: Docs) -> TypeText {
        ty
    }
}

/// What is said of the format of a text that another crate's type is.
pub(super) fn format_note(format: Option<&str>) -> Option<String> {
    Some(format!("A text of the format `{}`.", format?))
}
