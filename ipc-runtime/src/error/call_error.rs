//! Why a call of a method that returns a Result failed.

use std::fmt;

use serde::de::DeserializeOwned;

use crate::{
    error::ipc_error::IpcError,
    message::error_object::{ErrorObject, code},
};

/// Writes the text of [`Display`](fmt::Display), since `main` and `unwrap` print an error's
/// `Debug`.
impl<E: fmt::Display> fmt::Debug for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(error) => fmt::Display::fmt(error, f),
            Self::Ipc(error) => fmt::Debug::fmt(error, f),
        }
    }
}

/// Why a call of a method that returns `Result<T, E>` failed.
///
/// `?` turns an [`IpcError`] into it, so that calls of both kinds of methods can be mixed.
#[derive(Clone)]
pub enum CallError<E> {
    /// The method ran, and returned this.
    Method(E),
    /// Anything else: the method may not have run, or its answer was lost.
    Ipc(IpcError),
}

impl<E> CallError<E> {
    /// The failure that isn't the method's own.
    pub fn ipc(&self) -> Option<&IpcError> {
        match self {
            Self::Method(_) => None,
            Self::Ipc(error) => Some(error),
        }
    }
}

impl<E> From<IpcError> for CallError<E> {
    fn from(error: IpcError) -> Self {
        Self::Ipc(error)
    }
}

impl<E: fmt::Display> fmt::Display for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(error) => error.fmt(f),
            Self::Ipc(error) => error.fmt(f),
        }
    }
}

impl<E: fmt::Display> std::error::Error for CallError<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Method(_) => None,
            Self::Ipc(error) => std::error::Error::source(error),
        }
    }
}

/// A failure of a call, made from an error object that the peer sent.
pub trait Failure: From<IpcError> + Send + 'static {
    /// The method's own error, if that is what the object holds and this can hold it.
    #[doc(hidden)]
    fn from_method_error(error: &ErrorObject) -> Option<Result<Self, String>>;
}

impl<E: DeserializeOwned + Send + 'static> Failure for CallError<E> {
    fn from_method_error(error: &ErrorObject) -> Option<Result<Self, String>> {
        if error.code != code::METHOD_ERROR {
            return None;
        }
        let Some(data) = &error.data else { return Some(Err("it came without its data".into())) };
        let decoded = serde_json::from_str(data.get()).map(Self::Method);
        Some(decoded.map_err(|fault| fault.to_string()))
    }
}

/// What an error object is to the caller. `as_ipc` makes an [`IpcError`] of one that isn't the
/// method's own error, or, with the reason, that can't be read as such.
pub(crate) fn failure<E: Failure>(
    error: ErrorObject,
    as_ipc: impl FnOnce(ErrorObject, Option<String>) -> IpcError,
) -> E {
    match E::from_method_error(&error) {
        Some(Ok(own)) => own,
        Some(Err(why)) => as_ipc(error, Some(why)).into(),
        None => as_ipc(error, None).into(),
    }
}

impl Failure for IpcError {
    fn from_method_error(_: &ErrorObject) -> Option<Result<Self, String>> {
        None
    }
}
