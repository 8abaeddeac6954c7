//! The expression that computes a type's fingerprint.
//!
//! The type's own name doesn't count, and a newtype without attributes counts as the type that it
//! wraps: neither is visible on the wire.

use proc_macro2::TokenStream;
use quote::quote;

use super::{
    data_type::DataType,
    fields::{Body, Content, Field, Variant},
};
use crate::fingerprint_expr::Fold;
use crate::serde_attributes::SerdeAttributes;

pub(super) fn expression(data_type: &DataType, fold: &Fold<'_>) -> TokenStream {
    let rt = fold.rt;
    let content = match &data_type.content {
        Content::Struct(content) => body(content, fold),
        Content::Enum(variants) => {
            // Untagged variants are tried one after another.
            let order_counts = data_type.serde.contains("untagged")
                || variants.iter().any(|variant| variant.serde.contains("untagged"));
            let variants = variants.iter().map(|one| variant(one, fold));
            if order_counts {
                quote!(#rt::fingerprint::ordered("untagged enum", &[#(#variants),*]))
            } else {
                quote!(#rt::fingerprint::unordered("enum", &[#(#variants),*]))
            }
        }
    };
    attributed(content, &data_type.serde, rt)
}

fn variant(variant: &Variant, fold: &Fold<'_>) -> TokenStream {
    let rt = fold.rt;
    let Variant { name, cfgs, serde, .. } = variant;
    let content = attributed(body(&variant.body, fold), serde, rt);
    quote! {
        #(#cfgs)*
        #rt::fingerprint::ordered("variant", &[#rt::fingerprint::text(#name), #content])
    }
}

fn body(body: &Body, fold: &Fold<'_>) -> TokenStream {
    let rt = fold.rt;
    match body {
        Body::Unit => quote!(#rt::fingerprint::text("unit")),
        Body::Tuple(fields) => match fields.as_slice() {
            [only] if only.serde.is_empty() && only.cfgs.is_empty() => field_type(only, fold),
            fields => {
                let fields = fields.iter().map(|field| {
                    let (cfgs, ty) = (&field.cfgs, field_type(field, fold));
                    let ty = attributed(ty, &field.serde, rt);
                    quote!(#(#cfgs)* #ty)
                });
                quote!(#rt::fingerprint::ordered("tuple", &[#(#fields),*]))
            }
        },
        Body::Named(fields) => {
            let fields = fields.iter().map(|field| {
                let Field { name, cfgs, serde, .. } = field;
                let ty = attributed(field_type(field, fold), serde, rt);
                quote! {
                    #(#cfgs)*
                    #rt::fingerprint::ordered("field", &[#rt::fingerprint::text(#name), #ty])
                }
            });
            quote!(#rt::fingerprint::unordered("struct", &[#(#fields),*]))
        }
    }
}

fn field_type(field: &Field, fold: &Fold<'_>) -> TokenStream {
    Fold { probing: !field.recursive, ..*fold }.expression(&field.ty)
}

fn attributed(content: TokenStream, serde: &SerdeAttributes, rt: &TokenStream) -> TokenStream {
    if serde.is_empty() {
        return content;
    }
    let attributes = serde.elements(rt);
    quote! {
        #rt::fingerprint::ordered(
            "attributed",
            &[#content, #rt::fingerprint::unordered("serde", &[#(#attributes),*])],
        )
    }
}
