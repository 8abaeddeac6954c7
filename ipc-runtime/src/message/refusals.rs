//! Answers to peers that are refused before anything is known about them.

use crate::{
    codec::Encoding,
    message::{
        encoded::error_response,
        error_object::{ErrorObject, MAX_CONNECTIONS, code},
        id::Id,
    },
};

/// A line for a peer whose first bytes match no known framing.
pub(crate) fn not_understood(why: &str) -> Vec<u8> {
    let mut line = Vec::new();
    let error = ErrorObject::new(code::PARSE_ERROR, format!("not understood: {why}"));
    error_response(Encoding::Json, &mut line, &Id::Null, &error);
    line.push(b'\n');
    line
}

/// The answer to a peer that isn't let in, whatever it sends.
#[cfg_attr(not(all(unix, feature = "local")), allow(dead_code, reason = "others aren't known"))]
pub(crate) fn not_let_in(encoding: Encoding, why: &str) -> Vec<u8> {
    let mut payload = Vec::new();
    error_response(encoding, &mut payload, &Id::Null, &ErrorObject::unauthorized(why));
    payload
}

/// The answer to a peer that would exceed the limit on connections.
pub(crate) fn no_place(encoding: Encoding, why: &str, max_connections: usize) -> Vec<u8> {
    let error = no_place_error(why, max_connections);
    let mut payload = Vec::new();
    error_response(encoding, &mut payload, &Id::Null, &error);
    payload
}

/// The error for a peer that would exceed the limit on connections.
pub(crate) fn no_place_error(why: &str, max_connections: usize) -> ErrorObject {
    let reached = serde_json::json!({ "limit": MAX_CONNECTIONS, "value": max_connections });
    ErrorObject::new(code::LIMIT_REACHED, why).with_data(&reached)
}
