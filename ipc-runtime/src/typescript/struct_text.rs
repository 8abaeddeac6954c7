//! Structs as types of objects.

use crate::{
    shape::{
        name::{Docs, WireName},
        nodes::{Shape, Struct},
    },
    typescript::{
        doc_comment, identifier,
        type_form::{Direction, TypeForm},
        type_text::{TypeText, TypeWriter, format_note},
    },
};

/// An object's members, and what it is besides.
#[derive(Debug, Default)]
pub(super) struct ObjectText {
    members: Vec<PropertyText>,
    others: Vec<TypeText>,
}

#[derive(Debug)]
struct PropertyText {
    name: String,
    is_optional: bool,
    ty: TypeText,
    docs: Docs,
    note: Option<String>,
}

impl ObjectText {
    /// Adds a member.
    pub(super) fn with(mut self, name: &str, is_optional: bool, ty: TypeText) -> Self {
        let (name, docs) = (name.to_owned(), Docs::NONE);
        self.members.push(PropertyText { name, is_optional, ty, docs, note: None });
        self
    }

    /// Adds what another has.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.members.extend(other.members);
        self.others.extend(other.others);
        self
    }

    /// Its members over several lines, unless it is more than these.
    pub(super) fn block(&self) -> Option<String> {
        if !self.others.is_empty() {
            return None;
        }
        if self.members.is_empty() {
            return Some("{}".to_owned());
        }
        let mut text = String::from("{\n");
        for member in &self.members {
            text.push_str(&doc_comment::above(member.docs, member.note.as_deref(), "  "));
            text.push_str(&format!("  {};\n", member.text()));
        }
        text.push('}');
        Some(text)
    }

    /// In one line.
    pub(super) fn into_type(self) -> TypeText {
        let members: Vec<String> = self
            .members
            .iter()
            .map(|one| {
                let docs = doc_comment::inline(one.docs, one.note.as_deref());
                format!("{docs}{}", one.text())
            })
            .collect();
        let mut parts = Vec::new();
        if !members.is_empty() {
            parts.push(TypeText::atom(format!("{{ {} }}", members.join("; "))));
        }
        parts.extend(self.others);
        TypeText::intersection(parts)
    }
}

impl PropertyText {
    fn text(&self) -> String {
        let sign = if self.is_optional { "?" } else { "" };
        format!("{}{sign}: {}", identifier::member(&self.name), self.ty.text)
    }
}

/// The name under which something travels in a direction, if it does.
pub(super) fn name_of(name: &WireName, direction: Direction) -> Option<&str> {
    match direction {
        Direction::FromRust => name.sent.as_deref(),
        Direction::ToRust => name.received.as_deref(),
    }
}

impl TypeWriter<'_> {
    /// The object that a struct is.
    pub(super) fn object(&mut self, of: &Struct, form: TypeForm) -> ObjectText {
        let mut object = ObjectText::default();
        self.fields(of, form, false, &mut Vec::new(), &mut object);
        object
    }

    /// Adds the fields of a struct. `above` are the names of the types that it is flattened into.
    fn fields(
        &mut self,
        of: &Struct,
        form: TypeForm,
        is_optional: bool,
        above: &mut Vec<String>,
        object: &mut ObjectText,
    ) {
        for field in &of.fields {
            let Some(name) = name_of(&field.name, form.direction) else { continue };
            let may_be_absent = match form.direction {
                Direction::FromRust => field.may_be_omitted,
                Direction::ToRust => self.schema.may_be_missing(field),
            };
            if field.is_flattened {
                let is_optional = is_optional || may_be_absent;
                self.flattened(&field.shape, form, is_optional, above, object);
                continue;
            }
            object.members.push(PropertyText {
                name: name.to_owned(),
                is_optional: is_optional || may_be_absent,
                ty: self.part(&field.shape, form),
                docs: field.docs,
                note: format_note(&field.shape),
            });
        }
    }

    /// Adds what stands in a flattened field's place.
    fn flattened(
        &mut self,
        shape: &Shape,
        form: TypeForm,
        is_optional: bool,
        above: &mut Vec<String>,
        object: &mut ObjectText,
    ) {
        let schema = self.schema;
        match shape {
            Shape::Struct(of) => self.fields(of, form, is_optional, above, object),
            Shape::Option(inner) => self.flattened(inner, form, true, above, object),
            Shape::Newtype(inner) => self.flattened(inner, form, is_optional, above, object),
            Shape::Asymmetric { sent, received } => {
                let shape = if form.direction == Direction::FromRust { sent } else { received };
                self.flattened(shape, form, is_optional, above, object);
            }
            Shape::Reference(name) => match schema.get(name).map(|one| &one.shape) {
                // What contains itself by that has no end.
                Some(_) if above.contains(name) => {}
                Some(Shape::Enum(_)) | None => {
                    let ty = self.shape(shape, form);
                    object.others.push(if is_optional { or_nothing(ty) } else { ty });
                }
                Some(behind) => {
                    above.push(name.clone());
                    self.flattened(behind, form, is_optional, above, object);
                    above.pop();
                }
            },
            // Any other members.
            Shape::Map(..) => {
                let ty = self.part(shape, form);
                object.others.push(ty);
            }
            Shape::Any => object.others.push(TypeText::atom("{ [key: string]: $.JsonValue }")),
            Shape::Enum(of) => {
                let ty = self.shape(&Shape::Enum(of.clone()), form);
                object.others.push(if is_optional { or_nothing(ty) } else { ty });
            }
            // A unit has no members; of others nothing is known.
            _ => {}
        }
    }

    /// The content of a variant with its tag in it.
    pub(super) fn tagged(
        &mut self,
        tag: &str,
        name: &str,
        content: &Shape,
        form: TypeForm,
    ) -> TypeText {
        let tag = ObjectText::default().with(tag, false, TypeText::atom(identifier::quoted(name)));
        match content {
            Shape::Unit => tag.into_type(),
            Shape::Struct(of) => {
                let object = self.object(of, form);
                tag.and(object).into_type()
            }
            content => {
                let content = self.shape(content, form);
                TypeText::intersection(vec![tag.into_type(), content])
            }
        }
    }
}

/// What may be left out as a whole.
fn or_nothing(ty: TypeText) -> TypeText {
    TypeText::union(vec![ty, TypeText::atom("{}")])
}
