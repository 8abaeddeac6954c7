//! What the names of a map's entries are.

use crate::{
    interface::schema::type_schema::TypeSchema,
    notation::type_form::Direction,
    shape::{
        nodes::{Enum, Shape, Tagging},
        scalar::Integer,
    },
};

/// What the names of a map's entries are, where they aren't any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MapKey {
    /// `true` and `false`.
    Boolean,
    /// Texts of one character.
    Character,
    /// The digits of a number.
    Number,
    /// The digits of an integer.
    Integer(Integer),
    /// One of these.
    Names(Vec<String>),
}

/// The names, unless any text is one, for all that is known.
pub(crate) fn map_key(schema: &TypeSchema, shape: &Shape, direction: Direction) -> Option<MapKey> {
    key(schema, shape, direction, &mut Vec::new())
}

fn key<'a>(
    schema: &'a TypeSchema,
    shape: &'a Shape,
    direction: Direction,
    above: &mut Vec<&'a str>,
) -> Option<MapKey> {
    match shape {
        Shape::Bool => Some(MapKey::Boolean),
        Shape::Char => Some(MapKey::Character),
        Shape::Float(_) => Some(MapKey::Number),
        Shape::Integer(integer) => Some(MapKey::Integer(*integer)),
        Shape::Literal(text) => Some(MapKey::Names(vec![text.clone()])),
        Shape::Option(inner) | Shape::Newtype(inner) => key(schema, inner, direction, above),
        Shape::Asymmetric { sent, received } => {
            let shape = if direction == Direction::FromRust { sent } else { received };
            key(schema, shape, direction, above)
        }
        Shape::Enum(of) => variants(of, direction),
        Shape::Reference(name) => {
            let one = schema.get(name).filter(|_| !above.contains(&&**name))?;
            above.push(name);
            let key = key(schema, &one.shape, direction, above);
            above.pop();
            key
        }
        _ => None,
    }
}

/// The names of variants that hold nothing: no others can be a name.
fn variants(of: &Enum, direction: Direction) -> Option<MapKey> {
    if of.tagging != Tagging::External || of.variants.iter().any(|variant| variant.is_untagged) {
        return None;
    }
    let units = of.variants.iter().filter(|variant| variant.content.is_none());
    let names = units.filter_map(|variant| direction.name_of(&variant.name));
    Some(MapKey::Names(names.map(str::to_owned).collect()))
}
