//! Received items: of our subscriptions, and of the peer's stream arguments.

use std::sync::Arc;

use crate::{
    message::{
        ItemOf, encoded,
        item::HeardEvent,
        item_event::{ItemEvent, Loss},
    },
    peer::{
        connection::Connection,
        state::{
            inbox::{Inbox, StreamFailure},
            item_buffer::ItemPosition,
        },
    },
    support::warnings::warn_rarely,
};

/// Handles an item of a subscription, or its end. If it was an item, returns whose.
pub(crate) fn item(connection: &Connection, params: &[u8]) -> Option<ItemOf> {
    let mut params = encoded::item_params(connection.encoding(), params)?;
    let id = params.subscription.take()?;
    // Items with unknown ids belong to subscriptions that were unsubscribed in the meantime.
    let inbox = connection.with_state(|state| state.inboxes.subscription(&id))?;
    let event = params.event_of_subscription()?;
    let is_item = matches!(event, ItemEvent::Item(_));
    if !fill(&inbox, event, params.seq.map(|seq| (params.epoch, seq))) {
        end_overrun(connection, &ItemOf::Subscription(id), &inbox);
        return None;
    }
    is_item.then_some(ItemOf::Subscription(id))
}

/// Handles an item of a stream argument, or its end. If it was an item, returns whose.
pub(crate) fn stream_item(connection: &Connection, params: &[u8]) -> Option<ItemOf> {
    let params = encoded::item_params(connection.encoding(), params)?;
    let id = params.stream?;
    let inbox = connection.with_state(|state| state.inboxes.stream(id))?;
    let Some(event) = params.event_of_stream() else {
        if params.spoken.broken {
            inbox.end(Err(StreamFailure::Broken("an item can't be read")));
        }
        return None;
    };
    let is_item = matches!(event, ItemEvent::Item(_));
    if !fill(&inbox, event, None) {
        end_overrun(connection, &ItemOf::Stream(id), &inbox);
        return None;
    }
    is_item.then_some(ItemOf::Stream(id))
}

/// Ends a stream whose producer has exceeded the window.
pub(crate) fn end_overrun(connection: &Connection, of: &ItemOf, inbox: &Arc<Inbox>) {
    let (peer, warnings) = (connection.info().id, connection.warnings());
    match of {
        ItemOf::Subscription(id) => {
            warn_rarely!(
                warnings, Overrun, %peer, subscription = %id,
                "more items than were asked for: ended"
            );
            connection.unsubscribe(id, inbox);
        }
        ItemOf::Stream(id) => {
            warn_rarely!(
                warnings, Overrun, %peer, stream = id,
                "more items than were asked for: ended"
            );
            connection.close_stream(*id, inbox);
        }
    }
}

/// Why a received item isn't accepted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lost {
    why: &'static str,
    /// Its size in bytes, or its depth in levels.
    measure: u64,
}

impl Lost {
    pub(crate) fn too_large(bytes: u64) -> Self {
        Self { why: "an item is larger than what is taken here", measure: bytes }
    }

    pub(crate) fn broken(bytes: usize) -> Self {
        Self { why: "an item can't be read", measure: bytes as u64 }
    }

    pub(crate) fn too_deep(levels: usize) -> Self {
        Self { why: "an item is nested deeper than what is taken here", measure: levels as u64 }
    }
}

/// Reports a received item that isn't accepted. `false`: nobody waits for it.
pub(crate) fn lost(connection: &Connection, item: &ItemOf, lost: Lost) -> bool {
    let Lost { why, measure } = lost;
    let (peer, warnings) = (connection.info().id, connection.warnings());
    match item {
        ItemOf::Subscription(id) => {
            let inbox = connection.with_state(|state| state.inboxes.subscription(id));
            let Some(inbox) = inbox else { return false };
            warn_rarely!(
                warnings, LostItem, %peer, subscription = %id, why, measure,
                "lost an item"
            );
            if !inbox.push(Err(Loss::Gap)) {
                connection.unsubscribe(id, &inbox);
            }
        }
        ItemOf::Stream(id) => {
            let inbox = connection.with_state(|state| state.inboxes.stream(*id));
            let Some(inbox) = inbox else { return false };
            warn_rarely!(
                warnings, LostItem, %peer, stream = id, why, measure,
                "lost an item: ended"
            );
            inbox.end(Err(StreamFailure::Broken(why)));
            connection.close_stream(*id, &inbox);
        }
    }
    true
}

/// Puts an event into an inbox. `false`: it exceeds the window.
fn fill(inbox: &Inbox, event: HeardEvent<'_>, place: Option<ItemPosition>) -> bool {
    match event {
        ItemEvent::Item(item) => inbox.push(Ok((item, place))),
        ItemEvent::Lost(loss) => inbox.push(Err(loss)),
        ItemEvent::End(end) => {
            inbox.end(end.map_err(|error| StreamFailure::Error(error.into())));
            true
        }
    }
}
