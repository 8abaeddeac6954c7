//! `#[ipc_type]`: serde's derives, and one for the shape of what they put on the wire.
//!
//! The shape has a derive of its own because a derive sees the item after `#[cfg]` and
//! `#[cfg_attr]` are resolved, and an attribute before.

mod derives;
pub(crate) mod fallback;
pub(crate) mod fields;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Item};

use self::derives::Derives;
use crate::{
    attribute::{self, sites::TYPE},
    check,
    errors::Errors,
    parse,
};

/// Returns the code for `#[ipc_type]`; after an error, the type alone with empty impls.
pub(crate) fn expand(arguments: TokenStream, item: Item) -> TokenStream {
    let mut errors = Errors::default();
    let mut given = Vec::new();
    attribute::read(arguments, &TYPE, &mut given, &mut errors);
    let runtime = parse::runtime(&given, &mut errors);

    let mut input = match item {
        Item::Struct(item) => DeriveInput::from(item),
        Item::Enum(item) => DeriveInput::from(item),
        Item::Union(item) => DeriveInput::from(item),
        other => {
            check::data_type::not_a_type(&other, &mut errors);
            let error = errors.finish().err().map(syn::Error::into_compile_error);
            return quote!(#error #other);
        }
    };
    check::data_type::data_type(&input, &mut errors);
    let mut without_ipc = input.clone();
    fields::take(&mut without_ipc, &mut errors);
    if let Err(error) = errors.finish() {
        let fallback = fallback::expand(without_ipc, &runtime);
        let error = error.into_compile_error();
        return quote!(#error #fallback);
    }
    derives::arrays(&mut input, &runtime);
    let derives = Derives::missing(&input).attributes(&runtime, &input.attrs);
    quote!(#derives #input)
}
