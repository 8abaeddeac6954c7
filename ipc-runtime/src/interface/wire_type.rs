//! What an interface requires of the types in its signatures.
//!
//! Generated code looks at each type through [`WireType`] or [`MethodError`], under the type's own
//! token. If the bounds don't hold, the result has no type: rustc then reports the type where it
//! was written, once and in words about IPC, and nothing about the code that follows.
//!
//! That takes two candidate impls. If a trait has a single blanket impl, rustc takes it as
//! implemented and reports its bounds one by one, far from the trait's own message. If there is a
//! second impl, which never holds, rustc checks the bounds first, and finds that no impl applies.

use std::{borrow::Borrow, fmt};

use serde::{Serialize, de::DeserializeOwned};

use crate::interface::arguments::BorrowedArgument;

/// A type that can be an argument or a result.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't travel over IPC",
    label = "not `Serialize + DeserializeOwned + Send + 'static`",
    note = "put `#[ipc_type]` on the type and on each type within it, or derive serde's \
            `Serialize` and `Deserialize`; if one is of another crate, take that crate's `serde` \
            feature, or another type",
    note = "an array of more than 32 elements travels as an argument or as a field of an \
            `#[ipc_type]`; elsewhere write `Vec<T>` or `Bytes`"
)]
pub trait WireType<Candidate> {
    /// `Self`.
    type Itself: ?Sized;
    /// The type that it is decoded to: `String` for `str`.
    type Owned;

    /// Passes the value to the serializer.
    fn lend(&self) -> &Self::Itself;

    /// Passes the value to the serializer, as a result.
    fn checked(self) -> Self::Itself
    where
        Self: Sized,
        Self::Itself: Sized;

    /// Takes the value from the deserializer, as an owned argument.
    fn given(itself: Self::Itself) -> Self
    where
        Self: Sized,
        Self::Itself: Sized;

    /// Takes the value from the deserializer, as a borrowed argument.
    fn borrowed(owned: &Self::Owned) -> &Self;
}

/// The candidate for types that meet the bounds.
#[doc(hidden)]
#[derive(Debug)]
pub enum Fits {}

/// The candidate that never holds.
#[doc(hidden)]
#[derive(Debug)]
pub enum Misfit {}

/// Implemented by nothing.
#[doc(hidden)]
pub trait Never {}

impl<T> WireType<Fits> for T
where
    T: Serialize + BorrowedArgument<Owned: DeserializeOwned + Send + 'static> + ?Sized,
{
    type Itself = T;
    type Owned = T::Owned;

    fn lend(&self) -> &T {
        self
    }

    fn checked(self) -> T
    where
        T: Sized,
    {
        self
    }

    fn given(itself: T) -> T
    where
        T: Sized,
    {
        itself
    }

    fn borrowed(owned: &T::Owned) -> &T {
        owned.borrow()
    }
}

impl<T: Never + ?Sized> WireType<Misfit> for T {
    type Itself = T;
    type Owned = Misfit;

    fn lend(&self) -> &T {
        self
    }

    fn checked(self) -> T
    where
        T: Sized,
    {
        self
    }

    fn given(itself: T) -> T
    where
        T: Sized,
    {
        itself
    }

    fn borrowed(owned: &Misfit) -> &T {
        match *owned {}
    }
}

/// The error type of a method.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be the error of an IPC method",
    label = "not `Display + Debug + Serialize + DeserializeOwned + Send + 'static`",
    note = "put `#[ipc_type]` and `#[derive(Debug, thiserror::Error)]` on the type, or implement \
            `Display` by hand",
    note = "to pass on what a call of another backend failed with, give your error a variant for \
            it and `From<IpcError>`: an `IpcError` is about this process's own connections"
)]
pub trait MethodError<Candidate> {
    /// `Self`.
    type Itself;

    /// Passes the error to the serializer.
    fn checked(self) -> Self::Itself;
}

impl<E> MethodError<Fits> for E
where
    E: Serialize + DeserializeOwned + fmt::Display + fmt::Debug + Send + 'static,
{
    type Itself = E;

    fn checked(self) -> E {
        self
    }
}

impl<E: Never> MethodError<Misfit> for E {
    type Itself = E;

    fn checked(self) -> E {
        self
    }
}

/// Sees through a module's own alias of `Result`, of which a macro knows only the name.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is named `Result`, but isn't `std::result::Result`",
    label = "not a `Result<T, E>` or an alias of it",
    note = "return a `Result<T, E>`, or give the type another name"
)]
pub trait Fallible {
    type Value;
    type Error;

    fn into_result(self) -> Result<Self::Value, Self::Error>;
}

impl<T, E> Fallible for Result<T, E> {
    type Value = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}
