//! The framings of JSON-RPC servers that know nothing of this project.

use crate::framing::StreamFraming;

/// How a plain JSON-RPC server tells messages apart; see
/// [`FrontendBuilder::plain_json_rpc`](crate::FrontendBuilder::plain_json_rpc).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Framing {
    /// Headers with a `Content-Length` stand ahead of each message, as in the Language Server
    /// Protocol: what vscode-jsonrpc and language servers speak.
    ContentLength,
    /// Each message is a line of JSON, as in the Model Context Protocol.
    Newline,
    /// Each message is one of a WebSocket: for `ws://` and `wss://` alone.
    WebSocket,
}

impl Framing {
    /// The same on a stream of bytes, which has no messages of its own.
    pub(crate) fn of_stream(self) -> Option<StreamFraming> {
        match self {
            Self::ContentLength => Some(StreamFraming::ContentLength),
            Self::Newline => Some(StreamFraming::Newline),
            Self::WebSocket => None,
        }
    }
}
