//! The errors of the protocol, which any call may have.

use crate::{
    message::error_object::code,
    openrpc::json_tree::{JsonMembers, JsonTree},
};

/// By their names in `components.errors`, with their codes and with what they say.
const ERRORS: [(&str, i64, &str); 13] = [
    ("ParseError", code::PARSE_ERROR, "The message can't be read."),
    ("InvalidRequest", code::INVALID_REQUEST, "The message is no JSON-RPC, or not valid now."),
    ("MethodNotFound", code::METHOD_NOT_FOUND, "There is no such channel, method or function."),
    ("InvalidParams", code::INVALID_PARAMS, "The arguments don't fit the method."),
    ("InternalError", code::INTERNAL_ERROR, "The handler panicked, or gave what can't be written."),
    ("Unauthorized", code::UNAUTHORIZED, "The token is wrong, or the call isn't allowed."),
    ("HandshakeRequired", code::HANDSHAKE_REQUIRED, "Call rpc.handshake first."),
    ("VersionMismatch", code::VERSION_MISMATCH, "The versions of an interface don't fit."),
    ("Closing", code::CLOSING, "This side is closing, and takes no more calls."),
    ("RequestTooLarge", code::REQUEST_TOO_LARGE, "The request is larger than what is taken."),
    ("ReplyTooLarge", code::REPLY_TOO_LARGE, "The reply is larger than what the caller takes."),
    ("LimitReached", code::LIMIT_REACHED, "A limit of this side is reached."),
    ("Cancelled", code::CANCELLED, "The call was cancelled."),
];

/// The objects of `components.errors`.
pub(super) fn reserved_errors() -> JsonMembers {
    ERRORS.iter().fold(JsonMembers::new(), |all, (name, code, message)| {
        let error: JsonTree =
            JsonMembers::new().with("code", *code).with("message", *message).into();
        all.with(name, error)
    })
}
