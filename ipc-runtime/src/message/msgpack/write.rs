//! Writes MessagePack envelopes around payloads that are MessagePack already.

use rmp::encode;
use serde::Serialize;

use crate::{
    codec::{msgpack::MessagePack, value_codec::ValueCodec},
    message::{
        error_object::ErrorObject,
        extension::Extension,
        id::Id,
        item::SpokenEvent,
        item_event::{ItemEvent, Loss},
        response_body::ResponseBody,
    },
    support::item_notes::Position,
};

/// Asserts that a write to a vector succeeded: it can't fail.
fn sure<T, E>(written: Result<T, E>) {
    debug_assert!(written.is_ok());
}

fn map(out: &mut Vec<u8>, entries: u32) {
    sure(encode::write_map_len(out, entries));
}

fn text(out: &mut Vec<u8>, text: &str) {
    sure(encode::write_str(out, text));
}

fn number(out: &mut Vec<u8>, number: u64) {
    sure(encode::write_uint(out, number));
}

fn value(out: &mut Vec<u8>, value: &impl Serialize) {
    sure(MessagePack::encode(out, value));
}

/// Appends an error. If its data can't be encoded, since it is nested deeper than any peer accepts,
/// the error is sent without it: the error itself matters more.
fn error_object(out: &mut Vec<u8>, error: &ErrorObject) {
    let before = out.len();
    if let Err(why) = MessagePack::encode(out, error) {
        out.truncate(before);
        tracing::warn!(code = error.code, why, "an error is sent without its data");
        value(out, &ErrorObject::new(error.code, error.message.as_str()));
    }
}

fn head(out: &mut Vec<u8>, entries: u32) {
    map(out, entries);
    text(out, "jsonrpc");
    text(out, "2.0");
}

/// Appends a request. `id` comes before the payload, as in JSON.
pub(crate) fn request(
    out: &mut Vec<u8>,
    id: u64,
    method: &str,
    params: &[u8],
    extension: Extension,
) {
    let Extension { timeout_ms, progress, depth, window, resume } = extension;
    let members = [
        ("timeoutMs", timeout_ms),
        ("progress", progress.then_some(id)),
        ("depth", (depth > 0).then_some(depth.into())),
        ("window", window),
    ];
    let extended = members.iter().filter(|(_, value)| value.is_some()).count();
    let extended = extended as u32 + u32::from(resume.is_some());
    head(out, if extended > 0 { 5 } else { 4 });
    text(out, "id");
    number(out, id);
    text(out, "method");
    text(out, method);
    if extended > 0 {
        text(out, "ipc");
        map(out, extended);
        for (name, value) in members {
            if let Some(value) = value {
                text(out, name);
                number(out, value);
            }
        }
        if let Some(Position { epoch, seq }) = resume {
            text(out, "resume");
            map(out, 2);
            text(out, "epoch");
            number(out, epoch);
            text(out, "seq");
            number(out, seq);
        }
    }
    text(out, "params");
    out.extend_from_slice(params);
}

/// Appends a notification.
pub(crate) fn notification(out: &mut Vec<u8>, method: &str, params: &[u8]) {
    head(out, 3);
    text(out, "method");
    text(out, method);
    text(out, "params");
    out.extend_from_slice(params);
}

/// Appends a reply.
pub(crate) fn response(out: &mut Vec<u8>, id: &Id, body: ResponseBody<'_>) {
    head(out, 3);
    text(out, "id");
    value(out, id);
    match body {
        ResponseBody::Result(result) => {
            text(out, "result");
            out.extend_from_slice(result);
        }
        ResponseBody::Error(error) => {
            text(out, "error");
            error_object(out, error);
        }
    }
}

/// Appends the params of a subscription's notification.
pub(crate) fn subscription_params(
    out: &mut Vec<u8>,
    subscription: u64,
    event: &SpokenEvent<'_>,
    seq: Option<u64>,
    epoch: Option<u64>,
) {
    let more = u32::from(seq.is_some()) + u32::from(epoch.is_some());
    map(out, 2 + more);
    text(out, "subscription");
    number(out, subscription);
    event_body(out, "result", event);
    place(out, seq, epoch);
}

/// Appends an item's position, which follows the item in the params. Returns how many members it
/// has.
pub(crate) fn place(out: &mut Vec<u8>, seq: Option<u64>, epoch: Option<u64>) -> u8 {
    let mut members = 0;
    // The names include their MessagePack headers.
    for (name, value) in [(b"\xa3seq".as_slice(), seq), (b"\xa5epoch", epoch)] {
        if let Some(value) = value {
            out.extend_from_slice(name);
            number(out, value);
            members += 1;
        }
    }
    members
}

/// Appends the params of a `$/stream`.
pub(crate) fn stream_params(out: &mut Vec<u8>, stream: u64, event: &SpokenEvent<'_>) {
    map(out, 2);
    text(out, "stream");
    number(out, stream);
    event_body(out, "item", event);
}

/// Appends the params of a `$/progress`.
pub(crate) fn progress_params(out: &mut Vec<u8>, token: &Id, report: &[u8]) {
    map(out, 2);
    text(out, "token");
    value(out, token);
    text(out, "value");
    out.extend_from_slice(report);
}

fn event_body(out: &mut Vec<u8>, item_name: &str, event: &SpokenEvent<'_>) {
    match event {
        ItemEvent::Item(item) => {
            text(out, item_name);
            out.extend_from_slice(item);
        }
        ItemEvent::End(Ok(())) => {
            text(out, "done");
            value(out, &true);
        }
        ItemEvent::Lost(Loss::Gap) => {
            text(out, "gap");
            value(out, &true);
        }
        ItemEvent::Lost(Loss::Lagged(count)) => {
            text(out, "lagged");
            number(out, *count);
        }
        ItemEvent::End(Err(error)) => {
            text(out, "error");
            error_object(out, error);
        }
    }
}
