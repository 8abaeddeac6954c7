//! Items that come in: of our subscriptions, and of stream arguments of the peer.

use super::{
    Connection,
    inbox::{End, Entry, Inbox, Place},
};
use crate::message::{self, Heard, ItemOf};

/// An item of a subscription, or its end.
pub(super) fn item(connection: &Connection, params: &[u8]) {
    let Some(mut params) = message::item_params(connection.encoding(), params) else { return };
    let Some(id) = params.subscription.take() else { return };
    let inbox = connection.with_state(|state| state.inboxes.subscription(&id));
    // Of an unknown one: it was unsubscribed meanwhile.
    let (Some(inbox), Some(heard)) = (inbox, params.heard_of_subscription()) else { return };
    if !fill(&inbox, heard, params.seq.map(|seq| (params.epoch, seq))) {
        let peer = connection.info().id;
        tracing::warn!(%peer, subscription = %id, "more items than were asked for: ended");
        connection.unsubscribe(&id, &inbox);
    }
}

/// An item of a stream argument, or its end.
pub(super) fn stream_item(connection: &Connection, params: &[u8]) {
    let Some(params) = message::item_params(connection.encoding(), params) else { return };
    let Some(id) = params.stream else { return };
    let inbox = connection.with_state(|state| state.inboxes.stream(id));
    let (Some(inbox), Some(heard)) = (inbox, params.heard_of_stream()) else { return };
    if !fill(&inbox, heard, None) {
        let peer = connection.info().id;
        tracing::warn!(%peer, stream = id, "more items than were asked for: ended");
        connection.close_stream(id, &inbox);
    }
}

/// Why an item that has come isn't taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lost {
    why: &'static str,
    /// By how much.
    measure: u64,
}

impl Lost {
    pub(super) fn too_large(bytes: u64) -> Self {
        Self { why: "an item is larger than what is taken here", measure: bytes }
    }

    pub(super) fn broken(bytes: usize) -> Self {
        Self { why: "an item can't be read", measure: bytes as u64 }
    }

    pub(super) fn too_deep(levels: usize) -> Self {
        Self { why: "an item is nested deeper than what is taken here", measure: levels as u64 }
    }
}

/// An item has come that isn't taken here. `false`: nobody waits for it.
pub(super) fn lost(connection: &Connection, item: &ItemOf, lost: Lost) -> bool {
    let Lost { why, measure } = lost;
    let peer = connection.info().id;
    match item {
        ItemOf::Subscription(id) => {
            let inbox = connection.with_state(|state| state.inboxes.subscription(id));
            let Some(inbox) = inbox else { return false };
            tracing::warn!(%peer, subscription = %id, why, measure, "lost an item");
            if !inbox.push(Entry::Gap) {
                connection.unsubscribe(id, &inbox);
            }
        }
        ItemOf::Stream(id) => {
            let inbox = connection.with_state(|state| state.inboxes.stream(*id));
            let Some(inbox) = inbox else { return false };
            tracing::warn!(%peer, stream = id, why, measure, "lost an item: ended");
            inbox.end(End::Broken(why));
            connection.close_stream(*id, &inbox);
        }
    }
    true
}

/// `false`: it is more than was asked for.
fn fill(inbox: &Inbox, heard: Heard<'_>, place: Option<Place>) -> bool {
    match heard {
        Heard::Item(item) => return inbox.push(Entry::Item(item.into(), place)),
        Heard::Lagged(count) => return inbox.push(Entry::Lagged(count)),
        Heard::Gap => return inbox.push(Entry::Gap),
        Heard::Done => inbox.end(End::Done),
        Heard::Broken => inbox.end(End::Broken("an item can't be read")),
        Heard::Error(error) => inbox.end(End::Error(error.into())),
    }
    true
}
