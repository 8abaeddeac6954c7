//! Writes envelopes of JSON around payloads that are JSON already.

use crate::{
    message::{
        error_object::ErrorObject,
        id::Id,
        json::value::{integer, json},
    },
    support::item_notes::Position,
};

/// What goes into a reply.
#[derive(Clone, Copy)]
pub(crate) enum ResponseBody<'a> {
    /// A result, encoded.
    Result(&'a [u8]),
    Error(&'a ErrorObject),
}

/// What a request of ours asks for beside its answer: its member `ipc`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extension {
    pub(crate) timeout_ms: Option<u64>,
    /// Progress is reported with the request's id as the token.
    pub(crate) progress: bool,
    /// How deep it is nested in handlers.
    pub(crate) depth: u8,
    /// How many items of the subscription may be sent ahead of their reader.
    pub(crate) window: Option<u64>,
    /// What a returning subscriber has seen last.
    pub(crate) resume: Option<Position>,
}

/// Appends a request. `id` stands before the payload, so that a peer that finds the message too
/// large still sees whom to answer. Params of no bytes are left out.
pub(crate) fn request(
    out: &mut Vec<u8>,
    id: u64,
    method: &str,
    params: &[u8],
    extension: Extension,
) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"id\":");
    integer(out, id);
    out.extend_from_slice(b",\"method\":");
    name(out, method);
    let Extension { timeout_ms, progress, depth, window, resume } = extension;
    let members = [
        (b"\"timeoutMs\":".as_slice(), timeout_ms),
        (b"\"progress\":", progress.then_some(id)),
        (b"\"depth\":", (depth > 0).then_some(depth.into())),
        (b"\"window\":", window),
    ];
    let mut opened = false;
    for (name, value) in members {
        let Some(value) = value else { continue };
        out.extend_from_slice(if opened { b"," } else { b",\"ipc\":{" });
        opened = true;
        out.extend_from_slice(name);
        integer(out, value);
    }
    if let Some(Position { epoch, seq }) = resume {
        out.extend_from_slice(if opened { b"," } else { b",\"ipc\":{" });
        opened = true;
        out.extend_from_slice(b"\"resume\":{\"epoch\":");
        integer(out, epoch);
        out.extend_from_slice(b",\"seq\":");
        integer(out, seq);
        out.push(b'}');
    }
    if opened {
        out.push(b'}');
    }
    self::params(out, params);
}

/// Appends a notification. Params of no bytes are left out.
pub(crate) fn notification(out: &mut Vec<u8>, method: &str, params: &[u8]) {
    out.extend_from_slice(b"{\"jsonrpc\":\"2.0\",\"method\":");
    name(out, method);
    self::params(out, params);
}

fn params(out: &mut Vec<u8>, params: &[u8]) {
    if !params.is_empty() {
        out.extend_from_slice(b",\"params\":");
        out.extend_from_slice(params);
    }
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

/// Appends a method's name. Those of interfaces need no escapes; those of dynamic calls may.
fn name(out: &mut Vec<u8>, name: &str) {
    if name.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        return json(out, &name);
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.push(b'"');
}
