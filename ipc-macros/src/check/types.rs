//! Rules about the types in a signature, as far as their syntax shows.

use syn::{GenericArgument, Lifetime, PathArguments, Type, TypeArray, TypePath, TypeReference};

use crate::{
    array_type,
    errors::Errors,
    stream_type::{self, item_of},
    type_syntax::{self, bare, last_generics},
    type_text::written,
};

/// Checks an item of a subscription, which is owned.
pub(super) fn item(ty: &Type, errors: &mut Errors) {
    owned(ty, TypePosition::Item, errors);
}

/// Checks an argument, which may be borrowed, at the top or inside of an `Option`.
pub(super) fn argument(ty: &Type, errors: &mut Errors) {
    match bare(ty) {
        Type::Reference(reference) => borrowed(reference, errors),
        Type::Array(array) => owned(&array.elem, TypePosition::Argument, errors),
        Type::Path(path) if stream_type::streamed(ty).is_some() => {
            let items = last_generics(path).map(|(_, generics)| generics).unwrap_or_default();
            items.iter().for_each(|item| owned(item, TypePosition::Item, errors));
        }
        Type::Path(path) => match last_generics(path) {
            Some((name, generics)) if name == "Option" => match generics.as_slice() {
                [Type::Reference(reference)] => borrowed(reference, errors),
                _ => owned(ty, TypePosition::Argument, errors),
            },
            _ => owned(ty, TypePosition::Argument, errors),
        },
        _ => owned(ty, TypePosition::Argument, errors),
    }
}

/// Checks a result, which is owned.
pub(super) fn result(ty: &Type, errors: &mut Errors) {
    owned(ty, TypePosition::Result, errors);
}

#[derive(Clone, Copy)]
enum TypePosition {
    Argument,
    Result,
    /// An item of a stream, in either direction.
    Item,
    /// `P` of `&CallContext<P>`.
    Progress,
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
    if let Some(progress) = type_syntax::progress(&reference.elem) {
        owned(&progress, TypePosition::Progress, errors);
    } else if stream_type::streamed(&reference.elem).is_some() {
        errors.push(
            reference,
            "a stream can't be borrowed as an argument: the handler takes its items",
            format_args!("write `{}`", written(&reference.elem)),
        );
    } else if let Type::TraitObject(object) = bare(&reference.elem) {
        dynamic(object, errors);
    } else if let Type::Array(array) = bare(&reference.elem) {
        owned(&array.elem, TypePosition::Argument, errors);
    } else {
        owned(&reference.elem, TypePosition::Argument, errors);
    }
}

/// Reports an array that is too long for serde, and neither an argument nor a field.
pub(super) fn too_long(array: &TypeArray, errors: &mut Errors) {
    let Some(length) = array_type::too_long(array) else { return };
    let item = written(&array.elem);
    let bytes = if item == "u8" { "`Bytes`, " } else { "" };
    errors.push(
        array,
        format_args!(
            "an array of {length} travels as an argument or a field, and nowhere else: serde's \
             own arrays have up to 32 elements"
        ),
        format_args!(
            "write {bytes}`Vec<{item}>`, or a struct with `#[ipc_type]` that holds the array"
        ),
    );
}

/// Checks an owned type, and all types inside of it.
fn owned(ty: &Type, place: TypePosition, errors: &mut Errors) {
    match bare(ty) {
        Type::Reference(reference) => {
            let owned = match bare(&reference.elem) {
                Type::Path(path) if path.path.is_ident("str") => "String".to_owned(),
                Type::Slice(slice) => format!("Vec<{}>", written(&slice.elem)),
                other => written(other),
            };
            let problem = match place {
                TypePosition::Result => "a result can't be borrowed: it comes from another process",
                TypePosition::Item => "an item can't be borrowed: it comes from another process",
                TypePosition::Progress => "progress can't be borrowed: it goes to another process",
                TypePosition::Argument => "a borrow can't be inside of an argument's type",
            };
            let exceptions = match place {
                TypePosition::Result | TypePosition::Item | TypePosition::Progress => "",
                TypePosition::Argument => "; an argument may itself be `&T`, or `Option<&T>`",
            };
            errors.push(reference, problem, format_args!("write `{owned}`{exceptions}"));
        }
        Type::Path(path) => in_path(path, place, errors),
        Type::Slice(slice) => owned(&slice.elem, place, errors),
        Type::Array(array) => {
            too_long(array, errors);
            owned(&array.elem, place, errors);
        }
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|part| owned(part, place, errors)),
        Type::ImplTrait(opaque) => {
            let item = stream_type::stream_bound(opaque)
                .map(|bound| item_of(bound).map_or("T".to_owned(), written));
            if let Some(item) = item {
                let (problem, help) = opaque_stream(place, &item);
                errors.push(opaque, problem, help);
                return;
            }
            let (problem, help) = match place {
                TypePosition::Progress => (
                    "progress can't be an `impl Trait`: the other side must know its type",
                    "write the type that travels",
                ),
                TypePosition::Item => (
                    "an item can't be an `impl Trait`: the other side must know its type",
                    "write the type that travels",
                ),
                TypePosition::Argument => (
                    "an argument can't be an `impl Trait`: the other side must know its type",
                    "write the type that travels",
                ),
                TypePosition::Result => (
                    "a result can't be an `impl Trait`: the other side must know its type",
                    "write the type that travels; for a future, write `async fn`; for a stream, \
                     write `#[ipc(subscription)]` and `impl Stream<Item = T>`",
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

/// Returns the problem and the help.
fn opaque_stream(place: TypePosition, item: &str) -> (&'static str, String) {
    match place {
        TypePosition::Progress => (
            "progress can't hold a stream",
            "write `#[ipc(subscription)]`: its items are its progress".to_owned(),
        ),
        TypePosition::Argument => (
            "an argument can't be an `impl Stream`",
            format!("write `Streaming<{item}>`, as an argument of its own"),
        ),
        TypePosition::Result => (
            "a stream is what a subscription returns",
            "write `#[ipc(subscription)]` above the method".to_owned(),
        ),
        TypePosition::Item => (
            "an item can't hold a stream",
            "open it by a subscription of its own, with an argument that says which one".to_owned(),
        ),
    }
}

/// Reports a `Streaming` that isn't an argument's own type.
fn misplaced_stream(path: &TypePath, place: TypePosition, errors: &mut Errors) {
    let Some((_, generics)) = last_generics(path) else { return };
    // Without its parameter, rustc already reports it.
    if generics.len() != 1 {
        return;
    }
    let item = generics.first().map_or("T".to_owned(), written);
    let (problem, help) = match place {
        TypePosition::Argument => (
            "a stream can't be inside of an argument's type",
            format!("write `Streaming<{item}>` as an argument of its own; it may be empty"),
        ),
        TypePosition::Result => (
            "a result can't hold a `Streaming`: that is for arguments",
            format!("write `#[ipc(subscription)]`, and return `impl Stream<Item = {item}>`"),
        ),
        TypePosition::Item | TypePosition::Progress => opaque_stream(place, &item),
    };
    errors.push(path, problem, help);
}

fn in_path(path: &TypePath, place: TypePosition, errors: &mut Errors) {
    if path.path.segments.last().is_some_and(|last| last.ident == "Streaming") {
        return misplaced_stream(path, place, errors);
    }
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
