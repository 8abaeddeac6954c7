//! A shape as a type of TypeScript.

use crate::{
    interface::schema::type_schema::TypeSchema,
    shape::{
        integers::Integers,
        nodes::{Element, Shape},
    },
    typescript::{
        identifier,
        map_key::map_key,
        same_values::SameValues,
        type_data::{ObjectData, TypeData},
        type_form::{Direction, TypeForm},
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

    /// The text of this value.
    pub(super) fn literal(value: &str) -> Self {
        Self::atom(identifier::quoted(value), TypeData::Literal(value.to_owned()))
    }

    pub(super) fn null() -> Self {
        Self::plain("null", "null")
    }

    pub(super) fn json() -> Self {
        Self::plain("$.JsonValue", "json")
    }

    /// Any value.
    pub(super) fn unknown() -> Self {
        Self::plain("unknown", "any")
    }

    /// An object of which nothing is known.
    pub(super) fn empty() -> Self {
        Self::atom("{}", TypeData::Object(ObjectData::default()))
    }

    fn never() -> Self {
        Self::atom(NEVER, TypeData::Union(Vec::new()))
    }

    pub(super) fn array(self, length: Option<u64>) -> Self {
        let data = TypeData::List(Box::new(self.data.clone()), length);
        Self::atom(format!("{}[]", self.within(Level::Atom)), data)
    }

    /// All of these at once. The object that one of them is has the members of the others too.
    pub(super) fn intersection(parts: Vec<Self>) -> Self {
        if parts.iter().any(|part| part.text == NEVER) {
            return Self::never();
        }
        let data = TypeData::All(parts.iter().map(|part| part.data.clone()).collect());
        let mut one =
            Self { data, ..Self::joined(parts, " & ", Level::Intersection, Self::empty()) };
        // A union may be the only one.
        for part in &mut one.parts {
            part.data = TypeData::All(vec![part.data.clone()]);
        }
        one
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
        let union = Self::joined(distinct.clone(), " | ", Level::Union, Self::never());
        Self { data, parts: if distinct.len() > 1 { distinct } else { Vec::new() }, ..union }
    }

    /// The text of the parts. Of more than one, the data is for the caller to say.
    fn joined(parts: Vec<Self>, sign: &str, level: Level, nothing: Self) -> Self {
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else { return nothing };
        let Some(second) = parts.next() else { return first };
        let data = first.data.clone();
        let parts = [first, second].into_iter().chain(parts);
        let texts: Vec<String> = parts.map(|part| part.within(level)).collect();
        Self { text: texts.join(sign), data, level, parts: Vec::new() }
    }

    fn or_null(self) -> Self {
        Self::union(vec![self, Self::null()])
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

/// Writes shapes as types.
pub(super) struct TypeWriter<'a> {
    pub(super) schema: &'a TypeSchema,
    pub(super) integers: Integers,
    pub(super) same_values: &'a SameValues,
    /// The types that are the same value as what is being written, the innermost last.
    pub(super) within: Vec<(String, TypeForm)>,
    /// The form of a type, by its name.
    pub(super) name: &'a mut dyn FnMut(&str, TypeForm) -> TypeText,
}

impl TypeWriter<'_> {
    /// A part of a value that is another value.
    pub(super) fn part(&mut self, shape: &Shape, form: TypeForm) -> TypeText {
        let outer = std::mem::take(&mut self.within);
        let text = self.shape(shape, form);
        self.within = outer;
        text
    }

    /// A type by its name, or what is behind it where the name would make a circle.
    fn reference(&mut self, name: &str, form: TypeForm) -> TypeText {
        let is_same = self
            .within
            .last()
            .is_some_and(|(outer, _)| self.same_values.are(self.schema, outer, name));
        let schema = self.schema;
        let Some(behind) = schema.get(name).filter(|_| is_same) else {
            return (self.name)(name, form);
        };
        if self.within.iter().any(|(outer, of)| outer == name && *of == form) {
            return TypeText::never();
        }
        self.within.push((name.to_owned(), form));
        let text = self.shape(&behind.shape, form);
        self.within.pop();
        text
    }

    pub(super) fn shape(&mut self, shape: &Shape, form: TypeForm) -> TypeText {
        match shape {
            Shape::Unit => TypeText::null(),
            Shape::Bool => TypeText::plain("boolean", "boolean"),
            Shape::Char => TypeText::plain("string", "char"),
            Shape::Text(_) => TypeText::plain("string", "string"),
            Shape::Float(_) => TypeText::plain("number", "number"),
            Shape::Integer(integer) => {
                let data = TypeData::integer(*integer, self.integers, form.is_raw);
                // As the client parses it: long ones can't be a number.
                if form.is_raw && integer.bits > 32 {
                    let both = ["number", "bigint"].map(|text| TypeText::atom(text, data.clone()));
                    return TypeText::union(both.into());
                }
                TypeText::atom(self.integers.type_text(*integer), data)
            }
            Shape::Bytes if !form.is_raw => TypeText::plain("$.Bytes", "bytes"),
            Shape::Bytes if form.direction == Direction::ToRust => {
                TypeText::plain("string", "string")
            }
            // Base64 in JSON, bytes in MessagePack.
            Shape::Bytes => TypeText::union(vec![
                TypeText::plain("string", "string"),
                TypeText::plain("$.Bytes", "bytes"),
            ]),
            Shape::Any => TypeText::json(),
            Shape::Option(inner) => self.shape(inner, form).or_null(),
            Shape::Sequence(item) | Shape::Set(item) => self.part(item, form).array(None),
            Shape::Array(item, length) => {
                let item = self.part(item, form);
                match usize::try_from(*length) {
                    Ok(count) if *length <= MAX_WRITTEN_LENGTH => {
                        let data = TypeData::List(Box::new(item.data), Some(*length));
                        let items = vec![item.text; count];
                        TypeText::atom(format!("[{}]", items.join(", ")), data)
                    }
                    _ => item.array(Some(*length)),
                }
            }
            Shape::Map(key, value) => {
                let TypeText { text, data, .. } = self.part(value, form);
                let data = TypeData::Object(ObjectData {
                    rest: Some(Box::new(data)),
                    key: map_key(self.schema, key, form).map(Box::new),
                    ..ObjectData::default()
                });
                TypeText::atom(format!("{{ [key: string]: {text} }}"), data)
            }
            Shape::Tuple(elements) => self.tuple(elements, form),
            Shape::Newtype(inner) => self.shape(inner, form),
            Shape::Struct(of) => self.object(of, form).into_type(),
            Shape::Enum(of) => {
                let variants = self.variants(of, form);
                TypeText::union(variants.into_iter().map(|variant| variant.ty).collect())
            }
            Shape::Foreign(of) if of.format.is_some() => TypeText::plain("string", "string"),
            Shape::Literal(value) => TypeText::literal(value),
            Shape::Asymmetric { sent, received } => match form.direction {
                Direction::FromRust => self.shape(sent, form),
                Direction::ToRust => self.shape(received, form),
            },
            Shape::Reference(name) => self.reference(name, form),
            Shape::Foreign(_) | Shape::Unknown(_) => TypeText::unknown(),
        }
    }

    fn tuple(&mut self, elements: &[Element], form: TypeForm) -> TypeText {
        let is_sent = form.direction == Direction::ToRust;
        let optional = elements.iter().rev().take_while(|one| is_sent && one.has_default).count();
        let required = elements.len() - optional;
        let (mut texts, mut items) = (Vec::new(), Vec::new());
        for (at, element) in elements.iter().enumerate() {
            let ty = self.part(&element.shape, form);
            items.push(ty.data.clone());
            texts.push(if at < required {
                ty.text
            } else {
                format!("{}?", ty.within(Level::Atom))
            });
        }
        TypeText::atom(format!("[{}]", texts.join(", ")), TypeData::Tuple { items, required })
    }
}

/// What is said of the format of a text that another crate's type is.
pub(super) fn format_note(shape: &Shape) -> Option<String> {
    match shape {
        Shape::Foreign(of) => Some(format!("A text of the format `{}`.", of.format.as_ref()?)),
        Shape::Option(inner) | Shape::Newtype(inner) => format_note(inner),
        _ => None,
    }
}
