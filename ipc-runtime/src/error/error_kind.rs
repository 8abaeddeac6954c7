//! The kinds of failures of a call.

use std::fmt;

/// The kind of an [`IpcError`](crate::IpcError): what to match on.
///
/// The list is the same for clients in all languages. In Rust it may grow, so a `match` has a `_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The connection ended before the answer came, or had ended before the call.
    /// [`reason`](crate::IpcError::reason) is why, and
    /// [`may_have_run`](crate::IpcError::may_have_run) whether the request had left this process.
    Disconnected,
    /// There is no connection, or none yet. The method has not run.
    NotConnected,
    /// The [deadline](crate::IpcError::timeout) passed before the answer came. The caller's side
    /// has asked the handler to stop.
    DeadlineExceeded,
    /// The other side stopped the handler before it was done (-32800).
    Cancelled,
    /// Both sides know the channel, in versions that don't fit together.
    /// [`version_mismatch`](crate::IpcError::version_mismatch) names what differs.
    VersionMismatch,
    /// The other side speaks another version of the wire protocol, so that nothing can be called:
    /// see [`protocol_mismatch`](crate::IpcError::protocol_mismatch).
    ProtocolMismatch,
    /// The other side knows no such method, or not even its channel (-32601).
    NotFound,
    /// The other side is a plain JSON-RPC server
    /// ([`plain_json_rpc`](crate::FrontendBuilder::plain_json_rpc)), which has nothing of this
    /// kind. Nothing was sent.
    Unsupported,
    /// The other side couldn't decode the method's arguments (-32602). The method has not run.
    InvalidArguments,
    /// The handler panicked, or what it returned couldn't be serialized (-32603). The text of a
    /// panic stays in the other side's log.
    HandlerFailed,
    /// The other side doesn't allow the call (-32001). The method has not run.
    Unauthorized,
    /// The other side is about to close the connection (-32005). The method has not run.
    Closing,
    /// The other side refused the call because one of its limits is reached (-32009): the requests
    /// in flight or the open subscriptions, for example. The method has not run.
    /// [`error_object`](crate::IpcError::error_object) has the limit's name and value as its data.
    /// A backend that has too many connections doesn't answer calls with this: connecting fails,
    /// see [`Limits::max_connections`](crate::Limits::max_connections).
    LimitReached,
    /// Items of a subscription were dropped since they weren't read fast enough:
    /// [`missed_items`](crate::IpcError::missed_items) of them. The subscription goes on.
    Lagged,
    /// Items of a subscription were lost, and nobody knows how many. The subscription goes on.
    Gap,
    /// The other side sent far more items than this side had asked for, and this side didn't read
    /// them fast enough. The subscription or stream ends. Peers that use this crate never do that.
    Overrun,
    /// The request or its reply is larger than one of both sides takes (-32007, -32008): see
    /// [`size`](crate::IpcError::size) and [`limit`](crate::IpcError::limit).
    TooLarge,
    /// An argument couldn't be serialized. Nothing was sent.
    Encode,
    /// The answer couldn't be deserialized as what the method returns.
    Decode,
    /// Any other error that the other side answered with. Also a method's own error that this side
    /// can't decode, for example because a newer backend has added a variant.
    /// [`error_object`](crate::IpcError::error_object) has what the other side sent.
    Remote,
}

/// A few words, such as `deadline exceeded`: for metrics and logs.
impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disconnected => "disconnected",
            Self::NotConnected => "not connected",
            Self::DeadlineExceeded => "deadline exceeded",
            Self::Cancelled => "cancelled",
            Self::VersionMismatch => "version mismatch",
            Self::ProtocolMismatch => "protocol mismatch",
            Self::NotFound => "not found",
            Self::Unsupported => "unsupported",
            Self::InvalidArguments => "invalid arguments",
            Self::HandlerFailed => "handler failed",
            Self::Unauthorized => "unauthorized",
            Self::Closing => "closing",
            Self::LimitReached => "limit reached",
            Self::Lagged => "lagged",
            Self::Gap => "gap",
            Self::Overrun => "overrun",
            Self::TooLarge => "too large",
            Self::Encode => "not encodable",
            Self::Decode => "not decodable",
            Self::Remote => "remote error",
        })
    }
}
