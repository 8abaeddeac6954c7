//! Items of subscriptions and of stream arguments: what stands in the params of their
//! notifications.

use std::ops::Range;

use crate::message::{error_object::ErrorObject, id::Id};

/// What one notification says to a consumer.
#[derive(Debug)]
pub(crate) enum Word<'a> {
    Item(&'a [u8]),
    Done,
    Error(&'a ErrorObject),
    Lagged(u64),
    Gap,
}

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

/// What a notification says, as it came in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Heard<'a> {
    Item(&'a [u8]),
    Done,
    Error(&'a [u8]),
    Lagged(u64),
    Gap,
    /// It can't be read.
    Broken,
}

impl<'a> ItemParams<'a> {
    /// What it says of a subscription.
    pub(crate) fn heard_of_subscription(&self) -> Option<Heard<'a>> {
        self.heard(self.spoken.result).or(match self.spoken.lagged {
            Some(count) => Some(Heard::Lagged(count)),
            None => (self.spoken.gap || self.spoken.broken).then_some(Heard::Gap),
        })
    }

    /// What it says of a stream argument.
    pub(crate) fn heard_of_stream(&self) -> Option<Heard<'a>> {
        self.heard(self.spoken.item).or(self.spoken.broken.then_some(Heard::Broken))
    }

    fn heard(&self, item: Option<&'a [u8]>) -> Option<Heard<'a>> {
        match (self.spoken.error, item) {
            (Some(error), _) => Some(Heard::Error(error)),
            (None, Some(item)) => Some(Heard::Item(item)),
            (None, None) => self.spoken.done.then_some(Heard::Done),
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
