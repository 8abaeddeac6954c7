//! Serde's derives, if the user hasn't written them.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Attribute, Data, DeriveInput, Meta, Path, Token, parse::Parser, parse_quote,
    punctuated::Punctuated,
};

use crate::{array_type, model::Runtime, serde_attributes, type_text::written};

/// Which derives have to be added.
pub(super) struct Derives {
    pub serialize: bool,
    pub deserialize: bool,
}

impl Derives {
    /// Those that aren't written below `#[ipc_type]`. A macro can't see those above it.
    pub(super) fn missing(input: &DeriveInput) -> Self {
        let derived: Vec<String> = input
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("derive"))
            .filter_map(|attribute| match &attribute.meta {
                Meta::List(list) => Some(list.tokens.clone()),
                _ => None,
            })
            .filter_map(|list| Punctuated::<Path, Token![,]>::parse_terminated.parse2(list).ok())
            .flatten()
            .filter_map(|path| path.segments.last().map(|last| last.ident.to_string()))
            .collect();
        let missing = |name: &str| !derived.iter().any(|derived| derived == name);
        Self { serialize: missing("Serialize"), deserialize: missing("Deserialize") }
    }

    /// The attributes to put in front of the type.
    pub(super) fn attributes(&self, runtime: &Runtime, written_ones: &[Attribute]) -> TokenStream {
        let rt = runtime.private();
        let serialize = self.serialize.then(|| quote!(#rt::serde::Serialize,));
        let deserialize = self.deserialize.then(|| quote!(#rt::serde::Deserialize,));
        let path = written(quote!(#rt::serde));
        let derived = self.serialize || self.deserialize;
        let names_crate =
            (derived && !names_crate(written_ones)).then(|| quote!(#[serde(crate = #path)]));
        let own_path = runtime.0.as_ref().map(|path| {
            let path = written(path);
            quote!(#[ipc(crate = #path)])
        });
        // By its path, because `derive` is a name of the prelude, which a module may have turned
        // off.
        quote_spanned! {Span::mixed_site()=>
            #[::core::prelude::v1::derive(#serialize #deserialize #rt::IpcShape)]
            #names_crate
            #own_path
        }
    }
}

/// Makes the runtime's code write array fields that serde may not support.
pub(super) fn arrays(input: &mut DeriveInput, runtime: &Runtime) {
    let rt = runtime.private();
    let path = written(quote!(#rt::array));
    let fields: Vec<_> = match &mut input.data {
        Data::Struct(data) => data.fields.iter_mut().collect(),
        Data::Enum(data) => {
            data.variants.iter_mut().flat_map(|variant| &mut variant.fields).collect()
        }
        Data::Union(_) => Vec::new(),
    };
    for field in fields {
        let is_array = array_type::of_any_length(&field.ty).is_some();
        if is_array && !serde_attributes::converts(&field.attrs) {
            field.attrs.push(parse_quote!(#[serde(with = #path)]));
        }
    }
}

/// Whether the user has already set a crate for serde's derives.
fn names_crate(attributes: &[Attribute]) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("serde")).any(|attribute| {
        attribute
            .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
            .is_ok_and(|arguments| arguments.iter().any(|meta| meta.path().is_ident("crate")))
    })
}
