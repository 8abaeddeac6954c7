//! The user's trait, with its async methods turned into ones whose futures are `Send`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::{result_type, span_of};
use crate::{
    fold::hygienic,
    model::{Attributes, Interface, Method, Mode, Output},
};

/// The trait itself.
pub(super) fn expand(interface: &Interface) -> TokenStream {
    let Interface { visibility, ident, .. } = interface;
    let attributes = all(&interface.attributes);
    let methods = interface.methods.iter().map(|method| {
        let attributes = all(&method.attributes);
        let signature = signature(method, true);
        quote!(#(#attributes)* #signature;)
    });
    let bounds = bounds(ident.span());
    quote! {
        #(#attributes)*
        #visibility trait #ident: #bounds {
            #(#methods)*
        }
    }
}

/// What a handler must be: it is shared between connections and threads.
pub(super) fn bounds(span: proc_macro2::Span) -> TokenStream {
    quote_spanned!(hygienic(span)=> ::core::marker::Send + ::core::marker::Sync + 'static)
}

/// `impl Trait for Arc<T>`: a handler that the rest of the backend shares.
pub(super) fn forwarding(interface: &Interface) -> TokenStream {
    let ident = &interface.ident;
    let methods = interface.methods.iter().map(|method| {
        let cfgs = &method.attributes.cfgs;
        let signature = signature(method, false);
        let name = &method.ident;
        let arguments = method.arguments.iter().map(|argument| &argument.ident);
        let call = quote_spanned! {hygienic(name.span())=>
            <__T as #ident>::#name(&**self, #(#arguments),*)
        };
        quote!(#(#cfgs)* #[inline] #signature { #call })
    });
    quote! {
        #[automatically_derived]
        #[allow(clippy::all)]
        impl<__T: #ident> #ident for ::std::sync::Arc<__T> {
            #(#methods)*
        }
    }
}

fn signature(method: &Method, declaration: bool) -> TokenStream {
    let Method { ident, .. } = method;
    let receiver = if declaration {
        let receiver = &method.receiver;
        quote!(#receiver)
    } else {
        // `self` has to have the hygiene of the body that uses it.
        quote_spanned!(hygienic(ident.span())=> &self)
    };
    let arguments = method.arguments.iter().map(|argument| {
        let (name, ty) = (&argument.ident, &argument.ty);
        let attributes = declaration.then_some(&argument.attributes).into_iter().flatten();
        quote!(#(#attributes)* #name: #ty)
    });
    let result = result_type(&method.output);
    let output = match (method.mode, &method.output) {
        (Mode::Async, output) => {
            let span = hygienic(span_of(output, method));
            let future = quote_spanned!(span=> ::core::future::Future);
            let send = quote_spanned!(span=> ::core::marker::Send);
            quote_spanned!(span=> -> impl #future<Output = #result> + #send)
        }
        (_, Output::Unit) => TokenStream::new(),
        _ => quote!(-> #result),
    };
    quote!(fn #ident(#receiver, #(#arguments),*) #output)
}

fn all(attributes: &Attributes) -> impl Iterator<Item = &syn::Attribute> {
    super::carried(attributes).chain(&attributes.others)
}
