//! What all steps read from the syntax of a type.

use syn::{GenericArgument, Ident, PathArguments, Type, TypePath};

/// The type without parentheses, and without the invisible group that a macro's `$ty` leaves.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Paren(inner) => bare(&inner.elem),
        Type::Group(inner) => bare(&inner.elem),
        other => other,
    }
}

/// The name of a path's last segment, and the types in its generic arguments.
pub(crate) fn last_generics(path: &TypePath) -> Option<(&Ident, Vec<Type>)> {
    let last = path.path.segments.last()?;
    let types = match &last.arguments {
        PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(ty) => Some(ty.clone()),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    };
    Some((&last.ident, types))
}

/// Calls `each` with a type and with the types that it is written with.
pub(crate) fn for_each_type<'a>(ty: &'a Type, each: &mut dyn FnMut(&'a Type)) {
    each(ty);
    match ty {
        Type::Paren(inner) => for_each_type(&inner.elem, each),
        Type::Group(inner) => for_each_type(&inner.elem, each),
        Type::Reference(inner) => for_each_type(&inner.elem, each),
        Type::Slice(inner) => for_each_type(&inner.elem, each),
        Type::Array(inner) => for_each_type(&inner.elem, each),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|part| for_each_type(part, each)),
        Type::Path(path) => {
            for argument in last_arguments(path) {
                if let GenericArgument::Type(ty) = argument {
                    for_each_type(ty, each);
                }
            }
        }
        _ => {}
    }
}

/// The generic arguments of a path's last segment.
pub(crate) fn last_arguments(path: &TypePath) -> impl Iterator<Item = &GenericArgument> {
    let last = path.path.segments.last().map(|last| &last.arguments);
    let arguments = match last {
        Some(PathArguments::AngleBracketed(arguments)) => Some(arguments.args.iter()),
        _ => None,
    };
    arguments.into_iter().flatten()
}

/// Whether the type is `()`.
pub(crate) fn is_unit(ty: &Type) -> bool {
    matches!(bare(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// `P` of `CallContext<P>`.
pub(crate) fn progress(ty: &Type) -> Option<Type> {
    let Type::Path(path) = bare(ty) else { return None };
    match last_generics(path)? {
        (name, types) if name == "CallContext" => types.into_iter().next(),
        _ => None,
    }
}

/// Whether the type is a `CallContext`, with or without progress.
pub(crate) fn is_context(ty: &Type) -> bool {
    let Type::Path(path) = bare(ty) else { return false };
    path.path.segments.last().is_some_and(|last| last.ident == "CallContext")
}

/// Whether a type is one of the language's own, which are written in lower case.
pub(crate) fn is_primitive(ty: &Type) -> bool {
    const NAMES: [&str; 17] = [
        "bool", "char", "str", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8",
        "u16", "u32", "u64", "u128", "usize",
    ];
    match ty {
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        ty => NAMES.iter().any(|name| is_name(ty, name)),
    }
}

pub(crate) fn is_name(ty: &Type, name: &str) -> bool {
    let Type::Path(path) = ty else { return false };
    path.qself.is_none() && path.path.is_ident(name)
}
