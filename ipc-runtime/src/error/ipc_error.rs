//! What can go wrong, told so that it can be acted on.

use std::{borrow::Cow, sync::Arc, time::Duration};

use crate::{
    error::{disconnect_reason::DisconnectReason, endpoint_colon::colon},
    message::error_object::{ErrorObject, code},
    support::error_report::debug_as_text,
    version_mismatch::VersionMismatch,
};

debug_as_text! { IpcError }

/// Why a call failed, other than by its method's own error.
///
/// A method that returns `Result<T, E>` fails with [`CallError<E>`](crate::CallError), which holds either an `E` or
/// one of these.
#[derive(Clone, thiserror::Error)]
#[non_exhaustive]
pub enum IpcError {
    /// The connection ended before the answer came, or had ended before the call.
    #[error(
        "{method} got no answer: the connection to {endpoint} has ended ({reason}); {}",
        if *.may_have_run { "the method may have run" } else { "the method has not run" }
    )]
    #[non_exhaustive]
    Disconnected {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// Whether the request had left this process, so that the method may have run.
        may_have_run: bool,
        /// Why the connection has ended.
        reason: DisconnectReason,
    },

    /// There is no connection, or none yet. The method has not run.
    #[error(
        "{method} can't be called: there is no connection to {endpoint}{}",
        .why.as_ref().map_or(String::new(), |why| format!(" ({why})"))
    )]
    #[non_exhaustive]
    NotConnected {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// Why none could be made, if that is settled.
        why: Option<Arc<str>>,
    },

    /// The deadline passed before the answer came. The handler is told to stop.
    #[error(
        "{method} got no answer from {endpoint} within {timeout:?}; a longer deadline is set by \
         `.timeout(…)` on the call or #[ipc(timeout = \"…\")] on the method"
    )]
    #[non_exhaustive]
    DeadlineExceeded {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// The deadline, counted from the call's first poll.
        timeout: Duration,
    },

    /// The other side has stopped the handler before it was done.
    #[error("{method} was cancelled by {endpoint}")]
    #[non_exhaustive]
    Cancelled {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
    },

    /// Both sides know the channel, in versions that don't fit together.
    #[error("{0}")]
    VersionMismatch(Box<VersionMismatch>),

    /// The other side speaks another version of the wire protocol, so that nothing can be called.
    #[error(
        "rpc.handshake: this side speaks protocol {ours} of ipc-runtime, and {endpoint} speaks \
         protocol {theirs}; update the older side"
    )]
    #[non_exhaustive]
    ProtocolMismatch {
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// The protocol of this side.
        ours: u32,
        /// The protocol of the other side.
        theirs: u32,
    },

    /// The other side knows no such method, or not even its channel.
    #[error("{method} can't be called at {endpoint}{} {message}", colon(.endpoint))]
    #[non_exhaustive]
    NotFound {
        /// The method with its channel, or the channel alone when an interface was opened.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// What the other side said: which of both it doesn't know.
        message: String,
    },

    /// The other side is a plain JSON-RPC server
    /// ([`FrontendBuilder::plain_json_rpc`](crate::FrontendBuilder::plain_json_rpc)), which has
    /// nothing of this kind. Nothing was sent.
    #[error("{method} can't be called at {endpoint}, a plain JSON-RPC server: {message}")]
    #[non_exhaustive]
    Unsupported {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// What it doesn't have.
        message: &'static str,
    },

    /// The other side couldn't make the method's arguments of what it was sent.
    #[error("{method} was called with arguments that {endpoint} refuses: {message}")]
    #[non_exhaustive]
    InvalidArguments {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// What the other side said: the argument, and what is wrong with it.
        message: String,
    },

    /// The handler panicked, or what it returned couldn't be serialized. What a panic said stays
    /// in the other side's log.
    #[error("{method} failed inside {endpoint}{} {message}", colon(.endpoint))]
    #[non_exhaustive]
    HandlerFailed {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// What the other side said.
        message: String,
    },

    /// The other side doesn't allow it. The method has not run.
    #[error("{method} is not allowed at {endpoint}{} {message}", colon(.endpoint))]
    #[non_exhaustive]
    Unauthorized {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// What the other side said.
        message: String,
    },

    /// The other side is about to close the connection. The method has not run.
    #[error("{method} did not run: {endpoint} is closing")]
    #[non_exhaustive]
    Closing {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
    },

    /// So many items of a subscription were dropped, since they weren't read fast enough. The
    /// subscription goes on.
    #[error(
        "{count} {} dropped: {} read fast enough",
        if *.count == 1 { format!("item of {method} was") } else { format!("items of {method} were") },
        if *.count == 1 { "it wasn't" } else { "they weren't" }
    )]
    #[non_exhaustive]
    Lagged {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// How many.
        count: u64,
    },

    /// Items of a subscription were lost, and nobody knows how many. The subscription goes on.
    #[error("items of {method} were lost: {endpoint} couldn't send them again")]
    #[non_exhaustive]
    Gap {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
    },

    /// The other side has sent far more items than it was told to, and they weren't read fast
    /// enough. That ends the subscription or stream.
    #[error(
        "{method} was ended: {endpoint} sent items faster than they were read, and doesn't wait; \
         read them faster, or raise `Limits::subscription_window`"
    )]
    #[non_exhaustive]
    Overrun {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
    },

    /// The request or its reply is larger than one of both sides takes.
    #[error(
        "{method}: the {what} of {size} bytes is larger than the {limit} that may travel to or \
         from {endpoint}; raise `Limits::max_message_bytes`, or send it in parts"
    )]
    #[non_exhaustive]
    TooLarge {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// `request` or `reply`.
        what: &'static str,
        /// In bytes.
        size: u64,
        /// In bytes.
        limit: u64,
    },

    /// An argument couldn't be serialized. Nothing was sent.
    #[error("{method} was not called: {message}")]
    #[non_exhaustive]
    Encode {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// Which argument, and why.
        message: String,
    },

    /// The answer couldn't be deserialized as what the method returns.
    #[error("{method} was answered by {endpoint} with something else than it returns: {message}")]
    #[non_exhaustive]
    Decode {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// What didn't fit.
        message: String,
    },

    /// Any other error that the other side answered with.
    #[error(
        "{method} failed at {endpoint}{} {} (code {})",
        colon(.endpoint), .error.message, .error.code
    )]
    #[non_exhaustive]
    Remote {
        /// The method, with its channel.
        method: Cow<'static, str>,
        /// The endpoint of the connection.
        endpoint: Arc<str>,
        /// The error, as it was sent.
        error: Box<ErrorObject>,
    },
}

impl IpcError {
    /// The method that was called, with its channel; the channel alone where an interface was
    /// opened.
    pub fn method(&self) -> &str {
        match self {
            Self::VersionMismatch(mismatch) => mismatch.channel,
            Self::ProtocolMismatch { .. } => "rpc.handshake",
            Self::Disconnected { method, .. }
            | Self::NotConnected { method, .. }
            | Self::DeadlineExceeded { method, .. }
            | Self::Cancelled { method, .. }
            | Self::NotFound { method, .. }
            | Self::Unsupported { method, .. }
            | Self::Unauthorized { method, .. }
            | Self::InvalidArguments { method, .. }
            | Self::HandlerFailed { method, .. }
            | Self::Closing { method, .. }
            | Self::Lagged { method, .. }
            | Self::Gap { method, .. }
            | Self::Overrun { method, .. }
            | Self::TooLarge { method, .. }
            | Self::Encode { method, .. }
            | Self::Decode { method, .. }
            | Self::Remote { method, .. } => method,
        }
    }

    /// Whether the method may have run, wholly or in part. Where it can't have, calling it again is
    /// safe whatever it does.
    pub fn may_have_run(&self) -> bool {
        match self {
            Self::Disconnected { may_have_run, .. } => *may_have_run,
            Self::TooLarge { what, .. } => *what == "reply",
            Self::DeadlineExceeded { .. }
            | Self::Cancelled { .. }
            | Self::HandlerFailed { .. }
            | Self::Lagged { .. }
            | Self::Gap { .. }
            | Self::Overrun { .. }
            | Self::Decode { .. }
            | Self::Remote { .. } => true,
            Self::VersionMismatch(_)
            | Self::ProtocolMismatch { .. }
            | Self::NotConnected { .. }
            | Self::NotFound { .. }
            | Self::Unsupported { .. }
            | Self::Unauthorized { .. }
            | Self::InvalidArguments { .. }
            | Self::Closing { .. }
            | Self::Encode { .. } => false,
        }
    }

    /// What an error object says that isn't the method's own error.
    pub(crate) fn from_object(
        method: Cow<'static, str>,
        endpoint: &Arc<str>,
        error: ErrorObject,
    ) -> Self {
        let endpoint = endpoint.clone();
        match error.code {
            code::METHOD_NOT_FOUND => Self::NotFound { method, endpoint, message: error.message },
            code::UNAUTHORIZED => Self::Unauthorized { method, endpoint, message: error.message },
            code::INVALID_PARAMS => {
                Self::InvalidArguments { method, endpoint, message: error.message }
            }
            code::INTERNAL_ERROR => {
                Self::HandlerFailed { method, endpoint, message: error.message }
            }
            code::CLOSING => Self::Closing { method, endpoint },
            code::CANCELLED => Self::Cancelled { method, endpoint },
            code::REQUEST_TOO_LARGE | code::REPLY_TOO_LARGE => {
                let Sizes { limit, size } = error.data_as().unwrap_or_default();
                let request = error.code == code::REQUEST_TOO_LARGE;
                let what = if request { "request" } else { "reply" };
                Self::TooLarge { method, endpoint, what, size, limit }
            }
            _ => Self::Remote { method, endpoint, error: Box::new(error) },
        }
    }
}

/// The data of -32007 and -32008.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Sizes {
    pub(crate) limit: u64,
    pub(crate) size: u64,
}
