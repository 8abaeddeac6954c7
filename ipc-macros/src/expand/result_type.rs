//! The types that a method returns, as generated code names them.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;

use super::wire_type::projection;
use crate::{
    model::{Method, Output},
    stream_type,
};

/// The value and the error type of a method that can fail.
pub(super) fn fallible(output: &Output, rt: &TokenStream) -> Option<(TokenStream, TokenStream)> {
    match output {
        Output::Unit | Output::Plain(_) | Output::Stream(_) => None,
        Output::Result { value, error, .. } => Some((quote!(#value), quote!(#error))),
        Output::Alias(alias) => {
            let of = quote!(#rt::Fallible);
            let value = projection(alias, alias, &of, "Value");
            Some((value, projection(alias, alias, &of, "Error")))
        }
    }
}

/// The type that a method's `async` form resolves to.
pub(super) fn result_type(output: &Output) -> TokenStream {
    match output {
        Output::Stream(items) => stream_type::sendable(&items.whole).into_token_stream(),
        Output::Unit => quote!(()),
        Output::Plain(ty) | Output::Result { whole: ty, .. } | Output::Alias(ty) => quote!(#ty),
    }
}

pub(super) fn span_of(output: &Output, method: &Method) -> Span {
    match output {
        Output::Unit => method.ident.span(),
        Output::Stream(items) => items.whole.span(),
        Output::Plain(ty) | Output::Result { whole: ty, .. } | Output::Alias(ty) => ty.span(),
    }
}
