//! Every rule about what a trait or a type may hold. All mistakes are gathered, each with help.

mod data_type;
mod method;
mod types;

use quote::ToTokens;
use syn::{Item, ItemTrait, TraitItem};

pub(crate) use self::data_type::{data_type, not_a_type};
use crate::{
    errors::Errors,
    model::{Interface, Method},
};

/// `#[ipc_interface]` on something else than a trait.
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

/// What the trait's syntax must not hold.
pub(crate) fn syntax(item: &ItemTrait, errors: &mut Errors) {
    if let Some(unsafety) = &item.unsafety {
        errors.push(unsafety, "an interface can't be an `unsafe trait`", "remove `unsafe`");
    }
    if let Some(auto) = &item.modifiers.auto_token {
        errors.push(auto, "an interface can't be an auto trait", "remove `auto`");
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
    for item in &item.items {
        match item {
            TraitItem::Fn(function) => method::syntax(function, errors),
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
            other => errors.push(
                other,
                "an interface holds methods only",
                "write `async fn name(&self, …) -> …;`",
            ),
        }
    }
}

/// Rules across methods: names on the wire are told apart.
pub(crate) fn interface(interface: &Interface, errors: &mut Errors) {
    for (at, method) in interface.methods.iter().enumerate() {
        let earlier = interface.methods[..at].iter().find(|other| {
            // Under `#[cfg]` one of them may not be there; the compiler knows better then.
            other.wire_name == method.wire_name && !conditional(other) && !conditional(method)
        });
        if let Some(earlier) = earlier {
            errors.push_at(
                method.wire_span,
                format_args!("two methods are named `{}` on the wire", method.wire_name),
                format_args!(
                    "`{}` has this name already; give one of them another by `#[ipc(name = \"…\")]`",
                    earlier.ident
                ),
            );
        }
        arguments(method, errors);
    }
}

fn conditional(method: &Method) -> bool {
    !method.attributes.cfgs.is_empty()
        || method.attributes.others.iter().any(|attribute| attribute.path().is_ident("cfg_attr"))
}

fn arguments(method: &Method, errors: &mut Errors) {
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
    if let Some(second) = method.arguments.iter().filter(|argument| argument.is_context()).nth(1) {
        let help = "one context tells everything about the call: remove this one";
        errors.push(&second.ident, "a method takes one context", help);
    }
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

/// The token to point at: an error under a whole item would underline all of its lines.
fn head(item: &Item) -> proc_macro2::TokenStream {
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
