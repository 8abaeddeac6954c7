//! Fields and variants, without their `#[ipc(…)]`.

use syn::{Attribute, Data, DeriveInput, Fields, Type, ext::IdentExt};

use crate::serde_attributes::SerdeAttributes;
use crate::{
    attribute::{self, sites::FIELD},
    errors::Errors,
};

pub(super) enum Content {
    Struct(Body),
    Enum(Vec<Variant>),
}

pub(super) struct Variant {
    pub name: String,
    pub cfgs: Vec<Attribute>,
    pub serde: SerdeAttributes,
    pub body: Body,
}

pub(super) enum Body {
    Unit,
    Tuple(Vec<Field>),
    Named(Vec<Field>),
}

pub(super) struct Field {
    /// Empty in a tuple.
    pub name: String,
    pub ty: Type,
    /// Its own `#[cfg]`s and those of its variant.
    pub cfgs: Vec<Attribute>,
    pub serde: SerdeAttributes,
    /// `#[ipc(recursive)]`.
    pub recursive: bool,
}

impl Content {
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        let (body, variants) = match self {
            Self::Struct(body) => (Some(body), &[][..]),
            Self::Enum(variants) => (None, variants.as_slice()),
        };
        body.into_iter().chain(variants.iter().map(|variant| &variant.body)).flat_map(Body::fields)
    }
}

impl Body {
    pub(super) fn fields(&self) -> &[Field] {
        match self {
            Self::Unit => &[],
            Self::Tuple(fields) | Self::Named(fields) => fields,
        }
    }
}

const ON_FIELDS: &str = "remove it; `#[ipc(recursive)]` goes onto a field";

/// Reads the type's content, and removes its `#[ipc(…)]` attributes.
pub(super) fn take(input: &mut DeriveInput, errors: &mut Errors) -> Content {
    attribute::refuse_ipc(&mut input.attrs, "a type", ON_FIELDS, errors);
    match &mut input.data {
        Data::Struct(data) => Content::Struct(body(&mut data.fields, &[], errors)),
        Data::Enum(data) => {
            let variants = data.variants.iter_mut().map(|variant| {
                attribute::refuse_ipc(&mut variant.attrs, "a variant", ON_FIELDS, errors);
                let cfgs = cfgs(&variant.attrs);
                Variant {
                    name: variant.ident.unraw().to_string(),
                    serde: SerdeAttributes::of(&variant.attrs),
                    body: body(&mut variant.fields, &cfgs, errors),
                    cfgs,
                }
            });
            Content::Enum(variants.collect())
        }
        Data::Union(_) => Content::Struct(Body::Unit),
    }
}

fn body(fields: &mut Fields, outer_cfgs: &[Attribute], errors: &mut Errors) -> Body {
    let mut read = Vec::new();
    for field in fields.iter_mut() {
        let given = attribute::take_ipc(&mut field.attrs, &FIELD, errors);
        let mut cfgs = cfgs(&field.attrs);
        cfgs.extend_from_slice(outer_cfgs);
        read.push(Field {
            name: field.ident.as_ref().map(|name| name.unraw().to_string()).unwrap_or_default(),
            ty: field.ty.clone(),
            serde: SerdeAttributes::of(&field.attrs),
            recursive: !given.is_empty(),
            cfgs,
        });
    }
    match fields {
        Fields::Named(_) => Body::Named(read),
        Fields::Unnamed(_) => Body::Tuple(read),
        Fields::Unit => Body::Unit,
    }
}

fn cfgs(attributes: &[Attribute]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect()
}
