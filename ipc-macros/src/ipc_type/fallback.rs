//! What is emitted beside errors: the type, and impls that keep its uses from failing as well.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::{
    Attribute, Data, DeriveInput, Field, GenericArgument, Generics, Ident, PathArguments, Type,
    parse_quote,
};

use super::derives::Derives;
use crate::model::Runtime;

pub(super) fn expand(mut input: DeriveInput, runtime: &Runtime) -> TokenStream {
    let rt = &runtime.private();
    let (ident, generics) = (input.ident.clone(), input.generics.clone());
    let cfgs: Vec<_> =
        input.attrs.iter().filter(|attr| attr.path().is_ident("cfg")).cloned().collect();
    let missing = Derives::missing(&input);
    // Without a derive, the compiler doesn't know these attributes.
    let orphaned = missing.serialize && missing.deserialize;
    for attributes in attributes_of(&mut input) {
        attributes.retain(|attribute| !(orphaned && attribute.path().is_ident("serde")));
    }
    for field in fields_of(&mut input) {
        outlive_all(&mut field.ty);
    }
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    let de_generics = with_de(&generics);
    let (de_generics, _, _) = de_generics.split_for_impl();
    let serialize = missing.serialize.then(|| {
        quote_spanned! {Span::mixed_site()=>
            impl #impl_generics #rt::serde::Serialize for #ident #type_generics #where_clause {
                fn serialize<S: #rt::serde::Serializer>(
                    &self,
                    _: S,
                ) -> ::core::result::Result<S::Ok, S::Error> {
                    loop {}
                }
            }
        }
    });
    let deserialize = missing.deserialize.then(|| {
        quote_spanned! {Span::mixed_site()=>
            impl #de_generics #rt::serde::Deserialize<'de> for #ident #type_generics #where_clause {
                fn deserialize<D: #rt::serde::Deserializer<'de>>(
                    _: D,
                ) -> ::core::result::Result<Self, D::Error> {
                    loop {}
                }
            }
        }
    });
    let unknown = unknown(&ident, &generics, rt);
    quote_spanned! {Span::mixed_site()=>
        #input
        #(#cfgs)*
        #[allow(deprecated, clippy::all)]
        const _: () = {
            #serialize
            #deserialize
            #unknown
        };
    }
}

/// The impl of a type whose shape isn't known because of an error.
pub(crate) fn unknown(ident: &Ident, generics: &Generics, rt: &TokenStream) -> TokenStream {
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    quote_spanned! {Span::mixed_site()=>
        #[allow(non_upper_case_globals)]
        impl #impl_generics #rt::IpcType for #ident #type_generics #where_clause {
            const MUTUALLY_RECURSIVE_TYPE_MARK_ONE_FIELD_WITH_ipc_recursive:
                &'static #rt::Node = const { &#rt::Node::container(#rt::NodeKind::Any, &[]) };
        }
    }
}

/// Adds missing lifetimes, which rustc would report too.
fn outlive_all(ty: &mut Type) {
    match ty {
        Type::Reference(reference) => {
            reference.lifetime.get_or_insert_with(|| parse_quote!('static));
            outlive_all(&mut reference.elem);
        }
        Type::Paren(inner) => outlive_all(&mut inner.elem),
        Type::Group(inner) => outlive_all(&mut inner.elem),
        Type::Slice(inner) => outlive_all(&mut inner.elem),
        Type::Array(inner) => outlive_all(&mut inner.elem),
        Type::Tuple(tuple) => tuple.elems.iter_mut().for_each(outlive_all),
        Type::Path(path) => {
            for segment in &mut path.path.segments {
                let PathArguments::AngleBracketed(generics) = &mut segment.arguments else {
                    continue;
                };
                for generic in &mut generics.args {
                    if let GenericArgument::Type(ty) = generic {
                        outlive_all(ty);
                    }
                }
            }
        }
        _ => {}
    }
}

/// The attributes of the type, its variants and fields.
fn attributes_of(input: &mut DeriveInput) -> Vec<&mut Vec<Attribute>> {
    let mut all = vec![&mut input.attrs];
    match &mut input.data {
        Data::Struct(data) => all.extend(data.fields.iter_mut().map(|field| &mut field.attrs)),
        Data::Enum(data) => {
            for variant in &mut data.variants {
                all.push(&mut variant.attrs);
                all.extend(variant.fields.iter_mut().map(|field| &mut field.attrs));
            }
        }
        Data::Union(data) => {
            all.extend(data.fields.named.iter_mut().map(|field| &mut field.attrs));
        }
    }
    all
}

fn fields_of(input: &mut DeriveInput) -> Vec<&mut Field> {
    match &mut input.data {
        Data::Struct(data) => data.fields.iter_mut().collect(),
        Data::Enum(data) => {
            data.variants.iter_mut().flat_map(|variant| variant.fields.iter_mut()).collect()
        }
        Data::Union(data) => data.fields.named.iter_mut().collect(),
    }
}

/// The generics of a type, with a lifetime `'de` added in front.
fn with_de(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    generics.params.insert(0, parse_quote!('de));
    generics
}
