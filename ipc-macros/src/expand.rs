//! Model → code.
//!
//! The trait, the handler's and the client's structs stand beside each other; everything else is
//! in one `const _`, where its names meet no one's. Each name is an absolute path: the user's
//! module may have a `Result`, a `Vec` or a `Send` of its own.

mod client;
mod descriptor;
mod fallback;
mod handler;
mod trait_item;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Expr, Ident, Item, Type, TypeArray, spanned::Spanned};

use crate::{
    attribute::{self, Legible},
    check,
    errors::Errors,
    fingerprint_expr::hygienic,
    incomplete_trait,
    model::{Argument, Attributes, Interface, Method, Output, Passing},
    parse, stream_type,
};

/// Everything that `#[ipc_interface]` stands for; after an error, the fallbacks.
pub(crate) fn entry(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let item = match syn::parse2::<Item>(item.clone()) {
        Ok(Item::Trait(item)) => item,
        Ok(item) => {
            check::not_a_trait(&item, &mut errors);
            let error = errors.finish().err().map(syn::Error::into_compile_error);
            return quote!(#error #item);
        }
        Err(error) => return half_written(arguments, item, error),
    };
    let mut given = Vec::new();
    let legible = attribute::read(arguments, &attribute::INTERFACE, &mut given, &mut errors);
    let header = parse::header(&given, legible, &item, &mut errors);
    check::syntax(&item, &mut errors);
    let model = parse::interface(header, &item, &mut errors);
    check::interface(&model, &mut errors);
    match errors.finish() {
        Ok(()) => interface(&model),
        Err(error) => {
            let error = error.into_compile_error();
            let fallback = fallback::interface(&item, &model);
            quote!(#error #fallback)
        }
    }
}

/// The fallbacks of a trait that is being typed. What else is wrong with it is told when it can
/// be read.
fn half_written(arguments: TokenStream, item: TokenStream, error: syn::Error) -> TokenStream {
    let error = error.into_compile_error();
    let mut untold = Errors::default();
    let fallback = incomplete_trait::trait_of(item).map(|item| {
        let mut given = Vec::new();
        attribute::read(arguments, &attribute::INTERFACE, &mut given, &mut untold);
        let header = parse::header(&given, Legible::Partly, &item, &mut untold);
        fallback::interface(&item, &parse::interface(header, &item, &mut untold))
    });
    quote!(#error #fallback)
}

fn interface(interface: &Interface) -> TokenStream {
    let names = Names::new(interface);
    let trait_item = trait_item::expand(interface);
    let handler = handler::declaration(interface, &names);
    let client = client::declaration(interface, &names);
    let descriptor = descriptor::expand(interface, &names);
    let forwarding = trait_item::forwarding(interface);
    let service = handler::implementation(interface, &names);
    let stub = client::implementation(interface, &names);
    let names_in_doubt = check::conditional_names(interface);
    let Attributes { cfgs, allows, .. } = &interface.attributes;
    let variables = &interface.variables;
    quote! {
        #names_in_doubt
        #trait_item
        #handler
        #client
        #(#cfgs)*
        #(#allows)*
        #[allow(deprecated, unused_qualifications, clippy::absolute_paths)]
        const _: () = {
            #(const _: &::core::primitive::str = ::core::env!(#variables);)*
            #descriptor
            #forwarding
            #service
            #stub
        };
    }
}

/// The names of what is generated.
struct Names {
    rt: TokenStream,
    handler: Ident,
    client: Ident,
    /// The handler's type parameter, where the documentation shows it beside the trait.
    parameter: Ident,
}

impl Names {
    fn new(interface: &Interface) -> Self {
        let name = &interface.ident;
        let named = |given: &Option<Ident>, otherwise: Ident| {
            let mut name = given.clone().unwrap_or(otherwise);
            name.set_span(hygienic(name.span()));
            name
        };
        Self {
            rt: interface.runtime.private(),
            handler: named(&interface.handler, format_ident!("{name}Handler")),
            client: named(&interface.client, format_ident!("{name}Client")),
            parameter: format_ident!("{}", if name == "T" { "H" } else { "T" }),
        }
    }
}

/// A user's name, where generated code has something of that name for itself: lints about letter
/// case, leading underscores and the like are for the user's trait.
fn ours(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(hygienic(ident.span()));
    ident
}

/// A name for a variable of generated code, of which there are several.
///
/// All variables are named `__ipc_…`: where the user's module has a constant, a static or a unit
/// struct of a name, that name isn't a new variable in a pattern, whatever its hygiene.
fn local(name: &str, number: usize) -> Ident {
    format_ident!("__ipc_{name}_{number}", span = Span::mixed_site())
}

/// The owned type that an argument is decoded to.
///
/// Types are looked at through `WireType`, so that one that can't travel is an error at its own
/// token and nowhere else; see `wire_type.rs` of the runtime.
fn decoded(argument: &Argument, rt: &TokenStream) -> TokenStream {
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

/// The generics of the runtime's own forms of an array.
fn array_generics(array: &TypeArray, rt: &TokenStream) -> TokenStream {
    let (item, length) = (wire(&*array.elem, &array.elem, rt, "Itself"), &array.len);
    match length {
        Expr::Lit(_) => quote!(#item, #length),
        _ => quote!(#item, { #length }),
    }
}

/// `<T as WireType<_>>::name`.
fn wire(ty: &impl ToTokens, written: &Type, rt: &TokenStream, name: &str) -> TokenStream {
    projection(ty, written, &quote!(#rt::WireType<_>), name)
}

/// `<T as Trait>::name`, from the first to the last token of the written type.
fn projection(ty: &impl ToTokens, written: &Type, of: &TokenStream, name: &str) -> TokenStream {
    let (first, last) = ends(written);
    let open = quote_spanned!(first=> <);
    let name = Ident::new(name, last);
    let close = quote_spanned!(last=> >::#name);
    quote!(#open #ty as #of #close)
}

/// `<T as WireType<_>>::name(value)`.
fn wire_call(
    ty: &impl ToTokens,
    written: &Type,
    rt: &TokenStream,
    name: &str,
    value: &TokenStream,
) -> TokenStream {
    called(&wire(ty, written, rt, name), written, value)
}

/// A call that ends where the written type ends: an error of the function is one of the type,
/// and not of the call's argument.
fn called(function: &TokenStream, written: &Type, value: &TokenStream) -> TokenStream {
    let arguments = quote_spanned!(ends(written).1=> (#value));
    quote!(#function #arguments)
}

/// The spans of the first and the last token. They are the user's: equal errors under equal spans
/// are told once, though several pieces of code cause them.
fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|token| token.span());
    let first = spans.next().unwrap_or_else(Span::call_site);
    (first, spans.last().unwrap_or(first))
}

/// The value and the error type of a method that can fail.
fn fallible(output: &Output, rt: &TokenStream) -> Option<(TokenStream, TokenStream)> {
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

/// The variant of the index enum that stands for a method.
///
/// Discriminants shift with the methods that a `#[cfg]` removes, as positions in a slice do.
fn index(method: &Method) -> TokenStream {
    let ident = ours(&method.ident);
    quote_spanned!(ident.span()=> __Index::#ident as ::core::primitive::usize)
}

/// The type that a method's `async` form resolves to.
fn result_type(output: &Output) -> TokenStream {
    match output {
        Output::Stream(items) => stream_type::sendable(&items.whole).into_token_stream(),
        Output::Unit => quote!(()),
        Output::Plain(ty) | Output::Result { whole: ty, .. } | Output::Alias(ty) => quote!(#ty),
    }
}

fn span_of(output: &Output, method: &Method) -> Span {
    match output {
        Output::Unit => method.ident.span(),
        Output::Stream(items) => items.whole.span(),
        Output::Plain(ty) | Output::Result { whole: ty, .. } | Output::Alias(ty) => ty.span(),
    }
}

/// The type of progress, looked at as all types that travel.
fn progress(method: &Method, rt: &TokenStream) -> TokenStream {
    match method.progress() {
        Some(ty) => wire(ty, ty, rt, "Itself"),
        None => quote!(#rt::NoProgress),
    }
}

/// The path of the runtime as if it were written there, for errors about what follows it.
fn moved_to(span: Span, path: &TokenStream) -> TokenStream {
    let moved = path.clone().into_iter().map(|mut token| {
        // Which crate `crate` is depends on its span.
        if token.to_string() != "crate" {
            token.set_span(span);
        }
        token
    });
    moved.collect()
}
