//! What every encoding can do with messages.

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

/// The envelope in one encoding, and what the runtimes say to each other in its params.
///
/// Payloads go in and come out as they stand in the message, as [`ValueCodec`] writes and reads them.
pub(crate) trait MessageCodec: ValueCodec {
    /// What closes a map behind its last member.
    const MAP_END: &'static [u8];

    /// The members of a whole message, which may be nested so deep.
    fn members(frame: &[u8], max_depth: usize) -> Result<EnvelopeMembers<'_>, Unusual>;

    /// The members that lie whole in the first bytes of a message.
    fn members_of_prefix(prefix: &[u8]) -> EnvelopeMembers<'_>;

    /// Reads an id from the bytes of one value.
    fn id(value: &[u8]) -> Result<Id, NotAnId>;

    /// Whether a frame holds a batch rather than a message. Most encodings have none.
    fn is_batch(_frame: &[u8]) -> bool {
        false
    }

    /// Reads a request or a result in the form that this project writes, if the frame has that and
    /// can't be nested deeper than this.
    fn call_form(frame: &[u8], max_depth: usize) -> Option<CallForm<'_>>;

    /// Appends a request. `id` stands before the payload, so that a peer that finds the message too
    /// large still sees whom to answer.
    fn request(out: &mut Vec<u8>, id: u64, method: &str, params: &[u8], extension: Extension);

    /// Appends a notification.
    fn notification(out: &mut Vec<u8>, method: &str, params: &[u8]);

    /// Appends a reply.
    fn response(out: &mut Vec<u8>, id: &Id, body: ResponseBody<'_>);

    /// Appends the params of a subscription's notification. `seq`, and `epoch` where it isn't known
    /// yet, go with an item.
    fn subscription_params(
        out: &mut Vec<u8>,
        subscription: u64,
        event: &SpokenEvent<'_>,
        seq: Option<u64>,
        epoch: Option<u64>,
    );

    /// Appends the params of a `$/stream`.
    fn stream_params(out: &mut Vec<u8>, stream: u64, event: &SpokenEvent<'_>);

    /// Appends the params of a `$/progress`. The token stands as it came.
    fn progress_params(out: &mut Vec<u8>, token: &Id, value: &[u8]);

    /// Reads the params of a subscription's notification, or of a `$/stream`.
    fn item_params(params: &[u8]) -> Option<ItemParams<'_>>;

    /// The token and the value of a `$/progress`, by name or by position.
    fn progress(params: &[u8]) -> Option<(Id, &[u8])>;

    /// The id in the params of a `$/cancelRequest`.
    fn cancelled(params: &[u8]) -> Option<Id>;

    /// The members of a request's `ipc`.
    fn extension(extension: &[u8]) -> Option<RawExtension<'_>>;

    /// Appends what stands behind the item of an [`ItemForm`](crate::message::item_form::ItemForm).
    /// The params of the message begin at `params`.
    fn end_item(out: &mut Vec<u8>, params: usize, seq: Option<u64>, epoch: Option<u64>);

    /// Reads a message of such a form, with this ahead of the item; the params begin at `params` of
    /// it. The item may be nested so deep.
    fn formed_item(
        head: &[u8],
        params: usize,
        message: &[u8],
        max_depth: usize,
    ) -> Option<FormedItem>;
}
