//! A shape as a type.

use crate::{
    interface::schema::type_schema::TypeSchema,
    notation::{
        Notation,
        map_key::map_key,
        same_values::SameValues,
        type_form::{Direction, TypeForm},
    },
    shape::nodes::{Element, Shape},
};

/// Writes shapes as types.
pub(crate) struct TypeWriter<'a, N> {
    pub(crate) schema: &'a TypeSchema,
    pub(crate) same_values: &'a SameValues,
    /// The types that are the same value as what is being written, the innermost last.
    pub(crate) within: Vec<(String, TypeForm)>,
    pub(crate) notation: N,
}

impl<N: Notation> TypeWriter<'_, N> {
    /// A part of a value that is another value.
    pub(crate) fn part(&mut self, shape: &Shape, form: TypeForm) -> N::Type {
        let outer = std::mem::take(&mut self.within);
        let written = self.shape(shape, form.whole());
        self.within = outer;
        written
    }

    /// A type by its name, or what is behind it where the name would make a circle.
    fn reference(&mut self, name: &str, form: TypeForm) -> N::Type {
        let is_same = self
            .within
            .last()
            .is_some_and(|(outer, _)| self.same_values.are(self.schema, outer, name));
        let schema = self.schema;
        let Some(behind) = schema.get(name).filter(|_| is_same) else {
            return self.notation.reference(name, form);
        };
        let is_known = |outer: &str, of: TypeForm| outer == name && of.whole() == form.whole();
        if self.within.iter().any(|(outer, of)| is_known(outer, *of)) {
            return self.notation.never();
        }
        self.within.push((name.to_owned(), form));
        let written = self.shape(&behind.shape, form);
        self.within.pop();
        written
    }

    pub(crate) fn shape(&mut self, shape: &Shape, form: TypeForm) -> N::Type {
        match shape {
            Shape::Unit => self.notation.null(),
            Shape::Bool => self.notation.boolean(),
            Shape::Char => self.notation.character(),
            Shape::Text(format) => self.notation.text(*format),
            Shape::Float(_) => self.notation.number(),
            Shape::Integer(integer) => self.notation.integer(*integer, form),
            Shape::Bytes => self.notation.bytes(form),
            Shape::Any => self.notation.json(),
            Shape::Option(inner) => {
                let parts = vec![self.shape(inner, form), self.notation.null()];
                self.notation.union(parts)
            }
            Shape::Sequence(item) | Shape::Set(item) => {
                let item = self.part(item, form);
                self.notation.list(item)
            }
            Shape::Array(item, length) => {
                let item = self.part(item, form);
                self.notation.array(item, *length)
            }
            Shape::Map(key, value) => {
                let value = self.part(value, form);
                let key = map_key(self.schema, key, form.direction);
                self.notation.map(key, value, form)
            }
            Shape::Tuple(elements) => self.tuple(elements, form),
            Shape::Newtype(inner) => self.shape(inner, form),
            Shape::Struct(of) => {
                let object = self.object(of, form);
                self.notation.object(object, form)
            }
            Shape::Enum(of) => {
                let variants = self.variants(of, form).into_iter();
                let variants = variants.map(|one| self.notation.documented(one.ty, one.docs));
                self.notation.union(variants.collect())
            }
            Shape::Foreign(of) => self.notation.foreign(of),
            Shape::Literal(value) => self.notation.literal(value),
            Shape::Asymmetric { sent, received } => match form.direction {
                Direction::FromRust => self.shape(sent, form),
                Direction::ToRust => self.shape(received, form),
            },
            Shape::Reference(name) => self.reference(name, form),
            Shape::Unknown(_) => self.notation.unknown(),
        }
    }

    fn tuple(&mut self, elements: &[Element], form: TypeForm) -> N::Type {
        let is_sent = form.direction == Direction::ToRust;
        let optional = elements.iter().rev().take_while(|one| is_sent && one.has_default).count();
        let items = elements.iter().map(|element| self.part(&element.shape, form)).collect();
        self.notation.tuple(items, elements.len() - optional)
    }
}
