//! The arguments of the attributes: `name` or `name = "value"`, each at most once. A value may also
//! be made by `concat!` and `env!`.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, LitStr, Meta, Token, punctuated::Punctuated};

use crate::{
    constant_text::{self, ConstantText, Untold},
    errors::Errors,
    suggestion,
};

/// An argument that an attribute knows.
pub(crate) struct Known {
    pub name: &'static str,
    /// How it is written, for help texts.
    pub example: &'static str,
    pub takes_value: bool,
}

const fn flag(name: &'static str) -> Known {
    Known { name, example: name, takes_value: false }
}

const fn text(name: &'static str, example: &'static str) -> Known {
    Known { name, example, takes_value: true }
}

/// Where an attribute stands, and what it may say there.
pub(crate) struct Place {
    /// `#[ipc(…)]` or the like.
    pub attribute: &'static str,
    pub noun: &'static str,
    pub known: &'static [Known],
}

pub(crate) const INTERFACE: Place = Place {
    attribute: "ipc_interface",
    noun: "an interface",
    known: &[
        text("channel", "channel = \"demo.files\""),
        text("version", "version = \"1.0.0\""),
        text("compat", "compat = \"semver\""),
        text("rename_all", "rename_all = \"camelCase\""),
        text("client", "client = \"FilesClient\""),
        text("handler", "handler = \"FilesHandler\""),
        text("crate", "crate = \"path::to::ipc_runtime\""),
    ],
};

pub(crate) const METHOD: Place = Place {
    attribute: "ipc",
    noun: "a method",
    known: &[
        flag("notification"),
        flag("subscription"),
        text("name", "name = \"readDir\""),
        flag("blocking"),
        text("timeout", "timeout = \"5s\""),
        flag("no_cancel"),
        flag("idempotent"),
    ],
};

pub(crate) const ARGUMENT: Place = Place {
    attribute: "ipc",
    noun: "an argument",
    known: &[flag("context"), text("name", "name = \"dirName\"")],
};

pub(crate) const TYPE: Place = Place {
    attribute: "ipc_type",
    noun: "a type",
    known: &[text("crate", "crate = \"path::to::ipc_runtime\"")],
};

pub(crate) const FIELD: Place =
    Place { attribute: "ipc", noun: "a field of an `#[ipc_type]`", known: &[flag("recursive")] };

/// An argument that was given.
pub(crate) struct Given {
    pub name: &'static str,
    pub meta: Meta,
    /// None for a flag, and after an error.
    pub value: Option<LitStr>,
    /// The environment variables that the value was made of.
    pub variables: Vec<LitStr>,
}

/// Takes the `#[ipc(…)]` attributes out of `attributes` and reads them.
pub(crate) fn take_ipc(
    attributes: &mut Vec<Attribute>,
    place: &Place,
    errors: &mut Errors,
) -> Vec<Given> {
    let mut given = Vec::new();
    attributes.retain(|attribute| {
        let hidden = conditional_ipc(attribute);
        for hidden in &hidden {
            errors.push(
                hidden,
                "`#[ipc(…)]` can't be conditional: both sides must agree on the interface",
                format_args!(
                    "write the {} twice, each with its own `#[cfg(…)]` and `#[ipc(…)]`",
                    if place.noun == FIELD.noun { "field" } else { "method" }
                ),
            );
        }
        if !attribute.path().is_ident("ipc") {
            return hidden.is_empty();
        }
        match &attribute.meta {
            Meta::List(list) if !list.tokens.is_empty() => {
                read(list.tokens.clone(), place, &mut given, errors);
            }
            meta => errors.push(
                meta,
                "`#[ipc]` says nothing without arguments",
                format_args!("on {}, write {}", place.noun, examples(place)),
            ),
        }
        false
    });
    given
}

/// The `ipc(…)` in `#[cfg_attr(…, ipc(…))]`: its condition isn't known yet when a macro runs.
pub(crate) fn conditional_ipc(attribute: &Attribute) -> Vec<Meta> {
    if !attribute.path().is_ident("cfg_attr") {
        return Vec::new();
    }
    let parts = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let hidden = parts.into_iter().flatten().skip(1).filter(|part| part.path().is_ident("ipc"));
    hidden.collect()
}

/// Reports `#[ipc(…)]` where it has no meaning, and takes it out.
pub(crate) fn refuse_ipc(
    attributes: &mut Vec<Attribute>,
    noun: &str,
    help: &str,
    errors: &mut Errors,
) {
    attributes.retain(|attribute| {
        let ipc = attribute.path().is_ident("ipc");
        if ipc {
            errors.push(attribute, format_args!("`#[ipc(…)]` has no meaning on {noun}"), help);
        }
        !ipc
    });
}

/// Whether all arguments could be read. What is missing may be among those that couldn't.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Legible {
    Wholly,
    Partly,
}

/// Reads the arguments of one attribute.
pub(crate) fn read(
    tokens: TokenStream,
    place: &Place,
    given: &mut Vec<Given>,
    errors: &mut Errors,
) -> Legible {
    let mut legible = Legible::Wholly;
    let mut meant = Vec::new();
    for piece in pieces(tokens) {
        let meta = match syn::parse2::<Meta>(piece.clone()) {
            Ok(meta) => meta,
            Err(error) => {
                match half_written(&piece, place) {
                    Some((known, meta)) => {
                        wrong_form(&piece, known, errors);
                        meant.push((known.name, meta));
                    }
                    None => {
                        illegible(&error, place, errors);
                        legible = Legible::Partly;
                    }
                }
                continue;
            }
        };
        let Some(known) = place.known.iter().find(|known| meta.path().is_ident(known.name)) else {
            meant.extend(unknown(&meta, place, errors).map(|name| (name, meta)));
            continue;
        };
        let name = known.name;
        if given.iter().any(|other| other.name == name) {
            errors.push(&meta, format_args!("`{name}` is given twice"), "remove one of the two");
            continue;
        }
        match (&meta, known.takes_value) {
            (Meta::Path(_), false) => {
                given.push(Given { name, meta, value: None, variables: Vec::new() });
                continue;
            }
            (Meta::NameValue(pair), true) => match constant_text::of(&pair.value) {
                Ok(ConstantText { text, variables })
                    if variables.is_empty() || place.attribute == INTERFACE.attribute =>
                {
                    given.push(Given { name, meta, value: Some(text), variables });
                    continue;
                }
                Err(Untold::Unset(variable)) => errors.push(
                    &variable,
                    format_args!("`{}` isn't set while this crate is compiled", variable.value()),
                    "write the text itself; or let a build script set the variable, by \
                     `cargo::rustc-env=NAME=value`",
                ),
                Err(Untold::AnotherForm) if matches!(&pair.value, Expr::Lit(_)) => {
                    wrong_form(&meta, known, errors);
                }
                _ => unknown_text(&pair.value, known, place, errors),
            },
            _ => wrong_form(&meta, known, errors),
        }
        meant.push((name, meta));
    }
    // What was misspelt isn't missing as well.
    for (name, meta) in meant {
        if given.iter().all(|other| other.name != name) {
            given.push(Given { name, meta, value: None, variables: Vec::new() });
        }
    }
    legible
}

/// What stands between the commas: a mistake in one argument leaves the others as they are.
fn pieces(tokens: TokenStream) -> Vec<TokenStream> {
    let mut pieces = vec![TokenStream::new()];
    for token in tokens {
        match (&token, pieces.last_mut()) {
            (TokenTree::Punct(punct), _) if punct.as_char() == ',' => {
                pieces.push(TokenStream::new());
            }
            (_, Some(piece)) => piece.extend([token]),
            (_, None) => {}
        }
    }
    if pieces.last().is_some_and(TokenStream::is_empty) {
        pieces.pop();
    }
    pieces
}

/// `channel "demo.files"`, `name =`: the argument that it begins with.
fn half_written<'a>(piece: &TokenStream, place: &'a Place) -> Option<(&'a Known, Meta)> {
    let Some(TokenTree::Ident(first)) = piece.clone().into_iter().next() else { return None };
    let known = place.known.iter().find(|known| first == known.name)?;
    Some((known, Meta::Path(first.into())))
}

fn wrong_form(tokens: impl ToTokens, known: &Known, errors: &mut Errors) {
    let Known { name, example, takes_value } = known;
    let (problem, help) = if *takes_value {
        ("takes a string", format!("write `{example}`"))
    } else {
        ("takes no value", format!("write `{example}` alone"))
    };
    errors.push(tokens, format_args!("`{name}` {problem}"), help);
}

/// A macro call, a constant or the like, where a text has to be.
fn unknown_text(value: &Expr, known: &Known, place: &Place, errors: &mut Errors) {
    let Known { name, example, .. } = known;
    let (or, but) = match place.attribute == INTERFACE.attribute {
        true => ("`env!` or `concat!`", ""),
        false => ("`concat!`", "; `env!` may stand in `#[ipc_interface(…)]` alone"),
    };
    errors.push(
        value,
        format_args!("`{name}` takes a string, or {or} of strings"),
        format_args!(
            "write `{example}`: what a constant or another macro stands for can't be seen here{but}"
        ),
    );
}

fn illegible(error: &syn::Error, place: &Place, errors: &mut Errors) {
    let problem = format!("an argument of `#[{}]` can't be read: {error}", place.attribute);
    errors.push_at(error.span(), problem, format_args!("write {}", examples(place)));
}

/// Reports an unknown argument; tells which one was probably meant.
fn unknown(meta: &Meta, place: &Place, errors: &mut Errors) -> Option<&'static str> {
    let path = meta.path();
    let written = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect::<Vec<_>>()
        .join("::");
    let problem =
        format!("`{written}` is no argument of `#[{}]` on {}", place.attribute, place.noun);
    if let Some(meant) = suggestion::closest(&written, place.known.iter().map(|known| known.name)) {
        errors.push(path, problem, format_args!("did you mean `{meant}`?"));
        return Some(meant);
    }
    if place.noun == FIELD.noun {
        let help = "it may be `recursive`; names, defaults and the like are told to serde: \
                    `#[serde(…)]`";
        errors.push(path, problem, help);
        return None;
    }
    // What methods and arguments are told would be serde's on a type.
    let others: &[&Place] = match place.attribute {
        "ipc_type" => &[&INTERFACE, &FIELD],
        _ => &[&INTERFACE, &METHOD, &ARGUMENT, &FIELD],
    };
    let elsewhere = others.iter().find(|other| {
        other.noun != place.noun && other.known.iter().any(|known| known.name == written)
    });
    match elsewhere {
        Some(other) => {
            let help =
                format!("`{written}` goes into `#[{}(…)]` on {}", other.attribute, other.noun);
            errors.push(path, problem, help);
        }
        None => errors.push(path, problem, format_args!("it may be {}", examples(place))),
    }
    None
}

/// `` `a`, `b = "…"` or `c` ``.
fn examples(place: &Place) -> String {
    let quoted: Vec<_> = place.known.iter().map(|known| format!("`{}`", known.example)).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
