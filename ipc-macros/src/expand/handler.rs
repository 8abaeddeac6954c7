//! `FooHandler`: from an incoming call to the user's method.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Type, ext::IdentExt};

use super::{
    names::{Names, local, ours},
    result_type::fallible,
    wire_type::{called, decoded, progress, projection, wire, wire_call},
};
use crate::{
    method_options::{MethodKind, Mode},
    model::{Attributes, Interface, Items, Method, Output, Passing},
    spans::{ends, hygienic, moved_to},
};

/// The struct, outside of the `const _`.
pub(super) fn declaration(interface: &Interface, names: &Names) -> TokenStream {
    let Interface { visibility, ident, attributes, channel, .. } = interface;
    let name = &names.handler;
    let summary = format!(" Serves the channel `{channel}` with an implementation of [`{ident}`].");
    let Attributes { deprecated, cfgs, allows, .. } = attributes;
    quote! {
        #[doc = #summary]
        #(#deprecated)*
        #(#cfgs)*
        #(#allows)*
        #[allow(dead_code)]
        #visibility struct #name<T> {
            handler: ::std::sync::Arc<T>,
        }
    }
}

/// The impls: `new`, `Debug` and `Service`.
pub(super) fn implementation(interface: &Interface, names: &Names) -> TokenStream {
    let Interface { visibility, methods, .. } = interface;
    let (bound, ident) = (&interface.ident, ours(&interface.ident));
    let Names { rt, handler, parameter, .. } = names;
    let written = handler.to_string();
    let entries = methods.iter().map(|method| {
        let (cfgs, call) = (&method.attributes.cfgs, call_name(method));
        quote!(#(#cfgs)* #call::<__T>)
    });
    let calls = methods.iter().map(|method| call(method, interface, names));
    let body = quote_spanned! {Span::mixed_site()=>
        fn call(
            &self,
            __ipc_method: ::core::primitive::usize,
            __ipc_incoming: #rt::Incoming<'_>,
        ) -> #rt::Flow {
            // A table, so that a `#[cfg]` shifts the methods here as it does in the description.
            let __ipc_table = const {
                let __ipc_table: &[fn(&::std::sync::Arc<__T>, #rt::Incoming<'_>) -> #rt::Flow] =
                    &[#(#entries),*];
                __ipc_table
            };
            __ipc_table[__ipc_method](&self.handler, __ipc_incoming)
        }
    };
    let new = quote_spanned! {Span::mixed_site()=>
        #[doc = " Wraps an implementation, or an `Arc` of one that is shared."]
        #[allow(dead_code)]
        #visibility fn new(__ipc_handler: #parameter) -> Self {
            Self { handler: ::std::sync::Arc::new(__ipc_handler) }
        }
    };
    quote! {
        impl<#parameter: #bound> #handler<#parameter> {
            #new
        }

        #[automatically_derived]
        impl<T> ::core::fmt::Debug for #handler<T> {
            fn fmt(&self, __ipc_f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::DebugStruct::finish_non_exhaustive(
                    &mut ::core::fmt::Formatter::debug_struct(__ipc_f, #written),
                )
            }
        }

        #[automatically_derived]
        impl<__T: #ident> #rt::Service for #handler<__T> {
            fn interface(&self) -> &'static #rt::InterfaceInfo {
                &__INTERFACE
            }

            fn described() -> &'static #rt::InterfaceInfo {
                &__INTERFACE
            }

            #body
        }

        #(#calls)*
    }
}

fn call_name(method: &Method) -> Ident {
    format_ident!("__call_{}", method.ident.unraw(), span = hygienic(method.ident.span()))
}

/// The function that decodes one method's arguments and starts the method.
fn call(method: &Method, interface: &Interface, names: &Names) -> TokenStream {
    let ident = ours(&method.ident);
    let rt = &names.rt;
    let name = call_name(method);
    let Attributes { cfgs, allows, .. } = &method.attributes;

    let local = |at: usize| local("argument", at);
    let mut pattern = quote!(());
    let mut types = quote!(());
    for (at, argument) in method.sent().enumerate().collect::<Vec<_>>().into_iter().rev() {
        let (local, ty) = (local(at), decoded(argument, rt));
        pattern = quote!((#local, #pattern));
        types = quote!((#ty, #types));
    }

    let mut sent = 0;
    let mut passed = Vec::new();
    let mut opened = TokenStream::new();
    for argument in &method.arguments {
        if argument.is_context() {
            passed.push(quote_spanned!(Span::mixed_site()=> &__ipc_context));
            continue;
        }
        let local = local(sent);
        sent += 1;
        if argument.array().is_some() {
            let borrow = matches!(argument.passing, Passing::Borrowed(_)).then(|| quote!(&));
            passed.push(quote!(#borrow #local.0));
            continue;
        }
        passed.push(match &argument.passing {
            Passing::Stream(item) => {
                let given = wire(item, item, rt, "given");
                opened.extend(quote_spanned! {Span::mixed_site()=>
                    let ::core::option::Option::Some(#local) =
                        #rt::Responder::open_stream(&mut __ipc_responder, #local, #given)
                    else {
                        return #rt::Flow::Done;
                    };
                });
                quote!(#local)
            }
            Passing::Context(_) | Passing::Owned => {
                wire_call(&argument.ty, &argument.ty, rt, "given", &quote!(#local))
            }
            Passing::Borrowed(ty) => wire_call(ty, ty, rt, "borrowed", &quote!(&#local)),
            Passing::BorrowedOption(ty) => {
                let value = quote_spanned!(Span::mixed_site()=> __ipc_value);
                let borrowed = wire_call(ty, ty, rt, "borrowed", &value);
                quote! {
                    match &#local {
                        ::core::option::Option::Some(#value) => {
                            ::core::option::Option::Some(#borrowed)
                        }
                        ::core::option::Option::None => ::core::option::Option::None,
                    }
                }
            }
        });
    }

    let context = method.arguments.iter().any(|argument| argument.is_context()).then(|| {
        let progress = progress(method, rt);
        quote_spanned! {Span::mixed_site()=>
            let __ipc_context = #rt::Responder::context::<#progress>(&__ipc_responder);
        }
    });
    // Not the user's token: rustc would offer to add an unknown type to the bounds after it.
    let interface = ours(&interface.ident);
    let path = quote_spanned!(ident.span()=> <__T as #interface>::#ident);
    let awaited = (method.mode == Mode::Async).then(|| quote!(.await));
    let run = quote_spanned! {Span::mixed_site()=>
        #path(&**__ipc_handler, #(#passed),*) #awaited
    };
    let answer = answer(method, &run, rt);
    let body = quote!(#context #answer);

    let start = match (&method.output, method.mode) {
        // Handler, context and arguments live as long as the stream, which may borrow them.
        (Output::Stream(_), _) => quote_spanned! {Span::mixed_site()=>
            let __ipc_handler = ::core::clone::Clone::clone(__ipc_handler);
            #rt::Flow::subscription(async move {
                let __ipc_handler = &__ipc_handler;
                #body
            })
        },
        (_, Mode::Inline) => quote_spanned! {Span::mixed_site()=>
            #body
            #rt::Flow::Done
        },
        // The responder is moved inside, so that it answers even if the call is dropped there.
        (_, Mode::Async) => quote_spanned! {Span::mixed_site()=>
            let __ipc_handler = ::core::clone::Clone::clone(__ipc_handler);
            #rt::Flow::later(async move {
                let __ipc_handler = &__ipc_handler;
                #body
            })
        },
        (_, Mode::Blocking) => quote_spanned! {Span::mixed_site()=>
            let __ipc_handler = ::core::clone::Clone::clone(__ipc_handler);
            #rt::Flow::blocking(move || {
                let __ipc_handler = &__ipc_handler;
                #body
            })
        },
    };
    let responder = match method.takes_streams() {
        true => quote_spanned!(Span::mixed_site()=> mut __ipc_responder),
        false => quote_spanned!(Span::mixed_site()=> __ipc_responder),
    };
    quote_spanned! {Span::mixed_site()=>
        #(#cfgs)*
        #(#allows)*
        #[allow(clippy::all)]
        fn #name<__T: #interface>(
            __ipc_handler: &::std::sync::Arc<__T>,
            __ipc_incoming: #rt::Incoming<'_>,
        ) -> #rt::Flow {
            let ::core::option::Option::Some((#pattern, #responder)) =
                #rt::Incoming::decode::<#types>(__ipc_incoming)
            else {
                return #rt::Flow::Done;
            };
            #opened
            #start
        }
    }
}

/// Runs the method and passes on what it returned.
fn answer(method: &Method, run: &TokenStream, rt: &TokenStream) -> TokenStream {
    if method.kind == MethodKind::Notification {
        return quote_spanned! {Span::mixed_site()=>
            #run;
            #rt::Responder::value(__ipc_responder, ());
        };
    }
    match &method.output {
        Output::Unit => quote_spanned! {Span::mixed_site()=>
            #run;
            #rt::Responder::value(__ipc_responder, ());
        },
        Output::Plain(ty) => {
            let value = wire_call(ty, ty, rt, "checked", run);
            quote_spanned!(Span::mixed_site()=> #rt::Responder::value(__ipc_responder, #value);)
        }
        Output::Result { whole, value, error } => {
            answer_fallible(whole, (&quote!(#value), value), (&quote!(#error), error), run, rt)
        }
        Output::Alias(whole) => {
            let fallible = quote!(#rt::Fallible);
            let value = projection(whole, whole, &fallible, "Value");
            let error = projection(whole, whole, &fallible, "Error");
            answer_fallible(whole, (&value, whole), (&error, whole), run, rt)
        }
        Output::Stream(items) => answer_by_items(items, run, rt),
    }
}

/// Like [`answer`], with the types of value and error, and the tokens in which each was written.
fn answer_fallible(
    whole: &Type,
    (value, written_value): (&TokenStream, &Type),
    (error, written_error): (&TokenStream, &Type),
    run: &TokenStream,
    rt: &TokenStream,
) -> TokenStream {
    let into_result = projection(whole, whole, &quote!(#rt::Fallible), "into_result");
    let result = called(&into_result, whole, run);
    let name = quote_spanned!(Span::mixed_site()=> __ipc_outcome);
    let value = wire_call(value, written_value, rt, "checked", &name);
    let error = projection(error, written_error, &quote!(#rt::MethodError<_>), "checked");
    let error = called(&error, written_error, &name);
    quote_spanned! {Span::mixed_site()=>
        let __ipc_result = match #result {
            ::core::result::Result::Ok(#name) => ::core::result::Result::Ok(#value),
            ::core::result::Result::Err(#name) => ::core::result::Result::Err(#error),
        };
        #rt::Responder::result(__ipc_responder, __ipc_result);
    }
}

/// Opens a subscription, and drives its stream.
fn answer_by_items(items: &Items, run: &TokenStream, rt: &TokenStream) -> TokenStream {
    let Items { whole, item, error } = items;
    let stream = quote_spanned!(Span::mixed_site()=> __ipc_stream);
    // Closures, not the functions themselves: those would carry a type that can't travel into the
    // future, where it would be reported again.
    let name = quote_spanned!(Span::mixed_site()=> __ipc_item);
    let drive = match (fallible(&item.output, rt), &item.output) {
        (Some((value, error)), output) => {
            let (written_value, written_error) = match output {
                Output::Result { value, error, .. } => (&**value, &**error),
                _ => (&item.ty, &item.ty),
            };
            let value = wire_call(&value, written_value, rt, "checked", &name);
            let error = projection(&error, written_error, &quote!(#rt::MethodError<_>), "checked");
            let error = called(&error, written_error, &name);
            quote_spanned! {Span::mixed_site()=>
                #rt::Responder::try_stream(__ipc_responder, #stream, |#name| #value, |#name| #error).await
            }
        }
        (None, _) => {
            let checked = wire_call(&item.ty, &item.ty, rt, "checked", &name);
            quote_spanned! {Span::mixed_site()=>
                #rt::Responder::stream(__ipc_responder, #stream, |#name| #checked).await
            }
        }
    };
    let Some(error) = error else {
        return quote_spanned! {Span::mixed_site()=>
            let #stream = #run;
            #drive;
        };
    };
    // Its type can't be named, because it contains an `impl Stream`.
    let into_result = moved_to(ends(whole).0, &quote!(#rt::Fallible::into_result));
    let result = called(&into_result, whole, run);
    let name = quote_spanned!(Span::mixed_site()=> __ipc_error);
    let checked = projection(&error, error, &quote!(#rt::MethodError<_>), "checked");
    let checked = called(&checked, error, &name);
    quote_spanned! {Span::mixed_site()=>
        match #result {
            ::core::result::Result::Ok(#stream) => #drive,
            ::core::result::Result::Err(#name) => #rt::Responder::refuse(__ipc_responder, #checked),
        };
    }
}
