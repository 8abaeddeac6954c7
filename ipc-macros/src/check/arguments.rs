//! Rules about a method's arguments.

use super::method_options;
use crate::{
    errors::Errors,
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
        method_options::argument(method, argument, errors);
    }
    if let Some(second) = method.arguments.iter().filter(|argument| argument.is_context()).nth(1) {
        let help = "one context tells everything about the call: remove this one";
        errors.push(&second.ident, "a method takes one context", help);
    }
}

/// Checks that a `&CallContext` is marked, and that nothing else is.
fn context(argument: &Argument, errors: &mut Errors) {
    let find = |name: &str| argument.written.iter().find(|written| written.name == name);
    let marked = find("context");
    if let (Some(_), Some(name)) = (marked, find("name")) {
        errors.push(
            &name.meta,
            "a context argument has no name on the wire: it isn't sent",
            "remove `name`, or remove `context`",
        );
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
