//! `#[ipc(integer = "…")]`: what integers of 64 bits are in TypeScript.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::LitStr;

use crate::{
    errors::Errors,
    spans::{ends, moved_to},
};

/// What is asked for, and where.
#[derive(Clone)]
pub(crate) struct Integers {
    asked: Asked,
    text: LitStr,
}

#[derive(Clone, Copy)]
enum Asked {
    Number,
    BigInt,
    String,
}

impl Integers {
    /// Reads the value of `integer`. Reports one that means nothing.
    pub(crate) fn of(text: &LitStr, errors: &mut Errors) -> Option<Self> {
        let asked = match text.value().as_str() {
            "number" => Asked::Number,
            "bigint" => Asked::BigInt,
            "string" => Asked::String,
            other => {
                errors.push(
                    text,
                    format_args!("`{other}` is nothing that integers can be in TypeScript"),
                    "write `integer = \"bigint\"`, `integer = \"string\"` or `integer = \"number\"`",
                );
                return None;
            }
        };
        Some(Self { asked, text: text.clone() })
    }

    /// Where it is asked for.
    pub(crate) fn text(&self) -> &LitStr {
        &self.text
    }

    /// The flag of a member.
    pub(crate) fn flag(&self) -> &'static str {
        match self.asked {
            Asked::Number => "INTEGER_NUMBER",
            Asked::BigInt => "INTEGER_BIGINT",
            Asked::String => "INTEGER_STRING",
        }
    }

    /// The runtime's value.
    pub(crate) fn constant(&self, rt: &TokenStream) -> TokenStream {
        let name = match self.asked {
            Asked::Number => "Number",
            Asked::BigInt => "BigInt",
            Asked::String => "String",
        };
        let name = Ident::new(name, Span::call_site());
        quote!(#rt::Integers::#name)
    }

    /// The call that requires integers in one of these shapes. Its error is shown at the value.
    pub(crate) fn check(&self, rt: &TokenStream, shapes: &[TokenStream]) -> TokenStream {
        let (span, _) = ends(&self.text);
        let rt = moved_to(span, rt);
        quote_spanned!(span=> #rt::assert_integers(&[#(#shapes),*]))
    }
}
