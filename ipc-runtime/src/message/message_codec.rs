//! The trait that every encoding implements for messages.

use crate::{
    codec::value_codec::ValueCodec,
    message::{
        call_form::CallForm,
        extension::{Extension, RawExtension},
        id::{Id, NotAnId},
        item::{FormedItem, ItemParams, SpokenEvent},
        members::{EnvelopeMembers, Unusual},
        response_body::ResponseBody,
    },
};

/// The envelope in one encoding, and the params of the runtime's own messages.
///
/// Payloads are passed as raw bytes of the message, as [`ValueCodec`] writes and reads them.
pub(crate) trait MessageCodec: ValueCodec {
    /// What ends a map after its last member.
    const MAP_END: &'static [u8];

    /// The members of a whole message, which may be nested `max_depth` levels deep.
    fn members(frame: &[u8], max_depth: usize) -> Result<EnvelopeMembers<'_>, Unusual>;

    /// The members that are complete in the first bytes of a message.
    fn members_of_prefix(prefix: &[u8]) -> EnvelopeMembers<'_>;

    /// Reads an id from the bytes of one value.
    fn id(value: &[u8]) -> Result<Id, NotAnId>;

    /// Whether a frame holds a batch rather than a single message. Most encodings have no batches.
    fn is_batch(_frame: &[u8]) -> bool {
        false
    }

    /// Reads a request or a result in the form that this project writes. `None` if the frame has
    /// another form or may be nested deeper than `max_depth`.
    fn call_form(frame: &[u8], max_depth: usize) -> Option<CallForm<'_>>;

    /// Appends a request. `id` comes before the payload, so that a peer that finds the message too
    /// large can still answer it.
    fn request(out: &mut Vec<u8>, id: u64, method: &str, params: &[u8], extension: Extension);

    /// Appends a notification.
    fn notification(out: &mut Vec<u8>, method: &str, params: &[u8]);

    /// Appends a reply.
    fn response(out: &mut Vec<u8>, id: &Id, body: ResponseBody<'_>);

    /// Appends the params of a subscription's notification. `seq` and `epoch` belong to an item.
    /// `epoch` is written only if the peer doesn't know it yet.
    fn subscription_params(
        out: &mut Vec<u8>,
        subscription: u64,
        event: &SpokenEvent<'_>,
        seq: Option<u64>,
        epoch: Option<u64>,
    );

    /// Appends the params of a `$/stream`.
    fn stream_params(out: &mut Vec<u8>, stream: u64, event: &SpokenEvent<'_>);

    /// Appends the params of a `$/progress`, with the token as it was received.
    fn progress_params(out: &mut Vec<u8>, token: &Id, value: &[u8]);

    /// Reads the params of a subscription's notification or of a `$/stream`.
    fn item_params(params: &[u8]) -> Option<ItemParams<'_>>;

    /// Reads the token and the value of a `$/progress`, whose params are by name or by position.
    fn progress(params: &[u8]) -> Option<(Id, &[u8])>;

    /// Reads the id in the params of a `$/cancelRequest`.
    fn cancelled(params: &[u8]) -> Option<Id>;

    /// Reads the members of a request's `ipc`.
    fn extension(extension: &[u8]) -> Option<RawExtension<'_>>;

    /// Appends what follows the item in an [`ItemForm`](crate::message::item_form::ItemForm). The
    /// message's params begin at `params` in `out`.
    fn end_item(out: &mut Vec<u8>, params: usize, seq: Option<u64>, epoch: Option<u64>);

    /// Reads a message in such a form. It begins with `head`, whose params begin at `params`. The
    /// item may be nested `max_depth` levels deep.
    fn formed_item(
        head: &[u8],
        params: usize,
        message: &[u8],
        max_depth: usize,
    ) -> Option<FormedItem>;
}
