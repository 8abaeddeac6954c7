//! A shape as a type of TypeScript.

use crate::{
    interface::schema::type_schema::TypeSchema,
    shape::{
        integers::Integers,
        nodes::{Element, Shape},
    },
    typescript::{
        identifier,
        same_values::SameValues,
        type_form::{Direction, TypeForm},
    },
};

/// Longer arrays are written without their length.
const MAX_WRITTEN_LENGTH: u64 = 16;

/// The type without values.
const NEVER: &str = "never";

/// A type as text, with how loosely its parts hold together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TypeText {
    pub(super) text: String,
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
    pub(super) fn atom(text: impl Into<String>) -> Self {
        Self { text: text.into(), level: Level::Atom, parts: Vec::new() }
    }

    pub(super) fn array(self) -> Self {
        Self::atom(format!("{}[]", self.within(Level::Atom)))
    }

    /// All of these at once.
    pub(super) fn intersection(parts: Vec<Self>) -> Self {
        if parts.iter().any(|part| part.text == NEVER) {
            return Self::atom(NEVER);
        }
        Self::joined(parts, " & ", Level::Intersection, "{}")
    }

    /// One of these.
    pub(super) fn union(parts: Vec<Self>) -> Self {
        let mut distinct: Vec<Self> = Vec::new();
        let parts = parts.into_iter();
        for part in parts.flat_map(|one| if one.parts.is_empty() { vec![one] } else { one.parts }) {
            if !distinct.contains(&part) {
                distinct.push(part);
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
        let union = Self::joined(distinct.clone(), " | ", Level::Union, NEVER);
        Self { parts: if distinct.len() > 1 { distinct } else { Vec::new() }, ..union }
    }

    fn joined(parts: Vec<Self>, sign: &str, level: Level, nothing: &str) -> Self {
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else { return Self::atom(nothing) };
        let Some(second) = parts.next() else { return first };
        let parts = [first, second].into_iter().chain(parts);
        let texts: Vec<String> = parts.map(|part| part.within(level)).collect();
        Self { text: texts.join(sign), level, parts: Vec::new() }
    }

    fn or_null(self) -> Self {
        Self::union(vec![self, Self::atom("null")])
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
    /// The name of the form of a type.
    pub(super) name: &'a mut dyn FnMut(&str, TypeForm) -> String,
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
            return TypeText::atom((self.name)(name, form));
        };
        if self.within.iter().any(|(outer, of)| outer == name && *of == form) {
            return TypeText::atom(NEVER);
        }
        self.within.push((name.to_owned(), form));
        let text = self.shape(&behind.shape, form);
        self.within.pop();
        text
    }

    pub(super) fn shape(&mut self, shape: &Shape, form: TypeForm) -> TypeText {
        match shape {
            Shape::Unit => TypeText::atom("null"),
            Shape::Bool => TypeText::atom("boolean"),
            Shape::Char | Shape::Text(_) => TypeText::atom("string"),
            Shape::Float(_) => TypeText::atom("number"),
            Shape::Integer(integer) if form.is_raw && integer.bits > 32 => {
                // As the client parses it: long ones can't be a number.
                TypeText::union(vec![TypeText::atom("number"), TypeText::atom("bigint")])
            }
            Shape::Integer(integer) => TypeText::atom(self.integers.type_text(*integer)),
            Shape::Bytes if !form.is_raw => TypeText::atom("$.Bytes"),
            Shape::Bytes if form.direction == Direction::ToRust => TypeText::atom("string"),
            // Base64 in JSON, bytes in MessagePack.
            Shape::Bytes => {
                TypeText::union(vec![TypeText::atom("string"), TypeText::atom("$.Bytes")])
            }
            Shape::Any => TypeText::atom("$.JsonValue"),
            Shape::Option(inner) => self.shape(inner, form).or_null(),
            Shape::Sequence(item) | Shape::Set(item) => self.part(item, form).array(),
            Shape::Array(item, length) => {
                let item = self.part(item, form);
                match usize::try_from(*length) {
                    Ok(count) if *length <= MAX_WRITTEN_LENGTH => {
                        let items = vec![item.text; count];
                        TypeText::atom(format!("[{}]", items.join(", ")))
                    }
                    _ => item.array(),
                }
            }
            Shape::Map(_, value) => {
                let value = self.part(value, form).text;
                TypeText::atom(format!("{{ [key: string]: {value} }}"))
            }
            Shape::Tuple(elements) => self.tuple(elements, form),
            Shape::Newtype(inner) => self.shape(inner, form),
            Shape::Struct(of) => self.object(of, form).into_type(),
            Shape::Enum(of) => {
                let variants = self.variants(of, form);
                TypeText::union(variants.into_iter().map(|variant| variant.ty).collect())
            }
            Shape::Foreign(of) if of.format.is_some() => TypeText::atom("string"),
            Shape::Literal(value) => TypeText::atom(identifier::quoted(value)),
            Shape::Asymmetric { sent, received } => match form.direction {
                Direction::FromRust => self.shape(sent, form),
                Direction::ToRust => self.shape(received, form),
            },
            Shape::Reference(name) => self.reference(name, form),
            Shape::Foreign(_) | Shape::Unknown(_) => TypeText::atom("unknown"),
        }
    }

    fn tuple(&mut self, elements: &[Element], form: TypeForm) -> TypeText {
        let is_sent = form.direction == Direction::ToRust;
        let optional = elements.iter().rev().take_while(|one| is_sent && one.has_default).count();
        let required = elements.len() - optional;
        let mut texts = Vec::new();
        for (at, element) in elements.iter().enumerate() {
            let ty = self.part(&element.shape, form);
            texts.push(if at < required {
                ty.text
            } else {
                format!("{}?", ty.within(Level::Atom))
            });
        }
        TypeText::atom(format!("[{}]", texts.join(", ")))
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
