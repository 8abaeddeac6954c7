//! Items of subscriptions and of stream arguments: what stands in the params of their
//! notifications.

use std::ops::Range;

use crate::message::{
    error_object::ErrorObject,
    id::Id,
    item_event::{ItemEvent, Loss},
};

/// The params of a subscription's notification or of a `$/stream`, as they come in.
#[derive(Debug, Default)]
pub(crate) struct ItemParams<'a> {
    /// Whose subscription it is.
    pub(crate) subscription: Option<Id>,
    /// Which stream argument it is of.
    pub(crate) stream: Option<u64>,
    pub(crate) spoken: Spoken<'a>,
    /// Where in its source the item stands.
    pub(crate) seq: Option<u64>,
    pub(crate) epoch: Option<u64>,
}

/// What may be said there.
#[derive(Debug, Default)]
pub(crate) struct Spoken<'a> {
    /// An item of a subscription.
    pub(crate) result: Option<&'a [u8]>,
    /// One of a stream argument.
    pub(crate) item: Option<&'a [u8]>,
    pub(crate) error: Option<&'a [u8]>,
    pub(crate) done: bool,
    pub(crate) lagged: Option<u64>,
    pub(crate) gap: bool,
    /// Nobody knows what: it can't be read.
    pub(crate) broken: bool,
}

/// An event as it came in: items and errors stand in their message.
pub(crate) type HeardEvent<'a> = ItemEvent<&'a [u8], &'a [u8]>;

/// One to be written.
pub(crate) type SpokenEvent<'a> = ItemEvent<&'a [u8], &'a ErrorObject>;

impl<'a> ItemParams<'a> {
    /// What it says of a subscription. What can't be read is a gap there.
    pub(crate) fn event_of_subscription(&self) -> Option<HeardEvent<'a>> {
        let loss = match self.spoken.lagged {
            Some(count) => Some(Loss::Lagged(count)),
            None => (self.spoken.gap || self.spoken.broken).then_some(Loss::Gap),
        };
        self.event(self.spoken.result).or(loss.map(ItemEvent::Lost))
    }

    /// What it says of a stream argument.
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

/// What stands in a message of an [`ItemForm`](crate::message::item_form::ItemForm).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct FormedItem {
    /// Where the item is.
    pub(crate) item: Range<usize>,
    pub(crate) seq: Option<u64>,
    pub(crate) epoch: Option<u64>,
}
