//! Rules about what a method returns.

use syn::{ReturnType, Signature, TraitItemFn, Type, TypeImplTrait, TypeParamBound};

use super::types;
use crate::{
    attribute,
    errors::Errors,
    stream_type::{self, item_of, meant, names, two_of_result},
    type_syntax::{bare, last_generics},
    type_text::written,
};

/// Checks a method's result. That of a subscription is a stream.
pub(super) fn result(function: &TraitItemFn, errors: &mut Errors) {
    if attribute::options_of(&function.attrs).subscription {
        of_subscription(&function.sig, errors);
    } else if let ReturnType::Type(_, ty) = &function.sig.output {
        types::result(ty, errors);
    }
}

/// Checks for `impl Stream<Item = T>` or `Result<impl Stream<Item = T>, E>`.
fn of_subscription(signature: &Signature, errors: &mut Errors) {
    let ty = match &signature.output {
        ReturnType::Type(_, ty) => bare(ty),
        ReturnType::Default => return missing(signature, errors),
    };
    match ty {
        Type::Tuple(unit) if unit.elems.is_empty() => missing(signature, errors),
        Type::ImplTrait(found) => stream(found, errors),
        ty => match two_of_result(ty) {
            Some([value, error]) => {
                match bare(value) {
                    Type::ImplTrait(found) => stream(found, errors),
                    other => no_stream(other, errors),
                }
                types::result(error, errors);
            }
            None => alias_or_another(ty, errors),
        },
    }
}

fn missing(signature: &Signature, errors: &mut Errors) {
    errors.push(
        &signature.ident,
        format_args!("the subscription `{}` returns nothing", signature.ident),
        "write `-> impl Stream<Item = T>`, or `-> Result<impl Stream<Item = T>, E>` where opening \
         it may fail",
    );
}

fn alias_or_another(ty: &Type, errors: &mut Errors) {
    if let Type::Path(path) = ty {
        if let Some((name, generics)) = last_generics(path) {
            if name == "Result" {
                let item = generics.first().and_then(meant).map_or("T".to_owned(), written);
                errors.push(
                    ty,
                    format_args!("the error of `{}` can't be seen here", written(ty)),
                    format_args!("write both parameters: `Result<impl Stream<Item = {item}>, E>`"),
                );
                return;
            }
        }
    }
    no_stream(ty, errors);
}

fn no_stream(ty: &Type, errors: &mut Errors) {
    let item = meant(ty).map_or("T".to_owned(), written);
    errors.push(
        ty,
        format_args!("a subscription returns an `impl Stream`, not `{}`", written(ty)),
        format_args!(
            "write `impl Stream<Item = {item}>`; the implementation may return any stream"
        ),
    );
}

fn stream(found: &TypeImplTrait, errors: &mut Errors) {
    let Some(first) = stream_type::stream_bound(found) else {
        return no_stream(&Type::ImplTrait(found.clone()), errors);
    };
    match item_of(first) {
        Some(item) => types::item(item, errors),
        None => errors.push(
            first,
            "the type of the stream's items is missing, or more than that is written",
            "write `Stream<Item = T>`",
        ),
    }
    let mut streams = 0;
    for bound in &found.bounds {
        match bound {
            TypeParamBound::Trait(bound) if names(bound, "Send") => {}
            TypeParamBound::Trait(bound) if names(bound, "Stream") => {
                streams += 1;
                if streams == 2 {
                    errors.push(bound, "a subscription gives one stream", "remove this one");
                }
            }
            TypeParamBound::Lifetime(lifetime) => errors.push(
                lifetime,
                "the stream has no lifetime of its own: it may borrow the handler and the \
                 arguments",
                format_args!("remove `+ {}`", written(lifetime)),
            ),
            TypeParamBound::PreciseCapture(captured) => errors.push(
                captured,
                "what the stream borrows isn't narrowed: it may borrow the handler and the \
                 arguments",
                format_args!("remove `+ {}`", written(captured)),
            ),
            other => errors.push(
                other,
                "the stream has no other bounds: clients see its items only",
                format_args!("remove `+ {}`; `Send` is added by the macro", written(other)),
            ),
        }
    }
}
