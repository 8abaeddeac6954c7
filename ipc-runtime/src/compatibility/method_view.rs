//! One method, whichever form its description has.

use crate::{
    compatibility::{table_method::TableMethod, view::View},
    interface::{MethodInfo, MethodKind},
    shape::{node::Node, table::ShapeTable},
};

/// A method that is compared.
#[derive(Clone, Copy)]
pub(crate) enum MethodView<'a> {
    Info(&'a MethodInfo),
    Table(&'a TableMethod<'a>, &'a ShapeTable<'a>),
}

/// A part of what comes back from a method.
#[derive(Clone, Copy)]
pub(crate) enum OutputPart {
    Error,
    Item,
    ItemError,
    Progress,
}

impl OutputPart {
    pub(crate) const ALL: [Self; 4] = [Self::Error, Self::Item, Self::ItemError, Self::Progress];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Item => "each item",
            Self::ItemError => "the error that ends it",
            Self::Progress => "progress",
        }
    }
}

impl<'a> MethodView<'a> {
    pub(crate) const fn name(self) -> &'a str {
        match self {
            Self::Info(info) => info.name,
            Self::Table(method, _) => method.name,
        }
    }

    /// A name that it had before.
    pub(crate) const fn alias(self, at: usize) -> Option<&'a str> {
        match self {
            Self::Info(info) if at < info.aliases.len() => Some(info.aliases[at].name),
            Self::Table(method, _) if at < method.aliases.len() => Some(method.aliases[at]),
            _ => None,
        }
    }

    pub(crate) const fn kind(self) -> MethodKind {
        match self {
            Self::Info(info) => info.kind,
            Self::Table(method, _) => method.kind,
        }
    }

    pub(crate) const fn is_idempotent(self) -> bool {
        match self {
            Self::Info(info) => info.idempotent,
            Self::Table(method, _) => method.is_idempotent,
        }
    }

    pub(crate) const fn arguments(self) -> usize {
        match self {
            Self::Info(info) => info.arguments.len(),
            Self::Table(method, _) => method.arguments.len(),
        }
    }

    /// The name of an argument, whether it is a stream, and what it looks like.
    pub(crate) const fn argument(self, at: usize) -> (&'a str, bool, View<'a>) {
        match self {
            Self::Info(info) => {
                let argument = &info.arguments[at];
                (argument.name, argument.is_stream, View::of(argument.node))
            }
            Self::Table(method, table) => {
                let argument = &method.arguments[at];
                (argument.name, argument.is_stream, View::Table(table, argument.part))
            }
        }
    }

    pub(crate) const fn value(self) -> View<'a> {
        match self {
            Self::Info(info) => View::of(info.output.value),
            Self::Table(method, table) => View::Table(table, method.value),
        }
    }

    pub(crate) const fn part(self, part: OutputPart) -> Option<View<'a>> {
        match self {
            Self::Info(info) => {
                let node: Option<&'static Node> = match part {
                    OutputPart::Error => info.output.error,
                    OutputPart::Item => info.output.item,
                    OutputPart::ItemError => info.output.item_error,
                    OutputPart::Progress => info.output.progress,
                };
                match node {
                    Some(node) => Some(View::of(node)),
                    None => None,
                }
            }
            Self::Table(method, table) => {
                let place = match part {
                    OutputPart::Error => method.error,
                    OutputPart::Item => method.item,
                    OutputPart::ItemError => method.item_error,
                    OutputPart::Progress => method.progress,
                };
                match place {
                    Some(place) => Some(View::Table(table, place)),
                    None => None,
                }
            }
        }
    }
}
