//! Items of subscriptions and of stream arguments: the params of their notifications.

use std::ops::Range;

use crate::message::{
    error_object::ErrorObject,
    id::Id,
    item_event::{ItemEvent, Loss},
};

/// The params of an incoming subscription notification or `$/stream`.
#[derive(Debug, Default)]
pub(crate) struct ItemParams<'a> {
    /// The subscription that the item belongs to.
    pub(crate) subscription: Option<Id>,
    /// The stream argument that the item belongs to.
    pub(crate) stream: Option<u64>,
    pub(crate) spoken: Spoken<'a>,
    /// The item's position in its source.
    pub(crate) seq: Option<u64>,
    pub(crate) epoch: Option<u64>,
}

/// What the params may say.
#[derive(Debug, Default)]
pub(crate) struct Spoken<'a> {
    /// An item of a subscription.
    pub(crate) result: Option<&'a [u8]>,
    /// An item of a stream argument.
    pub(crate) item: Option<&'a [u8]>,
    pub(crate) error: Option<&'a [u8]>,
    pub(crate) done: bool,
    pub(crate) lagged: Option<u64>,
    pub(crate) gap: bool,
    /// The params can't be read, so what they say is unknown.
    pub(crate) broken: bool,
}

/// An incoming event. Its item or error is a slice of the message.
pub(crate) type HeardEvent<'a> = ItemEvent<&'a [u8], &'a [u8]>;

/// An outgoing event.
pub(crate) type SpokenEvent<'a> = ItemEvent<&'a [u8], &'a ErrorObject>;

impl<'a> ItemParams<'a> {
    /// What the params say about a subscription. Params that can't be read are a gap.
    pub(crate) fn event_of_subscription(&self) -> Option<HeardEvent<'a>> {
        let loss = match self.spoken.lagged {
            Some(count) => Some(Loss::Lagged(count)),
            None => (self.spoken.gap || self.spoken.broken).then_some(Loss::Gap),
        };
        self.event(self.spoken.result).or(loss.map(ItemEvent::Lost))
    }

    /// What the params say about a stream argument.
    pub(crate) fn event_of_stream(&self) -> Option<HeardEvent<'a>> {
        self.event(self.spoken.item)
    }

    fn event(&self, item: Option<&'a [u8]>) -> Option<HeardEvent<'a>> {
        match (self.spoken.error, item) {
            (Some(error), _) => Some(ItemEvent::End(Err(error))),
            (None, Some(item)) => Some(ItemEvent::Item(item)),
            (None, None) => self.spoken.done.then_some(ItemEvent::End(Ok(()))),
        }
    }
}

/// What was read from a message in an [`ItemForm`](crate::message::item_form::ItemForm).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FormedItem {
    /// The item's range in the message.
    pub(crate) item: Range<usize>,
    pub(crate) seq: Option<u64>,
    pub(crate) epoch: Option<u64>,
}
