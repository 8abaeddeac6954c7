//! The arguments of the attributes: `name` or `name = "value"`, each at most once. A value may also
//! be made with `concat!` and `env!`.

pub(crate) mod argument;
pub(crate) mod sites;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, Expr, Ident, Meta, Token, ext::IdentExt, punctuated::Punctuated};

use self::{
    argument::{AttributeArgument, KnownArgument, Site},
    sites::{ARGUMENT, FIELD, INTERFACE},
};
use crate::{
    constant_text::{self, ConstantText, NoText},
    errors::Errors,
    method_options::{METHOD, MethodOptions},
    suggestion,
};

/// Takes the `#[ipc(…)]` attributes out of `attributes` and reads them.
pub(crate) fn take_ipc(
    attributes: &mut Vec<Attribute>,
    site: &Site,
    errors: &mut Errors,
) -> Vec<AttributeArgument> {
    let mut given = Vec::new();
    attributes.retain(|attribute| {
        let hidden = conditional_ipc(attribute);
        for hidden in &hidden {
            errors.push(
                hidden,
                "`#[ipc(…)]` can't be conditional: both sides must agree on the interface",
                format_args!(
                    "write the {} twice, each with its own `#[cfg(…)]` and `#[ipc(…)]`",
                    if site.noun == FIELD.noun { "field" } else { "method" }
                ),
            );
        }
        if !attribute.path().is_ident("ipc") {
            return hidden.is_empty();
        }
        match &attribute.meta {
            Meta::List(list) if !list.tokens.is_empty() => {
                read(list.tokens.clone(), site, &mut given, errors);
            }
            meta => errors.push(
                meta,
                "`#[ipc]` says nothing without arguments",
                format_args!("on {}, write {}", site.noun, examples(site)),
            ),
        }
        false
    });
    given
}

/// The options in a method's `#[ipc(…)]`. Mistakes are ignored.
pub(crate) fn options_of(attributes: &[Attribute]) -> MethodOptions {
    let mut untold = Errors::default();
    let written = take_ipc(&mut attributes.to_vec(), &METHOD, &mut untold);
    MethodOptions::of(written, &mut untold)
}

/// The `ipc(…)` in `#[cfg_attr(…, ipc(…))]`. Its condition isn't known yet when a macro runs.
pub(crate) fn conditional_ipc(attribute: &Attribute) -> Vec<Meta> {
    if !attribute.path().is_ident("cfg_attr") {
        return Vec::new();
    }
    let parts = attribute.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated);
    let hidden = parts.into_iter().flatten().skip(1).filter(|part| part.path().is_ident("ipc"));
    hidden.collect()
}

/// Reports `#[ipc(…)]` where it has no meaning, and removes it.
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

/// Whether all arguments could be read. If not, a missing one may be among those that couldn't.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Legible {
    Wholly,
    Partly,
}

/// Reads the arguments of one attribute.
pub(crate) fn read(
    tokens: TokenStream,
    site: &Site,
    given: &mut Vec<AttributeArgument>,
    errors: &mut Errors,
) -> Legible {
    let mut legible = Legible::Wholly;
    let mut meant = Vec::new();
    for piece in pieces(tokens) {
        let meta = match meta(piece.clone()) {
            Ok(meta) => meta,
            Err(error) => {
                match cut_short(&piece, site) {
                    Some((known, meta)) => {
                        wrong_form(&piece, known, errors);
                        meant.push((known.name, meta));
                    }
                    None => {
                        illegible(&error, site, errors);
                        legible = Legible::Partly;
                    }
                }
                continue;
            }
        };
        let name_of = meta.path().get_ident().map(IdentExt::unraw);
        let is_named = |known: &&KnownArgument| name_of.as_ref().is_some_and(|it| it == known.name);
        let Some(known) = site.known.iter().find(is_named) else {
            meant.extend(unknown(&meta, site, errors).map(|name| (name, meta)));
            continue;
        };
        let name = known.name;
        if !known.repeats && given.iter().any(|other| other.name == name) {
            errors.push(&meta, format_args!("`{name}` is given twice"), "remove one of the two");
            continue;
        }
        match (&meta, known.takes_value) {
            (Meta::Path(_), false) => {
                given.push(AttributeArgument { name, meta, value: None, variables: Vec::new() });
                continue;
            }
            (Meta::NameValue(pair), true) => match constant_text::of(&pair.value) {
                Ok(ConstantText { text, variables })
                    if variables.is_empty() || site.attribute == INTERFACE.attribute =>
                {
                    given.push(AttributeArgument { name, meta, value: Some(text), variables });
                    continue;
                }
                Err(NoText::Unset(variable)) => errors.push(
                    &variable,
                    format_args!("`{}` isn't set while this crate is compiled", variable.value()),
                    "write the text itself; or let a build script set the variable, by \
                     `cargo::rustc-env=NAME=value`",
                ),
                Err(NoText::AnotherForm) if matches!(&pair.value, Expr::Lit(_)) => {
                    wrong_form(&meta, known, errors);
                }
                _ => unknown_text(&pair.value, known, site, errors),
            },
            _ => wrong_form(&meta, known, errors),
        }
        meant.push((name, meta));
    }
    // A misspelt argument isn't reported as missing too.
    for (name, meta) in meant {
        if given.iter().all(|other| other.name != name) {
            given.push(AttributeArgument { name, meta, value: None, variables: Vec::new() });
        }
    }
    legible
}

/// Reads one argument. Its name may be the keyword `as`, which syn takes for no name.
fn meta(piece: TokenStream) -> syn::Result<Meta> {
    let raw = piece.into_iter().enumerate().map(|(at, token)| match token {
        TokenTree::Ident(ident) if at == 0 && ident == "as" => {
            TokenTree::Ident(Ident::new_raw("as", ident.span()))
        }
        token => token,
    });
    syn::parse2(raw.collect())
}

/// The tokens between the commas, so that a mistake in one argument doesn't affect the others.
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

/// The argument that an incomplete piece begins with: `channel "demo.files"`, `name =`.
fn cut_short<'a>(piece: &TokenStream, site: &'a Site) -> Option<(&'a KnownArgument, Meta)> {
    let Some(TokenTree::Ident(first)) = piece.clone().into_iter().next() else { return None };
    let known = site.known.iter().find(|known| first == known.name)?;
    Some((known, Meta::Path(first.into())))
}

fn wrong_form(tokens: impl ToTokens, known: &KnownArgument, errors: &mut Errors) {
    let KnownArgument { name, example, takes_value, .. } = known;
    let (problem, help) = if *takes_value {
        ("takes a string", format!("write `{example}`"))
    } else {
        ("takes no value", format!("write `{example}` alone"))
    };
    errors.push(tokens, format_args!("`{name}` {problem}"), help);
}

/// Reports a macro call, a constant or the like where a text is required.
fn unknown_text(value: &Expr, known: &KnownArgument, site: &Site, errors: &mut Errors) {
    let KnownArgument { name, example, .. } = known;
    let (or, but) = match site.attribute == INTERFACE.attribute {
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

fn illegible(error: &syn::Error, site: &Site, errors: &mut Errors) {
    let problem = format!("an argument of `#[{}]` can't be read: {error}", site.attribute);
    errors.push_at(error.span(), problem, format_args!("write {}", examples(site)));
}

/// Reports an unknown argument. Returns the one that was probably meant.
fn unknown(meta: &Meta, site: &Site, errors: &mut Errors) -> Option<&'static str> {
    let path = meta.path();
    let written = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect::<Vec<_>>()
        .join("::");
    let problem = format!("`{written}` is no argument of `#[{}]` on {}", site.attribute, site.noun);
    if let Some(meant) = suggestion::closest(&written, site.known.iter().map(|known| known.name)) {
        errors.push(path, problem, format_args!("did you mean `{meant}`?"));
        return Some(meant);
    }
    if site.noun == FIELD.noun {
        let help = "it may be `recursive`; names, defaults and the like are told to serde: \
                    `#[serde(…)]`";
        errors.push(path, problem, help);
        return None;
    }
    // On a type, serde's attributes say what `#[ipc(…)]` says on methods and arguments.
    let others: &[&Site] = match site.attribute {
        "ipc_type" => &[&INTERFACE, &FIELD],
        _ => &[&INTERFACE, &METHOD, &ARGUMENT, &FIELD],
    };
    let elsewhere = others.iter().find(|other| {
        other.noun != site.noun && other.known.iter().any(|known| known.name == written)
    });
    match elsewhere {
        Some(other) => {
            let help =
                format!("`{written}` goes into `#[{}(…)]` on {}", other.attribute, other.noun);
            errors.push(path, problem, help);
        }
        None => errors.push(path, problem, format_args!("it may be {}", examples(site))),
    }
    None
}

/// The arguments that a site knows: `` `a`, `b = "…"` or `c` ``.
fn examples(site: &Site) -> String {
    let quoted: Vec<_> = site.known.iter().map(|known| format!("`{}`", known.example)).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}
