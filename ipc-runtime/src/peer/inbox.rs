//! What the other side produces item by item, until somebody takes it.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};

use crate::{error::DisconnectReason, message::Id};

/// How much the other side may send ahead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
}

/// The items of one subscription or stream argument that came in and weren't taken yet.
///
/// It is filled by the connection, and emptied by whoever holds the stream.
#[derive(Debug)]
pub(crate) struct Inbox {
    /// What the connection has told; one subscription may have asked for less.
    window: Window,
    /// How many items are told at once that they were taken.
    items: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    entries: VecDeque<Entry>,
    items: u64,
    bytes: u64,
    end: Option<End>,
    waker: Option<Waker>,
    /// What was taken and not told to the producer yet.
    owed: Credit,
}

/// What a producer may send more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Credit {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
}

/// What comes in between an inbox's beginning and its end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// As it stood in the message, and where it stands in its source.
    Item(Box<[u8]>, Option<Place>),
    /// So many items were dropped here.
    Lagged(u64),
    /// Items were lost here, nobody knows how many.
    Gap,
}

/// Where an item stands in its source: the epoch, which is told once, and the number.
pub(crate) type Place = (Option<u64>, u64);

/// How it ends.
#[derive(Debug, Clone)]
pub(crate) enum End {
    Done,
    /// The error object, as it stood in the message.
    Error(Arc<[u8]>),
    /// The producer sent more than it was allowed.
    Overrun,
    /// The producer broke the protocol.
    Broken(&'static str),
    Disconnected(DisconnectReason),
}

/// What a look into an inbox finds.
#[derive(Debug)]
pub(crate) enum Taken {
    Entry(Entry),
    End(End),
}

impl Inbox {
    pub(crate) fn new(window: Window) -> Arc<Self> {
        let items = AtomicU64::new(window.items);
        Arc::new(Self { window, items, state: Mutex::default() })
    }

    /// Fewer items are asked for. Whoever doesn't know about that may send as many as before.
    pub(crate) fn set_window(&self, items: u64) {
        self.items.store(items, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something came in. `false`: it is more than the window allows by far, so that the producer
    /// knows nothing of it; the inbox has ended by that.
    #[must_use]
    pub(crate) fn push(&self, entry: Entry) -> bool {
        let (waker, fits) = {
            let mut state = self.state();
            if state.end.is_some() {
                return true;
            }
            if let Entry::Item(item, _) = &entry {
                state.items += 1;
                state.bytes += item.len() as u64;
            }
            // A producer that isn't told of windows gets some slack; and the last item that fits
            // may be of any size.
            let before = match &entry {
                Entry::Item(item, _) => state.bytes - item.len() as u64,
                Entry::Lagged(_) | Entry::Gap => state.bytes,
            };
            let fits = state.items <= self.window.items.saturating_mul(2)
                && before < self.window.bytes.saturating_mul(2)
                && (state.entries.len() as u64) < self.window.items.saturating_mul(4) + 16;
            if fits {
                push(&mut state.entries, entry);
            } else {
                state.end = Some(End::Overrun);
            }
            (state.waker.take(), fits)
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        fits
    }

    /// Nothing more comes in. The first end counts.
    pub(crate) fn end(&self, end: End) {
        let waker = {
            let mut state = self.state();
            state.end.get_or_insert(end);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether the producer has said that nothing more comes.
    pub(crate) fn has_ended_by_producer(&self) -> bool {
        matches!(self.state().end, Some(End::Done | End::Error(_)))
    }

    /// The next entry, then the end; and what the producer should be told, when that is worth a
    /// message.
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<(Taken, Option<Credit>)> {
        let mut state = self.state();
        let Some(entry) = state.entries.pop_front() else {
            if let Some(end) = &state.end {
                return Poll::Ready((Taken::End(end.clone()), None));
            }
            let known = state.waker.as_ref().is_some_and(|known| known.will_wake(cx.waker()));
            if !known {
                let old = state.waker.replace(cx.waker().clone());
                drop(state);
                // Without the lock: that is the app's code.
                drop(old);
            }
            return Poll::Pending;
        };
        let mut credit = None;
        if let Entry::Item(item, _) = &entry {
            let bytes = item.len() as u64;
            state.items -= 1;
            state.bytes -= bytes;
            state.owed.items += 1;
            state.owed.bytes += bytes;
            let due = state.owed.items * 2 >= self.items.load(Ordering::Relaxed)
                || state.owed.bytes * 2 >= self.window.bytes;
            if due && state.end.is_none() {
                credit = Some(std::mem::take(&mut state.owed));
            }
        }
        Poll::Ready((Taken::Entry(entry), credit))
    }
}

/// What was lost in one place is one entry, however often it was told.
fn push(entries: &mut VecDeque<Entry>, entry: Entry) {
    match (entries.back_mut(), entry) {
        (Some(Entry::Lagged(count)), Entry::Lagged(more)) => *count = count.saturating_add(more),
        (Some(last @ Entry::Lagged(_)), Entry::Gap) => *last = Entry::Gap,
        (Some(Entry::Gap), Entry::Lagged(_) | Entry::Gap) => {}
        (_, entry) => entries.push_back(entry),
    }
}

/// The inboxes of one connection.
#[derive(Debug, Default)]
pub(crate) struct Inboxes {
    subscriptions: HashMap<Id, (Cow<'static, str>, Arc<Inbox>)>,
    /// How many subscriptions there are of each method: their items come by its name.
    methods: HashMap<Cow<'static, str>, usize>,
    streams: HashMap<u64, Arc<Inbox>>,
}

impl Inboxes {
    /// How many stream arguments of the peer are open.
    pub(crate) fn stream_count(&self) -> usize {
        self.streams.len()
    }

    /// The peer has opened a subscription. Gives the one whose id it has used again.
    pub(crate) fn subscribed(
        &mut self,
        id: Id,
        method: Cow<'static, str>,
        inbox: Arc<Inbox>,
    ) -> Option<Arc<Inbox>> {
        *self.methods.entry(method.clone()).or_default() += 1;
        let (method, old) = self.subscriptions.insert(id, (method, inbox))?;
        self.forget(&method);
        Some(old)
    }

    /// Whether notifications of this method are items.
    pub(crate) fn expects(&self, method: &str) -> bool {
        !self.methods.is_empty() && self.methods.contains_key(method)
    }

    /// Where the items of a subscription go.
    pub(crate) fn subscription(&self, id: &Id) -> Option<Arc<Inbox>> {
        self.subscriptions.get(id).map(|(_, inbox)| inbox.clone())
    }

    /// Nobody reads this subscription any more. `false`: it wasn't here.
    pub(crate) fn unsubscribed(&mut self, id: &Id, inbox: &Arc<Inbox>) -> bool {
        let here = self.subscriptions.get(id).is_some_and(|(_, known)| Arc::ptr_eq(known, inbox));
        if here {
            if let Some((method, _)) = self.subscriptions.remove(id) {
                self.forget(&method);
            }
        }
        here
    }

    fn forget(&mut self, method: &str) {
        if let Some(count) = self.methods.get_mut(method) {
            *count -= 1;
            if *count == 0 {
                self.methods.remove(method);
            }
        }
    }

    /// Opens a stream argument. `false`: there is one with this number.
    pub(crate) fn open_stream(&mut self, id: u64, inbox: Arc<Inbox>) -> bool {
        match self.streams.entry(id) {
            std::collections::hash_map::Entry::Occupied(_) => false,
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(inbox);
                true
            }
        }
    }

    /// Where the items of a stream argument go.
    pub(crate) fn stream(&self, id: u64) -> Option<Arc<Inbox>> {
        self.streams.get(&id).cloned()
    }

    /// Nobody reads this stream argument any more. `false`: it wasn't here.
    pub(crate) fn close_stream(&mut self, id: u64, inbox: &Arc<Inbox>) -> bool {
        let here = self.streams.get(&id).is_some_and(|known| Arc::ptr_eq(known, inbox));
        if here {
            self.streams.remove(&id);
        }
        here
    }

    /// The connection has ended: gives all of them, to be ended too.
    pub(crate) fn clear(&mut self) -> Vec<Arc<Inbox>> {
        self.methods.clear();
        let subscriptions = self.subscriptions.drain().map(|(_, (_, inbox))| inbox);
        subscriptions.chain(self.streams.drain().map(|(_, inbox)| inbox)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(bytes: usize) -> Entry {
        Entry::Item(vec![b'1'; bytes].into(), None)
    }

    fn poll(inbox: &Inbox) -> Poll<(Taken, Option<Credit>)> {
        inbox.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn what_came_before_the_end_is_still_there() {
        let inbox = Inbox::new(Window { items: 10, bytes: 100 });
        assert!(inbox.push(item(1)));
        inbox.end(End::Done);
        assert!(matches!(poll(&inbox), Poll::Ready((Taken::Entry(Entry::Item(..)), None))));
        assert!(matches!(poll(&inbox), Poll::Ready((Taken::End(End::Done), None))));
    }

    #[test]
    fn credit_is_given_back_by_half_windows() {
        let inbox = Inbox::new(Window { items: 4, bytes: 100 });
        for _ in 0..4 {
            assert!(inbox.push(item(1)));
        }
        assert!(matches!(poll(&inbox), Poll::Ready((_, None))));
        let half = Some(Credit { items: 2, bytes: 2 });
        assert!(matches!(poll(&inbox), Poll::Ready((_, credit)) if credit == half));
    }

    #[test]
    fn bytes_give_credit_too() {
        let inbox = Inbox::new(Window { items: 100, bytes: 10 });
        assert!(inbox.push(item(7)));
        let all = Some(Credit { items: 1, bytes: 7 });
        assert!(matches!(poll(&inbox), Poll::Ready((_, credit)) if credit == all));
    }

    #[test]
    fn a_producer_that_ignores_the_window_is_cut_off() {
        let inbox = Inbox::new(Window { items: 2, bytes: 100 });
        for _ in 0..4 {
            assert!(inbox.push(item(1)));
        }
        assert!(!inbox.push(item(1)));
        for _ in 0..4 {
            assert!(matches!(poll(&inbox), Poll::Ready((Taken::Entry(_), _))));
        }
        assert!(matches!(poll(&inbox), Poll::Ready((Taken::End(End::Overrun), _))));
    }
}
