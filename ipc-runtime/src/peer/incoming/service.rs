//! A generated handler, as the runtime knows it.

use std::{cell::Cell, fmt, future::Future, pin::Pin};

use serde::de::DeserializeOwned;

use crate::{
    codec::extent::Extent,
    interface::{
        InterfaceInfo,
        arguments::{ArgumentError, ArgumentErrorKind, decode::DecodeArguments},
    },
    message::error_object::{ErrorObject, code},
    peer::incoming::responder::Responder,
};

/// A handler that `#[ipc_interface]` generated, ready to be registered.
///
/// Only generated code implements it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` isn't the handler of an interface",
    label = "not made by `#[ipc_interface]`",
    note = "wrap an implementation of a trait `Files` as `FilesHandler::new(…)`"
)]
pub trait Service: Send + Sync + 'static {
    /// Returns the interface that it handles.
    fn interface(&self) -> &'static InterfaceInfo;

    /// Returns the interface without a handler.
    #[doc(hidden)]
    fn described() -> &'static InterfaceInfo
    where
        Self: Sized;

    /// Begins a call of the method with this index in [`InterfaceInfo::methods`].
    #[doc(hidden)]
    fn call(&self, method: usize, incoming: Incoming<'_>) -> Flow;
}

/// How a call goes on after its arguments are decoded.
#[doc(hidden)]
pub enum Flow {
    /// The call is over.
    Done,
    /// The call ends with this future, which holds the [`Responder`].
    Later(Pin<Box<dyn Future<Output = ()> + Send>>),
    /// The call ends with this future, which goes on after the request is answered, to drive a
    /// stream.
    Subscription(Pin<Box<dyn Future<Output = ()> + Send>>),
    /// The call blocks its thread, and gets one of its own.
    Blocking(Box<dyn FnOnce() + Send>),
}

impl Flow {
    /// Called by generated code.
    pub fn later(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self::Later(Box::pin(future))
    }

    /// Called by generated code.
    pub fn subscription(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self::Subscription(Box::pin(future))
    }

    /// Called by generated code.
    pub fn blocking(work: impl FnOnce() + Send + 'static) -> Self {
        Self::Blocking(Box::new(work))
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Done => "Done",
            Self::Later(_) => "Later(_)",
            Self::Subscription(_) => "Subscription(_)",
            Self::Blocking(_) => "Blocking(_)",
        })
    }
}

/// A request or notification whose arguments aren't decoded yet.
#[doc(hidden)]
#[derive(Debug)]
pub struct Incoming<'a> {
    params: Option<&'a [u8]>,
    responder: Responder,
    /// `Some` if the params are the rest of a message. Set to `true` if they can't be decoded: the
    /// message is then read again in another way, so nothing is answered yet.
    misread: Option<&'a Cell<bool>>,
}

impl<'a> Incoming<'a> {
    pub(crate) fn new(params: Option<&'a [u8]>, responder: Responder) -> Self {
        Self { params, responder, misread: None }
    }

    /// Creates one whose `params` are the rest of their message. If they can't be decoded, the call
    /// is given up without an answer, and `misread` is set.
    pub(crate) fn of_rest(
        params: Option<&'a [u8]>,
        responder: Responder,
        misread: &'a Cell<bool>,
    ) -> Self {
        Self { params, responder, misread: Some(misread) }
    }

    fn extent(&self) -> Extent {
        if self.misread.is_some() { Extent::Rest } else { Extent::Stepped }
    }

    /// Decodes the arguments. Returns `None` if they are wrong: that was answered, or `misread`
    /// set.
    pub fn decode<A: DecodeArguments>(self) -> Option<(A, Responder)> {
        let arguments = self.responder.called().arguments();
        let encoding = self.responder.connection().encoding();
        let decoded = encoding.decode_arguments(self.params, arguments, self.extent());
        self.or_refuse(decoded)
    }

    /// Decodes `params` as one value. Returns `None` if they are wrong: that was answered, or
    /// `misread` set.
    pub(crate) fn decode_whole<A: DeserializeOwned>(self) -> Option<(A, Responder)> {
        let encoding = self.responder.connection().encoding();
        let decoded = encoding.decode_params(self.params, self.extent());
        self.or_refuse(decoded)
    }

    fn or_refuse<A>(self, decoded: Result<A, ArgumentError>) -> Option<(A, Responder)> {
        match decoded {
            Ok(arguments) => Some((arguments, self.responder)),
            Err(error) => {
                if let Some(misread) = self.misread {
                    misread.set(true);
                    self.responder.give_up();
                    return None;
                }
                let message = format!("{}: {error}", self.responder.called().name());
                if error.kind() == ArgumentErrorKind::Syntax {
                    self.responder.not_understood(&message);
                } else {
                    self.responder.fail(&ErrorObject::new(code::INVALID_PARAMS, message));
                }
                None
            }
        }
    }
}
