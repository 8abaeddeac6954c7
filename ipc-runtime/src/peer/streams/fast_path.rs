//! Items that come in one behind the other of the same few flows: their messages look alike up to the
//! item, so they are known by that, and all that one read has brought goes to the reader at once.

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

/// How many flows are known by their form.
const FLOWS: usize = 4;

/// Above this many bytes, what was gathered is handed on.
const GATHERED: usize = 64 * 1024;

/// The flows whose items are known by their form, the last first.
#[derive(Debug, Default)]
pub(crate) struct ItemRuns {
    runs: Vec<ItemRun>,
    /// Whose item was the last one of a flow that isn't known. Only one that comes twice is learnt:
    /// where many flows take turns, each has more of it to be parsed than to be learnt.
    last: Option<ItemOf>,
}

#[derive(Debug)]
struct ItemRun {
    form: ItemForm,
    of: ItemOf,
    inbox: Arc<Inbox>,
    /// What its inbox will get.
    items: ItemBuffer,
    amount: Amount,
}

impl ItemRuns {
    /// Takes a message that is an item of a flow that is known. `false`: it is for the parser.
    ///
    /// What was taken must be [handed on](Self::hand_on) before anything else is made of what comes
    /// in.
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
            // Whoever has its id now isn't known here.
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

    /// Hands on what was taken.
    pub(crate) fn hand_on(&mut self, connection: &Connection) {
        self.runs.iter_mut().for_each(|run| run.hand_on(connection));
    }

    /// The parser has found an item of this flow in a message with this method.
    pub(crate) fn parsed(&mut self, connection: &Connection, method: &str, of: ItemOf) {
        if self.last.as_ref() != Some(&of) {
            self.last = Some(of);
            return;
        }
        if self.runs.iter().any(|run| run.of == of) {
            // It is written in another form.
            return;
        }
        let encoding = connection.encoding();
        let (form, inbox) = match &of {
            // Other ids are those of other implementations.
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
        // All of them were handed on before the parser got to work.
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
