//! `#[ipc_interface]`, step by step: reads its arguments and the trait, checks the rules, writes
//! the code.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Item;

use crate::{
    attribute::{self, Legible, sites::INTERFACE},
    check,
    errors::Errors,
    expand::{self, fallback},
    incomplete_trait, parse,
};

/// Returns the code for `#[ipc_interface]`; after an error, the fallbacks.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let item = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Trait(item)) => item,
        Ok(item) => {
            check::not_a_trait(&item, &mut errors);
            let error = errors.finish().err().map(syn::Error::into_compile_error);
            return quote!(#error #item);
        }
        Err(error) => return incomplete(arguments, item, error),
    };
    let mut given = Vec::new();
    let legible = attribute::read(arguments, &INTERFACE, &mut given, &mut errors);
    let header = parse::header(&given, &mut errors);
    if legible == Legible::Wholly {
        check::header::missing(&given, &item.ident, &mut errors);
    }
    check::syntax(&item, &mut errors);
    let model = parse::interface(header, &item, &mut errors);
    check::interface(&model, &mut errors);
    match errors.finish() {
        Ok(()) => expand::interface(&model),
        Err(error) => {
            let error = error.into_compile_error();
            let fallback = fallback::interface(&item, &model);
            quote!(#error #fallback)
        }
    }
}

/// The fallbacks of a trait that is still being typed. Its other mistakes are reported once it can
/// be read.
fn incomplete(arguments: TokenStream, item: TokenStream, error: syn::Error) -> TokenStream {
    let error = error.into_compile_error();
    let mut untold = Errors::default();
    let fallback = incomplete_trait::trait_of(item).map(|item| {
        let mut given = Vec::new();
        attribute::read(arguments, &INTERFACE, &mut given, &mut untold);
        let header = parse::header(&given, &mut untold);
        fallback::interface(&item, &parse::interface(header, &item, &mut untold))
    });
    quote!(#error #fallback)
}
