//! JSON-RPC 2.0 messages.
//!
//! Each encoding implements [`MessageCodec`](message_codec::MessageCodec), in `json/` and
//! `msgpack/`. [`envelope`] reads messages with it, [`encoded`] writes them.

pub(crate) mod batch;
pub(crate) mod call_form;
pub(crate) mod encoded;
pub(crate) mod envelope;
pub(crate) mod error_object;
pub(crate) mod extension;
pub(crate) mod id;
pub(crate) mod item;
pub(crate) mod item_event;
pub(crate) mod item_form;
pub(crate) mod json;
pub(crate) mod members;
pub(crate) mod message_codec;
#[cfg(feature = "msgpack")]
pub(crate) mod msgpack;
#[cfg(test)]
mod properties;
#[cfg(any(test, fuzzing))]
pub(crate) mod reference;
pub(crate) mod refusals;
pub(crate) mod response_body;

use std::borrow::Cow;

use crate::message::id::Id;

/// One JSON-RPC message, which borrows from the frame.
#[derive(Debug, PartialEq)]
pub(crate) enum Message<'a> {
    Request {
        id: Id,
        call: Invocation<'a>,
    },
    Notification(Invocation<'a>),
    /// A reply. `Err` if it doesn't hold exactly one of `result` and `error`, or has another
    /// version.
    Response {
        id: Id,
        outcome: Result<ReplyOutcome<'a>, &'static str>,
    },
}

/// What a request or a notification calls.
#[derive(Debug, PartialEq)]
pub(crate) struct Invocation<'a> {
    pub(crate) method: Cow<'a, str>,
    /// An array or an object, as raw bytes; `None` if absent or `null`.
    pub(crate) params: Option<&'a [u8]>,
    /// The `ipc` member, as raw bytes.
    pub(crate) extension: Option<&'a [u8]>,
}

/// The content of a reply, as raw bytes.
#[derive(Debug, PartialEq)]
pub(crate) enum ReplyOutcome<'a> {
    Result(&'a [u8]),
    Error(&'a [u8]),
}

/// Why a frame isn't a valid message.
#[derive(Debug, PartialEq)]
pub(crate) enum Malformed {
    /// It isn't JSON (or MessagePack). Answered with -32700 and id null, unless a call or a stream
    /// waits for it.
    Syntax(String),
    /// JSON, but not JSON-RPC. Answered with -32600, and with the id if it could be read.
    Invalid { id: Id, why: &'static str },
    /// Like `Invalid`, for a message that has an id but no method, result or error. It may have
    /// been meant as a reply.
    Bare { id: Id, why: &'static str },
    /// It is nested deeper than this side accepts. Answered with -32600, unless it is a reply or an
    /// item.
    TooDeep { id: Option<Id>, is_reply: bool, depth: usize },
}

/// Whether a method's name is one of the runtime's own. Those bypass registries and limits.
pub(crate) fn is_reserved(method: &str) -> bool {
    method.starts_with("rpc.") || method.starts_with("$/")
}

/// The method that tells what a side exposes. The name is reserved, but who calls it is the app.
pub(crate) const DISCOVER: &str = "rpc.discover";

/// Whether a message that this side sends is the runtime's own: it bypasses middleware and limits,
/// and isn't repeated as the app's are.
pub(crate) fn is_of_runtime(method: &str) -> bool {
    is_reserved(method) && method != DISCOVER
}

/// Whether a reserved name is the app's if the peer is a plain JSON-RPC server: a language server's
/// notifications may begin with `$/` like the runtime's own.
pub(crate) fn is_of_plain_server(method: &str) -> bool {
    method.starts_with("$/") && method != "$/cancelRequest"
}

/// The owner of an item whose message can't be read whole.
#[derive(Debug, PartialEq)]
pub(crate) enum ItemOf {
    Subscription(Id),
    Stream(u64),
}
