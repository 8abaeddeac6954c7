//! Turns syntax into the model. What can't be in an interface is left out here: `check` has
//! reported it.

use syn::{
    Attribute, FnArg, Ident, ItemTrait, LitStr, Meta, Pat, PatType, Path, ReturnType, Token,
    TraitItem, TraitItemFn, Type, ext::IdentExt, parse_quote, punctuated::Punctuated,
};

use crate::{
    attribute::{self, argument::AttributeArgument, sites::ARGUMENT},
    errors::Errors,
    literals,
    method_options::{METHOD, MethodOptions},
    model::{
        Argument, Attributes, Compat, Interface, Item, Items, Method, Output, Passing, Runtime,
    },
    rename_rule::RenameRule,
    stream_type::{self, StreamResult},
    suggestion,
    type_syntax::{bare, is_context, is_unit, last_generics, progress},
};

/// What the arguments of `#[ipc_interface]` say.
#[derive(Default)]
pub(crate) struct Header {
    channel: String,
    version: String,
    compat: Compat,
    lock: Option<LitStr>,
    rename: Option<RenameRule>,
    client: Option<Ident>,
    handler: Option<Ident>,
    variables: Vec<LitStr>,
    runtime: Runtime,
}

/// Reads the arguments of `#[ipc_interface]`.
pub(crate) fn header(given: &[AttributeArgument], errors: &mut Errors) -> Header {
    let mut header = Header { runtime: runtime(given, errors), ..Header::default() };
    for AttributeArgument { name, value, variables, .. } in given {
        let Some(text) = value else { continue };
        header.variables.extend_from_slice(variables);
        match *name {
            "channel" => header.channel = literals::checked(text, literals::channel, errors),
            "version" => header.version = literals::checked(text, literals::version, errors),
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
            "lock" => {
                literals::checked(text, literals::lock_file, errors);
                header.lock = Some(text.clone());
            }
            "rename_all" => header.rename = rename_rule(text, errors),
            "client" => header.client = type_name(text, "LogsClient", errors),
            "handler" => header.handler = type_name(text, "LogsHandler", errors),
            _ => {}
        }
    }
    header
}

/// Reads the trait.
pub(crate) fn interface(header: Header, item: &ItemTrait, errors: &mut Errors) -> Interface {
    let Header { channel, version, compat, lock, rename, client, handler, variables, runtime } =
        header;
    let mut attributes = item.attrs.clone();
    attribute::refuse_ipc(
        &mut attributes,
        "an interface",
        "put it onto the method that it is about; what concerns all of them goes into \
         `#[ipc_interface(…)]`",
        errors,
    );
    let methods = item.items.iter().filter_map(|item| match item {
        TraitItem::Fn(function) => Some(method(function, rename, errors)),
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
        lock,
    }
}

/// Reads the name in `client` or `handler`.
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
pub(crate) fn runtime(given: &[AttributeArgument], errors: &mut Errors) -> Runtime {
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

fn method(function: &TraitItemFn, rename: Option<RenameRule>, errors: &mut Errors) -> Method {
    let signature = &function.sig;
    let mut attributes = function.attrs.clone();
    let options = MethodOptions::of(attribute::take_ipc(&mut attributes, &METHOD, errors), errors);
    let (wire_name, wire_span) = match &options.name {
        Some(text) => (text.value(), text.span()),
        None => (named(&signature.ident, rename), signature.ident.span()),
    };
    let arguments = signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(typed) => argument(typed, rename, errors),
        FnArg::Receiver(_) => None,
    });
    Method {
        arguments: arguments.collect(),
        receiver: signature.receiver().cloned(),
        attributes: sorted(attributes),
        // In place of the `async`, if there is one: the user's method begins there.
        fn_token: signature.asyncness.map_or(signature.fn_token, |first| Token![fn](first.span)),
        ident: signature.ident.clone(),
        paren_token: signature.paren_token,
        semi_token: function.semi_token.unwrap_or_default(),
        output: output(&signature.output),
        wire_name,
        wire_span,
        kind: options.kind(),
        mode: options.mode(signature.asyncness.is_some()),
        options,
    }
}

fn argument(typed: &PatType, rename: Option<RenameRule>, errors: &mut Errors) -> Option<Argument> {
    let mut attributes = typed.attrs.clone();
    let written = attribute::take_ipc(&mut attributes, &ARGUMENT, errors);
    let Pat::Ident(pattern) = &*typed.pat else { return None };
    let ty = &*typed.ty;

    let is_marked = written.iter().any(|argument| argument.name == "context");
    let name = written.iter().find(|argument| argument.name == "name" && !is_marked);
    let (wire_name, wire_span) = match name.and_then(|name| name.value.as_ref()) {
        Some(text) => (literals::checked(text, literals::argument_name, errors), text.span()),
        None => (named(&pattern.ident, rename), pattern.ident.span()),
    };
    let passing = match passing(ty) {
        Passing::Borrowed(ty) if is_marked && is_context(&ty) => Passing::Context(progress(&ty)),
        passing => passing,
    };
    Some(Argument {
        ident: pattern.ident.clone(),
        ty: ty.clone(),
        attributes,
        passing,
        written,
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

/// What a method returns. If there is a stream where none may be, or none where one must be,
/// `check` has reported that.
pub(crate) fn output(output: &ReturnType) -> Output {
    let ReturnType::Type(_, ty) = output else { return Output::Unit };
    if let Some(StreamResult { item, error, .. }) = StreamResult::of(ty) {
        return Output::Stream(Items {
            whole: bare(ty).clone(),
            item: Box::new(Item { ty: item.clone(), output: outcome(item) }),
            error: error.cloned().map(Box::new),
        });
    }
    if is_unit(ty) {
        return Output::Unit;
    }
    outcome(ty)
}

/// A type, read as a `Result` if it is one.
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

/// A Rust name as it is on the wire, unless `#[ipc(name = "…")]` sets another.
fn named(ident: &Ident, rename: Option<RenameRule>) -> String {
    let plain = ident.unraw().to_string();
    rename.map_or_else(|| plain.clone(), |rule| rule.apply(&plain))
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

/// Adds one attribute. `whole` writes it as it stands, inside of its `cfg_attr`.
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
