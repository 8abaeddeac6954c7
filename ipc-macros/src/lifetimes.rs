//! Lifetimes that a trait or a method declares. This mistake is reported where they are declared,
//! and not again at each use.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Generics, parse::Parse};

/// The names of the lifetimes that are declared here.
pub(crate) fn declared(generics: &Generics) -> impl Iterator<Item = &Ident> {
    generics.lifetimes().map(|parameter| &parameter.lifetime.ident)
}

/// The same syntax with `'_` in place of the declared lifetimes.
pub(crate) fn elided<T: ToTokens + Parse + Clone>(syntax: &T, declared: &[&Ident]) -> T {
    if declared.is_empty() {
        return syntax.clone();
    }
    syn::parse2(elide(syntax.to_token_stream(), declared)).unwrap_or_else(|_| syntax.clone())
}

fn elide(tokens: TokenStream, declared: &[&Ident]) -> TokenStream {
    let mut quoted = false;
    let elided = tokens.into_iter().map(|token| {
        let lifetime = std::mem::replace(&mut quoted, is_quote(&token));
        match token {
            TokenTree::Ident(name) if lifetime && declared.contains(&&name) => {
                TokenTree::Ident(Ident::new("_", name.span()))
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), elide(group.stream(), declared));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            other => other,
        }
    });
    elided.collect()
}

fn is_quote(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == '\'')
}

#[cfg(test)]
mod tests {
    use quote::format_ident;
    use syn::{Type, parse_quote};

    use super::elided;
    use crate::type_text::written;

    #[test]
    fn declared_lifetimes_are_elided_and_others_stay() {
        let ty: Type = parse_quote!(&'a A<Cow<'a, str>, &'static B<'b>>);
        let elided = written(elided(&ty, &[&format_ident!("a")]));
        assert_eq!(elided, "&'_ A<Cow<'_, str>, &'static B<'b>>");
    }
}
