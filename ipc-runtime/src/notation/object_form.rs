//! The members of an object, as they are gathered.

use crate::shape::{
    name::Docs,
    nodes::{Field, Shape},
};

/// An object's members, and what it is besides.
#[derive(Debug, Clone)]
pub(crate) struct ObjectForm<T> {
    pub(crate) members: Vec<PropertyForm<T>>,
    /// The values of all other members, where a map is flattened.
    pub(crate) rest: Vec<T>,
    /// What else the object is.
    pub(crate) others: Vec<T>,
    /// Whether other members are refused.
    pub(crate) is_exact: bool,
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct PropertyForm<T> {
    pub(crate) name: String,
    pub(crate) is_optional: bool,
    pub(crate) ty: T,
    pub(crate) docs: Docs,
    /// The format of its text, if it is of another crate's type.
    #[cfg_attr(not(feature = "typescript"), allow(dead_code, reason = "a schema has it itself"))]
    pub(crate) format: Option<String>,
}

impl<T> Default for ObjectForm<T> {
    fn default() -> Self {
        Self { members: Vec::new(), rest: Vec::new(), others: Vec::new(), is_exact: false }
    }
}

impl<T> ObjectForm<T> {
    /// Adds a member.
    pub(crate) fn with(mut self, name: &str, is_optional: bool, ty: T) -> Self {
        self.add(PropertyForm {
            name: name.to_owned(),
            is_optional,
            ty,
            docs: Docs::NONE,
            format: None,
        });
        self
    }

    /// Adds what another has.
    pub(crate) fn and(mut self, other: Self) -> Self {
        other.members.into_iter().for_each(|member| self.add(member));
        self.rest.extend(other.rest);
        self.others.extend(other.others);
        self.is_exact |= other.is_exact;
        self
    }

    /// There are no other members.
    pub(crate) fn exact(self) -> Self {
        Self { is_exact: true, ..self }
    }

    /// Adds a member. Of a name that comes twice, a reader keeps the last one.
    pub(crate) fn add(&mut self, member: PropertyForm<T>) {
        match self.members.iter_mut().find(|known| known.name == member.name) {
            Some(known) => *known = member,
            None => self.members.push(member),
        }
    }
}

impl<T> PropertyForm<T> {
    /// The member that a field is.
    pub(crate) fn of(field: &Field, name: &str, is_optional: bool, ty: T) -> Self {
        Self {
            name: name.to_owned(),
            is_optional,
            ty,
            docs: field.docs,
            format: text_format(&field.shape),
        }
    }
}

/// The format of a text that another crate's type is.
pub(crate) fn text_format(shape: &Shape) -> Option<String> {
    match shape {
        Shape::Foreign(of) => of.format.clone(),
        Shape::Option(inner) | Shape::Newtype(inner) => text_format(inner),
        _ => None,
    }
}
