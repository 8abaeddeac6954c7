//! The arguments of a call, between Rust values and `params`.
//!
//! Generated code hands them over as a list of pairs, `(A, (B, ()))`: generic code then exists
//! once for each tail of types, not once for each method. Outgoing lists hold references, so that
//! a client serializes what it borrows; incoming ones hold the owned forms.

use std::{
    borrow::Borrow,
    fmt,
    path::{Path, PathBuf},
};

use crate::interface::ArgumentInfo;

pub mod array;
pub(crate) mod decode;
pub(crate) mod encode;

#[cfg(test)]
mod tests;

/// What a borrowed argument is decoded to before it is lent to the handler.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "an argument of type `&{Self}` can't travel over IPC",
    label = "there is no owned form to decode it to",
    note = "borrowed arguments may be `&str`, `&[T]`, `&Path` and `&T` of a sized `T`"
)]
pub trait BorrowedArgument {
    type Owned: Borrow<Self>;
}

impl<T> BorrowedArgument for T {
    type Owned = T;
}

impl BorrowedArgument for str {
    type Owned = String;
}

impl<T> BorrowedArgument for [T] {
    type Owned = Vec<T>;
}

impl BorrowedArgument for Path {
    type Owned = PathBuf;
}

/// Why `params` couldn't be read, or an argument couldn't be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArgumentError {
    kind: ArgumentErrorKind,
    /// It names the argument by its name on the wire, and by its place.
    message: String,
}

/// What is wrong with the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArgumentErrorKind {
    /// `params` can't be read at all.
    Syntax,
    /// There are more positions than arguments.
    TooMany,
    /// An argument that isn't optional was left out.
    Missing,
    /// An argument, or `params` itself, has a wrong type or value.
    Invalid,
}

impl ArgumentError {
    /// What is wrong.
    pub(crate) fn kind(&self) -> ArgumentErrorKind {
        self.kind
    }

    pub(crate) fn of_params(kind: ArgumentErrorKind, problem: impl fmt::Display) -> Self {
        Self { kind, message: format!("params: {problem}") }
    }

    fn of_argument(
        kind: ArgumentErrorKind,
        place: usize,
        names: &'static [ArgumentInfo],
        problem: impl fmt::Display,
    ) -> Self {
        // The description and the list are written by one macro, and have the same length.
        let name = names.get(place).map_or("?", |argument| argument.name);
        let message = format!("argument `{name}` ({} of {}){problem}", place + 1, names.len());
        Self { kind, message }
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ArgumentError {}
