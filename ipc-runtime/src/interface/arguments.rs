//! The arguments of a call, between Rust values and `params`.
//!
//! Generated code passes them as a list of pairs, `(A, (B, ()))`. So generic code exists once for
//! each tail of types, and not once for each method. Outgoing lists hold references, so that a
//! client serializes what it borrows. Incoming lists hold owned values.

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

/// The type that a borrowed argument is decoded to before the handler borrows it.
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

/// Why `params` couldn't be decoded, or an argument couldn't be encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ArgumentError {
    kind: ArgumentErrorKind,
    /// It names the argument by its name on the wire and its position.
    message: String,
}

/// What is wrong with the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ArgumentErrorKind {
    /// `params` can't be read at all.
    Syntax,
    /// There are more positions than arguments.
    TooMany,
    /// A required argument was left out.
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
        // One macro writes both the description and the list, so they have the same length.
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
