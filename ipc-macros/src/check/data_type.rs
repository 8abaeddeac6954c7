//! Rules about types with `#[ipc_type]`.

use syn::{
    Data, DeriveInput, Field, GenericArgument, Item, PathArguments, Type, TypeReference,
    spanned::Spanned,
};

use super::{head, noun, types};
use crate::{errors::Errors, serde_attributes, type_syntax::bare, type_text::written};

/// Reports `#[ipc_type]` on something that isn't a type.
pub(crate) fn not_a_type(item: &Item, errors: &mut Errors) {
    let help = match item {
        Item::Trait(_) => "interfaces have `#[ipc_interface(channel = \"…\", version = \"…\")]`",
        _ => "put it on a struct or an enum",
    };
    errors.push(head(item), format_args!("`#[ipc_type]` can't be on {}", noun(item)), help);
}

/// Reports what can't be in a type that travels.
pub(crate) fn data_type(input: &DeriveInput, errors: &mut Errors) {
    for lifetime in input.generics.lifetimes() {
        errors.push(
            lifetime,
            "a type that travels can't borrow: it is decoded in another process",
            "remove the lifetime, and own what the fields hold: `String`, `Vec<T>`, `Box<T>`",
        );
    }
    // Each mistake is reported once: if there is a lifetime parameter, the fields use it.
    let check = |one: &Field, errors: &mut Errors| {
        if input.generics.lifetimes().next().is_none() {
            // An array that is the field itself may have any length, one inside of another type may
            // not.
            let ty = match bare(&one.ty) {
                Type::Array(array) => &*array.elem,
                ty => ty,
            };
            field(ty, serde_attributes::converts(&one.attrs), errors);
        }
    };
    match &input.data {
        Data::Struct(data) => data.fields.iter().for_each(|one| check(one, errors)),
        Data::Enum(data) => data
            .variants
            .iter()
            .flat_map(|variant| &variant.fields)
            .for_each(|one| check(one, errors)),
        Data::Union(data) => errors.push_at(
            data.union_token.span(),
            "a union can't travel: nothing tells which field it holds",
            "write an enum",
        ),
    }
}

/// Checks a field's type. `converted`: the user's own functions write it, arrays of any length too.
fn field(ty: &Type, converted: bool, errors: &mut Errors) {
    match bare(ty) {
        Type::Reference(reference) => borrowed(reference, errors),
        Type::Slice(slice) => field(&slice.elem, converted, errors),
        Type::Array(array) => {
            if !converted {
                types::too_long(array, errors);
            }
            field(&array.elem, converted, errors);
        }
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|part| field(part, converted, errors)),
        Type::Path(path) => {
            for segment in &path.path.segments {
                let PathArguments::AngleBracketed(generics) = &segment.arguments else { continue };
                for generic in &generics.args {
                    if let GenericArgument::Type(ty) = generic {
                        field(ty, converted, errors);
                    }
                }
            }
        }
        Type::TraitObject(object) => errors.push(
            object,
            "a trait object can't travel: the other side must know its type",
            "write the type, or an enum of the types that may travel",
        ),
        Type::Ptr(pointer) => errors.push(
            pointer,
            "a pointer can't travel: the other side has another memory",
            "write the value itself",
        ),
        _ => {}
    }
}

fn borrowed(reference: &TypeReference, errors: &mut Errors) {
    let owned = match bare(&reference.elem) {
        Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
        Type::Slice(slice) => format!("Vec<{}>", written(&slice.elem)),
        other => written(other),
    };
    errors.push(
        reference,
        "a type that travels can't borrow: it is decoded in another process",
        format_args!("write `{owned}`"),
    );
}
