//! What serde's derives accept, and what would arrive as something else than was sent.

use serde_derive_internals::{
    ast::{Container, Data, Field, Style, Variant},
    attr::{Identifier, TagType},
};

use crate::{errors::Errors, ipc_type::fields::FieldOptions};

/// Reports what has no shape, and what changes a value silently.
pub(super) fn check(container: &Container<'_>, errors: &mut Errors) {
    if !matches!(container.attrs.identifier(), Identifier::No) {
        errors.push(
            &container.ident,
            "an identifier of serde's is only read, and never sent",
            "remove `field_identifier` or `variant_identifier`",
        );
    }
    match &container.data {
        Data::Struct(style, fields) => check_fields(*style, fields, true, errors),
        Data::Enum(variants) => {
            for variant in variants {
                check_fields(variant.style, &variant.fields, false, errors);
                check_functions(variant, errors);
                if matches!(container.attrs.tag(), TagType::None) || variant.attrs.untagged() {
                    check_integers(variant, errors);
                }
                if matches!(container.attrs.tag(), TagType::Adjacent { .. }) {
                    check_content(variant, errors);
                }
            }
        }
    }
}

/// Nobody can tell which variant came, so that no integer becomes another.
fn check_integers(variant: &Variant<'_>, errors: &mut Errors) {
    let asked = variant.fields.iter().map(|field| FieldOptions::read(&field.original.attrs));
    for integers in asked.filter_map(|options| options.integers) {
        errors.push(
            integers.text(),
            "integers of an `untagged` variant stay as they are on the wire: nobody can tell which \
             variant came",
            "remove `integer`: in TypeScript they are `number | bigint`",
        );
    }
}

/// Functions give content to a variant that has no fields, in their direction alone.
fn check_functions(variant: &Variant<'_>, errors: &mut Errors) {
    let (sent, read) = (variant.attrs.serialize_with(), variant.attrs.deserialize_with());
    if matches!(variant.style, Style::Unit) && sent.is_some() != read.is_some() {
        errors.push(
            variant.original,
            "a variant without fields is sent in another form than it is read in, if functions \
             write or read it in one direction",
            "write `with`, or remove it",
        );
    }
}

/// Serde sends a variant whose only field is skipped without content, and requires the content
/// where it reads the variant.
fn check_content(variant: &Variant<'_>, errors: &mut Errors) {
    let (Style::Newtype, [field]) = (variant.style, variant.fields.as_slice()) else { return };
    if field.attrs.skip_deserializing() && !variant.attrs.untagged() {
        errors.push(
            field.original,
            "the only field of a variant can't be skipped beside a tag: serde sends no content, \
             and doesn't read the variant without",
            "write a variant without fields",
        );
    }
}

fn check_fields(style: Style, fields: &[Field<'_>], is_struct: bool, errors: &mut Errors) {
    if !matches!(style, Style::Tuple | Style::Newtype) {
        return;
    }
    for field in fields {
        let (sent, read) = (!field.attrs.skip_serializing(), !field.attrs.skip_deserializing());
        if field.attrs.skip_serializing_if().is_some() {
            errors.push(
                field.original,
                "an unnamed field can't be left out: those behind it would move up, and be read \
                 as others",
                "remove `skip_serializing_if`, or give the fields names",
            );
        } else if sent != read {
            errors.push(
                field.original,
                "an unnamed field travels in both directions or in none: those behind it would be \
                 read as others",
                "write `#[serde(skip)]`, or give the fields names",
            );
        } else if !sent && is_struct && matches!(style, Style::Newtype) {
            errors.push(
                field.original,
                "the only field of a struct can't be skipped: serde sends it all the same",
                "write a struct without fields",
            );
        }
    }
}
