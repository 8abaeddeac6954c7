//! Rules about what `#[ipc(…)]` says on a method.

use crate::{
    attribute::argument::AttributeArgument,
    errors::Errors,
    method_options::{MethodKind, Mode},
    model::{Argument, Method, Output, Passing},
};

/// Reports options that don't go together, or don't fit the signature.
pub(super) fn options(method: &Method, errors: &mut Errors) {
    match method.kind {
        MethodKind::Subscription => of_subscription(method, errors),
        MethodKind::Notification => of_notification(method, errors),
        MethodKind::Request => {}
    }
    if method.kind != MethodKind::Subscription && method.mode == Mode::Async {
        for AttributeArgument { meta, .. } in written(method, "blocking") {
            errors.push(
                meta,
                "an `async fn` can't be `blocking`",
                "remove `async`: the method then runs on the pool for blocking code, or remove \
                 `blocking`",
            );
        }
    }
}

/// Reports arguments that a method of this kind can't have.
pub(super) fn argument(method: &Method, argument: &Argument, errors: &mut Errors) {
    match (method.kind, &argument.passing) {
        (MethodKind::Notification, Passing::Stream(_)) => errors.push(
            &argument.ty,
            "a notification can't take a stream: nobody would say when it was taken",
            "remove `#[ipc(notification)]`: the method's answer then says so",
        ),
        (MethodKind::Notification, Passing::Context(Some(progress))) => errors.push(
            progress,
            "a notification has no progress: nobody waits for it",
            "write `&CallContext`, or remove `#[ipc(notification)]`",
        ),
        (MethodKind::Subscription, Passing::Context(Some(progress))) => errors.push(
            progress,
            "a subscription has no progress beside its items",
            "write `&CallContext`, and let an item tell the progress",
        ),
        _ => {}
    }
}

fn written<'a>(method: &'a Method, name: &str) -> impl Iterator<Item = &'a AttributeArgument> {
    method.options.written.iter().filter(move |argument| argument.name == name)
}

fn of_subscription(method: &Method, errors: &mut Errors) {
    for AttributeArgument { name, meta, .. } in &method.options.written {
        match *name {
            "notification" => errors.push(
                meta,
                "a method can't be both a notification and a subscription",
                "remove one of the two: a notification is never answered, a subscription is \
                 answered by a stream",
            ),
            "blocking" => errors.push(
                meta,
                "a subscription can't be `blocking`: its stream is polled",
                "remove `blocking`; the implementation may do blocking work on a thread, and send \
                 what it finds through a channel",
            ),
            "no_cancel" => errors.push(
                meta,
                "a subscription can't be `no_cancel`: dropping it is how a client ends it",
                "remove `no_cancel`; what has to go on is spawned by the implementation",
            ),
            "idempotent" => errors.push(
                meta,
                "a subscription needn't be `idempotent`: it is opened again in any case",
                "remove `idempotent`",
            ),
            _ => {}
        }
    }
}

fn of_notification(method: &Method, errors: &mut Errors) {
    let result = match &method.output {
        Output::Unit => None,
        Output::Plain(ty) | Output::Result { whole: ty, .. } | Output::Alias(ty) => Some(ty),
        Output::Stream(items) => Some(&items.whole),
    };
    if let Some(ty) = result {
        errors.push(
            ty,
            "a notification has no result: it is never answered",
            "remove the result, or remove `#[ipc(notification)]`",
        );
    }
    for AttributeArgument { name, meta, .. } in &method.options.written {
        let why = match *name {
            "timeout" => "the deadline of a notification is set where it is sent: `.timeout(…)`",
            "no_cancel" => "nobody waits for a notification: it can't be cancelled anyway",
            "idempotent" => "nobody waits for a notification: it is never made again",
            "integer" => "`integer` on a method is about what comes back: nothing does here",
            _ => continue,
        };
        errors.push(meta, why, format_args!("remove `{name}`, or remove `notification`"));
    }
}
