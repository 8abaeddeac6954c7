//! The envelope in MessagePack: a map with the same members as in JSON, keyed by their names.
//!
//! A frame holds one message; there are no batches. Extension types are skipped here; the types
//! that payloads are decoded as refuse them.

pub(crate) mod call_form;
pub(crate) mod id;
pub(crate) mod item_form;
pub(crate) mod read;
pub(crate) mod scan;
pub(crate) mod write;

use crate::{
    codec::msgpack::MessagePack,
    message::{
        call_form::CallForm,
        extension::{Extension, RawExtension},
        id::{Id, NotAnId},
        item::{FormedItem, ItemParams, SpokenEvent},
        members::{EnvelopeMembers, Unusual},
        message_codec::MessageCodec,
        response_body::ResponseBody,
    },
};

impl MessageCodec for MessagePack {
    /// Maps have no end marker: their length comes first.
    const MAP_END: &'static [u8] = b"";

    #[inline]
    fn members(frame: &[u8], max_depth: usize) -> Result<EnvelopeMembers<'_>, Unusual> {
        read::members(frame, max_depth)
    }

    #[inline]
    fn members_of_prefix(prefix: &[u8]) -> EnvelopeMembers<'_> {
        read::members_of_prefix(prefix)
    }

    #[inline]
    fn id(value: &[u8]) -> Result<Id, NotAnId> {
        id::read(value)
    }

    #[inline]
    fn call_form(frame: &[u8], max_depth: usize) -> Option<CallForm<'_>> {
        call_form::call_form(frame, max_depth)
    }

    #[inline]
    fn request(out: &mut Vec<u8>, id: u64, method: &str, params: &[u8], extension: Extension) {
        write::request(out, id, method, params, extension);
    }

    #[inline]
    fn notification(out: &mut Vec<u8>, method: &str, params: &[u8]) {
        write::notification(out, method, params);
    }

    #[inline]
    fn response(out: &mut Vec<u8>, id: &Id, body: ResponseBody<'_>) {
        write::response(out, id, body);
    }

    #[inline]
    fn subscription_params(
        out: &mut Vec<u8>,
        subscription: u64,
        event: &SpokenEvent<'_>,
        seq: Option<u64>,
        epoch: Option<u64>,
    ) {
        write::subscription_params(out, subscription, event, seq, epoch);
    }

    #[inline]
    fn stream_params(out: &mut Vec<u8>, stream: u64, event: &SpokenEvent<'_>) {
        write::stream_params(out, stream, event);
    }

    #[inline]
    fn progress_params(out: &mut Vec<u8>, token: &Id, value: &[u8]) {
        write::progress_params(out, token, value);
    }

    #[inline]
    fn item_params(params: &[u8]) -> Option<ItemParams<'_>> {
        read::item_params(params)
    }

    #[inline]
    fn progress(params: &[u8]) -> Option<(Id, &[u8])> {
        read::progress(params)
    }

    #[inline]
    fn cancelled(params: &[u8]) -> Option<Id> {
        read::cancelled(params)
    }

    #[inline]
    fn extension(extension: &[u8]) -> Option<RawExtension<'_>> {
        read::extension(extension)
    }

    #[inline]
    fn end_item(out: &mut Vec<u8>, params: usize, seq: Option<u64>, epoch: Option<u64>) {
        item_form::end_item(out, params, seq, epoch);
    }

    #[inline]
    fn formed_item(
        head: &[u8],
        params: usize,
        message: &[u8],
        max_depth: usize,
    ) -> Option<FormedItem> {
        item_form::formed_item(head, params, message, max_depth)
    }
}
