//! What can go wrong, told so that it can be acted on.

use std::{borrow::Cow, fmt, io, panic::Location, sync::Arc, time::Duration};

use serde::de::DeserializeOwned;

use crate::{
    endpoint::{Endpoint, EndpointError},
    message::error_object::{ErrorObject, code},
    support::error_report::debug_as_text,
    version_mismatch::VersionMismatch,
};

debug_as_text! { ConnectError, IpcError, ListenError, RegisterError }

/// The text, as [`Display`](fmt::Display) has it, and the causes that it doesn't tell.
impl<E: fmt::Display> fmt::Debug for CallError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(error) => fmt::Display::fmt(error, f),
            Self::Ipc(error) => fmt::Debug::fmt(error, f),
        }
    }
}

/// What stands between an endpoint and what is said of it: `stdio:` ends with a colon already.
fn colon(endpoint: &impl fmt::Display) -> &'static str {
    if endpoint.to_string().ends_with(':') { "" } else { ":" }
}

/// Why a call failed, other than by its method's own error.
///
/// A method that returns `Result<T, E>` fails with [`CallError<E>`], which holds either an `E` or
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

/// Why a connection has ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// This side closed it.
    ClosedHere,
    /// The other side closed it, or its process ended. What it said before, if anything.
    ClosedByPeer(Option<Arc<str>>),
    /// Reading or writing failed.
    Io(Arc<io::Error>),
    /// The other side broke the protocol in a way that can't be mended.
    Protocol(Arc<str>),
    /// Something else than the runtime has written to the standard output of a backend that this
    /// side has [spawned](crate::Frontend::spawn): a `println!`, or a child of the backend. Its first
    /// characters, those escaped that can't be printed.
    StrayOutput(Arc<str>),
    /// The other side doesn't read what it is sent, and too much was waiting.
    PeerDoesNotRead,
    /// The other side said nothing any more, also when it was asked whether it is there
    /// ([`Limits::heartbeat`](crate::Limits::heartbeat)).
    Unresponsive,
    /// The other side has come back by another connection, which took the place of this one.
    Replaced,
    /// There never was a connection. Why none could be made.
    NeverConnected(Arc<str>),
    /// The other side doesn't let this one in: its token is wrong or missing, or it is another
    /// user's. What it said.
    Unauthorized(Arc<str>),
    /// The other side has come back in a version that doesn't fit.
    VersionMismatch(Box<VersionMismatch>),
    /// The other side has come back, and speaks another version of the wire protocol.
    #[non_exhaustive]
    ProtocolMismatch {
        /// The protocol of this side.
        ours: u32,
        /// The protocol of the other side.
        theirs: u32,
    },
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClosedHere => f.write_str("this side closed it"),
            Self::ClosedByPeer(None) => f.write_str("the other side closed it"),
            Self::ClosedByPeer(Some(why)) => write!(f, "the other side closed it: {why}"),
            Self::Io(error) => error.fmt(f),
            Self::Protocol(what) => write!(f, "the other side broke the protocol: {what}"),
            Self::StrayOutput(said) => write!(
                f,
                "something else than messages was written to the backend's standard output: \
                 `{said}`; a backend on stdio: logs to standard error, and gives its children \
                 another standard output"
            ),
            Self::Unresponsive => f.write_str("the other side doesn't answer any more"),
            Self::Replaced => f.write_str("the other side has come back by another connection"),
            Self::NeverConnected(why) => f.write_str(why),
            Self::Unauthorized(why) => write!(f, "it is not allowed: {why}"),
            Self::VersionMismatch(mismatch) => mismatch.fmt(f),
            Self::ProtocolMismatch { ours, theirs } => write!(
                f,
                "this side speaks protocol {ours} of ipc-runtime, and the other side speaks \
                 protocol {theirs}"
            ),
            Self::PeerDoesNotRead => f.write_str("the other side doesn't read what it is sent"),
        }
    }
}

/// Why a frontend could not connect.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The text is no endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Nobody was reached, or nobody who speaks the protocol. Then the text shows what they said.
    #[error("can't connect to {endpoint}{} {error}", colon(.endpoint))]
    #[non_exhaustive]
    Io {
        /// Where to.
        endpoint: Endpoint,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// Whoever is at the other end of the given stream doesn't speak the protocol.
    #[error("can't connect over the given stream: {0}")]
    Carrier(io::Error),
    /// The other side refused the handshake.
    #[error("{0}")]
    Handshake(IpcError),
}

/// Why a backend could not listen.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The text is no endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The endpoint can't be had.
    #[error("can't listen on {endpoint}{} {error}", colon(.endpoint))]
    #[non_exhaustive]
    Io {
        /// Where.
        endpoint: Endpoint,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// The backend was stopped.
    #[error("can't listen on {}{} this backend was stopped", .0, colon(.0))]
    Stopped(Endpoint),
}

/// Why a handler could not be registered.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// There is a handler for that channel.
    #[error(
        "the channel `{channel}` is taken by {holder}, registered at {holder_place}: remove that \
         registration before the one at {place}, or give one of both another channel"
    )]
    #[non_exhaustive]
    ChannelTaken {
        /// The channel.
        channel: &'static str,
        /// The trait that holds it.
        holder: &'static str,
        /// Where in the source it was to be registered.
        place: &'static Location<'static>,
        /// Where in the source the holder was registered.
        holder_place: &'static Location<'static>,
    },
    /// There is a method or an exposed function with that name.
    #[error(
        "the name `{name}` is taken by what was registered at {holder_place}: remove that before \
         the one at {place}, or give one of both another name"
    )]
    #[non_exhaustive]
    NameTaken {
        /// The name on the wire.
        name: Box<str>,
        /// Where in the source it was to be registered.
        place: &'static Location<'static>,
        /// Where in the source the holder was registered.
        holder_place: &'static Location<'static>,
    },
    /// No function can have this name.
    #[error(
        "`{name}` can't be the name of a function: it must not be empty, and names that begin with \
         `rpc.` or `$/` are the runtime's own"
    )]
    #[non_exhaustive]
    Name {
        /// The name.
        name: Box<str>,
    },
    /// The interface's version is no semantic version, so nobody could be told whether it fits.
    #[error("the interface {interface} has the version `{version}`, which is no semantic version")]
    #[non_exhaustive]
    Version {
        /// The trait.
        interface: &'static str,
        /// Its version.
        version: &'static str,
    },
}

/// A failure of a call, made from an error object that the peer sent.
pub trait Failure: From<IpcError> + Send + 'static {
    /// The method's own error, if that is what the object holds and this can hold it.
    #[doc(hidden)]
    fn from_method_error(error: &ErrorObject) -> Option<Result<Self, String>>;
}

impl Failure for IpcError {
    fn from_method_error(_: &ErrorObject) -> Option<Result<Self, String>> {
        None
    }
}

impl<E: DeserializeOwned + Send + 'static> Failure for CallError<E> {
    fn from_method_error(error: &ErrorObject) -> Option<Result<Self, String>> {
        if error.code != code::METHOD_ERROR {
            return None;
        }
        let data = error.data.as_ref().map_or("null", |data| data.get());
        let decoded = serde_json::from_str(data).map(Self::Method);
        Some(decoded.map_err(|fault| format!("the error of the method: {fault}")))
    }
}

/// What an error object is to whoever has called the method.
pub(crate) fn failure<E: Failure>(
    method: Cow<'static, str>,
    endpoint: &Arc<str>,
    error: ErrorObject,
) -> E {
    match E::from_method_error(&error) {
        Some(Ok(error)) => error,
        Some(Err(message)) => {
            IpcError::Decode { method, endpoint: endpoint.clone(), message }.into()
        }
        None => IpcError::from_object(method, endpoint, error).into(),
    }
}

/// The same, sent by a plain JSON-RPC server: codes that aren't JSON-RPC's own are the server's.
pub(crate) fn plain_failure<E: Failure>(
    method: Cow<'static, str>,
    endpoint: &Arc<str>,
    error: ErrorObject,
) -> E {
    if let Some(Ok(error)) = E::from_method_error(&error) {
        return error;
    }
    let failure = match error.code {
        code::METHOD_NOT_FOUND | code::INVALID_PARAMS | code::INTERNAL_ERROR | code::CANCELLED => {
            IpcError::from_object(method, endpoint, error)
        }
        _ => IpcError::Remote { method, endpoint: endpoint.clone(), error: Box::new(error) },
    };
    failure.into()
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

#[cfg(test)]
mod tests {
    use std::io;

    use crate::error::ConnectError;

    #[test]
    fn debug_is_the_text() {
        let error = ConnectError::Carrier(io::Error::other("no disk"));
        assert_eq!(format!("{error:?}"), "can't connect over the given stream: no disk");
    }
}
