//! Doc comments and deprecations, as data.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, LitStr, Meta};

/// An expression for what these attributes say. The runtime decides whether it keeps the texts,
/// which would else stand in each binary.
pub(crate) fn of(attributes: &[Attribute], rt: &TokenStream) -> TokenStream {
    let lines: Vec<_> = attributes.iter().filter_map(doc).collect();
    let note = attributes.iter().find_map(deprecated);
    if lines.is_empty() && note.is_none() {
        return quote!(#rt::Docs::NONE);
    }
    let note = note.map(|note| quote!(deprecated = #note));
    quote!(#rt::docs!([#(#lines),*] #note))
}

/// As [`of`], for the reference that a member holds.
pub(crate) fn constant(attributes: &[Attribute], rt: &TokenStream) -> TokenStream {
    let docs = of(attributes, rt);
    quote!(&#docs)
}

/// As [`constant`], for a type that may have another name in TypeScript.
pub(crate) fn of_type(
    attributes: &[Attribute],
    typescript_name: Option<LitStr>,
    rt: &TokenStream,
) -> TokenStream {
    let docs = of(attributes, rt);
    let name = typescript_name.map(|name| quote!(.with_typescript_name(#name)));
    quote!(&#docs #name)
}

/// One line of a doc comment, or what a macro in `#[doc = …]` stands for.
fn doc(attribute: &Attribute) -> Option<TokenStream> {
    let Meta::NameValue(pair) = &attribute.meta else { return None };
    if !pair.path.is_ident("doc") {
        return None;
    }
    Some(match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let text = text.value();
            let line = text.strip_prefix(' ').unwrap_or(&text);
            quote!(#line)
        }
        other => quote!(#other),
    })
}

/// The note of `#[deprecated]`, or an empty text.
fn deprecated(attribute: &Attribute) -> Option<TokenStream> {
    if !attribute.path().is_ident("deprecated") {
        return None;
    }
    let mut note = quote!("");
    match &attribute.meta {
        Meta::Path(_) => {}
        Meta::NameValue(pair) => {
            let text = &pair.value;
            note = quote!(#text);
        }
        Meta::List(list) => {
            // Rust reports what is wrong with it.
            let _ = list.parse_nested_meta(|part| {
                let text: Expr = part.value()?.parse()?;
                if part.path.is_ident("note") {
                    note = quote!(#text);
                }
                Ok(())
            });
        }
    }
    Some(note)
}
