//! Writes JSON envelopes around payloads that are JSON already.

use crate::{
    message::{
        extension::Extension,
        id::Id,
        item::SpokenEvent,
        item_event::{ItemEvent, Loss},
        json::{
            id,
            value::{integer, json},
        },
        response_body::ResponseBody,
    },
    support::item_notes::Position,
};

/// Appends a request. `id` comes before the payload, so that a peer that finds the message too
/// large can still answer it. Empty params are left out.
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

/// Appends a notification. Empty params are left out.
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
    id::write(out, id);
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

/// Appends the params of a subscription's notification. `seq` and `epoch` belong to an item.
/// `epoch` is written only if the peer doesn't know it yet.
pub(crate) fn subscription_params(
    out: &mut Vec<u8>,
    subscription: u64,
    event: &SpokenEvent<'_>,
    seq: Option<u64>,
    epoch: Option<u64>,
) {
    out.extend_from_slice(b"{\"subscription\":");
    integer(out, subscription);
    event_body(out, "result", event);
    for (name, value) in [("seq", seq), ("epoch", epoch)] {
        if let Some(value) = value {
            out.extend_from_slice(format!(",\"{name}\":{value}").as_bytes());
        }
    }
    out.push(b'}');
}

/// Appends the params of a `$/stream`.
pub(crate) fn stream_params(out: &mut Vec<u8>, stream: u64, event: &SpokenEvent<'_>) {
    out.extend_from_slice(b"{\"stream\":");
    integer(out, stream);
    event_body(out, "item", event);
    out.push(b'}');
}

/// Appends the params of a `$/progress`, with the token as it was received.
pub(crate) fn progress_params(out: &mut Vec<u8>, token: &Id, value: &[u8]) {
    out.extend_from_slice(b"{\"token\":");
    id::write(out, token);
    out.extend_from_slice(b",\"value\":");
    out.extend_from_slice(value);
    out.push(b'}');
}

fn event_body(out: &mut Vec<u8>, item_name: &str, event: &SpokenEvent<'_>) {
    match event {
        ItemEvent::Item(item) => {
            out.extend_from_slice(b",\"");
            out.extend_from_slice(item_name.as_bytes());
            out.extend_from_slice(b"\":");
            out.extend_from_slice(item);
        }
        ItemEvent::End(Ok(())) => out.extend_from_slice(b",\"done\":true"),
        ItemEvent::Lost(Loss::Gap) => out.extend_from_slice(b",\"gap\":true"),
        ItemEvent::Lost(Loss::Lagged(count)) => {
            out.extend_from_slice(b",\"lagged\":");
            integer(out, *count);
        }
        ItemEvent::End(Err(error)) => {
            out.extend_from_slice(b",\"error\":");
            json(out, error);
        }
    }
}

/// Appends a method's name. Names of interfaces need no escapes; those of dynamic calls may.
fn name(out: &mut Vec<u8>, name: &str) {
    if name.bytes().any(|byte| byte < 0x20 || matches!(byte, b'"' | b'\\')) {
        return json(out, &name);
    }
    out.push(b'"');
    out.extend_from_slice(name.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(event: &SpokenEvent<'_>, seq: Option<u64>, epoch: Option<u64>) -> String {
        let mut out = Vec::new();
        subscription_params(&mut out, 7, event, seq, epoch);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn words_have_the_shape_of_the_protocol() {
        let item = text(&ItemEvent::Item(b"{\"a\":1}"), Some(12), Some(5));
        assert_eq!(item, r#"{"subscription":7,"result":{"a":1},"seq":12,"epoch":5}"#);
        assert_eq!(text(&ItemEvent::End(Ok(())), None, None), r#"{"subscription":7,"done":true}"#);
        assert_eq!(
            text(&ItemEvent::Lost(Loss::Lagged(31)), None, None),
            r#"{"subscription":7,"lagged":31}"#
        );
        assert_eq!(
            text(&ItemEvent::Lost(Loss::Gap), None, None),
            r#"{"subscription":7,"gap":true}"#
        );
    }
}
