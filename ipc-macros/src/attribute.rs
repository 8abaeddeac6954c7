//! The arguments of the attributes: `name` or `name = "value"`, each at most once.

use proc_macro2::TokenStream;
use syn::{
    Attribute, Expr, ExprLit, Lit, LitStr, Meta, Token, parse::Parser, punctuated::Punctuated,
};

use crate::{errors::Errors, suggestion};

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
        text("crate", "crate = \"path::to::ipc_runtime\""),
    ],
};

pub(crate) const METHOD: Place = Place {
    attribute: "ipc",
    noun: "a method",
    known: &[
        flag("notification"),
        text("name", "name = \"readDir\""),
        flag("blocking"),
        text("timeout", "timeout = \"5s\""),
        flag("no_cancel"),
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
}

/// Takes the `#[ipc(…)]` attributes out of `attributes` and reads them.
pub(crate) fn take_ipc(
    attributes: &mut Vec<Attribute>,
    place: &Place,
    errors: &mut Errors,
) -> Vec<Given> {
    let mut given = Vec::new();
    attributes.retain(|attribute| {
        if !attribute.path().is_ident("ipc") {
            return true;
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

/// Reports `#[ipc(…)]` where it has no meaning, and takes it out.
pub(crate) fn refuse_ipc(attributes: &mut Vec<Attribute>, noun: &str, errors: &mut Errors) {
    attributes.retain(|attribute| {
        let ipc = attribute.path().is_ident("ipc");
        if ipc {
            let problem = format!("`#[ipc(…)]` has no meaning on {noun}");
            errors.push(attribute, problem, "remove it");
        }
        !ipc
    });
}

/// Reads the arguments of one attribute.
pub(crate) fn read(
    tokens: TokenStream,
    place: &Place,
    given: &mut Vec<Given>,
    errors: &mut Errors,
) {
    let metas = match Punctuated::<Meta, Token![,]>::parse_terminated.parse2(tokens) {
        Ok(metas) => metas,
        Err(error) => {
            let problem =
                format!("the arguments of `#[{}]` can't be read: {error}", place.attribute);
            errors.push_at(error.span(), problem, format_args!("write {}", examples(place)));
            return;
        }
    };
    let mut meant = Vec::new();
    for meta in metas {
        let Some(known) = place.known.iter().find(|known| meta.path().is_ident(known.name)) else {
            meant.extend(unknown(&meta, place, errors).map(|name| (name, meta)));
            continue;
        };
        let name = known.name;
        if given.iter().any(|other| other.name == name) {
            errors.push(&meta, format_args!("`{name}` is given twice"), "remove one of the two");
            continue;
        }
        match value(&meta) {
            Some(value) if value.is_some() == known.takes_value => {
                given.push(Given { name, value, meta });
            }
            _ => {
                let (problem, help) = if known.takes_value {
                    ("takes a text", format!("write `{}`", known.example))
                } else {
                    ("takes no value", format!("write `{}` alone", known.example))
                };
                errors.push(&meta, format_args!("`{name}` {problem}"), help);
                meant.push((name, meta));
            }
        }
    }
    // What was misspelt isn't missing as well.
    for (name, meta) in meant {
        if given.iter().all(|other| other.name != name) {
            given.push(Given { name, value: None, meta });
        }
    }
}

/// `Some(None)`: a name alone; `None`: a form that no argument has.
fn value(meta: &Meta) -> Option<Option<LitStr>> {
    match meta {
        Meta::Path(_) => Some(None),
        Meta::NameValue(pair) => match &pair.value {
            Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(Some(text.clone())),
            _ => None,
        },
        Meta::List(_) => None,
    }
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
    let elsewhere = [&INTERFACE, &METHOD, &ARGUMENT, &FIELD].into_iter().find(|other| {
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
