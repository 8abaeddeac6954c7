//! Syntax → model. What can't be in an interface is left out here: `check` has reported it.

use syn::{
    Attribute, FnArg, Ident, ItemTrait, LitStr, Meta, Pat, PatType, Path, ReturnType, Token,
    TraitItem, TraitItemFn, Type, ext::IdentExt, parse_quote, punctuated::Punctuated,
};

use crate::{
    attribute::{self, Given, Legible},
    check,
    errors::Errors,
    literals::{self, Wrong},
    model::{
        Argument, Attributes, Compat, Interface, Item, Items, Method, MethodKind, Mode, Output,
        Passing, Runtime,
    },
    rename_rule::RenameRule,
    stream_type::{self, StreamResult},
    suggestion,
    type_syntax::{bare, is_unit, last_generics, last_segment, progress},
};

/// What the attribute's arguments say.
#[derive(Default)]
pub(crate) struct Header {
    channel: String,
    version: String,
    compat: Compat,
    rename: Option<RenameRule>,
    client: Option<Ident>,
    handler: Option<Ident>,
    variables: Vec<LitStr>,
    runtime: Runtime,
}

/// Reads the attribute's arguments.
pub(crate) fn header(
    given: &[Given],
    legible: Legible,
    item: &ItemTrait,
    errors: &mut Errors,
) -> Header {
    let mut header = Header { runtime: runtime(given, errors), ..Header::default() };
    for Given { name, value, variables, .. } in given {
        let Some(text) = value else { continue };
        header.variables.extend_from_slice(variables);
        match *name {
            "channel" => header.channel = checked(text, literals::channel, errors),
            "version" => header.version = checked(text, literals::version, errors),
            "compat" => match text.value().as_str() {
                "semver" => header.compat = Compat::Semver,
                "exact" => header.compat = Compat::Exact,
                other => errors.push(
                    text,
                    format_args!("`{other}` is no rule for versions"),
                    "write `compat = \"semver\"` (Cargo's caret rule, the default) or `compat = \
                     \"exact\"`",
                ),
            },
            "rename_all" => header.rename = rename_rule(text, errors),
            "client" => header.client = type_name(text, "LogsClient", errors),
            "handler" => header.handler = type_name(text, "LogsHandler", errors),
            _ => {}
        }
    }
    if legible == Legible::Wholly {
        missing(given, item, errors);
    }
    header
}

fn missing(given: &[Given], item: &ItemTrait, errors: &mut Errors) {
    let without = |argument: &str| given.iter().all(|given| given.name != argument);
    let (what, example) = match (without("channel"), without("version")) {
        (true, true) => {
            ("neither channel nor version", "channel = \"demo.files\", version = \"1.0.0\"")
        }
        (true, false) => ("no channel", "channel = \"demo.files\", …"),
        (false, true) => ("no version", "version = \"1.0.0\", …"),
        (false, false) => return,
    };
    errors.push(
        &item.ident,
        format_args!("the interface has {what}"),
        format_args!("write `#[ipc_interface({example})]`"),
    );
}

/// Reads the trait.
pub(crate) fn interface(header: Header, item: &ItemTrait, errors: &mut Errors) -> Interface {
    let Header { channel, version, compat, rename, client, handler, variables, runtime } = header;
    let mut attributes = item.attrs.clone();
    attribute::refuse_ipc(
        &mut attributes,
        "an interface",
        "put it onto the method that it is about; what concerns all of them goes into \
         `#[ipc_interface(…)]`",
        errors,
    );
    let methods = item.items.iter().filter_map(|item| match item {
        TraitItem::Fn(function) => method(function, rename, errors),
        _ => None,
    });
    Interface {
        methods: methods.collect(),
        attributes: sorted(attributes),
        visibility: item.vis.clone(),
        trait_token: item.trait_token,
        brace_token: item.brace_token,
        ident: item.ident.clone(),
        client,
        handler,
        variables,
        runtime,
        channel,
        version,
        compat,
    }
}

/// What `client` and `handler` are to be called.
fn type_name(text: &LitStr, example: &str, errors: &mut Errors) -> Option<Ident> {
    let name = text.parse::<Ident>();
    if name.is_err() {
        errors.push(
            text,
            format_args!("`{}` can't be the name of a type", text.value()),
            format_args!("write a name such as `{example}`"),
        );
    }
    name.ok()
}

/// The runtime crate's path, from `crate = "…"`.
pub(crate) fn runtime(given: &[Given], errors: &mut Errors) -> Runtime {
    let text =
        given.iter().find(|given| given.name == "crate").and_then(|given| given.value.as_ref());
    let Some(text) = text else { return Runtime(None) };
    match text.parse_with(Path::parse_mod_style) {
        Ok(path) => Runtime(Some(path)),
        Err(_) => {
            errors.push(
                text,
                format_args!("`{}` is no path", text.value()),
                "write the path of the runtime crate, such as `crate = \"::my_framework::ipc\"`",
            );
            Runtime(None)
        }
    }
}

fn method(
    function: &TraitItemFn,
    rename: Option<RenameRule>,
    errors: &mut Errors,
) -> Option<Method> {
    let signature = &function.sig;
    let mut attributes = function.attrs.clone();
    let given = attribute::take_ipc(&mut attributes, &attribute::METHOD, errors);

    let subscription = given.iter().any(|given| given.name == "subscription");
    let mut kind = if subscription { MethodKind::Subscription } else { MethodKind::Request };
    let mut mode = if signature.asyncness.is_some() { Mode::Async } else { Mode::Inline };
    let (mut cancellable, mut idempotent) = (true, false);
    let mut timeout = None;
    let mut wire_name = named(&signature.ident, rename);
    let mut wire_span = signature.ident.span();
    for Given { name, value, meta, .. } in &given {
        match (*name, value) {
            ("notification", _) if !subscription => kind = MethodKind::Notification,
            ("subscription", _) => {}
            ("no_cancel", _) => cancellable = false,
            ("idempotent", _) => idempotent = true,
            ("blocking", _) if subscription => {}
            ("blocking", _) if mode == Mode::Async => errors.push(
                meta,
                "an `async fn` can't be `blocking`",
                "remove `async`: the method then runs on the pool for blocking code, or remove \
                 `blocking`",
            ),
            ("blocking", _) => (mode, cancellable) = (Mode::Blocking, false),
            ("name", Some(text)) => {
                wire_name = checked(text, literals::method_name, errors);
                wire_span = text.span();
            }
            ("timeout", Some(text)) => match literals::timeout(&text.value()) {
                Ok(time) => timeout = Some(time),
                Err(Wrong { problem, help }) => errors.push(text, problem, help),
            },
            _ => {}
        }
    }
    if subscription {
        check::subscription::attributes(&given, errors);
    } else if kind == MethodKind::Notification {
        not_for_notifications(&given, &signature.output, errors);
    }
    let arguments = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => argument(typed, rename, errors),
        FnArg::Receiver(_) => None,
    });
    Some(Method {
        arguments: arguments.collect(),
        receiver: signature.receiver()?.clone(),
        attributes: sorted(attributes),
        // In place of the `async`, if it has one: there the user's method begins.
        fn_token: signature.asyncness.map_or(signature.fn_token, |first| Token![fn](first.span)),
        ident: signature.ident.clone(),
        paren_token: signature.paren_token,
        semi_token: function.semi_token.unwrap_or_default(),
        output: output(&signature.output, kind),
        wire_name,
        wire_span,
        kind,
        mode,
        timeout,
        cancellable,
        idempotent,
    })
}

fn not_for_notifications(given: &[Given], output: &ReturnType, errors: &mut Errors) {
    if let ReturnType::Type(_, ty) = output {
        if !is_unit(ty) {
            errors.push(
                ty,
                "a notification has no result: it is never answered",
                "remove the result, or remove `#[ipc(notification)]`",
            );
        }
    }
    for Given { name, meta, .. } in given {
        let why = match *name {
            "timeout" => "nobody waits for a notification: it has no deadline",
            "no_cancel" => "nobody waits for a notification: it can't be cancelled anyway",
            "idempotent" => "nobody waits for a notification: it is never made again",
            _ => continue,
        };
        errors.push(meta, why, format_args!("remove `{name}`, or remove `notification`"));
    }
}

fn argument(typed: &PatType, rename: Option<RenameRule>, errors: &mut Errors) -> Option<Argument> {
    let mut attributes = typed.attrs.clone();
    let given = attribute::take_ipc(&mut attributes, &attribute::ARGUMENT, errors);
    let Pat::Ident(pattern) = &*typed.pat else { return None };
    let ty = &*typed.ty;

    let mut passing = passing(ty);
    let mut wire_name = named(&pattern.ident, rename);
    let mut wire_span = pattern.ident.span();
    let context = given.iter().any(|given| given.name == "context");
    for Given { name, value, meta, .. } in &given {
        match (*name, value) {
            ("name", _) if context => errors.push(
                meta,
                "a context argument has no name on the wire: it isn't sent",
                "remove `name`, or remove `context`",
            ),
            ("name", Some(text)) => {
                wire_name = checked(text, literals::argument_name, errors);
                wire_span = text.span();
            }
            _ => {}
        }
    }
    let is_context =
        matches!(&passing, Passing::Borrowed(ty) if last_segment(ty) == Some("CallContext".into()));
    let progress = match &passing {
        Passing::Borrowed(ty) if is_context => progress(ty),
        _ => None,
    };
    match (context, is_context) {
        (true, true) => passing = Passing::Context(progress),
        (true, false) => errors.push(
            ty,
            "a context argument must be a `&CallContext`",
            format_args!("write `#[ipc(context)] {}: &CallContext`", pattern.ident),
        ),
        (false, true) => errors.push(
            ty,
            "a `CallContext` can't be sent",
            format_args!("write `#[ipc(context)] {}: &CallContext`", pattern.ident),
        ),
        (false, false) => {}
    }
    Some(Argument {
        ident: pattern.ident.clone(),
        ty: ty.clone(),
        attributes,
        passing,
        wire_name,
        wire_span,
    })
}

fn passing(ty: &Type) -> Passing {
    if let Some(item) = stream_type::streamed(ty) {
        return Passing::Stream(item);
    }
    match bare(ty) {
        Type::Reference(reference) => Passing::Borrowed((*reference.elem).clone()),
        Type::Path(path) => match last_generics(path) {
            Some((name, generics)) if name == "Option" => match generics.as_slice() {
                [Type::Reference(reference)] => Passing::BorrowedOption((*reference.elem).clone()),
                _ => Passing::Owned,
            },
            _ => Passing::Owned,
        },
        _ => Passing::Owned,
    }
}

/// What a method returns. What isn't a stream where one is needed, `check` has reported.
pub(crate) fn output(output: &ReturnType, kind: MethodKind) -> Output {
    let ReturnType::Type(_, ty) = output else { return Output::Unit };
    if kind == MethodKind::Subscription {
        if let Some(StreamResult { item, error, .. }) = StreamResult::of(ty) {
            return Output::Stream(Items {
                whole: bare(ty).clone(),
                item: Box::new(Item { ty: item.clone(), output: outcome(item) }),
                error: error.cloned().map(Box::new),
            });
        }
    }
    if is_unit(ty) {
        return Output::Unit;
    }
    outcome(ty)
}

/// A type, seen as a `Result` where it is one.
fn outcome(ty: &Type) -> Output {
    let ty = bare(ty);
    let Type::Path(path) = ty else { return Output::Plain(ty.clone()) };
    match last_generics(path) {
        Some((name, generics)) if name == "Result" => match generics.as_slice() {
            [value, error] => {
                let (value, error) = (Box::new(value.clone()), Box::new(error.clone()));
                Output::Result { whole: ty.clone(), value, error }
            }
            _ => Output::Alias(ty.clone()),
        },
        _ => Output::Plain(ty.clone()),
    }
}

/// A Rust name as it is on the wire, unless `#[ipc(name = "…")]` says otherwise.
fn named(ident: &Ident, rename: Option<RenameRule>) -> String {
    let plain = ident.unraw().to_string();
    rename.map_or_else(|| plain.clone(), |rule| rule.apply(&plain))
}

fn checked(text: &LitStr, check: fn(&str) -> Result<(), Wrong>, errors: &mut Errors) -> String {
    if let Err(Wrong { problem, help }) = check(&text.value()) {
        errors.push(text, problem, help);
    }
    text.value()
}

fn rename_rule(text: &LitStr, errors: &mut Errors) -> Option<RenameRule> {
    let written = text.value();
    let rule = RenameRule::from_written(&written);
    if rule.is_none() {
        let names = RenameRule::ALL.map(|(name, _)| name);
        let help = match suggestion::closest(&written, names) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("write one of {}", names.map(|name| format!("`{name}`")).join(", ")),
        };
        errors.push(text, format_args!("`{written}` is no rule for names"), help);
    }
    rule
}

fn sorted(written: Vec<Attribute>) -> Attributes {
    let mut attributes = Attributes::default();
    for attribute in &written {
        sort(&attribute.meta, &|meta| parse_quote!(#[#meta]), &mut attributes);
    }
    attributes.written = written;
    attributes
}

/// Adds one attribute, which `whole` writes as it stands, within its `cfg_attr`.
fn sort(meta: &Meta, whole: &dyn Fn(&Meta) -> Attribute, attributes: &mut Attributes) {
    let Some(name) = meta.path().get_ident() else { return };
    match name.to_string().as_str() {
        "doc" => attributes.docs.push(whole(meta)),
        "cfg" => attributes.cfgs.push(whole(meta)),
        "deprecated" => attributes.deprecated.push(whole(meta)),
        "allow" | "expect" | "warn" | "deny" => {
            if let Meta::List(list) = meta {
                let lints = &list.tokens;
                attributes.allows.push(whole(&parse_quote!(allow(#lints))));
            }
        }
        "cfg_attr" => {
            let parse = Punctuated::<Meta, Token![,]>::parse_terminated;
            let Some(parts) = meta.require_list().ok().and_then(|l| l.parse_args_with(parse).ok())
            else {
                return;
            };
            let mut parts = parts.iter();
            let Some(condition) = parts.next() else { return };
            for part in parts {
                sort(part, &|meta| whole(&parse_quote!(cfg_attr(#condition, #meta))), attributes);
            }
        }
        _ => {}
    }
}
