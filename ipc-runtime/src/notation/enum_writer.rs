//! Enums as unions.

use crate::{
    notation::{
        Notation,
        object_form::ObjectForm,
        type_form::{Direction, TypeForm},
        type_writer::TypeWriter,
        unit_variants::is_unit,
    },
    shape::{
        name::Docs,
        nodes::{Enum, Shape, Tagging, Variant},
    },
};

/// One part of a union.
#[derive(Debug)]
pub(crate) struct VariantForm<T> {
    pub(crate) ty: T,
    pub(crate) docs: Docs,
}

impl<N: Notation> TypeWriter<'_, N> {
    /// The variants that travel in the form's direction.
    pub(crate) fn variants(&mut self, of: &Enum, form: TypeForm) -> Vec<VariantForm<N::Type>> {
        let mut variants = Vec::new();
        for variant in &of.variants {
            if let Some(name) = form.direction.name_of(&variant.name) {
                let ty = self.variant(of, variant, name, form);
                variants.push(VariantForm { ty, docs: variant.docs });
            }
        }
        variants
    }

    /// The enum where it is flattened: what has no content is a member too, or nothing at all.
    pub(super) fn flattened_variants(&mut self, of: &Enum, form: TypeForm) -> N::Type {
        let mut variants = Vec::new();
        for variant in &of.variants {
            let Some(name) = form.direction.name_of(&variant.name) else { continue };
            variants.push(match is_unit(of, variant) {
                true if variant.is_untagged || of.tagging == Tagging::Untagged => {
                    self.notation.any_object()
                }
                true => {
                    let object = ObjectForm::default().with(name, false, self.notation.null());
                    self.notation.object(object, form)
                }
                false => self.variant(of, variant, name, form),
            });
        }
        self.notation.union(variants)
    }

    fn variant(&mut self, of: &Enum, variant: &Variant, name: &str, form: TypeForm) -> N::Type {
        let content = variant.content.as_ref();
        if variant.is_untagged {
            return self.untagged(content, form);
        }
        match (&of.tagging, content) {
            (Tagging::External, None) => self.notation.literal(name),
            (Tagging::External, Some(content)) => {
                let content = self.part(content, form);
                let object = ObjectForm::default().with(name, false, content).exact();
                self.notation.object(object, form)
            }
            (Tagging::Internal(tag), content) => {
                self.tagged(tag, name, content.unwrap_or(&Shape::Unit), form)
            }
            (Tagging::Adjacent { tag, content: member }, None) => {
                let mut object =
                    ObjectForm::default().with(tag, false, self.notation.literal(name));
                let missing = self.notation.missing_content();
                if let Some(ty) = missing.filter(|_| form.direction == Direction::ToRust) {
                    object = object.with(member, true, ty);
                }
                self.notation.object(strict(object, of, form), form)
            }
            (Tagging::Adjacent { tag, content: member }, Some(content)) => {
                let may_be_missing =
                    form.direction == Direction::ToRust && self.schema.is_optional(content);
                let content = self.part(content, form);
                let object = ObjectForm::default().with(tag, false, self.notation.literal(name));
                let object = strict(object.with(member, may_be_missing, content), of, form);
                self.notation.object(object, form)
            }
            (Tagging::Untagged, content) => self.untagged(content, form),
        }
    }

    /// Nobody can tell which variant came, so that what is in it stays as it is on the wire.
    fn untagged(&mut self, content: Option<&Shape>, form: TypeForm) -> N::Type {
        match content {
            Some(content) => self.shape(content, form.raw()),
            None => self.notation.null(),
        }
    }
}

/// The object of a variant, which refuses others' members if its enum does.
fn strict<T>(object: ObjectForm<T>, of: &Enum, form: TypeForm) -> ObjectForm<T> {
    let is_exact = of.denies_unknown && form.direction == Direction::ToRust;
    if is_exact { object.exact() } else { object }
}
