//! The user's trait. Its async methods become methods whose futures are `Send`.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{
    names::{local, ours},
    result_type::{result_type, span_of},
};
use crate::{
    method_options::Mode,
    model::{Attributes, Interface, Method, Output},
    spans::{ends, hygienic},
};

/// The trait itself.
pub(super) fn expand(interface: &Interface) -> TokenStream {
    let Interface { visibility, trait_token, brace_token, ident, .. } = interface;
    let attributes = &interface.attributes.written;
    let methods = interface.methods.iter().map(|method| {
        let attributes = &method.attributes.written;
        let (declaration, semi_token) = (declaration(method), &method.semi_token);
        quote!(#(#attributes)* #declaration #semi_token)
    });
    let bounds = bounds(ident.span());
    let mut tokens = quote!(#(#attributes)* #visibility #trait_token #ident: #bounds);
    brace_token.surround(&mut tokens, |body| body.extend(methods));
    tokens
}

/// The bounds of a handler: it is shared between connections and threads.
pub(super) fn bounds(span: Span) -> TokenStream {
    quote_spanned!(hygienic(span)=> ::core::marker::Send + ::core::marker::Sync + 'static)
}

/// `impl Trait for Arc<T>`: a handler may be shared with the rest of the backend.
pub(super) fn forwarding(interface: &Interface) -> TokenStream {
    let ident = ours(&interface.ident);
    let methods = interface.methods.iter().map(|method| {
        let Attributes { cfgs, allows, .. } = &method.attributes;
        let name = ours(&method.ident);
        let names: Vec<_> = (0..method.arguments.len()).map(|at| local("argument", at)).collect();
        let types = method.arguments.iter().map(|argument| &argument.ty);
        let output = output(method, false);
        quote_spanned! {Span::mixed_site()=>
            #(#cfgs)*
            #(#allows)*
            #[inline]
            fn #name(&self, #(#names: #types),*) #output {
                <__T as #ident>::#name(&**self, #(#names),*)
            }
        }
    });
    quote! {
        #[automatically_derived]
        #[allow(clippy::all)]
        impl<__T: #ident> #ident for ::std::sync::Arc<__T> {
            #(#methods)*
        }
    }
}

/// The method as the user wrote it. Its spans go from the user's first to the user's last token, so
/// that rustc and clippy report there what they have to report.
fn declaration(method: &Method) -> TokenStream {
    let Method { fn_token, ident, paren_token, receiver, .. } = method;
    let arguments = method.arguments.iter().map(|argument| {
        let (name, ty, attributes) = (&argument.ident, &argument.ty, &argument.attributes);
        quote!(#(#attributes)* #name: #ty)
    });
    let mut tokens = quote!(#fn_token #ident);
    paren_token.surround(&mut tokens, |list| list.extend(quote!(#receiver, #(#arguments),*)));
    tokens.extend(output(method, true));
    tokens
}

fn output(method: &Method, declaration: bool) -> TokenStream {
    let result = result_type(&method.output);
    match (method.mode, &method.output) {
        (Mode::Async, output) => {
            let span = hygienic(span_of(output, method));
            let last = match output {
                _ if !declaration => span,
                Output::Unit => method.paren_token.span.close(),
                _ => ends(&result).1,
            };
            let future = quote_spanned!(span=> ::core::future::Future);
            let send = quote_spanned!(span=> ::core::marker::Send);
            let close = quote_spanned!(last=> >);
            quote_spanned!(span=> -> impl #send + #future<Output = #result #close)
        }
        (_, Output::Unit) => TokenStream::new(),
        _ => quote!(-> #result),
    }
}
