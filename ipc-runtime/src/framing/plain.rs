//! The framings of JSON-RPC servers that aren't written with this crate.

use crate::framing::StreamFraming;

/// How a plain JSON-RPC server separates messages. See
/// [`FrontendBuilder::plain_json_rpc`](crate::FrontendBuilder::plain_json_rpc).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Framing {
    /// Headers with a `Content-Length` precede each message, as in the Language Server Protocol.
    /// vscode-jsonrpc and language servers use this.
    ContentLength,
    /// Each message is a line of JSON, as in the Model Context Protocol.
    Newline,
    /// Each message is a WebSocket message of its own. For `ws://` and `wss://` only.
    WebSocket,
}

impl Framing {
    /// The framing on a byte stream. `None` for WebSockets, whose messages need no framing.
    pub(crate) fn of_stream(self) -> Option<StreamFraming> {
        match self {
            Self::ContentLength => Some(StreamFraming::ContentLength),
            Self::Newline => Some(StreamFraming::Newline),
            Self::WebSocket => None,
        }
    }
}
