//! What `#[ipc(…)]` says in a type. The derive of its shape reads it; the attribute checks it.

use syn::{Attribute, Data, DeriveInput, Fields};

use crate::{
    attribute::{
        self,
        argument::AttributeArgument,
        sites::{FIELD, NAMED_TYPE},
    },
    errors::Errors,
    integers::Integers,
    literals,
};

const ON_FIELDS: &str = "remove it; `#[ipc(…)]` goes onto a field";

/// Checks the `#[ipc(…)]` attributes of the type, and removes them.
pub(super) fn take(input: &mut DeriveInput, errors: &mut Errors) {
    let given = attribute::take_ipc(&mut input.attrs, &NAMED_TYPE, errors);
    if let Some(text) = given.iter().find_map(|argument| argument.value.as_ref()) {
        literals::checked(text, literals::typescript_name, errors);
    }
    match &mut input.data {
        Data::Struct(data) => take_each(&mut data.fields, errors),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                attribute::refuse_ipc(&mut variant.attrs, "a variant", ON_FIELDS, errors);
                take_each(&mut variant.fields, errors);
            }
        }
        Data::Union(_) => {}
    }
}

fn take_each(fields: &mut Fields, errors: &mut Errors) {
    for field in fields {
        let given = attribute::take_ipc(&mut field.attrs, &FIELD, errors);
        if field.ident.is_none() && given.iter().any(|argument| argument.name == "ignored") {
            errors.push(
                &field.ty,
                "only a named field can be `ignored`: without it, those behind it would move",
                "remove `#[ipc(ignored)]`",
            );
        }
        FieldOptions::of(given, errors);
    }
}

/// What `#[ipc(…)]` says of a field.
#[derive(Default)]
pub(crate) struct FieldOptions {
    /// The type contains itself by this field.
    pub recursive: bool,
    /// A value may arrive as another.
    pub lossy: bool,
    /// Nobody heeds it any more, so that it may be removed.
    pub ignored: bool,
    /// The type that it looks like on the wire.
    pub looks_like: Option<syn::Type>,
    /// What its integers of 64 bits are in TypeScript.
    pub integers: Option<Integers>,
}

impl FieldOptions {
    fn of(given: Vec<AttributeArgument>, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        for argument in given {
            match (argument.name, argument.value) {
                ("recursive", _) => options.recursive = true,
                ("lossy", _) => options.lossy = true,
                ("ignored", _) => options.ignored = true,
                ("integer", Some(text)) => options.integers = Integers::of(&text, errors),
                ("as", Some(text)) => match text.parse() {
                    Ok(ty) => options.looks_like = Some(ty),
                    Err(_) => errors.push(
                        &text,
                        format_args!("`{}` is no type", text.value()),
                        "write the type that the field looks like on the wire: `as = \"String\"`",
                    ),
                },
                _ => {}
            }
        }
        options
    }

    /// Reads a field's attributes, which were checked before.
    pub(crate) fn read(attributes: &[Attribute]) -> Self {
        let mut untold = Errors::default();
        let given = attribute::take_ipc(&mut attributes.to_vec(), &FIELD, &mut untold);
        Self::of(given, &mut untold)
    }
}
