//! `impl Stream<Item = T>` in results and `Streaming<T>` in arguments, by their syntax.

use quote::quote_spanned;
use syn::{
    AngleBracketedGenericArguments, GenericArgument, PathArguments, TraitBound, Type,
    TypeImplTrait, TypeParamBound, parse_quote, punctuated::Punctuated, spanned::Spanned,
};

use crate::{
    spans::hygienic,
    type_syntax::{bare, last_generics},
};

/// The result of a subscription: `impl Stream<Item = T>`, or a `Result` of it.
pub(crate) struct StreamResult<'a> {
    pub item: &'a Type,
    /// The error of opening it.
    pub error: Option<&'a Type>,
}

impl<'a> StreamResult<'a> {
    pub(crate) fn of(ty: &'a Type) -> Option<Self> {
        let (stream, error) = match two_of_result(bare(ty)) {
            Some([stream, error]) => (bare(stream), Some(error)),
            None => (bare(ty), None),
        };
        let Type::ImplTrait(stream) = stream else { return None };
        Some(Self { item: item_of(stream_bound(stream)?)?, error })
    }
}

/// `T` and `E` of a `Result<T, E>`.
pub(crate) fn two_of_result(ty: &Type) -> Option<[&Type; 2]> {
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == "Result")?;
    let PathArguments::AngleBracketed(generics) = &last.arguments else { return None };
    let mut types = generics.args.iter().map(|generic| match generic {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    });
    match (types.next(), types.next(), types.next()) {
        (Some(Some(value)), Some(Some(error)), None) => Some([value, error]),
        _ => None,
    }
}

/// The `Stream<…>` among the bounds.
pub(crate) fn stream_bound(stream: &TypeImplTrait) -> Option<&TraitBound> {
    stream.bounds.iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) if names(bound, "Stream") => Some(bound),
        _ => None,
    })
}

/// Whether `name` is the last segment of the bound's path.
pub(crate) fn names(bound: &TraitBound, name: &str) -> bool {
    bound.path.segments.last().is_some_and(|last| last.ident == name)
}

/// `T` of `Stream<Item = T>`, if nothing else is in the brackets.
pub(crate) fn item_of(bound: &TraitBound) -> Option<&Type> {
    let last = bound.path.segments.last()?;
    let PathArguments::AngleBracketed(AngleBracketedGenericArguments { args, .. }) =
        &last.arguments
    else {
        return None;
    };
    match args.first()? {
        GenericArgument::AssocType(item)
            if args.len() == 1 && item.ident == "Item" && item.generics.is_none() =>
        {
            Some(&item.ty)
        }
        _ => None,
    }
}

/// The type with `Send` added to the bounds of its `impl Stream`. Users needn't write it.
pub(crate) fn sendable(ty: &Type) -> Type {
    let mut ty = ty.clone();
    with_stream(&mut ty, &|stream| {
        let given = |bound: &TypeParamBound| match bound {
            TypeParamBound::Trait(bound) => names(bound, "Send"),
            _ => false,
        };
        if !stream.bounds.iter().any(given) {
            let span = hygienic(stream.span());
            let send = quote_spanned!(span=> ::core::marker::Send);
            stream.bounds.push(parse_quote!(#send));
        }
    });
    ty
}

/// The type with `Stream` as the only bound of its `impl Stream`.
pub(crate) fn plain(ty: &Type) -> Type {
    let mut ty = ty.clone();
    with_stream(&mut ty, &|stream| {
        if let Some(bound) = stream_bound(stream).cloned() {
            stream.bounds = Punctuated::from_iter([TypeParamBound::Trait(bound)]);
        }
    });
    ty
}

fn with_stream(ty: &mut Type, change: &dyn Fn(&mut TypeImplTrait)) {
    match ty {
        Type::Paren(inner) => with_stream(&mut inner.elem, change),
        Type::Group(inner) => with_stream(&mut inner.elem, change),
        Type::ImplTrait(stream) => change(stream),
        Type::Path(path) => {
            let Some(last) = path.path.segments.last_mut() else { return };
            let PathArguments::AngleBracketed(generics) = &mut last.arguments else { return };
            if let Some(GenericArgument::Type(first)) = generics.args.first_mut() {
                with_stream(first, change);
            }
        }
        _ => {}
    }
}

/// The items that were probably meant by a type that isn't an `impl Stream`.
pub(crate) fn meant(ty: &Type) -> Option<Type> {
    match bare(ty) {
        Type::ImplTrait(opaque) => item_among(&opaque.bounds),
        Type::TraitObject(object) => item_among(&object.bounds),
        Type::Reference(reference) => meant(&reference.elem),
        Type::Slice(slice) => Some((*slice.elem).clone()),
        Type::Array(array) => Some((*array.elem).clone()),
        Type::Path(path) => match last_generics(path) {
            Some((name, generics)) => match (name.to_string().as_str(), generics.as_slice()) {
                ("Box" | "Pin" | "Arc" | "Option" | "Result", [inner, ..])
                    if holds_opaque(inner) =>
                {
                    meant(inner)
                }
                (
                    "Vec" | "VecDeque" | "BoxStream" | "LocalBoxStream" | "Subscription"
                    | "SubscriptionCall" | "Streaming" | "Receiver" | "UnboundedReceiver",
                    [item, ..],
                ) => Some(item.clone()),
                _ => Some(ty.clone()),
            },
            None => Some(ty.clone()),
        },
        other => Some(other.clone()),
    }
}

fn item_among<'a>(bounds: impl IntoIterator<Item = &'a TypeParamBound>) -> Option<Type> {
    bounds.into_iter().find_map(|bound| match bound {
        TypeParamBound::Trait(bound) => item_of(bound).cloned(),
        _ => None,
    })
}

/// Whether the type contains an `impl Trait` or a `dyn Trait`.
fn holds_opaque(ty: &Type) -> bool {
    match bare(ty) {
        Type::ImplTrait(_) | Type::TraitObject(_) => true,
        Type::Path(path) => {
            last_generics(path).is_some_and(|(_, generics)| generics.iter().any(holds_opaque))
        }
        _ => false,
    }
}

/// `T` of an argument that is a `Streaming<T>`.
pub(crate) fn streamed(ty: &Type) -> Option<Type> {
    let Type::Path(path) = bare(ty) else { return None };
    match last_generics(path)? {
        (name, mut types) if name == "Streaming" && types.len() == 1 => types.pop(),
        _ => None,
    }
}
