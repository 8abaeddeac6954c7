//! Received items of a stream, until the app takes them.

use std::{
    ops::Range,
    sync::{
        Arc, MutexGuard,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Waker},
};

use crate::{
    error::disconnect_reason::DisconnectReason,
    limits::Window,
    message::item_event::{ItemEvent, Loss},
    peer::state::item_buffer::{Amount, BufferedItem, ItemBuffer, ItemPosition},
    support::lock::Lock,
};

/// The received items of one subscription or stream argument that weren't taken yet.
///
/// The connection fills it, and the owner of the stream empties it through a [`Reader`].
#[derive(Debug)]
pub(crate) struct Inbox {
    /// The window that this side announced. A single subscription may have asked for less.
    window: Window,
    /// The window of this stream in items. Credit is given back for half of it at a time.
    items: AtomicU64,
    /// The connection has removed this inbox: what comes in belongs to another.
    is_detached: AtomicBool,
    read: Read,
    state: Lock<InboxState>,
}

/// How much was read since the beginning. Only the reader writes this, without the lock.
#[derive(Debug, Default)]
struct Read {
    items: AtomicU64,
    bytes: AtomicU64,
    entries: AtomicU64,
}

#[derive(Debug, Default)]
struct InboxState {
    /// What the reader hasn't fetched yet.
    entries: ItemBuffer,
    /// How much has come in since the beginning.
    came: Amount,
    end: Option<Result<(), StreamFailure>>,
    waker: Option<Waker>,
}

/// The reading end of an inbox.
#[derive(Debug)]
pub(crate) struct Reader {
    inbox: Arc<Inbox>,
    /// What was fetched from the inbox, to be read one by one.
    fetched: ItemBuffer,
    /// What was taken and not yet given back as credit.
    owed: Credit,
}

/// How much more a producer may send.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Credit {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
}

impl Credit {
    /// The bytes that so many of these items have on average.
    pub(crate) fn bytes_of(self, items: u64) -> u64 {
        if items >= self.items {
            return self.bytes;
        }
        let bytes = u128::from(self.bytes) * u128::from(items) / u128::from(self.items);
        u64::try_from(bytes).unwrap_or(self.bytes)
    }
}

/// Why a stream has ended, if that wasn't its regular end.
#[derive(Debug, Clone)]
pub(crate) enum StreamFailure {
    /// The error object, as encoded in the message.
    Error(Arc<[u8]>),
    /// The producer sent more than it was allowed.
    Overrun,
    /// The producer broke the protocol.
    Broken(&'static str),
    Disconnected(DisconnectReason),
}

/// What a reader gets next. For an item: where its bytes are (see [`Reader::item`]), and its place
/// in its source.
pub(crate) type Taken = ItemEvent<(Range<usize>, Option<ItemPosition>), StreamFailure>;

impl Read {
    /// How much of what came in is still unread.
    fn rest(&self, came: Amount) -> Amount {
        Amount {
            items: came.items.saturating_sub(self.items.load(Ordering::Relaxed)),
            bytes: came.bytes.saturating_sub(self.bytes.load(Ordering::Relaxed)),
            entries: came.entries.saturating_sub(self.entries.load(Ordering::Relaxed)),
        }
    }

    fn add(&self, items: u64, bytes: u64) {
        // Nobody else writes these.
        let add = |counter: &AtomicU64, count: u64| {
            counter.store(counter.load(Ordering::Relaxed) + count, Ordering::Relaxed);
        };
        add(&self.items, items);
        add(&self.bytes, bytes);
        add(&self.entries, 1);
    }
}

impl Inbox {
    pub(crate) fn new(window: Window) -> Arc<Self> {
        Arc::new(Self {
            window,
            items: AtomicU64::new(window.items),
            is_detached: AtomicBool::new(false),
            read: Read::default(),
            state: Lock::default(),
        })
    }

    /// Narrows the window of this stream. A producer that doesn't know about that may still send as
    /// many items as before.
    pub(crate) fn set_window(&self, items: u64) {
        self.items.store(items, Ordering::Relaxed);
    }

    fn state(&self) -> MutexGuard<'_, InboxState> {
        self.state.lock()
    }

    /// Whether the connection has removed this inbox, so that items with its id may belong to
    /// another.
    pub(crate) fn is_detached(&self) -> bool {
        self.is_detached.load(Ordering::Acquire)
    }

    pub(crate) fn detach(&self) {
        self.is_detached.store(true, Ordering::Release);
    }

    /// Adds a received entry. `false`: it exceeds the window so far that the producer can't know
    /// the window. The inbox has then ended.
    #[must_use]
    pub(crate) fn push(&self, entry: BufferedItem<&[u8]>) -> bool {
        let (waker, fits) = {
            let mut state = self.state();
            if state.end.is_some() {
                return true;
            }
            (state.waker.take(), self.push_one(&mut state, entry))
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        fits
    }

    /// Like `push` for several items, all of which are taken out of `items`.
    #[must_use]
    pub(crate) fn append(&self, items: &mut ItemBuffer, amount: Amount) -> bool {
        let (waker, fits) = {
            let mut state = self.state();
            if state.end.is_some() {
                items.clear();
                return true;
            }
            let unread = self.read.rest(state.came + amount);
            let fits = if self.has_room_for(unread, 0) {
                state.came = state.came + amount;
                state.entries.append(items);
                true
            } else {
                // As far as they fit.
                let mut fits = true;
                while let (true, Some(entry)) = (fits, items.pop()) {
                    let entry = entry.map(|(at, place)| (items.item(at), place));
                    fits = self.push_one(&mut state, entry);
                }
                items.clear();
                fits
            };
            (state.waker.take(), fits)
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        fits
    }

    fn push_one(&self, state: &mut InboxState, entry: BufferedItem<&[u8]>) -> bool {
        let mut unread = self.read.rest(state.came);
        unread.entries += 1;
        let mut last = 0;
        if let Ok((item, _)) = &entry {
            last = item.len() as u64;
            unread.items += 1;
            unread.bytes += last;
        }
        let fits = self.has_room_for(unread, last);
        if fits {
            state.came = state.came + state.entries.push(entry);
        } else {
            state.end = Some(Err(StreamFailure::Overrun));
        }
        fits
    }

    /// Twice the window is allowed, as slack for producers that don't know windows. The last item
    /// that fits may be of any size.
    fn has_room_for(&self, unread: Amount, last: u64) -> bool {
        let Window { items, bytes } = self.window;
        unread.items <= items.saturating_mul(2)
            && unread.bytes - last < bytes.saturating_mul(2)
            && unread.entries <= items.saturating_mul(4) + 16
    }

    /// Ends the inbox: nothing more comes in. The first end counts.
    pub(crate) fn end(&self, end: Result<(), StreamFailure>) {
        let waker = {
            let mut state = self.state();
            state.end.get_or_insert(end);
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Whether the producer has announced the end.
    pub(crate) fn has_ended_by_producer(&self) -> bool {
        matches!(self.state().end, Some(Ok(()) | Err(StreamFailure::Error(_))))
    }
}

impl Reader {
    /// An inbox with something in it has only one reader.
    pub(crate) fn new(inbox: Arc<Inbox>) -> Self {
        Self { inbox, fetched: ItemBuffer::default(), owed: Credit::default() }
    }

    pub(crate) fn inbox(&self) -> &Arc<Inbox> {
        &self.inbox
    }

    /// The bytes of the item that was taken last.
    pub(crate) fn item(&self, at: Range<usize>) -> &[u8] {
        self.fetched.item(at)
    }

    /// Returns the next entry, and after the last one the end. Also returns credit for the
    /// producer, if it is worth a message.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(Taken, Option<Credit>)> {
        loop {
            match self.fetched.pop() {
                Some(Ok((at, place))) => {
                    let credit = self.count(at.len() as u64);
                    return Poll::Ready((ItemEvent::Item((at, place)), credit));
                }
                Some(Err(loss)) => {
                    self.inbox.read.add(0, 0);
                    let loss = self.gather_losses(loss);
                    return Poll::Ready((ItemEvent::Lost(loss), None));
                }
                None => {}
            }
            let mut state = self.inbox.state();
            if !state.entries.is_empty() {
                std::mem::swap(&mut state.entries, &mut self.fetched);
                continue;
            }
            if let Some(end) = &state.end {
                return Poll::Ready((ItemEvent::End(end.clone()), None));
            }
            let known = state.waker.as_ref().is_some_and(|known| known.will_wake(cx.waker()));
            if !known {
                let old = state.waker.replace(cx.waker().clone());
                drop(state);
                // Outside of the lock: this may run the app's code.
                drop(old);
            }
            return Poll::Pending;
        }
    }

    /// Counts an item that was taken. Returns credit for the producer, if it is due.
    fn count(&mut self, bytes: u64) -> Option<Credit> {
        self.inbox.read.add(1, bytes);
        self.owed.items += 1;
        self.owed.bytes += bytes;
        let due = self.owed.items * 2 >= self.inbox.items.load(Ordering::Relaxed)
            || self.owed.bytes * 2 >= self.inbox.window.bytes;
        if !due {
            return None;
        }
        let owed = std::mem::take(&mut self.owed);
        self.inbox.state().end.is_none().then_some(owed)
    }

    /// Merges losses in one place into one entry, even if they were announced in two messages.
    fn gather_losses(&mut self, loss: Loss) -> Loss {
        if self.fetched.is_empty() {
            self.fetched.clear();
            std::mem::swap(&mut self.inbox.state().entries, &mut self.fetched);
        }
        match self.fetched.pop_loss() {
            Some(more) => {
                self.inbox.read.add(0, 0);
                loss.and(more)
            }
            None => loss,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static ITEM: [u8; 100] = [b'1'; 100];

    fn item(bytes: usize) -> BufferedItem<&'static [u8]> {
        Ok((&ITEM[..bytes], None))
    }

    fn items(count: u64) -> (ItemBuffer, Amount) {
        let (mut items, mut amount) = (ItemBuffer::default(), Amount::default());
        (0..count).for_each(|_| amount = amount + items.push(item(1)));
        (items, amount)
    }

    fn open(window: Window) -> (Arc<Inbox>, Reader) {
        let inbox = Inbox::new(window);
        (inbox.clone(), Reader::new(inbox))
    }

    fn poll(reader: &mut Reader) -> Poll<(Taken, Option<Credit>)> {
        reader.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn what_came_before_the_end_is_still_there() {
        let (inbox, mut reader) = open(Window { items: 10, bytes: 100 });
        assert!(inbox.push(item(1)));
        inbox.end(Ok(()));
        assert!(matches!(poll(&mut reader), Poll::Ready((ItemEvent::Item(_), None))));
        assert!(matches!(poll(&mut reader), Poll::Ready((ItemEvent::End(Ok(())), None))));
    }

    #[test]
    fn credit_is_given_back_by_half_windows() {
        let (inbox, mut reader) = open(Window { items: 4, bytes: 100 });
        for _ in 0..4 {
            assert!(inbox.push(item(1)));
        }
        assert!(matches!(poll(&mut reader), Poll::Ready((_, None))));
        let half = Some(Credit { items: 2, bytes: 2 });
        assert!(matches!(poll(&mut reader), Poll::Ready((_, credit)) if credit == half));
    }

    #[test]
    fn bytes_give_credit_too() {
        let (inbox, mut reader) = open(Window { items: 100, bytes: 10 });
        assert!(inbox.push(item(7)));
        let all = Some(Credit { items: 1, bytes: 7 });
        assert!(matches!(poll(&mut reader), Poll::Ready((_, credit)) if credit == all));
    }

    #[test]
    fn a_producer_that_ignores_the_window_is_cut_off() {
        let (inbox, mut reader) = open(Window { items: 2, bytes: 100 });
        for _ in 0..4 {
            assert!(inbox.push(item(1)));
        }
        assert!(!inbox.push(item(1)));
        for _ in 0..4 {
            assert!(matches!(poll(&mut reader), Poll::Ready((ItemEvent::Item(_), _))));
        }
        assert!(matches!(
            poll(&mut reader),
            Poll::Ready((ItemEvent::End(Err(StreamFailure::Overrun)), _))
        ));
    }

    #[test]
    fn items_that_come_together_are_cut_off_where_one_alone_would_be() {
        for (limit, count) in [(4, 3), (4, 4), (4, 5), (4, 9)] {
            let (inbox, mut reader) = open(Window { items: 2, bytes: 100 });
            let (mut batch, amount) = items(count);
            assert_eq!(inbox.append(&mut batch, amount), count <= limit);
            assert!(batch.is_empty());
            for _ in 0..count.min(limit) {
                assert!(matches!(poll(&mut reader), Poll::Ready((ItemEvent::Item(_), _))));
            }
            match poll(&mut reader) {
                Poll::Ready((ItemEvent::End(Err(StreamFailure::Overrun)), _)) => {
                    assert!(count > limit)
                }
                other => assert!(other.is_pending() && count <= limit),
            }
        }
    }

    #[test]
    fn what_was_fetched_and_not_read_counts() {
        let (inbox, mut reader) = open(Window { items: 2, bytes: 100 });
        for _ in 0..4 {
            assert!(inbox.push(item(1)));
        }
        assert!(poll(&mut reader).is_ready());
        assert!(inbox.push(item(1)), "one was read");
        assert!(!inbox.push(item(1)), "three were fetched with it");
    }

    #[test]
    fn what_was_lost_in_one_place_is_told_once_though_it_came_in_two_parts() {
        let (inbox, mut reader) = open(Window { items: 10, bytes: 100 });
        assert!(inbox.push(item(1)));
        assert!(inbox.push(Err(Loss::Lagged(2))));
        assert!(poll(&mut reader).is_ready());
        assert!(inbox.push(Err(Loss::Lagged(3))));
        assert!(inbox.push(item(1)));
        let told = poll(&mut reader);
        assert!(matches!(told, Poll::Ready((ItemEvent::Lost(Loss::Lagged(5)), None))));
        assert!(matches!(poll(&mut reader), Poll::Ready((ItemEvent::Item(_), None))));
        assert!(poll(&mut reader).is_pending());
    }
}
