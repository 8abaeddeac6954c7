//! Rules about one method's syntax.

use syn::{
    FnArg, GenericParam, Generics, Ident, Pat, PatType, Receiver, ReceiverKind, Safety, Signature,
    TraitItemFn,
};

use super::{result, types};
use crate::{attribute, errors::Errors, lifetimes};

pub(super) fn syntax(function: &TraitItemFn, outer: &Generics, errors: &mut Errors) {
    let signature = &function.sig;
    let declared: Vec<_> =
        lifetimes::declared(outer).chain(lifetimes::declared(&signature.generics)).collect();
    qualifiers(signature, errors);
    generics(&signature.generics, errors);
    match signature.receiver() {
        Some(given) => receiver(given, errors),
        None => errors.push(
            &signature.ident,
            format_args!("`{}` has no receiver", signature.ident),
            format_args!(
                "write `fn {}(&self, …)`: a handler is called by reference",
                signature.ident
            ),
        ),
    }
    for input in &signature.inputs {
        if let FnArg::Typed(typed) = input {
            argument(typed, &declared, errors);
        }
    }
    result::result(function, errors);
    if let Some(body) = &function.default {
        errors.push_at(
            body.brace_token.span.open(),
            format_args!("`{}` has a default body: clients wouldn't run it", signature.ident),
            "end the method with `;`, and write the body in the implementation",
        );
    }
}

fn qualifiers(signature: &Signature, errors: &mut Errors) {
    if let Some(constness) = &signature.constness {
        errors.push(constness, "a method of an interface can't be `const`", "remove `const`");
    }
    match &signature.safety {
        Safety::Unsafe(unsafety) => errors.push(
            unsafety,
            "a method of an interface can't be `unsafe`: its caller is another process",
            "remove `unsafe`, and check the arguments in the implementation",
        ),
        Safety::Safe(safe) => errors.push(safe, "`safe` has no meaning here", "remove it"),
        Safety::Default => {}
    }
    if let Some(abi) = &signature.abi {
        errors.push(abi, "a method of an interface can't be `extern`", "remove the ABI");
    }
    if let Some(variadic) = &signature.variadic {
        let help = "write a `Vec<T>`";
        errors.push(variadic, "a method of an interface can't be variadic", help);
    }
}

fn generics(generics: &Generics, errors: &mut Errors) {
    for parameter in &generics.params {
        match parameter {
            GenericParam::Lifetime(lifetime) => errors.push(
                lifetime,
                "a method of an interface can't name lifetimes: nothing is borrowed across a call",
                "remove it; borrowed arguments are written `&str`, `&[T]` or `&T`",
            ),
            GenericParam::Type(ty) => errors.push(
                ty,
                format_args!("a method of an interface can't be generic over `{}`", ty.ident),
                "write the type that travels, or an enum of the types that may",
            ),
            GenericParam::Const(constant) => errors.push(
                constant,
                format_args!("a method of an interface can't be generic over `{}`", constant.ident),
                "write the number, or use a `Vec<T>`",
            ),
        }
    }
    if let Some(clause) = &generics.where_clause {
        let help = "remove it";
        errors.push(clause, "a method of an interface can't have a `where` clause", help);
    }
}

fn receiver(receiver: &Receiver, errors: &mut Errors) {
    let help = "remove it; what concerns the method goes in front of it";
    attribute::refuse_ipc(&mut receiver.attrs.clone(), "the receiver", help, errors);
    let written = match &receiver.kind {
        ReceiverKind::Reference(_, None, None) => return,
        ReceiverKind::Reference(_, Some(_), None) => "a receiver with a lifetime",
        ReceiverKind::Reference(_, _, Some(_)) => {
            errors.push(
                receiver,
                "the receiver can't be `&mut self`: a handler serves many calls at once",
                "write `&self`, and keep what changes in a `Mutex`, an atomic or a channel",
            );
            return;
        }
        ReceiverKind::Value => "`self` by value",
        _ => "a typed receiver",
    };
    errors.push(
        receiver,
        format_args!("a method of an interface can't take {written}"),
        "write `&self`: a handler is shared by all calls",
    );
}

fn argument(typed: &PatType, declared: &[&Ident], errors: &mut Errors) {
    for cfg in typed.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        errors.push(
            cfg,
            "an argument can't be conditional: positions on the wire would shift",
            "write the method twice, each with its own `#[cfg(…)]`",
        );
    }
    match &*typed.pat {
        Pat::Ident(name) if name.by_ref.is_none() && name.mutability.is_none() => {
            if let Some((at, _)) = &name.subpat {
                errors.push(at, "an argument is a plain name", "remove the pattern behind it");
            }
        }
        Pat::Ident(name) => errors.push(
            name,
            "an argument is a plain name",
            format_args!("write `{}`; `mut` and `ref` belong into the implementation", name.ident),
        ),
        Pat::Wild(wild) => errors.push(
            wild,
            "an argument needs a name: that is how it is called on the wire",
            "write a name; the implementation may still ignore it as `_`",
        ),
        pattern => errors.push(
            pattern,
            "an argument can't be a pattern: its name is how it is called on the wire",
            "write a plain name, and take it apart in the implementation",
        ),
    }
    types::argument(&lifetimes::elided(&*typed.ty, declared), errors);
}
