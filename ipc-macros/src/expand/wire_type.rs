//! Types as generated code names them: through the runtime's `WireType`.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::{Expr, Ident, Type, TypeArray};

use crate::{
    model::{Argument, Method, Passing},
    spans::ends,
};

/// The owned type that an argument is decoded to.
///
/// Types are named through `WireType`, so that a type that can't travel is an error at its own
/// token and nowhere else; see the runtime's `wire_type.rs`.
pub(super) fn decoded(argument: &Argument, rt: &TokenStream) -> TokenStream {
    if let Some(array) = argument.array() {
        let generics = array_generics(array, rt);
        return quote!(#rt::ArrayArgument<#generics>);
    }
    match &argument.passing {
        Passing::Context(_) | Passing::Owned => wire(&argument.ty, &argument.ty, rt, "Itself"),
        Passing::Stream(item) => {
            let item = wire(item, item, rt, "Itself");
            quote!(#rt::StreamArgument<#item>)
        }
        Passing::Borrowed(ty) => wire(ty, ty, rt, "Owned"),
        Passing::BorrowedOption(ty) => {
            let owned = wire(ty, ty, rt, "Owned");
            quote!(::core::option::Option<#owned>)
        }
    }
}

/// The generic arguments of the runtime's own array types.
pub(super) fn array_generics(array: &TypeArray, rt: &TokenStream) -> TokenStream {
    let (item, length) = (wire(&*array.elem, &array.elem, rt, "Itself"), &array.len);
    match length {
        Expr::Lit(_) => quote!(#item, #length),
        _ => quote!(#item, { #length }),
    }
}

/// `<T as WireType<_>>::name`.
pub(super) fn wire(
    ty: &impl ToTokens,
    written: &Type,
    rt: &TokenStream,
    name: &str,
) -> TokenStream {
    projection(ty, written, &quote!(#rt::WireType<_>), name)
}

/// `<T as Trait>::name`, with spans from the first to the last token of the written type.
pub(super) fn projection(
    ty: &impl ToTokens,
    written: &Type,
    of: &TokenStream,
    name: &str,
) -> TokenStream {
    let (first, last) = ends(written);
    let open = quote_spanned!(first=> <);
    let name = Ident::new(name, last);
    let close = quote_spanned!(last=> >::#name);
    quote!(#open #ty as #of #close)
}

/// `<T as WireType<_>>::name(value)`.
pub(super) fn wire_call(
    ty: &impl ToTokens,
    written: &Type,
    rt: &TokenStream,
    name: &str,
    value: &TokenStream,
) -> TokenStream {
    called(&wire(ty, written, rt, name), written, value)
}

/// A call whose span ends where the written type ends, so that rustc reports an error of the
/// function at the type, and not at the call's argument.
pub(super) fn called(function: &TokenStream, written: &Type, value: &TokenStream) -> TokenStream {
    let arguments = quote_spanned!(ends(written).1=> (#value));
    quote!(#function #arguments)
}

/// The type of progress, named through `WireType` like all types that travel.
pub(super) fn progress(method: &Method, rt: &TokenStream) -> TokenStream {
    match method.progress() {
        Some(ty) => wire(ty, ty, rt, "Itself"),
        None => quote!(#rt::NoProgress),
    }
}
