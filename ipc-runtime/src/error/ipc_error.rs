//! Why a call failed.

use std::{borrow::Cow, fmt, sync::Arc, time::Duration};

use crate::{
    error::{
        disconnect_reason::DisconnectReason, endpoint_colon::colon, error_kind::ErrorKind,
        protocol_mismatch::ProtocolMismatch,
    },
    message::error_object::{ErrorObject, Sizes, code},
    support::error_report::debug_as_text,
    version_mismatch::VersionMismatch,
};

debug_as_text! { IpcError }

/// Why a call failed, other than by its method's own error: a [kind](ErrorKind) to match on, the
/// method, the endpoint, and what the kind brings along.
///
/// A method that returns `Result<T, E>` fails with [`CallError<E>`](crate::CallError), which holds
/// either an `E` or one of these.
///
/// ```
/// use ipc_runtime::{ErrorKind, IpcError};
///
/// fn advice(error: &IpcError) -> String {
///     match error.kind() {
///         ErrorKind::Disconnected if error.may_have_run() => "look whether it was done".into(),
///         ErrorKind::Disconnected | ErrorKind::NotConnected => "try again later".into(),
///         ErrorKind::VersionMismatch => "update the older side".into(),
///         _ => error.to_string(), // names the method, the endpoint, and what to do
///     }
/// }
/// ```
#[derive(Clone)]
pub struct IpcError(Box<Failed>);

/// What an [`IpcError`] holds: not in place, since every result of a call is as large as its error.
#[derive(Clone)]
struct Failed {
    method: Cow<'static, str>,
    endpoint: Arc<str>,
    detail: ErrorDetail,
    /// The call was retried, and may have run on an earlier connection.
    ran_before: bool,
}

/// What a kind of error has of its own.
#[derive(Clone)]
pub(crate) enum ErrorDetail {
    Disconnected {
        may_have_run: bool,
        reason: DisconnectReason,
    },
    /// Why there can't be one, if that is settled.
    NotConnected(Option<Arc<str>>),
    DeadlineExceeded(Duration),
    VersionMismatch(Box<VersionMismatch>),
    ProtocolMismatch(ProtocolMismatch),
    Unsupported(&'static str),
    Lagged(u64),
    Gap,
    Overrun,
    TooLarge {
        part: MessagePart,
        size: u64,
        limit: u64,
    },
    Encode(String),
    Decode(String),
    /// The other side answered with this.
    Answered {
        kind: ErrorKind,
        error: ErrorObject,
        /// Why it isn't the method's own error, though it has that one's code.
        unreadable: Option<String>,
    },
}

/// What was too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessagePart {
    Request,
    Reply,
}

impl IpcError {
    pub(crate) fn new(
        method: impl Into<Cow<'static, str>>,
        endpoint: Arc<str>,
        detail: ErrorDetail,
    ) -> Self {
        Self(Box::new(Failed { method: method.into(), endpoint, detail, ran_before: false }))
    }

    /// What an error object says that isn't the method's own error.
    pub(crate) fn from_object(
        method: Cow<'static, str>,
        endpoint: &Arc<str>,
        error: ErrorObject,
    ) -> Self {
        let kind = match error.code {
            code::METHOD_NOT_FOUND => ErrorKind::NotFound,
            code::UNAUTHORIZED => ErrorKind::Unauthorized,
            code::INVALID_PARAMS => ErrorKind::InvalidArguments,
            code::INTERNAL_ERROR => ErrorKind::HandlerFailed,
            code::CLOSING => ErrorKind::Closing,
            code::CANCELLED => ErrorKind::Cancelled,
            code::LIMIT_REACHED => ErrorKind::LimitReached,
            code::REQUEST_TOO_LARGE | code::REPLY_TOO_LARGE => {
                if let Some(Sizes { limit, size }) = error.data_as() {
                    let is_request = error.code == code::REQUEST_TOO_LARGE;
                    let part = if is_request { MessagePart::Request } else { MessagePart::Reply };
                    let detail = ErrorDetail::TooLarge { part, size, limit };
                    return Self::new(method, endpoint.clone(), detail);
                }
                ErrorKind::TooLarge
            }
            _ => ErrorKind::Remote,
        };
        Self::answered(method, endpoint, kind, error)
    }

    /// The other side answered with this, which is of this kind.
    pub(crate) fn answered(
        method: impl Into<Cow<'static, str>>,
        endpoint: &Arc<str>,
        kind: ErrorKind,
        error: ErrorObject,
    ) -> Self {
        let detail = ErrorDetail::Answered { kind, error, unreadable: None };
        Self::new(method, endpoint.clone(), detail)
    }

    pub(crate) fn unauthorized(
        method: impl Into<Cow<'static, str>>,
        endpoint: &Arc<str>,
        why: &str,
    ) -> Self {
        Self::answered(method, endpoint, ErrorKind::Unauthorized, ErrorObject::unauthorized(why))
    }

    /// The same, sent by a plain JSON-RPC server: codes that aren't JSON-RPC's own are the
    /// server's.
    pub(crate) fn from_plain_object(
        method: Cow<'static, str>,
        endpoint: &Arc<str>,
        error: ErrorObject,
    ) -> Self {
        match error.code {
            code::METHOD_NOT_FOUND
            | code::INVALID_PARAMS
            | code::INTERNAL_ERROR
            | code::CANCELLED => Self::from_object(method, endpoint, error),
            _ => Self::answered(method, endpoint, ErrorKind::Remote, error),
        }
    }

    /// Says why the object isn't the method's own error, though it has that one's code.
    pub(crate) fn unreadable(mut self, why: Option<String>) -> Self {
        if let ErrorDetail::Answered { unreadable, .. } = &mut self.0.detail {
            *unreadable = why;
        }
        self
    }

    /// Both sides have this channel in versions that don't fit.
    pub(crate) fn mismatch(mismatch: impl Into<Box<VersionMismatch>>) -> Self {
        let mismatch = mismatch.into();
        let (channel, endpoint) = (mismatch.channel, mismatch.endpoint.clone());
        Self::new(channel, endpoint, ErrorDetail::VersionMismatch(mismatch))
    }

    pub(crate) fn detail(&self) -> &ErrorDetail {
        &self.0.detail
    }

    /// The same failure, of another method.
    pub(crate) fn of_method(mut self, method: Cow<'static, str>) -> Self {
        self.0.method = method;
        self
    }

    /// The same failure of a call that may have run on an earlier connection, if it did.
    pub(crate) fn ran_before(mut self, ran_before: bool) -> Self {
        self.0.ran_before |= ran_before;
        self
    }

    /// What kind of failure it is.
    pub fn kind(&self) -> ErrorKind {
        match self.0.detail {
            ErrorDetail::Disconnected { .. } => ErrorKind::Disconnected,
            ErrorDetail::NotConnected(_) => ErrorKind::NotConnected,
            ErrorDetail::DeadlineExceeded(_) => ErrorKind::DeadlineExceeded,
            ErrorDetail::VersionMismatch(_) => ErrorKind::VersionMismatch,
            ErrorDetail::ProtocolMismatch(_) => ErrorKind::ProtocolMismatch,
            ErrorDetail::Unsupported(_) => ErrorKind::Unsupported,
            ErrorDetail::Lagged(_) => ErrorKind::Lagged,
            ErrorDetail::Gap => ErrorKind::Gap,
            ErrorDetail::Overrun => ErrorKind::Overrun,
            ErrorDetail::TooLarge { .. } => ErrorKind::TooLarge,
            ErrorDetail::Encode(_) => ErrorKind::Encode,
            ErrorDetail::Decode(_) => ErrorKind::Decode,
            ErrorDetail::Answered { kind, .. } => kind,
        }
    }

    /// Returns the name of the method, with its channel. If an interface doesn't exist or doesn't
    /// fit, this is its channel. For any other failure of a handshake or of
    /// [`open`](crate::Frontend::open), it is `rpc.handshake`.
    pub fn method(&self) -> &str {
        &self.0.method
    }

    /// The endpoint of the connection.
    pub fn endpoint(&self) -> &str {
        &self.0.endpoint
    }

    /// Returns whether the method may have run, wholly or in part. If not, it is safe to call it
    /// again, whatever it does.
    ///
    /// For most kinds, the kind decides. It is always `true` for a call of an idempotent method
    /// that was retried after it may have run on an earlier connection.
    pub fn may_have_run(&self) -> bool {
        if self.0.ran_before {
            return true;
        }
        match &self.0.detail {
            ErrorDetail::Disconnected { may_have_run, .. } => *may_have_run,
            ErrorDetail::TooLarge { part, .. } => *part == MessagePart::Reply,
            ErrorDetail::DeadlineExceeded(_)
            | ErrorDetail::Lagged(_)
            | ErrorDetail::Gap
            | ErrorDetail::Overrun
            | ErrorDetail::Decode(_) => true,
            ErrorDetail::VersionMismatch(_)
            | ErrorDetail::ProtocolMismatch(_)
            | ErrorDetail::NotConnected(_)
            | ErrorDetail::Unsupported(_)
            | ErrorDetail::Encode(_) => false,
            ErrorDetail::Answered { kind, error, .. } => match kind {
                ErrorKind::NotFound
                | ErrorKind::Unauthorized
                | ErrorKind::InvalidArguments
                | ErrorKind::Closing
                | ErrorKind::LimitReached => false,
                ErrorKind::TooLarge => error.code == code::REPLY_TOO_LARGE,
                _ => true,
            },
        }
    }

    /// Why the connection has ended, if it is [`Disconnected`](ErrorKind::Disconnected).
    pub fn reason(&self) -> Option<&DisconnectReason> {
        match &self.0.detail {
            ErrorDetail::Disconnected { reason, .. } => Some(reason),
            _ => None,
        }
    }

    /// The deadline that passed, counted from the call's first poll, if it is
    /// [`DeadlineExceeded`](ErrorKind::DeadlineExceeded).
    pub fn timeout(&self) -> Option<Duration> {
        match self.0.detail {
            ErrorDetail::DeadlineExceeded(timeout) => Some(timeout),
            _ => None,
        }
    }

    /// How many bytes the message has that is [`TooLarge`](ErrorKind::TooLarge).
    pub fn size(&self) -> Option<u64> {
        match self.0.detail {
            ErrorDetail::TooLarge { size, .. } => Some(size),
            _ => None,
        }
    }

    /// How many bytes it may have, if it is [`TooLarge`](ErrorKind::TooLarge).
    pub fn limit(&self) -> Option<u64> {
        match self.0.detail {
            ErrorDetail::TooLarge { limit, .. } => Some(limit),
            _ => None,
        }
    }

    /// How many items of a subscription were dropped, if it [`Lagged`](ErrorKind::Lagged).
    pub fn missed_items(&self) -> Option<u64> {
        match self.0.detail {
            ErrorDetail::Lagged(count) => Some(count),
            _ => None,
        }
    }

    /// What differs between both sides, if it is a [`VersionMismatch`](ErrorKind::VersionMismatch).
    pub fn version_mismatch(&self) -> Option<&VersionMismatch> {
        match &self.0.detail {
            ErrorDetail::VersionMismatch(mismatch) => Some(mismatch),
            _ => None,
        }
    }

    /// Both sides' versions of the wire protocol, if it is a
    /// [`ProtocolMismatch`](ErrorKind::ProtocolMismatch).
    pub fn protocol_mismatch(&self) -> Option<ProtocolMismatch> {
        match self.0.detail {
            ErrorDetail::ProtocolMismatch(mismatch) => Some(mismatch),
            _ => None,
        }
    }

    /// The error as JSON-RPC has it: the code, message and data that the other side answered with.
    /// [`Remote`](ErrorKind::Remote), [`LimitReached`](ErrorKind::LimitReached),
    /// [`NotFound`](ErrorKind::NotFound), [`InvalidArguments`](ErrorKind::InvalidArguments),
    /// [`HandlerFailed`](ErrorKind::HandlerFailed), [`Unauthorized`](ErrorKind::Unauthorized),
    /// [`Closing`](ErrorKind::Closing) and [`Cancelled`](ErrorKind::Cancelled) have one.
    pub fn error_object(&self) -> Option<&ErrorObject> {
        match &self.0.detail {
            ErrorDetail::Answered { error, .. } => Some(error),
            _ => None,
        }
    }

    /// What went wrong, without the method and the endpoint: what the other side said, which
    /// argument couldn't be serialized, why there is no connection. `None` where the kind says it
    /// all.
    pub fn message(&self) -> Option<&str> {
        match &self.0.detail {
            ErrorDetail::NotConnected(why) => why.as_deref(),
            ErrorDetail::Unsupported(message) => Some(message),
            ErrorDetail::Encode(message) | ErrorDetail::Decode(message) => Some(message),
            ErrorDetail::Answered { error, .. } => Some(&error.message),
            _ => None,
        }
    }
}

impl fmt::Display for IpcError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.show(f)?;
        // A `Disconnected` says it itself.
        if self.0.ran_before && self.kind() != ErrorKind::Disconnected {
            f.write_str("; the method may have run on an earlier connection")?;
        }
        Ok(())
    }
}

impl IpcError {
    fn show(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Failed { method, endpoint, detail, .. } = &*self.0;
        match detail {
            ErrorDetail::Disconnected { reason, .. } => {
                let ran = if self.may_have_run() { "may have run" } else { "has not run" };
                write!(
                    f,
                    "{method} got no answer: the connection to {endpoint} has ended ({reason}); \
                     the method {ran}"
                )
            }
            ErrorDetail::NotConnected(why) => {
                write!(f, "{method} can't be called: there is no connection to {endpoint}")?;
                why.iter().try_for_each(|why| write!(f, " ({why})"))
            }
            ErrorDetail::DeadlineExceeded(timeout) => write!(
                f,
                "{method} got no answer from {endpoint} within {timeout:?}; a longer deadline is \
                 set by `.timeout(…)` on the call or #[ipc(timeout = \"…\")] on the method"
            ),
            ErrorDetail::VersionMismatch(mismatch) => fmt::Display::fmt(mismatch, f),
            ErrorDetail::ProtocolMismatch(ProtocolMismatch { ours, theirs }) => write!(
                f,
                "rpc.handshake: this side speaks protocol {ours} of ipc-runtime, and {endpoint} \
                 speaks protocol {theirs}; update the older side"
            ),
            ErrorDetail::Unsupported(message) => write!(
                f,
                "{method} can't be called at {endpoint}, a plain JSON-RPC server: {message}"
            ),
            ErrorDetail::Lagged(1) => {
                write!(f, "1 item of {method} was dropped: it wasn't read fast enough")
            }
            ErrorDetail::Lagged(count) => {
                write!(f, "{count} items of {method} were dropped: they weren't read fast enough")
            }
            ErrorDetail::Gap => {
                write!(f, "items of {method} were lost: {endpoint} couldn't send them again")
            }
            ErrorDetail::Overrun => write!(
                f,
                "{method} was ended: {endpoint} sent items faster than they were read, and doesn't \
                 wait; read them faster, or raise `Limits::subscription_window`"
            ),
            ErrorDetail::TooLarge { part, size, limit } => {
                let part = match part {
                    MessagePart::Request => "request",
                    MessagePart::Reply => "reply",
                };
                write!(
                    f,
                    "{method}: the {part} of {size} bytes is larger than the {limit} that may \
                     travel to or from {endpoint}; raise `Limits::max_message_bytes`, or send it \
                     in parts"
                )
            }
            ErrorDetail::Encode(message) => write!(f, "{method} was not called: {message}"),
            ErrorDetail::Decode(message) => write!(
                f,
                "{method} was answered by {endpoint} with something else than it returns: {message}"
            ),
            ErrorDetail::Answered { kind, error, unreadable } => {
                self.show_answered(f, *kind, error)?;
                unreadable.iter().try_for_each(|why| {
                    write!(f, "; its data isn't an error that this side knows ({why})")
                })
            }
        }
    }

    fn show_answered(
        &self,
        f: &mut fmt::Formatter<'_>,
        kind: ErrorKind,
        error: &ErrorObject,
    ) -> fmt::Result {
        let Failed { method, endpoint, .. } = &*self.0;
        let (colon, ErrorObject { code, message, .. }) = (colon(endpoint), error);
        match kind {
            ErrorKind::Cancelled => write!(f, "{method} was cancelled by {endpoint}"),
            ErrorKind::Closing => write!(f, "{method} did not run: {endpoint} is closing"),
            ErrorKind::NotFound => {
                write!(f, "{method} can't be called at {endpoint}{colon} {message}")
            }
            ErrorKind::InvalidArguments => {
                write!(f, "{method} was called with arguments that {endpoint} refuses: {message}")
            }
            ErrorKind::HandlerFailed => {
                write!(f, "{method} failed inside {endpoint}{colon} {message}")
            }
            ErrorKind::Unauthorized => {
                write!(f, "{method} is not allowed at {endpoint}{colon} {message}")
            }
            _ => write!(f, "{method} failed at {endpoint}{colon} {message} (code {code})"),
        }
    }
}

impl std::error::Error for IpcError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_of_a_call_is_no_larger_for_its_error() {
        assert_eq!(size_of::<IpcError>(), size_of::<usize>());
        assert_eq!(size_of::<Result<Vec<u8>, IpcError>>(), size_of::<Vec<u8>>());
    }
}
