//! The type that is being defined, where it is mentioned in its own definition.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{GenericArgument, Ident, PathArguments, Type, spanned::Spanned};

use super::{ExprSite, Own, Shapes};

impl Shapes<'_> {
    /// The type with the name of the type that is being defined for `Self`, which has no meaning in
    /// a constant beside it. A generic type's parts stand within its impl.
    pub(super) fn without_self(&self, ty: &Type) -> Type {
        match &self.own {
            Some(own) if own.generics.params.is_empty() => {
                let tokens = replaced(ty.to_token_stream(), own.ident);
                syn::parse2(tokens).unwrap_or_else(|_| ty.clone())
            }
            _ => ty.clone(),
        }
    }

    pub(super) fn is_own(&self, ty: &Type) -> bool {
        let Type::Path(path) = ty else { return false };
        let Some(own) = &self.own else { return false };
        path.qself.is_none()
            && path.path.segments.len() == 1
            && path.path.segments.first().is_some_and(|segment| {
                segment.ident == *own.ident
                    || (segment.ident == "Self" && segment.arguments.is_none())
            })
    }

    /// Whether the type depends on the generic parameters of the type that is being defined.
    pub(crate) fn mentions_parameters(&self, ty: &Type) -> bool {
        let Some(own) = &self.own else { return false };
        if own.generics.params.is_empty() {
            return false;
        }
        let names: Vec<_> = own
            .generics
            .params
            .iter()
            .filter_map(|parameter| match parameter {
                syn::GenericParam::Type(parameter) => Some(parameter.ident.to_string()),
                syn::GenericParam::Const(parameter) => Some(parameter.ident.to_string()),
                syn::GenericParam::Lifetime(_) => None,
            })
            .chain(["Self".to_owned(), own.ident.to_string()])
            .collect();
        mentions(ty.to_token_stream(), &names)
    }

    /// The stand-in for the type that is being defined.
    pub(super) fn recursion(&self, written: &Type) -> Type {
        let rt = self.rt;
        let span = written.span();
        // `Self` has no meaning in a constant beside the type.
        let own = match (written, &self.own) {
            (Type::Path(path), Some(Own { ident, generics })) if path.path.is_ident("Self") => {
                let generics = generics.split_for_impl().1;
                quote_spanned!(span=> #ident #generics)
            }
            _ => quote!(#written),
        };
        Type::Verbatim(quote_spanned!(span=> #rt::Recursion<#own>))
    }

    /// The type with a stand-in for each mention of the type that is being defined: a constant that
    /// asks for itself would never end.
    pub(super) fn without_own(&self, ty: &Type) -> Type {
        if self.own.is_none() || self.site == ExprSite::Function {
            return ty.clone();
        }
        if self.is_own(ty) {
            return self.recursion(ty);
        }
        let mut ty = ty.clone();
        match &mut ty {
            Type::Paren(inner) => *inner.elem = self.without_own(&inner.elem),
            Type::Group(inner) => *inner.elem = self.without_own(&inner.elem),
            Type::Reference(inner) => *inner.elem = self.without_own(&inner.elem),
            Type::Slice(inner) => *inner.elem = self.without_own(&inner.elem),
            Type::Array(inner) => *inner.elem = self.without_own(&inner.elem),
            Type::Tuple(tuple) => {
                for part in &mut tuple.elems {
                    *part = self.without_own(part);
                }
            }
            Type::Path(path) => {
                for segment in &mut path.path.segments {
                    let PathArguments::AngleBracketed(generics) = &mut segment.arguments else {
                        continue;
                    };
                    for generic in &mut generics.args {
                        if let GenericArgument::Type(generic) = generic {
                            *generic = self.without_own(generic);
                        }
                    }
                }
            }
            _ => {}
        }
        ty
    }
}

/// The tokens with this name for each `Self`.
fn replaced(tokens: TokenStream, own: &Ident) -> TokenStream {
    let replaced = tokens.into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == "Self" => {
            let mut name = own.clone();
            name.set_span(ident.span());
            TokenTree::Ident(name)
        }
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), replaced(group.stream(), own));
            inner.set_span(group.span());
            TokenTree::Group(inner)
        }
        token => token,
    });
    replaced.collect()
}

pub(super) fn mentions(tokens: TokenStream, names: &[String]) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => names.iter().any(|name| ident == name),
        TokenTree::Group(group) => mentions(group.stream(), names),
        _ => false,
    })
}
