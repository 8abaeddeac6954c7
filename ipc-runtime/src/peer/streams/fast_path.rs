//! A fast path for items that come in one after another on the same few streams. Their messages are
//! the same up to the item, so they are recognized without the parser, and all items of one read go
//! to the reader at once.

use std::sync::Arc;

use crate::{
    message::{ItemOf, id::Id, item_form::ItemForm},
    peer::{
        connection::Connection,
        state::{
            inbox::Inbox,
            item_buffer::{Amount, ItemBuffer},
        },
        streams::delivery,
    },
};

/// How many streams are recognized by their form.
const FLOWS: usize = 4;

/// Above this many bytes, gathered items are handed on.
const GATHERED: usize = 64 * 1024;

/// The streams whose items are recognized by their form, the last one first.
#[derive(Debug, Default)]
pub(crate) struct ItemRuns {
    runs: Vec<ItemRun>,
    /// The stream of the last item that the parser found. A stream is learnt only if two of its
    /// items come in a row: if many streams take turns, parsing is cheaper than learning.
    last: Option<ItemOf>,
}

#[derive(Debug)]
struct ItemRun {
    form: ItemForm,
    of: ItemOf,
    inbox: Arc<Inbox>,
    /// Items that the inbox will get.
    items: ItemBuffer,
    amount: Amount,
}

impl ItemRuns {
    /// Takes a message that is an item of a known stream. `false`: the message is for the parser.
    ///
    /// Items that were taken must be [handed on](Self::hand_on) before any other message is
    /// handled.
    pub(crate) fn take(
        &mut self,
        connection: &Connection,
        message: &[u8],
        max_depth: usize,
    ) -> bool {
        let formed = self.runs.iter().enumerate().find_map(|(index, run)| {
            run.form.read(message, max_depth).map(|formed| (index, formed))
        });
        let Some((index, formed)) = formed else { return false };
        if self.runs[index].inbox.is_detached() {
            // Another stream may have its id now.
            self.runs.remove(index);
            return false;
        }
        if index > 0 {
            self.runs[..=index].rotate_right(1);
        }
        let run = &mut self.runs[0];
        let place = formed.seq.map(|seq| (formed.epoch, seq));
        run.amount = run.amount + run.items.push(Ok((&message[formed.item], place)));
        if run.items.bytes() > GATHERED {
            run.hand_on(connection);
        }
        true
    }

    /// Hands the gathered items on to their inboxes.
    pub(crate) fn hand_on(&mut self, connection: &Connection) {
        self.runs.iter_mut().for_each(|run| run.hand_on(connection));
    }

    /// The parser has found an item of this stream in a message with this method.
    pub(crate) fn parsed(&mut self, connection: &Connection, method: &str, of: ItemOf) {
        if self.last.as_ref() != Some(&of) {
            self.last = Some(of);
            return;
        }
        if self.runs.iter().any(|run| run.of == of) {
            // Its items are written in another form.
            return;
        }
        let encoding = connection.encoding();
        let (form, inbox) = match &of {
            // Other ids come from other implementations.
            ItemOf::Subscription(id @ Id::Number(number)) => (
                ItemForm::of_subscription(encoding, method, *number),
                connection.with_state(|state| state.inboxes.subscription_of(method, id)),
            ),
            ItemOf::Subscription(_) => return,
            ItemOf::Stream(id) => (
                ItemForm::of_stream(encoding, *id),
                connection.with_state(|state| state.inboxes.stream(*id)),
            ),
        };
        let Some(inbox) = inbox else { return };
        // All gathered items were handed on before the parser ran.
        self.runs.retain(|run| !run.inbox.is_detached());
        self.runs.truncate(FLOWS - 1);
        let (items, amount) = (ItemBuffer::default(), Amount::default());
        self.runs.insert(0, ItemRun { form, of, inbox, items, amount });
    }
}

impl ItemRun {
    fn hand_on(&mut self, connection: &Connection) {
        if self.items.is_empty() {
            return;
        }
        let amount = std::mem::take(&mut self.amount);
        if !self.inbox.append(&mut self.items, amount) {
            delivery::end_overrun(connection, &self.of, &self.inbox);
        }
    }
}
