//! Messages of JSON-RPC 2.0.
//!
//! [`MessageCodec`](message_codec::MessageCodec) is what every encoding implements, in `json/` and
//! `msgpack/`; [`envelope`] reads a message with it, [`encoded`] writes one.

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

/// One JSON-RPC message, borrowing from the frame.
#[derive(Debug, PartialEq)]
pub(crate) enum Message<'a> {
    Request {
        id: Id,
        call: Invocation<'a>,
    },
    Notification(Invocation<'a>),
    /// A reply; `Err` where it doesn't hold exactly one of `result` and `error`.
    Response {
        id: Id,
        outcome: Result<ReplyOutcome<'a>, &'static str>,
    },
}

/// What a request or a notification asks for.
#[derive(Debug, PartialEq)]
pub(crate) struct Invocation<'a> {
    pub(crate) method: Cow<'a, str>,
    /// An array or an object, as it stands; `None` where absent or `null`.
    pub(crate) params: Option<&'a [u8]>,
    /// The `ipc` member, as it stands.
    pub(crate) extension: Option<&'a [u8]>,
}

/// What a reply says.
#[derive(Debug, PartialEq)]
pub(crate) enum ReplyOutcome<'a> {
    Result(&'a [u8]),
    Error(&'a [u8]),
}

/// Why a frame is no message.
#[derive(Debug, PartialEq)]
pub(crate) enum Malformed {
    /// No JSON: -32700, which is answered with id null, unless a call or a stream waits for it.
    Syntax(String),
    /// JSON, but no JSON-RPC: -32600, with the id where one could be read.
    Invalid { id: Id, why: &'static str },
    /// The same of a message with an id and nothing else that counts: it may have been meant as a
    /// reply.
    Bare { id: Id, why: &'static str },
    /// It is nested deeper than is taken here: -32600 too.
    TooDeep { id: Option<Id>, is_reply: bool, depth: usize },
}

/// Whether a name is one of the runtime's own: they bypass registries and limits.
pub(crate) fn is_reserved(method: &str) -> bool {
    method.starts_with("rpc.") || method.starts_with("$/")
}

/// Whether a reserved name is the app's, where the other side is a plain JSON-RPC server: a language
/// server's notifications may begin like the runtime's own.
pub(crate) fn is_of_plain_server(method: &str) -> bool {
    method.starts_with("$/") && method != "$/cancelRequest"
}

/// Whose item a message is that can't be read whole.
#[derive(Debug, PartialEq)]
pub(crate) enum ItemOf {
    Subscription(Id),
    Stream(u64),
}
