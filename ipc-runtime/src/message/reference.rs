//! Reads messages with serde_json, as a reference for [`parse`](crate::message::envelope::parse) in
//! tests.

use std::collections::BTreeMap;

#[cfg(feature = "msgpack")]
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

#[cfg(feature = "msgpack")]
use crate::message::envelope::{id_in_prefix, item_in_prefix};
use crate::{
    codec::{Encoding, extent::Extent},
    message::{
        Malformed, Message, ReplyOutcome, call_form::CallForm, encoded, envelope::parse, id::Id,
    },
};

/// The last member of each name: the one that counts.
type Members<'a> = BTreeMap<String, &'a RawValue>;

/// The expected outcome for a frame.
#[derive(Debug, PartialEq)]
enum Verdict {
    Syntax,
    /// With the id, or `null` if none could be read.
    Invalid(String),
    Request(String, Call),
    Notification(Call),
    /// With the result (`Ok`) or the error (`Err`); `None` if the reply isn't valid.
    Response(String, Option<Result<String, String>>),
}

#[derive(Debug, PartialEq)]
struct Call {
    method: String,
    params: Option<String>,
    extension: Option<String>,
}

/// Compares how `parse` and serde_json read a frame.
///
/// `parse` checks only the envelope, so it may accept a frame that isn't JSON if the error lies
/// inside of a value. Such a frame passes here; its value fails when it is decoded.
///
/// # Panics
///
/// If they don't agree.
pub(crate) fn compare(frame: &[u8]) {
    compare_form(Encoding::Json, frame, |payload| {
        serde_json::from_slice::<&RawValue>(payload).is_ok()
    });
    let parsed = verdict(parse(Encoding::Json, frame, usize::MAX));
    let text = String::from_utf8_lossy(frame);
    if serde_json::from_slice::<&RawValue>(frame).is_err() {
        // Only an object gets past the check of the envelope.
        let as_object = text.trim_start_matches([' ', '\t', '\r', '\n']).starts_with('{');
        assert!(parsed == Verdict::Syntax || as_object, "{text}: {parsed:?}");
        return;
    }
    match serde_json::from_slice::<Members<'_>>(frame) {
        Ok(members) => assert_eq!(parsed, expected(&members), "{text}"),
        // Rust has no text for a key with half a surrogate pair.
        Err(error) if error.to_string().contains("surrogate") => {
            assert_ne!(parsed, Verdict::Syntax, "{text}");
        }
        Err(_) => {
            let is_object = text.trim_start().starts_with('{');
            assert!(is_object || parsed == Verdict::Invalid("null".into()), "{text}: {parsed:?}");
        }
    }
}

/// Compares how a message is read in both encodings.
///
/// # Panics
///
/// If the outcomes differ.
#[cfg(feature = "msgpack")]
pub(crate) fn compare_encodings(message: &serde_json::Value, max_depth: usize) {
    let json = message.to_string().into_bytes();
    let packed = Encoding::MessagePack.own(message);
    let frames = [(Encoding::Json, &json), (Encoding::MessagePack, &packed)];
    let [(json, json_is_of), (packed, packed_is_of)] = frames.map(|(encoding, frame)| {
        let value = |bytes: &[u8]| encoding.decode_any(bytes).unwrap_or_default().to_string();
        let verdict = match parse(encoding, frame, max_depth) {
            Err(Malformed::TooDeep { id, is_reply, depth }) => Err((id, is_reply, depth)),
            parsed => Ok(verdict_of(parsed, value)),
        };
        (verdict, (id_in_prefix(encoding, frame), item_in_prefix(encoding, frame)))
    });
    assert_eq!(json, packed, "{message}");
    assert_eq!(json_is_of, packed_is_of, "{message}");
}

/// Reads bytes as MessagePack and checks that bytes that aren't a value aren't a message either.
///
/// # Panics
///
/// If they are taken for one.
#[cfg(feature = "msgpack")]
pub(crate) fn compare_packed(frame: &[u8]) {
    let encoding = Encoding::MessagePack;
    let parsed = parse(encoding, frame, 128);
    let is_value = |bytes: &[u8]| {
        let mut reader = rmp_serde::Deserializer::new(std::io::Cursor::new(bytes));
        IgnoredAny::deserialize(&mut reader).is_ok() && reader.position() == bytes.len() as u64
    };
    compare_form(encoding, frame, is_value);
    assert!(is_value(frame) || parsed.is_err(), "{frame:02x?}: {parsed:?}");
    for end in [frame.len() / 2, frame.len().saturating_sub(1), frame.len()] {
        let _ = (id_in_prefix(encoding, &frame[..end]), item_in_prefix(encoding, &frame[..end]));
    }
    if let Some(params) = encoded::item_params(encoding, frame) {
        let _ = (params.event_of_subscription(), params.event_of_stream());
    }
    let _ = (encoded::parse_progress(encoding, frame), encoded::parse_cancel(encoding, frame));
    let _ = encoded::parse_extension(encoding, frame);
}

/// Compares a message that is read as a `CallForm` with the same one read whole, if its payload is
/// a value. White space around the payload is part of the rest of the message.
fn compare_form(encoding: Encoding, frame: &[u8], is_value: impl Fn(&[u8]) -> bool) {
    let value = |rest| if encoding == Encoding::Json { trim(rest) } else { rest };
    let (payload, message) = match encoded::call_form(encoding, frame, 128) {
        None => return,
        Some(CallForm::Request { id, call }) => {
            let call = crate::message::Invocation { params: call.params.map(value), ..call };
            (call.params.unwrap_or_default(), Message::Request { id: Id::Number(id), call })
        }
        Some(CallForm::Result { id, result }) => {
            let result = value(result);
            let outcome = Ok(ReplyOutcome::Result(result));
            (result, Message::Response { id: Id::Number(id), outcome })
        }
    };
    let is_read = encoding.decode_to::<IgnoredAny>(payload, Extent::Rest).is_ok();
    // Skipped JSON isn't checked to be UTF-8, so text that isn't passes.
    let is_let_go = is_read && encoding == Encoding::Json;
    assert!(is_let_go || is_read == is_value(payload), "{payload:02x?}");
    if is_value(payload) {
        assert_eq!(parse(encoding, frame, 128), Ok(message), "{frame:02x?}");
    }
}

/// Trims JSON's white space, which is less than what Rust counts as white space.
fn trim(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..]
    | [rest @ .., b' ' | b'\t' | b'\n' | b'\r'] = text
    {
        text = rest;
    }
    text
}

fn verdict(parsed: Result<Message<'_>, Malformed>) -> Verdict {
    verdict_of(parsed, |bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// Values are converted with `text`.
fn verdict_of(parsed: Result<Message<'_>, Malformed>, text: impl Fn(&[u8]) -> String) -> Verdict {
    let call = |call: crate::message::Invocation<'_>| Call {
        method: call.method.into_owned(),
        params: call.params.map(&text),
        extension: call.extension.map(&text),
    };
    match parsed {
        Ok(Message::Request { id, call: asked }) => Verdict::Request(id.to_string(), call(asked)),
        Ok(Message::Notification(said)) => Verdict::Notification(call(said)),
        Ok(Message::Response { id, outcome }) => {
            let outcome = outcome.ok().map(|outcome| match outcome {
                ReplyOutcome::Result(result) => Ok(text(result)),
                ReplyOutcome::Error(error) => Err(text(error)),
            });
            Verdict::Response(id.to_string(), outcome)
        }
        Err(Malformed::Syntax(_)) => Verdict::Syntax,
        Err(Malformed::TooDeep { id, .. }) => Verdict::Invalid(id.unwrap_or(Id::Null).to_string()),
        Err(Malformed::Invalid { id, .. } | Malformed::Bare { id, .. }) => {
            Verdict::Invalid(id.to_string())
        }
    }
}

fn expected(members: &Members<'_>) -> Verdict {
    let member = |name: &str| members.get(name).map(|value| value.get().to_owned());
    let id = match member("id") {
        Some(id) if !is_id(&id) => return Verdict::Invalid(Id::Null.to_string()),
        id => id,
    };
    let invalid = || Verdict::Invalid(id.clone().unwrap_or(Id::Null.to_string()));
    let (method, result, error) = (member("method"), member("result"), member("error"));
    let is_reply = method.is_none() && (result.is_some() || error.is_some());
    if member("jsonrpc").as_deref() != Some("\"2.0\"") {
        return match &id {
            Some(id) if is_reply => Verdict::Response(id.clone(), None),
            _ => invalid(),
        };
    }
    if is_reply {
        let outcome = match (result, error) {
            (Some(result), None) => Some(Ok(result)),
            (None, Some(error)) => Some(Err(error)),
            _ => None,
        };
        return match id {
            Some(id) => Verdict::Response(id, outcome),
            None => invalid(),
        };
    }
    if result.is_some() || error.is_some() {
        return invalid();
    }
    let Some(Ok(method)) = method.map(|method| serde_json::from_str::<String>(&method)) else {
        return invalid();
    };
    let params = member("params").filter(|params| params != "null");
    if params.as_ref().is_some_and(|params| !params.starts_with(['[', '{'])) {
        return invalid();
    }
    let call = Call { method, params, extension: member("ipc") };
    match id {
        Some(id) => Verdict::Request(id, call),
        None => Verdict::Notification(call),
    }
}

/// Whether this is a string, a number or null of at most 1024 bytes.
fn is_id(id: &str) -> bool {
    id.len() <= 1024
        && (id == "null"
            || id.starts_with(['"', '-'])
            || id.starts_with(|first: char| first.is_ascii_digit()))
}
