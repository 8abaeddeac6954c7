//! A type's shape, for people to read: `struct { name: String, size: u64 }`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Attribute;

use super::{
    data_type::DataType,
    fields::{Body, Content},
};
use crate::type_text::written;

/// The shape in pieces, each with the `#[cfg]`s that it depends on. `TypeShapes::add` joins them.
pub(super) fn pieces(data_type: &DataType) -> Vec<TokenStream> {
    let mut pieces = Pieces(Vec::new());
    let attributes = data_type.serde.shown();
    match &data_type.content {
        Content::Struct(content) => {
            pieces.push(&[], format!("{attributes}struct"));
            pieces.body(content, &[], "");
        }
        Content::Enum(variants) if variants.is_empty() => {
            pieces.push(&[], format!("{attributes}enum {{}}"));
        }
        Content::Enum(variants) => {
            pieces.push(&[], format!("{attributes}enum {{ "));
            for variant in variants {
                pieces.push(&variant.cfgs, format!("{}{}", variant.serde.shown(), variant.name));
                pieces.body(&variant.body, &variant.cfgs, ", ");
            }
            pieces.push(&[], " }");
        }
    }
    pieces.0
}

struct Pieces(Vec<TokenStream>);

impl Pieces {
    fn push(&mut self, cfgs: &[Attribute], text: impl AsRef<str>) {
        let text = text.as_ref();
        self.0.push(quote!(#(#cfgs)* #text));
    }

    fn body(&mut self, body: &Body, cfgs: &[Attribute], end: &str) {
        let (open, close, fields) = match body {
            Body::Unit => return self.push(cfgs, end),
            Body::Named(fields) if fields.is_empty() => {
                return self.push(cfgs, format!(" {{}}{end}"));
            }
            Body::Named(fields) => (" { ", " }", fields),
            Body::Tuple(fields) => ("(", ")", fields),
        };
        self.push(cfgs, open);
        for field in fields {
            let name = match field.name.as_str() {
                "" => String::new(),
                name => format!("{name}: "),
            };
            let text = format!("{}{name}{}, ", field.serde.shown(), written(&field.ty));
            self.push(&field.cfgs, text);
        }
        self.push(cfgs, format!("{close}{end}"));
    }
}
