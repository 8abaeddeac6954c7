//! Messages, and the params of the runtime's own messages, in a connection's encoding.

use crate::{
    codec::{Encoding, by_encoding},
    message::{
        Malformed, Message, ReplyOutcome,
        call_form::CallForm,
        envelope::parse,
        error_object::ErrorObject,
        extension::{Extension, RawExtension},
        id::Id,
        item::{ItemParams, SpokenEvent},
        message_codec::MessageCodec,
        response_body::ResponseBody,
    },
};

/// Appends a request. `id` comes before the payload, so that a peer that finds the message too
/// large can still answer it.
pub(crate) fn request(
    encoding: Encoding,
    out: &mut Vec<u8>,
    id: u64,
    method: &str,
    params: &[u8],
    extension: Extension,
) {
    by_encoding!(encoding, E => E::request(out, id, method, params, extension));
}

/// Appends a notification.
pub(crate) fn notification(encoding: Encoding, out: &mut Vec<u8>, method: &str, params: &[u8]) {
    by_encoding!(encoding, E => E::notification(out, method, params));
}

/// Appends a reply.
pub(crate) fn response(encoding: Encoding, out: &mut Vec<u8>, id: &Id, body: ResponseBody<'_>) {
    by_encoding!(encoding, E => E::response(out, id, body));
}

/// Appends a reply with an error.
pub(crate) fn error_response(encoding: Encoding, out: &mut Vec<u8>, id: &Id, error: &ErrorObject) {
    response(encoding, out, id, ResponseBody::Error(error));
}

/// Appends the params of a subscription's notification. `seq` and `epoch` belong to an item.
/// `epoch` is written only if the peer doesn't know it yet.
pub(crate) fn subscription_params(
    encoding: Encoding,
    out: &mut Vec<u8>,
    subscription: u64,
    event: &SpokenEvent<'_>,
    seq: Option<u64>,
    epoch: Option<u64>,
) {
    by_encoding!(encoding, E => E::subscription_params(out, subscription, event, seq, epoch));
}

/// Appends the params of a `$/stream`.
pub(crate) fn stream_params(
    encoding: Encoding,
    out: &mut Vec<u8>,
    stream: u64,
    event: &SpokenEvent<'_>,
) {
    by_encoding!(encoding, E => E::stream_params(out, stream, event));
}

/// Appends the params of a `$/progress`.
pub(crate) fn progress_params(encoding: Encoding, out: &mut Vec<u8>, token: &Id, value: &[u8]) {
    by_encoding!(encoding, E => E::progress_params(out, token, value));
}

/// Reads the params of a subscription's notification or of a `$/stream`.
pub(crate) fn item_params(encoding: Encoding, params: &[u8]) -> Option<ItemParams<'_>> {
    by_encoding!(encoding, E => E::item_params(params))
}

/// Reads the token and the value of a `$/progress`, whose params are by name or by position.
pub(crate) fn parse_progress(encoding: Encoding, params: &[u8]) -> Option<(Id, &[u8])> {
    by_encoding!(encoding, E => E::progress(params))
}

/// Reads the id in the params of a `$/cancelRequest`.
pub(crate) fn parse_cancel(encoding: Encoding, params: &[u8]) -> Option<Id> {
    by_encoding!(encoding, E => E::cancelled(params))
}

/// Reads the members of a request's `ipc`.
pub(crate) fn parse_extension(encoding: Encoding, extension: &[u8]) -> Option<RawExtension<'_>> {
    by_encoding!(encoding, E => E::extension(extension))
}

/// Reads a request or a result in the form that this project writes. `None` if the frame has
/// another form or may be nested deeper than `max_depth`.
pub(crate) fn call_form(
    encoding: Encoding,
    frame: &[u8],
    max_depth: usize,
) -> Option<CallForm<'_>> {
    by_encoding!(encoding, E => E::call_form(frame, max_depth))
}

/// Reads an id from the bytes of one value.
pub(crate) fn id(encoding: Encoding, value: &[u8]) -> Option<Id> {
    by_encoding!(encoding, E => E::id(value)).ok()
}

/// Reads a subscription's id from the bytes of a result.
pub(crate) fn subscription_id(encoding: Encoding, value: &[u8]) -> Option<Id> {
    id(encoding, value).filter(Id::is_of_subscription)
}

/// Extracts the result from a reply in [`CallForm`] whose payload couldn't be decoded as one value:
/// other implementations may write members after it.
#[cold]
pub(crate) fn result_within(encoding: Encoding, payload: &[u8]) -> Result<Vec<u8>, String> {
    let mut message = Vec::new();
    response(encoding, &mut message, &Id::Number(0), ResponseBody::Result(payload));
    match parse(encoding, &message, usize::MAX) {
        Ok(Message::Response { outcome: Ok(ReplyOutcome::Result(result)), .. }) => {
            Ok(result.to_vec())
        }
        Ok(Message::Response { outcome: Err(why), .. }) => Err(why.to_owned()),
        Err(Malformed::Syntax(why)) => Err(why),
        _ => Err("it can't be read to its end".to_owned()),
    }
}
