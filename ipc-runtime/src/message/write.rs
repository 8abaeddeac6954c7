//! Writes envelopes around payloads that are JSON already.

use serde::Serialize;

use super::{ErrorObject, Id};

/// What goes into a reply.
pub(crate) enum ResponseBody<'a> {
    /// A result, as JSON.
    Result(&'a [u8]),
    Error(&'a ErrorObject),
}

/// Appends a request. `id` stands before the payload, so that a peer that finds the message too
/// large still sees whom to answer.
pub(crate) fn request(
    out: &mut Vec<u8>,
    id: u64,
    method: &str,
    params: &[u8],
    timeout_ms: Option<u64>,
) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    integer(out, id);
    out.extend_from_slice(b",\"method\":");
    name(out, method);
    if let Some(ms) = timeout_ms {
        out.extend_from_slice(b",\"ipc\":{\"timeoutMs\":");
        integer(out, ms);
        out.push(b'}');
    }
    out.extend_from_slice(b",\"params\":");
    out.extend_from_slice(params);
    out.push(b'}');
}

/// Appends a notification.
pub(crate) fn notification(out: &mut Vec<u8>, method: &str, params: &[u8]) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"method\":");
    name(out, method);
    out.extend_from_slice(b",\"params\":");
    out.extend_from_slice(params);
    out.push(b'}');
}

/// Appends a reply.
pub(crate) fn response(out: &mut Vec<u8>, id: &Id, body: ResponseBody<'_>) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    id.write(out);
    match body {
        ResponseBody::Result(json) => {
            out.extend_from_slice(b",\"result\":");
            out.extend_from_slice(json);
        }
        ResponseBody::Error(error) => {
            out.extend_from_slice(b",\"error\":");
            json(out, error);
        }
    }
    out.push(b'}');
}

/// Appends an error as a reply.
pub(crate) fn error_response(out: &mut Vec<u8>, id: &Id, error: &ErrorObject) {
    response(out, id, ResponseBody::Error(error));
}

/// Appends a method's name. Those of interfaces need no escapes; those of dynamic calls may.
fn name(out: &mut Vec<u8>, name: &str) {
    if name.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        return json(out, &name);
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.push(b'"');
}

/// Appends an integer in decimal digits.
pub(super) fn integer(out: &mut Vec<u8>, number: u64) {
    json(out, &number);
}

/// Appends a value that can't fail to be serialized: integers, strings and raw JSON.
fn json(out: &mut Vec<u8>, value: &impl Serialize) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok());
}
