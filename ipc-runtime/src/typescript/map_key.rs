//! What the names of a map's entries are.

use crate::{
    interface::schema::type_schema::TypeSchema,
    shape::nodes::{Enum, Shape, Tagging},
    typescript::{
        type_data::TypeData,
        type_form::{Direction, TypeForm},
    },
};

/// The names as data, unless any text is one, for all that is known.
pub(super) fn map_key(schema: &TypeSchema, shape: &Shape, form: TypeForm) -> Option<TypeData> {
    key(schema, shape, form.direction, &mut Vec::new())
}

fn key<'a>(
    schema: &'a TypeSchema,
    shape: &'a Shape,
    direction: Direction,
    above: &mut Vec<&'a str>,
) -> Option<TypeData> {
    match shape {
        Shape::Bool => Some(TypeData::word("boolean")),
        Shape::Char => Some(TypeData::word("char")),
        Shape::Float(_) => Some(TypeData::word("number")),
        Shape::Integer(integer) => {
            // A name is a text of digits, whatever integers are elsewhere.
            let sign = if integer.signed { 'i' } else { 'u' };
            let zero = if integer.zero { "" } else { "!" };
            Some(TypeData::Word(format!("{sign}{}{zero}s", integer.bits)))
        }
        Shape::Literal(text) => Some(TypeData::Literal(text.clone())),
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
fn variants(of: &Enum, direction: Direction) -> Option<TypeData> {
    if of.tagging != Tagging::External || of.variants.iter().any(|variant| variant.is_untagged) {
        return None;
    }
    let units = of.variants.iter().filter(|variant| variant.content.is_none());
    let names = units.filter_map(|variant| direction.name_of(&variant.name));
    Some(TypeData::union(names.map(|name| TypeData::Literal(name.to_owned())).collect()))
}
