//! What is emitted beside errors: the trait as far as it was understood, with a handler and a
//! client that have the expected names.
//!
//! Without it, one typo in a trait would cause many errors about a missing trait, handler and
//! client. None of this code ever runs, because of the errors.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Attribute, FnArg, Generics, Ident, ItemTrait, Pat, ReturnType, Safety, Signature, TraitItem,
    TraitItemFn, parse_quote,
};

use super::{client, names::Names, trait_item};
use crate::{
    attribute, lifetimes,
    model::{Interface, Item, Items, Output},
    parse,
    spans::hygienic,
    stream_type,
};

/// Follows the syntax, not the model, so that methods with mistakes are kept.
pub(crate) fn interface(item: &ItemTrait, interface: &Interface) -> TokenStream {
    let Names { rt, handler, client, parameter } = Names::new(interface);
    let ItemTrait { vis, generics, .. } = item;
    let declared: Vec<_> = lifetimes::declared(generics).collect();
    let cfgs = &interface.attributes.cfgs;
    let item = without_twins(item);
    let stubs = item.items.iter().filter_map(|item| match item {
        TraitItem::Fn(function) => stub(function, &declared, vis, &rt),
        _ => None,
    });
    let item = trait_of(&item);
    quote_spanned! {Span::mixed_site()=>
        #item

        #(#cfgs)*
        #[allow(dead_code, missing_docs)]
        #vis struct #handler<T> {
            handler: ::std::sync::Arc<T>,
        }

        #(#cfgs)*
        #[allow(dead_code, missing_docs)]
        #vis struct #client {
            caller: #rt::Caller,
        }

        #(#cfgs)*
        #[allow(dead_code, deprecated, missing_docs, unused_variables, clippy::all)]
        const _: () = {
            // Without the bound, for code that wraps an `Arc` of an implementation.
            impl<#parameter> #handler<#parameter> {
                #vis fn new(__ipc_handler: #parameter) -> Self {
                    Self { handler: ::std::sync::Arc::new(__ipc_handler) }
                }
            }

            impl<T> ::core::fmt::Debug for #handler<T> {
                fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    loop {}
                }
            }

            impl<T: ::core::marker::Send + ::core::marker::Sync + 'static> #rt::Service
                for #handler<T>
            {
                fn interface(&self) -> &'static #rt::InterfaceInfo {
                    loop {}
                }

                fn described() -> &'static #rt::InterfaceInfo {
                    loop {}
                }

                fn call(&self, _: ::core::primitive::usize, _: #rt::Incoming<'_>) -> #rt::Flow {
                    loop {}
                }
            }

            impl #client {
                #(#stubs)*
            }

            impl #rt::Client for #client {
                const INTERFACE: &'static #rt::InterfaceInfo = &#rt::InterfaceInfo::new(
                    "", "", "", #rt::Compat::Semver, &[], || loop {}, #rt::Docs::NONE,
                );

                fn from_caller(_: #rt::Caller) -> Self {
                    loop {}
                }

                fn caller(&self) -> &#rt::Caller {
                    loop {}
                }
            }

            impl ::core::clone::Clone for #client {
                fn clone(&self) -> Self {
                    loop {}
                }
            }

            impl ::core::fmt::Debug for #client {
                fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    loop {}
                }
            }
        };
    }
}

/// The trait without the second of two methods with the same name, which rustc would report too.
fn without_twins(item: &ItemTrait) -> ItemTrait {
    let conditional = |function: &TraitItemFn| {
        function.attrs.iter().any(|attribute| attribute.path().is_ident("cfg"))
    };
    let mut item = item.clone();
    let mut seen = Vec::new();
    item.items.retain(|item| match item {
        TraitItem::Fn(function) if !conditional(function) => {
            let name = &function.sig.ident;
            let first = !seen.contains(name);
            seen.push(name.clone());
            first
        }
        _ => true,
    });
    item
}

/// The trait without our attributes, with its `async fn`s turned as usual.
fn trait_of(item: &ItemTrait) -> ItemTrait {
    let mut item = item.clone();
    strip(&mut item.attrs);
    for item in &mut item.items {
        let TraitItem::Fn(function) = item else { continue };
        strip(&mut function.attrs);
        // rustc reports both in a trait, too.
        function.sig.constness = None;
        if let Safety::Safe(_) = function.sig.safety {
            function.sig.safety = Safety::Default;
        }
        for input in &mut function.sig.inputs {
            match input {
                FnArg::Typed(typed) => {
                    strip(&mut typed.attrs);
                    typed.attrs.retain(|attribute| !attribute.path().is_ident("cfg"));
                    // rustc reports a pattern, too.
                    if !matches!(&*typed.pat, Pat::Ident(name) if name.mutability.is_none()) {
                        *typed.pat = parse_quote!(_);
                    }
                }
                FnArg::Receiver(receiver) => strip(&mut receiver.attrs),
            }
        }
        if let ReturnType::Type(_, ty) = &mut function.sig.output {
            **ty = stream_type::plain(ty);
        }
        if let Some(asyncness) = function.sig.asyncness.take() {
            let result = match &function.sig.output {
                ReturnType::Default => quote!(()),
                ReturnType::Type(_, ty) => quote!(#ty),
            };
            let span = hygienic(asyncness.span);
            let output = quote_spanned!(span=>
                -> impl ::core::future::Future<Output = #result> + ::core::marker::Send
            );
            function.sig.output = parse_quote!(#output);
        }
        // As the body of a turned method, it would be another error.
        function.default = None;
        function.semi_token = Some(parse_quote!(;));
    }
    if item.supertraits.is_empty() {
        let bounds = trait_item::bounds(item.ident.span());
        item.colon_token = Some(parse_quote!(:));
        item.supertraits = parse_quote!(#bounds);
    }
    item
}

/// A method of the client, if its signature makes sense there.
fn stub(
    function: &TraitItemFn,
    declared: &[&Ident],
    visibility: &syn::Visibility,
    rt: &TokenStream,
) -> Option<TokenStream> {
    let Signature { ident, generics, inputs, output, .. } = &function.sig;
    let Generics { params, where_clause, .. } = generics;
    function.sig.receiver()?;
    let parameters = inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) if !written_as(&typed.attrs, "context") => {
            let name = match &*typed.pat {
                Pat::Ident(pattern) => {
                    let name = &pattern.ident;
                    quote!(#name)
                }
                _ => quote!(_),
            };
            let ty = lifetimes::elided(&*typed.ty, declared);
            Some(quote!(#name: #ty))
        }
        _ => None,
    });
    let result = match items(function) {
        Some(items) => Output::Stream(items),
        None if holds_opaque(output) => Output::Unit,
        None => parse::output(output),
    };
    let kind = attribute::options_of(&function.attrs).kind();
    let returned = client::returned(kind, &result, None, rt);
    let cfgs = function.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    Some(quote_spanned! {Span::mixed_site()=>
        #(#cfgs)*
        #visibility fn #ident<#params>(&self, #(#parameters),*) -> #returned #where_clause {
            loop {}
        }
    })
}

/// What a subscription returns, or a method that was probably meant as one.
fn items(function: &TraitItemFn) -> Option<Items> {
    let ReturnType::Type(_, ty) = &function.sig.output else { return None };
    if let Output::Stream(items) = parse::output(&function.sig.output) {
        let opaque = holds_opaque(&items.item.ty) || items.error.iter().any(holds_opaque);
        return (!opaque).then_some(items);
    }
    if !attribute::options_of(&function.attrs).subscription {
        return None;
    }
    let (stream, error) = match stream_type::two_of_result(ty) {
        Some([stream, error]) => (stream, Some(Box::new(error.clone()))),
        None => (&**ty, None),
    };
    let ty = stream_type::meant(stream).filter(|ty| !holds_opaque(ty))?;
    let item = Box::new(Item { output: Output::Plain(ty.clone()), ty });
    Some(Items { whole: stream.clone(), item, error })
}

/// Whether there is an `impl Trait`, whose type `loop {}` wouldn't determine.
fn holds_opaque(output: &impl ToTokens) -> bool {
    fn search(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "impl",
            TokenTree::Group(group) => search(group.stream()),
            _ => false,
        })
    }
    search(output.to_token_stream())
}

/// Removes our attributes, and those that were refused.
fn strip(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| {
        let last = attribute.path().segments.last().map(|last| last.ident.to_string());
        let known = ["ipc", "ipc_interface", "async_trait"];
        !last.is_some_and(|last| known.contains(&last.as_str()))
            && attribute::conditional_ipc(attribute).is_empty()
    });
}

/// Whether one of the `#[ipc(…)]` contains this word.
fn written_as(attributes: &[Attribute], word: &str) -> bool {
    attributes.iter().filter(|attribute| attribute.path().is_ident("ipc")).any(|attribute| {
        attribute.meta.require_list().is_ok_and(|list| {
            list.tokens.clone().into_iter().any(|token| token.to_string() == word)
        })
    })
}
