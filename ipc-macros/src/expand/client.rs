//! `FooClient`: from the user's call to the wire.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, Type};

use super::{
    names::{Names, index, local, ours},
    result_type::fallible,
    wire_type::{array_generics, called, progress, wire, wire_call},
};
use crate::{
    method_options::MethodKind,
    model::{Argument, Attributes, Interface, Items, Method, Output, Passing},
    spans::{ends, hygienic, moved_to},
};

/// The struct, outside of the `const _`.
pub(super) fn declaration(interface: &Interface, names: &Names) -> TokenStream {
    let Interface { visibility, ident, attributes, channel, .. } = interface;
    let name = &names.client;
    let rt = &names.rt;
    let summary = format!(" Calls the channel `{channel}`: the other side's [`{ident}`].");
    let Attributes { deprecated, cfgs, allows, .. } = attributes;
    quote! {
        #[doc = #summary]
        #(#deprecated)*
        #(#cfgs)*
        #(#allows)*
        #[allow(dead_code)]
        #visibility struct #name {
            caller: #rt::Caller,
        }
    }
}

/// The methods, and the impls of `Client`, `Clone` and `Debug`.
pub(super) fn implementation(interface: &Interface, names: &Names) -> TokenStream {
    let Names { rt, client, .. } = names;
    let methods = interface.methods.iter().map(|method| stub(method, interface, names));
    let written = client.to_string();
    // The user's names stay as they are, even if clippy expects something else of a `new` or a
    // `from_…`.
    quote_spanned! {Span::mixed_site()=>
        #[allow(dead_code, clippy::all)]
        impl #client {
            #(#methods)*
        }

        #[automatically_derived]
        impl #rt::Client for #client {
            const INTERFACE: &'static #rt::InterfaceInfo = &__INTERFACE;

            fn from_caller(__ipc_caller: #rt::Caller) -> Self {
                Self { caller: __ipc_caller }
            }

            fn caller(&self) -> &#rt::Caller {
                &self.caller
            }
        }

        #[automatically_derived]
        impl ::core::clone::Clone for #client {
            fn clone(&self) -> Self {
                Self { caller: ::core::clone::Clone::clone(&self.caller) }
            }
        }

        #[automatically_derived]
        impl ::core::fmt::Debug for #client {
            fn fmt(&self, __ipc_f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::DebugStruct::finish(::core::fmt::DebugStruct::field(
                    &mut ::core::fmt::Formatter::debug_struct(__ipc_f, #written),
                    "caller",
                    &self.caller,
                ))
            }
        }
    }
}

fn stub(method: &Method, interface: &Interface, names: &Names) -> TokenStream {
    let ident = &method.ident;
    let rt = &names.rt;
    let visibility = &interface.visibility;
    let Attributes { docs, deprecated, cfgs, allows, .. } = &method.attributes;
    let undocumented = method.attributes.docs.is_empty().then(|| {
        let summary = format!(" Calls `{}.{}`.", interface.channel, method.wire_name);
        quote!(#[doc = #summary])
    });
    let parameter_names = parameter_names(method);
    let parameters = method.sent().zip(&parameter_names).map(|(argument, name)| {
        let ty = &argument.ty;
        quote!(#name: #ty)
    });
    let mut list = quote!(());
    let mut added = TokenStream::new();
    let sent: Vec<_> = method.sent().zip(&parameter_names).enumerate().collect();
    for (at, (argument, name)) in sent.into_iter().rev() {
        let lent = match &argument.passing {
            Passing::Stream(item) => {
                let reference = local("stream", at);
                let add = added_stream((argument, name), item, &reference, rt);
                added = quote!(#add #added);
                quote!(&#reference)
            }
            _ => lent((argument, name), rt),
        };
        list = quote!((#lent, #list));
    }
    let at = index(method);
    let span = hygienic(ident.span());
    let returned = returned(method.kind, &method.output, method.progress(), rt);
    let progress = progress(method, rt);
    let call = match (method.kind, &method.output, method.takes_streams()) {
        (MethodKind::Notification, _, _) => quote!(#rt::Caller::notify),
        (_, Output::Stream(_), false) => quote!(#rt::Caller::subscribe),
        (_, Output::Stream(_), true) => quote!(#rt::Caller::subscribe_with),
        (_, _, false) => quote!(#rt::Caller::call::<_, _, #progress, _>),
        (_, _, true) => quote!(#rt::Caller::call_with::<_, _, #progress, _>),
    };
    let receiver = quote_spanned!(span=> &self);
    let body = if method.takes_streams() {
        let streams = streams();
        quote_spanned! {span=>
            let mut #streams = #rt::Streams::new();
            #added
            #call(&self.caller, &__METHODS[#at], #list, #streams)
        }
    } else {
        quote_spanned!(span=> #call(&self.caller, &__METHODS[#at], #list))
    };
    quote! {
        #undocumented
        #(#docs)*
        #(#deprecated)*
        #(#cfgs)*
        #(#allows)*
        #visibility fn #ident(#receiver, #(#parameters),*) -> #returned {
            #body
        }
    }
}

/// The names of a method's parameters: the user's names, which documentation and editors show, and
/// where rustc reports a wrong argument. On the trait, a leading underscore says that an argument
/// isn't used. Here it is used, and clippy would remark on that.
///
/// Two names from a macro may look the same, and differ only in their hygiene.
fn parameter_names(method: &Method) -> Vec<Ident> {
    let name = |ident: &Ident| {
        if ident.to_string().starts_with('_') { ours(ident) } else { ident.clone() }
    };
    let names: Vec<_> = method.sent().map(|argument| name(&argument.ident)).collect();
    let alike = (1..names.len()).any(|at| names[..at].contains(&names[at]));
    if alike { (0..names.len()).map(|at| local("argument", at)).collect() } else { names }
}

fn streams() -> Ident {
    Ident::new("__ipc_streams", Span::mixed_site())
}

/// The statement that hands over a stream. `reference` stands for it among the arguments.
fn added_stream(
    (argument, name): (&Argument, &Ident),
    item: &Type,
    reference: &Ident,
    rt: &TokenStream,
) -> TokenStream {
    let streams = streams();
    let checked = wire(item, item, rt, "checked");
    let add =
        called(&quote!(#rt::Streams::add), &argument.ty, &quote!(&mut #streams, #name, #checked));
    quote_spanned!(Span::mixed_site()=> let #reference = #add;)
}

/// A reference to the value that is serialized.
fn lent((argument, name): (&Argument, &Ident), rt: &TokenStream) -> TokenStream {
    if let Some(array) = argument.array() {
        let generics = array_generics(array, rt);
        let borrow = matches!(argument.passing, Passing::Owned).then(|| quote!(&));
        return called(
            &quote!(&#rt::LentArray::<'_, #generics>),
            &argument.ty,
            &quote!(#borrow #name),
        );
    }
    match &argument.passing {
        Passing::Context(_) | Passing::Owned | Passing::Stream(_) => {
            wire_call(&argument.ty, &argument.ty, rt, "lend", &quote!(&#name))
        }
        Passing::Borrowed(ty) => wire_call(ty, ty, rt, "lend", &quote!(#name)),
        Passing::BorrowedOption(ty) => {
            let value = quote_spanned!(Span::mixed_site()=> __ipc_value);
            let lent = wire_call(ty, ty, rt, "lend", &value);
            quote! {
                &match #name {
                    ::core::option::Option::Some(#value) => ::core::option::Option::Some(#lent),
                    ::core::option::Option::None => ::core::option::Option::None,
                }
            }
        }
    }
}

/// What the client's method returns, in the user's tokens.
pub(super) fn returned(
    kind: MethodKind,
    output: &Output,
    progress: Option<&Type>,
    rt: &TokenStream,
) -> TokenStream {
    match (kind, output) {
        (MethodKind::Notification, _) => quote!(#rt::Notification),
        (_, Output::Stream(items)) => subscribe(items, rt),
        (_, output) => call(output, progress, rt),
    }
}

fn call(output: &Output, progress: Option<&Type>, rt: &TokenStream) -> TokenStream {
    let progress = progress.map(|progress| quote!(, #progress));
    let (ty, (value, error)) = match (fallible(output, rt), output) {
        (Some((value, error)), Output::Result { whole: ty, .. } | Output::Alias(ty)) => {
            (ty, (value, quote!(#rt::CallError<#error>)))
        }
        (_, Output::Plain(ty)) => (ty, (quote!(#ty), quote!(#rt::IpcError))),
        _ => return quote!(#rt::Call<(), #rt::IpcError #progress>),
    };
    let (first, last) = ends(ty);
    let close = quote_spanned!(last=> >);
    let rt = moved_to(first, rt);
    let call = quote_spanned!(first=> #rt::Call<);
    quote!(#call #value, #error #progress #close)
}

fn subscribe(items: &Items, rt: &TokenStream) -> TokenStream {
    let Items { whole, item, error } = items;
    let opening = match error {
        Some(error) => quote!(#rt::CallError<#error>),
        None => quote!(#rt::IpcError),
    };
    let (value, failing) = match fallible(&item.output, rt) {
        Some((value, error)) => (value, Some(quote!(, #rt::CallError<#error>))),
        None => (item.ty.to_token_stream(), None),
    };
    let (first, last) = ends(whole);
    let close = quote_spanned!(last=> >);
    let rt = moved_to(first, rt);
    let subscribe = quote_spanned!(first=> #rt::SubscriptionCall<);
    quote!(#subscribe #value, #opening #failing #close)
}
