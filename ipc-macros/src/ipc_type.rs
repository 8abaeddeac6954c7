//! `#[ipc_type]`: serde's derives, and a fingerprint of what they put on the wire.

mod data_type;
mod derives;
mod fallback;
mod fields;
mod fingerprint;
mod shape;

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{DeriveInput, Item, ext::IdentExt, parse_quote};

use self::{data_type::DataType, derives::Derives};
use crate::{
    attribute::{self, sites::TYPE},
    check,
    errors::Errors,
    fingerprint_expr::Fold,
    parse,
    serde_attributes::SerdeAttributes,
    spans::hygienic,
};

/// Returns the code for `#[ipc_type]`; after an error, the type alone with empty impls.
pub(crate) fn expand(arguments: TokenStream, item: Item) -> TokenStream {
    let mut errors = Errors::default();
    let mut given = Vec::new();
    attribute::read(arguments, &TYPE, &mut given, &mut errors);
    let runtime = parse::runtime(&given, &mut errors);

    let mut input = match item {
        Item::Struct(item) => DeriveInput::from(item),
        Item::Enum(item) => DeriveInput::from(item),
        Item::Union(item) => DeriveInput::from(item),
        other => {
            check::data_type::not_a_type(&other, &mut errors);
            let error = errors.finish().err().map(syn::Error::into_compile_error);
            return quote!(#error #other);
        }
    };
    check::data_type::data_type(&input, &mut errors);
    let content = fields::take(&mut input, &mut errors);
    let data_type = DataType {
        ident: input.ident.clone(),
        generics: input.generics.clone(),
        cfgs: input.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect(),
        serde: SerdeAttributes::of(&input.attrs),
        runtime,
        content,
    };
    if let Err(error) = errors.finish() {
        let fallback = fallback::expand(input, &data_type);
        let error = error.into_compile_error();
        return quote!(#error #fallback);
    }
    derives::arrays(&mut input, &data_type.runtime);
    let derives = Derives::missing(&input).attributes(&data_type.runtime, &input.attrs);
    let implementation = implementation(&data_type);
    quote!(#derives #input #implementation)
}

fn implementation(data_type: &DataType) -> TokenStream {
    let rt = &data_type.runtime.private();
    let DataType { ident, cfgs, .. } = data_type;
    let fold = Fold { rt, own_name: Some(ident), probing: true };
    let fingerprint = fingerprint::expression(data_type, &fold);
    let pieces = shape::pieces(data_type);
    let inner = data_type.content.fields().map(|field| {
        let mut parts = Vec::new();
        fold.parts(&field.ty, &mut parts);
        let cfgs = &field.cfgs;
        let cfgs = quote!(#(#cfgs)*);
        parts.into_iter().map(move |part| {
            quote_spanned!(Span::mixed_site()=> #cfgs #rt::Probe::<#part>::describe_probed(__ipc_shapes);)
        })
    });
    let inner: Vec<_> = inner.flatten().collect();
    let name = ident.unraw().to_string();

    let mut generics = data_type.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter.bounds.push(parse_quote!(#rt::IpcType));
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    // With the span of the type's name, not of the attribute: that is where rustc reports a cycle.
    quote_spanned! {hygienic(ident.span())=>
        #(#cfgs)*
        #[allow(
            deprecated,
            non_upper_case_globals,
            unused_imports,
            unused_qualifications,
            unused_variables
        )]
        const _: () = {
            use #rt::ProbeFallback as _;

            #[automatically_derived]
            impl #impl_generics #rt::IpcType for #ident #type_generics #where_clause {
                const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive:
                    ::core::primitive::u64 = #fingerprint;

                fn describe(__ipc_shapes: &mut #rt::TypeShapes) {
                    #rt::TypeShapes::add(
                        __ipc_shapes,
                        #name,
                        <Self as #rt::IpcType>::FINGERPRINT,
                        &[#(#pieces),*],
                        |__ipc_shapes| { #(#inner)* },
                    );
                }
            }
        };
    }
}
