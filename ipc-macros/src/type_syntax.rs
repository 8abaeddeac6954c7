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
