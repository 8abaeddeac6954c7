//! What is on one object with a tag, or with the members of others.
//!
//! Types and plans both ask here: a map takes each member that isn't named, and so it would take
//! the tag too.

use crate::{
    interface::schema::type_schema::TypeSchema,
    notation::{type_form::Direction, unit_variants::has_units},
    shape::nodes::{Enum, Shape, Struct, Tagging},
};

/// Looks at shapes that share an object with others.
#[derive(Clone, Copy)]
pub(crate) struct TagContent<'a> {
    pub(crate) schema: &'a TypeSchema,
    pub(crate) direction: Direction,
}

impl<'a> TagContent<'a> {
    /// Whether this is what it is elsewhere, so that its name may stand beside a tag. A map takes
    /// any member and would take the tag, a variant without a tag isn't told from others by the
    /// kind of its value, and what has no members of its own isn't there at all.
    pub(crate) fn stands_beside_a_tag(&self, content: &'a Shape) -> bool {
        self.stands(content, &mut Vec::new())
    }

    fn stands(&self, content: &'a Shape, above: &mut Vec<&'a str>) -> bool {
        match content {
            Shape::Newtype(inner) => self.stands(inner, above),
            Shape::Asymmetric { sent, received } => self.stands(self.one_of(sent, received), above),
            Shape::Reference(name) => {
                self.behind(name, above, true, |content, above| self.stands(content, above))
            }
            Shape::Unit | Shape::Map(..) | Shape::Any => false,
            Shape::Foreign(_) | Shape::Unknown(_) => false,
            Shape::Enum(of) => {
                let has_untagged = of.tagging != Tagging::Untagged
                    && of.variants.iter().any(|variant| variant.is_untagged);
                !has_units(of) && !has_untagged && !self.variant_takes_any_member(of, above)
            }
            Shape::Struct(of) => !self.takes_any_member(of, above),
            _ => true,
        }
    }

    /// Whether a map is flattened into a struct.
    fn takes_any_member(&self, of: &'a Struct, above: &mut Vec<&'a str>) -> bool {
        of.fields.iter().any(|field| field.is_flattened && self.takes(&field.shape, above))
    }

    fn variant_takes_any_member(&self, of: &'a Enum, above: &mut Vec<&'a str>) -> bool {
        of.variants.iter().any(|variant| {
            let is_whole = matches!(of.tagging, Tagging::Internal(_)) && !variant.is_untagged;
            is_whole && variant.content.as_ref().is_some_and(|content| self.takes(content, above))
        })
    }

    /// Whether this takes any member of the object that it is flattened into.
    fn takes(&self, shape: &'a Shape, above: &mut Vec<&'a str>) -> bool {
        match shape {
            Shape::Map(..) | Shape::Any | Shape::Foreign(_) | Shape::Unknown(_) => true,
            Shape::Struct(of) => self.takes_any_member(of, above),
            Shape::Enum(of) => self.variant_takes_any_member(of, above),
            Shape::Option(inner) | Shape::Newtype(inner) => self.takes(inner, above),
            Shape::Asymmetric { sent, received } => self.takes(self.one_of(sent, received), above),
            Shape::Reference(name) => {
                self.behind(name, above, false, |shape, above| self.takes(shape, above))
            }
            _ => false,
        }
    }

    /// What is asked of the type of this name. What contains itself like this has no end, and adds
    /// nothing that isn't there already.
    pub(crate) fn behind<T>(
        &self,
        name: &'a str,
        above: &mut Vec<&'a str>,
        otherwise: T,
        ask: impl FnOnce(&'a Shape, &mut Vec<&'a str>) -> T,
    ) -> T {
        let Some(one) = self.schema.get(name).filter(|_| !above.contains(&name)) else {
            return otherwise;
        };
        above.push(name);
        let answer = ask(&one.shape, above);
        above.pop();
        answer
    }

    pub(crate) fn one_of<'s>(&self, sent: &'s Shape, received: &'s Shape) -> &'s Shape {
        if self.direction == Direction::FromRust { sent } else { received }
    }
}
