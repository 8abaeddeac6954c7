//! The `#[serde(…)]` attributes of a type, variant or field, in a form that doesn't depend on
//! layout.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Meta, Token, parse::Parser, punctuated::Punctuated};

use crate::type_text::written;

/// Each argument by itself: `rename = "x"`.
#[derive(Default)]
pub(crate) struct SerdeAttributes(Vec<SerdeArgument>);

struct SerdeArgument {
    text: String,
    /// The condition, if the argument is in a `cfg_attr`.
    condition: Option<TokenStream>,
}

impl SerdeAttributes {
    pub(crate) fn of(attributes: &[Attribute]) -> Self {
        let mut all = Self::default();
        for attribute in attributes {
            all.read(&attribute.meta, None);
        }
        all
    }

    fn read(&mut self, meta: &Meta, condition: Option<&TokenStream>) {
        let Meta::List(list) = meta else { return };
        let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
        if list.path.is_ident("serde") {
            match parse.parse2(list.tokens.clone()) {
                Ok(arguments) => {
                    for argument in arguments.iter().filter(|argument| is_seen_on_wire(argument)) {
                        self.push(argument, condition);
                    }
                }
                // Serde will report what is wrong with it.
                Err(_) => self.push(&list.tokens, condition),
            }
        } else if list.path.is_ident("cfg_attr") {
            let Ok(parts) = parse.parse2(list.tokens.clone()) else { return };
            let mut parts = parts.iter();
            let Some(predicate) = parts.next() else { return };
            let both = match condition {
                Some(outer) => quote!(all(#outer, #predicate)),
                None => quote!(#predicate),
            };
            parts.for_each(|part| self.read(part, Some(&both)));
        }
    }

    fn push(&mut self, argument: &impl quote::ToTokens, condition: Option<&TokenStream>) {
        self.0.push(SerdeArgument { text: written(argument), condition: condition.cloned() });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a field is written and read by code other than its type's own.
    pub(crate) fn converts(&self) -> bool {
        let names = ["with", "serialize_with", "deserialize_with", "skip", "getter"];
        let name = |text: &str| text.split(' ').next().is_some_and(|name| names.contains(&name));
        self.0.iter().any(|argument| name(&argument.text))
    }

    pub(crate) fn contains(&self, text: &str) -> bool {
        self.0.iter().any(|argument| argument.text == text)
    }

    /// The texts for a fingerprint, as elements of an array in any order.
    pub(crate) fn elements(&self, rt: &TokenStream) -> Vec<TokenStream> {
        let element = |SerdeArgument { text, condition }: &SerdeArgument| {
            let cfg = condition.as_ref().map(|condition| quote!(#[cfg(#condition)]));
            quote!(#cfg #rt::fingerprint::text(#text))
        };
        self.0.iter().map(element).collect()
    }

    /// `#[serde(rename = "x")] `, for people to read.
    pub(crate) fn shown(&self) -> String {
        if self.is_empty() {
            return String::new();
        }
        let texts: Vec<_> = self.0.iter().map(|argument| argument.text.as_str()).collect();
        format!("#[serde({})] ", texts.join(", "))
    }
}

/// Whether an argument affects more than the generated Rust code.
fn is_seen_on_wire(argument: &Meta) -> bool {
    !["crate", "bound", "borrow"].iter().any(|name| argument.path().is_ident(name))
}
