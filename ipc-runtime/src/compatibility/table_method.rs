//! Methods whose types are in a [`ShapeTable`](crate::shape::table::ShapeTable).

use crate::interface::MethodKind;

/// A method whose types are in a [`ShapeTable`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct TableMethod<'a> {
    pub(crate) name: &'a str,
    pub(crate) aliases: &'a [&'a str],
    pub(crate) kind: MethodKind,
    pub(crate) is_idempotent: bool,
    pub(crate) arguments: &'a [TableArgument<'a>],
    pub(crate) value: u32,
    pub(crate) error: Option<u32>,
    pub(crate) item: Option<u32>,
    pub(crate) item_error: Option<u32>,
    pub(crate) progress: Option<u32>,
}

impl<'a> TableMethod<'a> {
    /// `parts` are the places of result, error, item, the error that ends a subscription, and
    /// progress.
    pub const fn new(
        name: &'a str,
        aliases: &'a [&'a str],
        kind: MethodKind,
        is_idempotent: bool,
        arguments: &'a [TableArgument<'a>],
        value: u32,
        others: [Option<u32>; 4],
    ) -> Self {
        let [error, item, item_error, progress] = others;
        Self {
            name,
            aliases,
            kind,
            is_idempotent,
            arguments,
            value,
            error,
            item,
            item_error,
            progress,
        }
    }
}

/// An argument of a [`TableMethod`].
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct TableArgument<'a> {
    pub(crate) name: &'a str,
    pub(crate) is_stream: bool,
    pub(crate) part: u32,
}

impl<'a> TableArgument<'a> {
    pub const fn new(name: &'a str, is_stream: bool, part: u32) -> Self {
        Self { name, is_stream, part }
    }
}
