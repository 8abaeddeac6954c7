//! Which fields may be missing where they are read.

use crate::{
    interface::schema::{Schema, SchemaType, type_schema::TypeSchema},
    shape::nodes::{Field, Shape},
};

/// How many names are followed: a text may say that a type is nothing but itself.
const MAX_NAMES: usize = 1000;

impl Schema {
    /// Whether a field of this schema may be missing where it is read: it has a default, or is
    /// [optional](Self::is_optional).
    pub fn may_be_missing(&self, field: &Field) -> bool {
        may_be_missing(field, |shape| self.is_optional(shape))
    }

    /// Whether what looks like this may be missing where it is a field, or content beside a tag: an
    /// `Option`, also behind the name of a type.
    pub fn is_optional(&self, shape: &Shape) -> bool {
        is_optional(shape, |name| self.get(name))
    }
}

impl TypeSchema {
    /// Whether a field of this schema may be missing where it is read: it has a default, or is
    /// [optional](Self::is_optional).
    pub fn may_be_missing(&self, field: &Field) -> bool {
        may_be_missing(field, |shape| self.is_optional(shape))
    }

    /// Whether what looks like this may be missing where it is a field, or content beside a tag: an
    /// `Option`, also behind the name of a type.
    pub fn is_optional(&self, shape: &Shape) -> bool {
        is_optional(shape, |name| self.get(name))
    }
}

fn may_be_missing(field: &Field, is_optional: impl Fn(&Shape) -> bool) -> bool {
    // Serde looks for the fields of a flattened one, and not for itself.
    field.has_default || !field.is_flattened && is_optional(&field.shape)
}

fn is_optional<'a>(mut shape: &'a Shape, get: impl Fn(&str) -> Option<&'a SchemaType>) -> bool {
    let mut names = 0;
    loop {
        shape = match shape {
            Shape::Option(_) => return true,
            Shape::Asymmetric { received, .. } => received,
            Shape::Reference(name) if names < MAX_NAMES => match get(name) {
                Some(one) => &one.shape,
                None => return false,
            },
            _ => return false,
        };
        names += 1;
    }
}
