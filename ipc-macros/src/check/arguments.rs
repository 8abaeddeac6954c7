//! Rules about a method's arguments.

use super::method_options;
use crate::{
    errors::Errors,
    integers::Integers,
    model::{Argument, Method, Passing},
    type_syntax::is_context,
};

/// Checks the arguments of a method, including the context.
pub(super) fn arguments(method: &Method, errors: &mut Errors) {
    let sent: Vec<_> = method.sent().collect();
    for (at, argument) in sent.iter().enumerate() {
        if sent[..at].iter().any(|other| other.wire_name == argument.wire_name) {
            errors.push_at(
                argument.wire_span,
                format_args!("two arguments are named `{}` on the wire", argument.wire_name),
                "give one of them another name by `#[ipc(name = \"…\")]`",
            );
        }
    }
    for argument in &method.arguments {
        context(argument, errors);
        looks_like(argument, errors);
        integers(argument, errors);
        method_options::argument(method, argument, errors);
    }
    if let Some(second) = method.arguments.iter().filter(|argument| argument.is_context()).nth(1) {
        let help = "one context tells everything about the call: remove this one";
        errors.push(&second.ident, "a method takes one context", help);
    }
}

/// Checks that `as` says a type.
fn looks_like(argument: &Argument, errors: &mut Errors) {
    let said = argument.written.iter().find(|written| written.name == "as");
    if let Some(text) = said.and_then(|said| said.value.as_ref()) {
        if argument.looks_like().is_none() {
            errors.push(
                text,
                format_args!("`{}` is no type", text.value()),
                "write the type that the argument looks like on the wire: `as = \"String\"`",
            );
        }
    }
}

/// Checks that `integer` says what TypeScript has.
fn integers(argument: &Argument, errors: &mut Errors) {
    let said = argument.written.iter().find(|written| written.name == "integer");
    if let Some(text) = said.and_then(|said| said.value.as_ref()) {
        Integers::of(text, errors);
    }
}

/// Checks that a `&CallContext` is marked, and that nothing else is.
fn context(argument: &Argument, errors: &mut Errors) {
    let find = |name: &str| argument.written.iter().find(|written| written.name == name);
    let marked = find("context");
    for name in ["name", "lossy", "as", "integer"] {
        if let (Some(_), Some(written)) = (marked, find(name)) {
            errors.push(
                &written.meta,
                "a context argument isn't sent",
                format_args!("remove `{name}`, or remove `context`"),
            );
        }
    }
    let problem = match (marked, &argument.passing) {
        (Some(_), Passing::Context(_)) => return,
        (Some(_), _) => "a context argument must be a `&CallContext`",
        (None, Passing::Borrowed(ty)) if is_context(ty) => "a `CallContext` can't be sent",
        (None, _) => return,
    };
    let help = format!("write `#[ipc(context)] {}: &CallContext`", argument.ident);
    errors.push(&argument.ty, problem, help);
}
