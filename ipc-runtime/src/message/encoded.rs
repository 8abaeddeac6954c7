//! Messages, and what stands in the params of the runtime's own, in the encoding of a connection.

use serde::Deserialize;
use serde_json::value::RawValue;

#[cfg(feature = "msgpack")]
use crate::message::{
    call_form::COUNTED,
    msgpack::{self, read},
};
use crate::{
    codec::Encoding,
    message::{
        Malformed, Message, Outcome,
        call_form::{CallForm, has_at_most, json},
        error_object::ErrorObject,
        extension::RawExtension,
        id::Id,
        json::{
            item::{self, ItemParams, Word},
            write::{self, Extension, ResponseBody},
        },
        parse,
    },
};

/// Appends a request. `id` stands before the payload, so that a peer that finds the message too
/// large still sees whom to answer.
pub(crate) fn request(
    encoding: Encoding,
    out: &mut Vec<u8>,
    id: u64,
    method: &str,
    params: &[u8],
    extension: Extension,
) {
    match encoding {
        Encoding::Json => write::request(out, id, method, params, extension),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => msgpack::write::request(out, id, method, params, extension),
    }
}

/// Appends a notification.
pub(crate) fn notification(encoding: Encoding, out: &mut Vec<u8>, method: &str, params: &[u8]) {
    match encoding {
        Encoding::Json => write::notification(out, method, params),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => msgpack::write::notification(out, method, params),
    }
}

/// Appends a reply.
pub(crate) fn response(encoding: Encoding, out: &mut Vec<u8>, id: &Id, body: ResponseBody<'_>) {
    match encoding {
        Encoding::Json => write::response(out, id, body),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => msgpack::write::response(out, id, body),
    }
}

/// Appends an error as a reply.
pub(crate) fn error_response(encoding: Encoding, out: &mut Vec<u8>, id: &Id, error: &ErrorObject) {
    response(encoding, out, id, ResponseBody::Error(error));
}

/// Appends the params of a subscription's notification. `seq`, and `epoch` where it isn't known
/// yet, go with an item.
pub(crate) fn subscription_params(
    encoding: Encoding,
    out: &mut Vec<u8>,
    subscription: u64,
    word: &Word<'_>,
    seq: Option<u64>,
    epoch: Option<u64>,
) {
    match encoding {
        Encoding::Json => item::subscription_params(out, subscription, word, seq, epoch),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => {
            msgpack::write::subscription_params(out, subscription, word, seq, epoch);
        }
    }
}

/// Appends the params of a `$/stream`.
pub(crate) fn stream_params(encoding: Encoding, out: &mut Vec<u8>, stream: u64, word: &Word<'_>) {
    match encoding {
        Encoding::Json => item::stream_params(out, stream, word),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => msgpack::write::stream_params(out, stream, word),
    }
}

/// Appends the params of a `$/progress`.
pub(crate) fn progress_params(encoding: Encoding, out: &mut Vec<u8>, token: &Id, value: &[u8]) {
    match encoding {
        Encoding::Json => item::progress_params(out, token, value),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => msgpack::write::progress_params(out, token, value),
    }
}

/// Reads the params of a subscription's notification, or of a `$/stream`.
pub(crate) fn item_params(encoding: Encoding, params: &[u8]) -> Option<ItemParams<'_>> {
    match encoding {
        Encoding::Json => ItemParams::of_json(params),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => read::item_params(params),
    }
}

/// The token and the value of a `$/progress`, by name or by position.
pub(crate) fn parse_progress(encoding: Encoding, params: &[u8]) -> Option<(Id, &[u8])> {
    match encoding {
        Encoding::Json => item::json_progress(params),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => read::progress(params),
    }
}

/// The id in the params of a `$/cancelRequest`.
pub(crate) fn parse_cancel(encoding: Encoding, params: &[u8]) -> Option<Id> {
    match encoding {
        Encoding::Json => {
            #[derive(Deserialize)]
            struct Cancel<'a> {
                #[serde(borrow)]
                id: &'a RawValue,
            }
            let cancel: Cancel<'_> = serde_json::from_slice(params).ok()?;
            Id::of_json(cancel.id.get().as_bytes()).ok()
        }
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => read::cancelled(params),
    }
}

/// The members of a request's `ipc`.
pub(crate) fn parse_extension(encoding: Encoding, extension: &[u8]) -> Option<RawExtension<'_>> {
    match encoding {
        Encoding::Json => RawExtension::of_json(extension),
        #[cfg(feature = "msgpack")]
        Encoding::MessagePack => read::extension(extension),
    }
}

impl<'a> CallForm<'a> {
    /// Reads one, if the frame has that form and can't be nested deeper than this.
    pub(crate) fn read(encoding: Encoding, frame: &'a [u8], max_depth: usize) -> Option<Self> {
        match encoding {
            Encoding::Json => {
                let form = json(frame)?;
                // `[` and `{` differ by one bit.
                has_at_most(max_depth, frame, |byte| byte | 0x20 == b'{').then_some(form)
            }
            #[cfg(feature = "msgpack")]
            Encoding::MessagePack => {
                // Large ones are large by values that are stepped over at once.
                if frame.len() > COUNTED {
                    return None;
                }
                let form = msgpack::call_form::call_form(frame)?;
                let opens = |byte| matches!(byte, 0x80..=0x9f | 0xdc..=0xdf);
                has_at_most(max_depth, frame, opens).then_some(form)
            }
        }
    }
}

/// The result of a reply in [`CallForm`] whose payload couldn't be decoded as one value: others may
/// write members behind.
#[cold]
pub(crate) fn result_within(encoding: Encoding, payload: &[u8]) -> Result<Vec<u8>, String> {
    let mut message = Vec::new();
    response(encoding, &mut message, &Id::Number(0), ResponseBody::Result(payload));
    match parse(encoding, &message, usize::MAX) {
        Ok(Message::Response { outcome: Ok(Outcome::Result(result)), .. }) => Ok(result.to_vec()),
        Ok(Message::Response { outcome: Err(why), .. }) => Err(why.to_owned()),
        Err(Malformed::Syntax(why)) => Err(why),
        _ => Err("it can't be read to its end".to_owned()),
    }
}
