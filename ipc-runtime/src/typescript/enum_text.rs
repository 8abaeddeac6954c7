//! Enums as unions.

use crate::{
    shape::{
        name::Docs,
        nodes::{Enum, Shape, Tagging, Variant},
    },
    typescript::{
        struct_text::ObjectText,
        type_form::{Direction, TypeForm},
        type_text::{TypeText, TypeWriter},
        unit_variants::is_unit,
    },
};

/// One part of a union.
#[derive(Debug)]
pub(super) struct VariantType {
    pub(super) ty: TypeText,
    pub(super) docs: Docs,
}

impl TypeWriter<'_> {
    /// The variants that travel in the form's direction.
    pub(super) fn variants(&mut self, of: &Enum, form: TypeForm) -> Vec<VariantType> {
        let mut variants = Vec::new();
        for variant in &of.variants {
            if let Some(name) = form.direction.name_of(&variant.name) {
                let ty = self.variant(of, variant, name, form);
                variants.push(VariantType { ty, docs: variant.docs });
            }
        }
        variants
    }

    /// The enum where it is flattened: what has no content is a member too, or nothing at all.
    pub(super) fn flattened_variants(&mut self, of: &Enum, form: TypeForm) -> TypeText {
        let mut variants = Vec::new();
        for variant in &of.variants {
            let Some(name) = form.direction.name_of(&variant.name) else { continue };
            let object = ObjectText::default();
            variants.push(match is_unit(of, variant) {
                true if variant.is_untagged || of.tagging == Tagging::Untagged => TypeText::empty(),
                true => object.with(name, false, TypeText::null()).into_type(),
                false => self.variant(of, variant, name, form),
            });
        }
        TypeText::union(variants)
    }

    fn variant(&mut self, of: &Enum, variant: &Variant, name: &str, form: TypeForm) -> TypeText {
        let content = variant.content.as_ref();
        let word = || TypeText::literal(name);
        if variant.is_untagged {
            return self.untagged(content, form);
        }
        match (&of.tagging, content) {
            (Tagging::External, None) => word(),
            (Tagging::External, Some(content)) => {
                let content = self.part(content, form);
                ObjectText::default().with(name, false, content).exact().into_type()
            }
            (Tagging::Internal(tag), content) => {
                self.tagged(tag, name, content.unwrap_or(&Shape::Unit), form)
            }
            (Tagging::Adjacent { tag, .. }, None) => {
                ObjectText::default().with(tag, false, word()).into_type()
            }
            (Tagging::Adjacent { tag, content: member }, Some(content)) => {
                let may_be_missing =
                    form.direction == Direction::ToRust && self.schema.is_optional(content);
                let content = self.part(content, form);
                let object = ObjectText::default().with(tag, false, word());
                object.with(member, may_be_missing, content).into_type()
            }
            (Tagging::Untagged, content) => self.untagged(content, form),
        }
    }

    /// Nobody can tell which variant came, so that what is in it stays as it is on the wire.
    fn untagged(&mut self, content: Option<&Shape>, form: TypeForm) -> TypeText {
        content.map_or_else(TypeText::null, |content| self.shape(content, form.raw()))
    }
}
