//! Rules about the types in a signature, as far as their syntax tells.

use syn::{GenericArgument, Lifetime, PathArguments, Type, TypePath, TypeReference};

use crate::{
    errors::Errors,
    parse::{bare, last_generics},
    written::written,
};

/// An argument: it may be borrowed, at the top or within an `Option`.
pub(super) fn argument(ty: &Type, errors: &mut Errors) {
    match bare(ty) {
        Type::Reference(reference) => borrowed(reference, errors),
        Type::Path(path) => match last_generics(path) {
            Some((name, generics)) if name == "Option" => match generics.as_slice() {
                [Type::Reference(reference)] => borrowed(reference, errors),
                _ => owned(ty, Place::Argument, errors),
            },
            _ => owned(ty, Place::Argument, errors),
        },
        _ => owned(ty, Place::Argument, errors),
    }
}

/// A result: it is owned.
pub(super) fn result(ty: &Type, errors: &mut Errors) {
    owned(ty, Place::Result, errors);
}

#[derive(Clone, Copy)]
enum Place {
    Argument,
    Result,
}

fn borrowed(reference: &TypeReference, errors: &mut Errors) {
    if let Some(mutable) = &reference.mutability {
        errors.push(
            mutable,
            "an argument can't be `&mut`: changes don't travel back",
            "write `&T` or `T`, and return what changed",
        );
    }
    if let Some(lifetime) = &reference.lifetime {
        if lifetime.ident != "_" {
            errors.push(
                lifetime,
                "a borrowed argument has no lifetime of its own: it lives as long as the call",
                format_args!("write `&{}`", written(&reference.elem)),
            );
        }
    }
    if let Type::TraitObject(object) = bare(&reference.elem) {
        dynamic(object, errors);
    } else {
        owned(&reference.elem, Place::Argument, errors);
    }
}

/// A type, and all that it is made of, without borrows.
fn owned(ty: &Type, place: Place, errors: &mut Errors) {
    match bare(ty) {
        Type::Reference(reference) => {
            let owned = match bare(&reference.elem) {
                Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
                Type::Slice(slice) => format!("Vec<{}>", written(&slice.elem)),
                other => written(other),
            };
            let problem = match place {
                Place::Result => "a result can't be borrowed: it comes from another process",
                Place::Argument => "a borrow can't be inside of an argument's type",
            };
            let exceptions = match place {
                Place::Result => "",
                Place::Argument => "; an argument may itself be `&T`, or `Option<&T>`",
            };
            errors.push(reference, problem, format_args!("write `{owned}`{exceptions}"));
        }
        Type::Path(path) => in_path(path, place, errors),
        Type::Slice(slice) => owned(&slice.elem, place, errors),
        Type::Array(array) => owned(&array.elem, place, errors),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|part| owned(part, place, errors)),
        Type::ImplTrait(opaque) => {
            let (problem, help) = match place {
                Place::Argument => (
                    "an argument can't be an `impl Trait`: the other side must know its type",
                    "write the type that travels",
                ),
                Place::Result => (
                    "a result can't be an `impl Trait`: the other side must know its type",
                    "write the type that travels; for a future, write `async fn`",
                ),
            };
            errors.push(opaque, problem, help);
        }
        Type::TraitObject(object) => dynamic(object, errors),
        Type::Ptr(pointer) => errors.push(
            pointer,
            "a pointer can't travel: the other side has another memory",
            "write the value itself",
        ),
        Type::FnPtr(function) => errors.push(
            function,
            "a function can't travel",
            "let the other side expose an interface, and call that",
        ),
        Type::Infer(infer) => {
            errors.push(infer, "a type is missing here", "write the type that travels");
        }
        _ => {}
    }
}

fn in_path(path: &TypePath, place: Place, errors: &mut Errors) {
    if let Some(own) = path.path.segments.first().filter(|first| first.ident == "Self") {
        errors.push(
            own,
            "`Self` can't travel: the handler stays where it is",
            "write a type that both sides know",
        );
        return;
    }
    for segment in &path.path.segments {
        let PathArguments::AngleBracketed(generics) = &segment.arguments else { continue };
        for generic in &generics.args {
            match generic {
                GenericArgument::Type(ty) => owned(ty, place, errors),
                GenericArgument::Lifetime(lifetime) => inner_lifetime(lifetime, errors),
                _ => {}
            }
        }
    }
}

fn inner_lifetime(lifetime: &Lifetime, errors: &mut Errors) {
    if lifetime.ident != "static" {
        errors.push(
            lifetime,
            "nothing is borrowed across a call: only `'static` can stand here",
            "write the owned form of the type, or `'static`",
        );
    }
}

fn dynamic(object: &syn::TypeTraitObject, errors: &mut Errors) {
    errors.push(
        object,
        "a trait object can't travel: the other side must know its type",
        "write the type, or an enum of the types that may travel",
    );
}
