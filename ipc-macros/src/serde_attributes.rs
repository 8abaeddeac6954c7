//! What is read from `#[serde(…)]` before conditions are resolved: whether a field's own type
//! writes it. Everything else is read by serde's own parser, in the derive of the shape.

use syn::{Attribute, Meta, Token, parse::Parser, punctuated::Punctuated};

/// Whether a field is written and read by code other than its type's own, under any condition.
pub(crate) fn converts(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| is_converting(&attribute.meta))
}

fn is_converting(meta: &Meta) -> bool {
    let Meta::List(list) = meta else { return false };
    let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
    let Ok(parts) = parse.parse2(list.tokens.clone()) else { return false };
    if list.path.is_ident("serde") {
        let names = ["with", "serialize_with", "deserialize_with", "skip", "getter"];
        parts.iter().any(|part| names.iter().any(|name| part.path().is_ident(name)))
    } else {
        list.path.is_ident("cfg_attr") && parts.iter().skip(1).any(is_converting)
    }
}
