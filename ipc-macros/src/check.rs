//! All rules about what a trait or a type may contain. All mistakes are collected, each with help.

mod arguments;
pub(crate) mod data_type;
pub(crate) mod header;
mod method;
mod method_options;
mod result;
mod types;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Attribute, Item, ItemTrait, LitStr, TraitItem};

use crate::{
    errors::{Errors, explain},
    model::{Interface, Method},
};

/// Reports `#[ipc_interface]` on something other than a trait.
pub(crate) fn not_a_trait(item: &Item, errors: &mut Errors) {
    let (noun, help) = match item {
        Item::Impl(_) => {
            ("an `impl`", "put it on the trait; implementations need no attribute".to_owned())
        }
        Item::Struct(_) | Item::Enum(_) | Item::Union(_) => {
            let help = "write `#[ipc_type]` for a type that travels; interfaces are traits";
            (noun(item), help.to_owned())
        }
        _ => (noun(item), "put it on a trait: `pub trait Files { … }`".to_owned()),
    };
    errors.push(head(item), format!("`#[ipc_interface]` can't be on {noun}"), help);
}

/// Reports what a trait's syntax must not contain.
pub(crate) fn syntax(item: &ItemTrait, errors: &mut Errors) {
    if let Some(unsafety) = &item.unsafety {
        errors.push(unsafety, "an interface can't be an `unsafe trait`", "remove `unsafe`");
    }
    if let Some(auto) = &item.modifiers.auto_token {
        errors.push(auto, "an interface can't be an auto trait", "remove `auto`");
    }
    for attribute in &item.attrs {
        foreign_attribute(attribute, errors);
    }
    if !item.generics.params.is_empty() {
        errors.push(
            &item.generics.params,
            "an interface can't be generic: its types are fixed on the wire",
            "remove the parameters, and write the types that travel",
        );
    }
    if let Some(clause) = &item.generics.where_clause {
        errors.push(clause, "an interface can't have a `where` clause", "remove it");
    }
    if !item.supertraits.is_empty() {
        errors.push(
            &item.supertraits,
            "an interface can't have supertraits: only its own methods travel",
            "remove them; `Send + Sync + 'static` are added by the macro",
        );
    }
    for inner in &item.items {
        match inner {
            TraitItem::Fn(function) => method::syntax(function, &item.generics, errors),
            TraitItem::Type(ty) => errors.push(
                ty,
                format_args!("an interface can't have the associated type `{}`", ty.ident),
                "write the types that travel into the methods' signatures",
            ),
            TraitItem::Const(constant) => errors.push(
                constant,
                format_args!(
                    "an interface can't have the associated constant `{}`",
                    constant.ident
                ),
                "move it out of the trait, or let a method return it",
            ),
            TraitItem::Macro(call) => errors.push(
                call,
                "an interface can't hold a macro call: its methods must be known beforehand",
                "write the methods, or let a macro write the whole trait with its attribute",
            ),
            other => errors.push(
                other,
                "an interface holds methods only",
                "write `async fn name(&self, …) -> …;`",
            ),
        }
    }
}

/// Reports attributes that turn the trait into something else, before or after this one does.
fn foreign_attribute(attribute: &Attribute, errors: &mut Errors) {
    let Some(name) = attribute.path().segments.last().map(|last| &last.ident) else { return };
    if name == "ipc_interface" {
        errors.push(
            attribute.path(),
            "the trait has two `#[ipc_interface]`",
            "remove one of them; a trait has one channel",
        );
    } else if name == "async_trait" {
        errors.push(
            attribute.path(),
            "an interface can't have `#[async_trait]`: it changes the methods' signatures",
            "remove it here and from the implementations; `async fn` needs no help",
        );
    }
}

/// Checks the methods. Across methods, names on the wire must differ.
pub(crate) fn interface(interface: &Interface, errors: &mut Errors) {
    for (at, method) in interface.methods.iter().enumerate() {
        let earlier = interface.methods[..at]
            .iter()
            .find(|other| same_name(method, other) && !conditional(other) && !conditional(method));
        if let Some(earlier) = earlier {
            let (problem, help) = told_apart(method, earlier);
            errors.push_at(method.wire_span, problem, help);
        }
        for (alias, owner) in aliases(interface, at).filter(|(_, owner)| owner.is_always_there) {
            let (problem, help) = owner.told(alias);
            errors.push(alias, problem, help);
        }
        method_options::options(method, errors);
        arguments::arguments(method, errors);
        if interface.lock.is_some() {
            unconditional(method, errors);
        }
    }
}

/// Reports a `#[cfg]` on a method of an interface that has a lock.
fn unconditional(method: &Method, errors: &mut Errors) {
    let written = method.attributes.written.iter();
    for cfg in written.filter(|attribute| attribute.path().is_ident("cfg")) {
        errors.push(
            cfg,
            format_args!(
                "`{}` can't be conditional: the lock speaks for every build",
                method.ident
            ),
            "put the method into an interface of its own, of which the whole trait may be \
             conditional, or take `lock` away",
        );
    }
}

fn same_name(method: &Method, other: &Method) -> bool {
    other.wire_name == method.wire_name || other.ident == method.ident
}

fn told_apart(method: &Method, earlier: &Method) -> (String, String) {
    if method.ident == earlier.ident {
        return (
            format!("two methods are named `{}`", method.ident),
            "give one of them another name: there is no overloading".to_owned(),
        );
    }
    (
        format!("two methods are named `{}` on the wire", method.wire_name),
        format!(
            "`{}` has this name already; give one of them another by `#[ipc(name = \"…\")]`",
            earlier.ident
        ),
    )
}

/// Methods with the same name, of which `#[cfg]` may leave only one. Returns errors under the
/// conditions of both, so that the compiler decides.
///
/// If two functions have the same Rust name, the compiler reports that itself.
pub(crate) fn conditional_names(interface: &Interface) -> TokenStream {
    let mut all = TokenStream::new();
    for (at, method) in interface.methods.iter().enumerate() {
        for (alias, owner) in aliases(interface, at).filter(|(_, owner)| !owner.is_always_there) {
            let (problem, help) = owner.told(alias);
            let error = syn::Error::new(alias.span(), explain(problem, help));
            let error = error.into_compile_error();
            let (cfgs, other_cfgs) = (&method.attributes.cfgs, &owner.method.attributes.cfgs);
            all.extend(quote!(#(#cfgs)* #(#other_cfgs)* #error));
        }
        for earlier in &interface.methods[..at] {
            let known = conditional(method) || conditional(earlier);
            if known && method.wire_name == earlier.wire_name && method.ident != earlier.ident {
                let (problem, help) = told_apart(method, earlier);
                let error = syn::Error::new(method.wire_span, explain(problem, help));
                let error = error.into_compile_error();
                let (cfgs, other_cfgs) = (&method.attributes.cfgs, &earlier.attributes.cfgs);
                all.extend(quote!(#(#cfgs)* #(#other_cfgs)* #error));
            }
        }
    }
    all
}

/// The aliases of a method that are names already, each with what has the name.
fn aliases(interface: &Interface, at: usize) -> impl Iterator<Item = (&LitStr, Owner<'_>)> {
    let method = &interface.methods[at];
    method.options.aliases.iter().enumerate().filter_map(move |(nth, alias)| {
        let name = alias.value();
        let named = interface.methods.iter().find(|other| other.wire_name == name);
        if let Some(other) = named {
            return Some((alias, Owner::of(method, other, "name")));
        }
        let earlier = interface.methods[..at].iter().find(|other| has_alias(other, &name));
        let same = method.options.aliases[..nth].iter().any(|other| other.value() == name);
        let other = earlier.or(same.then_some(method))?;
        Some((alias, Owner::of(method, other, "alias")))
    })
}

fn has_alias(method: &Method, name: &str) -> bool {
    method.options.aliases.iter().any(|alias| alias.value() == name)
}

/// The method that an alias leads to already.
struct Owner<'a> {
    method: &'a Method,
    /// It leads there by this: a name or an alias.
    by: &'static str,
    /// No `#[cfg]` says which of the two methods there is.
    is_always_there: bool,
}

impl<'a> Owner<'a> {
    fn of(method: &Method, other: &'a Method, by: &'static str) -> Self {
        let is_itself = method.ident == other.ident;
        let is_always_there = is_itself || !(conditional(method) || conditional(other));
        Self { method: other, by, is_always_there }
    }

    fn told(&self, alias: &LitStr) -> (String, String) {
        let (name, ident) = (alias.value(), &self.method.ident);
        (
            format!("the alias `{name}` is a name already: the {} of `{ident}`", self.by),
            "an alias is a name that the method had before, and that no other has now; remove it"
                .to_owned(),
        )
    }
}

fn conditional(method: &Method) -> bool {
    !method.attributes.cfgs.is_empty()
}

fn noun(item: &Item) -> &'static str {
    match item {
        Item::Struct(_) => "a struct",
        Item::Enum(_) => "an enum",
        Item::Union(_) => "a union",
        Item::Trait(_) => "a trait",
        Item::Impl(_) => "an `impl`",
        Item::Fn(_) => "a function",
        Item::Mod(_) => "a module",
        Item::Type(_) => "a type alias",
        Item::Const(_) => "a constant",
        Item::Static(_) => "a static",
        Item::TraitAlias(_) => "a trait alias",
        _ => "this item",
    }
}

/// The token to point at. An error on a whole item would underline all of its lines.
fn head(item: &Item) -> TokenStream {
    match item {
        Item::Struct(item) => item.struct_token.to_token_stream(),
        Item::Enum(item) => item.enum_token.to_token_stream(),
        Item::Union(item) => item.union_token.to_token_stream(),
        Item::Trait(item) => item.trait_token.to_token_stream(),
        Item::Impl(item) => item.impl_token.to_token_stream(),
        Item::Fn(item) => item.sig.fn_token.to_token_stream(),
        Item::Mod(item) => item.mod_token.to_token_stream(),
        Item::Type(item) => item.type_token.to_token_stream(),
        other => other.to_token_stream(),
    }
}
