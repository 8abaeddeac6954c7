//! The kinds of failures of a call.

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
    /// The other side couldn't make the method's arguments of what it was sent (-32602).
    InvalidArguments,
    /// The handler panicked, or what it returned couldn't be serialized (-32603). The text of a
    /// panic stays in the other side's log.
    HandlerFailed,
    /// The other side doesn't allow the call (-32001). The method has not run.
    Unauthorized,
    /// The other side is about to close the connection (-32005). The method has not run.
    Closing,
    /// The other side refused the call because one of its limits is reached (-32009): calls in
    /// flight, open subscriptions, or connections, say. The method has not run.
    /// [`error_object`](crate::IpcError::error_object) has the limit's name and value as its data.
    LimitReached,
    /// Items of a subscription were dropped since they weren't read fast enough:
    /// [`lost_items`](crate::IpcError::lost_items) of them. The subscription goes on.
    Lagged,
    /// Items of a subscription were lost, and nobody knows how many. The subscription goes on.
    Gap,
    /// The other side sent far more items than it was asked for, and they weren't read fast enough.
    /// That ends the subscription or stream.
    Overrun,
    /// The request or its reply is larger than one of both sides takes (-32007, -32008): see
    /// [`size`](crate::IpcError::size) and [`limit`](crate::IpcError::limit).
    TooLarge,
    /// An argument couldn't be serialized. Nothing was sent.
    Encode,
    /// The answer couldn't be deserialized as what the method returns.
    Decode,
    /// Any other error that the other side answered with; also a method's own error that this side
    /// can't decode as the type that its interface has, as of a newer backend.
    /// [`error_object`](crate::IpcError::error_object) is what was sent.
    Remote,
}
