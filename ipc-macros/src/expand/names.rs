//! The names that generated code uses.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::Ident;

use crate::{
    model::{Interface, Method},
    spans::hygienic,
};

/// The names that generated code uses.
pub(super) struct Names {
    pub rt: TokenStream,
    pub handler: Ident,
    pub client: Ident,
    /// The handler's type parameter, as the documentation shows it together with the trait.
    pub parameter: Ident,
}

impl Names {
    pub(super) fn new(interface: &Interface) -> Self {
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

/// A user's name with a span of generated code, for items of the same name there. So lints about
/// letter case, leading underscores and the like apply only to the user's trait.
pub(super) fn ours(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(hygienic(ident.span()));
    ident
}

/// A name for one of several variables of generated code.
///
/// All variables are named `__ipc_…`. If the user's module has a constant, a static or a unit
/// struct with a variable's name, a pattern would refer to that, whatever the hygiene.
pub(super) fn local(name: &str, number: usize) -> Ident {
    format_ident!("__ipc_{name}_{number}", span = Span::mixed_site())
}

/// The variant of the index enum that stands for a method.
///
/// If a `#[cfg]` removes methods, the discriminants shift, as positions in a slice do.
pub(super) fn index(method: &Method) -> TokenStream {
    let ident = ours(&method.ident);
    quote_spanned!(ident.span()=> __Index::#ident as ::core::primitive::usize)
}
