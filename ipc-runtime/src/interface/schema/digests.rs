//! Numbers that are equal for shapes that look the same, to find which parts of two schemas belong
//! together.
//!
//! They only look some types deep, so that they are made in a bounded time for whatever a peer has
//! sent. What belongs together is compared in full.

use crate::{
    interface::schema::{
        Schema, SchemaType,
        chains::{self, ChainLink},
        text::ShapeText,
    },
    shape::{
        hash::{mix, ordered, text},
        name::WireName,
        nodes::{Enum, Field, Shape, Struct, Tagging, Variant},
    },
};

/// How many types deep they look.
const ROUNDS: usize = 8;

/// The types of a schema, with their digests and with what is behind their names.
pub(super) struct Digests<'a> {
    schema: &'a Schema,
    digests: Vec<u64>,
    /// What is seen on the wire of each type, with the name of the type that it is of.
    visible: Vec<Option<(&'a Shape, &'a str)>>,
    /// Whether a field of each type may be missing.
    optional: Vec<bool>,
}

impl<'a> Digests<'a> {
    pub(super) fn of(schema: &'a Schema) -> Self {
        let types = &schema.types;
        let behind = |link: &dyn Fn(&'a Shape) -> ChainLink| {
            let links: Vec<_> = types.iter().map(|one| link(&one.shape)).collect();
            let ends = chains::ends(&links).into_iter();
            ends.map(|end| end.and_then(|end| types.get(end))).collect::<Vec<_>>()
        };
        let visible = behind(&|shape| link(schema, unwrapped(shape))).into_iter();
        let visible = visible.map(|end| end.map(|one| (unwrapped(&one.shape), &*one.name)));
        let optional = behind(&|shape| link(schema, read(shape))).into_iter();
        let is_option = |one: &SchemaType| matches!(read(&one.shape), Shape::Option(_));
        let mut digests = Self {
            schema,
            digests: vec![0; types.len()],
            visible: visible.collect(),
            optional: optional.map(|end| end.is_some_and(is_option)).collect(),
        };
        for _ in 0..ROUNDS {
            digests.digests = schema.types.iter().map(|one| digests.shape(&one.shape)).collect();
        }
        digests
    }

    /// Follows names and newtypes to what is seen on the wire. Returns it with the name of its
    /// type, or `None` if there is nothing behind them: a text may say that a type is a newtype of
    /// itself.
    pub(super) fn follow(&self, shape: &'a Shape) -> Option<(&'a Shape, Option<&'a str>)> {
        match unwrapped(shape) {
            Shape::Reference(name) => {
                let (shape, name) = (*self.visible.get(self.schema.place(name)?)?)?;
                Some((shape, Some(name)))
            }
            shape => Some((shape, None)),
        }
    }

    /// Whether a field may be missing where it is read: as [`Schema::may_be_missing`], with each
    /// name followed once.
    pub(super) fn may_be_missing(&self, field: &Field) -> bool {
        if field.has_default || field.is_flattened {
            return field.has_default;
        }
        self.is_optional(&field.shape)
    }

    /// As [`Schema::is_optional`], with each name followed once.
    pub(super) fn is_optional(&self, shape: &Shape) -> bool {
        match read(shape) {
            Shape::Reference(name) => {
                let place = self.schema.place(name);
                place.and_then(|place| self.optional.get(place)) == Some(&true)
            }
            shape => matches!(shape, Shape::Option(_)),
        }
    }

    pub(super) fn shape(&self, shape: &Shape) -> u64 {
        match shape {
            Shape::Option(inner) => ordered(text("option"), &[self.shape(inner)]),
            Shape::Sequence(item) => ordered(text("sequence"), &[self.shape(item)]),
            Shape::Set(item) => ordered(text("set"), &[self.shape(item)]),
            Shape::Array(item, length) => ordered(text("array"), &[self.shape(item), *length]),
            Shape::Map(key, value) => ordered(text("map"), &[self.shape(key), self.shape(value)]),
            Shape::Newtype(inner) => self.shape(inner),
            Shape::Reference(name) => {
                let place = self.schema.place(name);
                place.and_then(|place| self.digests.get(place)).copied().unwrap_or(0)
            }
            Shape::Tuple(elements) => elements.iter().fold(text("tuple"), |hash, element| {
                let parts = [hash, self.shape(&element.shape), element.has_default.into()];
                ordered(text("element"), &parts)
            }),
            Shape::Struct(of) => self.structure(of),
            Shape::Enum(of) => self.enumeration(of),
            Shape::Foreign(of) => {
                // What functions write has their name, whatever the type is called.
                if let Some(functions) = &of.with {
                    return ordered(text("with"), &[text(functions)]);
                }
                let name = text(&of.name);
                of.arguments
                    .iter()
                    .fold(name, |hash, one| ordered(text("of"), &[hash, self.shape(one)]))
            }
            Shape::Asymmetric { sent, received } => {
                ordered(text("asymmetric"), &[self.shape(sent), self.shape(received)])
            }
            shape => text(&ShapeText(shape).to_string()),
        }
    }

    fn structure(&self, of: &Struct) -> u64 {
        let (flattened, named): (Vec<_>, Vec<_>) =
            of.fields.iter().partition(|field| field.is_flattened);
        let named = named.into_iter().map(|field| mix(self.field(field)));
        let flattened: Vec<_> = flattened.into_iter().map(|field| self.field(field)).collect();
        let parts = [
            named.fold(0, u64::wrapping_add),
            ordered(text("flattened"), &flattened),
            of.denies_unknown.into(),
        ];
        ordered(text("struct"), &parts)
    }

    pub(super) fn field(&self, field: &Field) -> u64 {
        let directions =
            u64::from(field.name.sent.is_some()) + 2 * u64::from(field.name.received.is_some());
        let parts = [
            if field.is_flattened { directions } else { names(&field.name) },
            self.shape(&field.shape),
            (field.name.received.is_some() && self.may_be_missing(field)).into(),
            (field.name.sent.is_some() && field.may_be_omitted).into(),
            field.is_flattened.into(),
        ];
        ordered(text("field"), &parts)
    }

    fn enumeration(&self, of: &Enum) -> u64 {
        let tagging = text(&format!("{:?}", of.tagging));
        let is_adjacent = matches!(of.tagging, Tagging::Adjacent { .. });
        let is_untagged = |one: &Variant| of.tagging == Tagging::Untagged || one.is_untagged;
        let mut tagged = 0_u64;
        let mut untagged = 0;
        for variant in of.variants.iter() {
            if is_untagged(variant) {
                untagged = ordered(text("next"), &[untagged, self.untagged(variant)]);
            } else {
                tagged = tagged.wrapping_add(mix(self.tagged(variant, is_adjacent)));
            }
        }
        ordered(text("enum"), &[tagging, tagged, untagged, of.denies_unknown.into()])
    }

    /// `is_adjacent`: the content stands beside the tag, and may be missing if it is an `Option`.
    pub(super) fn tagged(&self, variant: &Variant, is_adjacent: bool) -> u64 {
        let may_be_missing = is_adjacent && self.content_may_be_missing(variant);
        let parts = [
            names(&variant.name),
            self.untagged(variant),
            variant.is_other.into(),
            may_be_missing.into(),
        ];
        ordered(text("variant"), &parts)
    }

    /// Whether a variant's content may be missing beside its tag.
    pub(super) fn content_may_be_missing(&self, variant: &Variant) -> bool {
        let content = variant.content.as_ref().filter(|_| variant.name.received.is_some());
        content.is_some_and(|content| self.is_optional(content))
    }

    pub(super) fn untagged(&self, variant: &Variant) -> u64 {
        let content = variant.content.as_ref().map_or(1, |content| self.shape(content));
        let name = &variant.name;
        ordered(
            text("content"),
            &[content, name.sent.is_some().into(), name.received.is_some().into()],
        )
    }
}

/// What is behind newtypes, up to the next name. Constants and what was parsed are finite without
/// names.
fn unwrapped(mut shape: &Shape) -> &Shape {
    loop {
        shape = match shape {
            Shape::Newtype(inner) => inner,
            _ => return shape,
        };
    }
}

/// What of it is read, up to the next name.
fn read(mut shape: &Shape) -> &Shape {
    loop {
        shape = match shape {
            Shape::Asymmetric { received, .. } => received,
            _ => return shape,
        };
    }
}

/// Where a type's shape leads.
fn link(schema: &Schema, shape: &Shape) -> ChainLink {
    match shape {
        Shape::Reference(name) => schema.place(name).map_or(ChainLink::Lost, ChainLink::Next),
        _ => ChainLink::End,
    }
}

/// The number of what is sent and accepted under these names.
pub(super) fn names(name: &WireName) -> u64 {
    text(&format!("{:?}{:?}", name.sent, accepted(name)))
}

/// The names under which something is read, sorted.
pub(super) fn accepted(name: &WireName) -> Vec<&str> {
    let aliases = name.aliases.iter().map(|alias| &**alias);
    let mut accepted: Vec<&str> = name.received.as_deref().into_iter().chain(aliases).collect();
    accepted.sort_unstable();
    accepted
}
