//! A listener of an event, as a stream.

use std::{
    any::type_name,
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::stream::{FusedStream, Stream};
use tokio::task::coop;

use crate::{
    event::{
        core::EventCore,
        ring::{self, RingRead, Start},
    },
    support::item_notes::{self, Position},
};

/// The values of an [`Event`](super::Event) as a stream. Dropping it stops listening.
///
/// The stream ends after the last [`Emitter`](super::Emitter) was dropped and all values fired
/// before that were read. It can be polled from any task, and moved between polls.
///
/// A listener that is slower than the emitter loses the oldest values first. The number of lost
/// values is reported
///
/// - to the subscriber, if the listener is polled as a subscription's stream or as a part of one;
/// - otherwise with [`take_missed`](Self::take_missed), and in the log at level `debug`.
#[must_use = "it listens until it is dropped"]
pub struct Listener<T> {
    shared: Arc<EventCore<T>>,
    id: u64,
    /// The number of the next value to read.
    cursor: u64,
    latest: bool,
    missed: u64,
    ended: bool,
}

impl<T> Listener<T> {
    pub(super) fn new(shared: Arc<EventCore<T>>, latest: bool) -> Self {
        let seen = item_notes::resume_from(shared.epoch);
        let mut state = shared.lock();
        let ring = &mut state.ring;
        let Start { cursor, gap } = if latest { ring.join_latest(seen) } else { ring.join(seen) };
        let id = state.new_id();
        drop(state);
        if gap {
            item_notes::gap();
        }
        Self { shared, id, cursor, latest, missed: 0, ended: false }
    }

    /// Returns how many values were dropped because this listener was too slow, since the last call
    /// of this method. Values whose loss a subscription has reported to its subscriber don't count.
    pub fn take_missed(&mut self) -> u64 {
        std::mem::take(&mut self.missed)
    }

    fn tell_missed(&mut self, missed: u64) {
        if missed > 0 && !item_notes::lagged(missed) {
            self.missed = self.missed.saturating_add(missed);
            let event = type_name::<T>();
            tracing::debug!(event, missed, "a listener is too slow: it lost the oldest values");
        }
    }
}

impl<T: Clone + Send + 'static> Listener<T> {
    /// Waits for the next value; `None` at the end. This is `StreamExt::next` for code that doesn't
    /// need `futures-util` otherwise. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<T> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Option<RingRead<T>>> {
        let Self { shared, cursor, .. } = self;
        let mut own_waker = None;
        loop {
            let mut state = shared.lock();
            let ring = &mut state.ring;
            let read = if self.latest { ring.read_latest(cursor) } else { ring.read(cursor) };
            if let Some(read) = read {
                let producer = state.next_in_line();
                drop(state);
                if let Some(producer) = producer {
                    item_notes::wake_afterwards(producer);
                }
                return Poll::Ready(Some(read));
            }
            if state.closed {
                return Poll::Ready(None);
            }
            if state.waiting.get(&self.id).is_some_and(|known| known.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            // Cloning and dropping a waker is foreign code, so it runs without the lock.
            let Some(waker) = own_waker.take() else {
                drop(state);
                own_waker = Some(cx.waker().clone());
                continue;
            };
            let old = state.waiting.insert(self.id, waker);
            drop(state);
            drop(old);
            return Poll::Pending;
        }
    }
}

impl<T: Clone + Send + 'static> Stream for Listener<T> {
    type Item = T;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        // An event that fires all the time must not starve the rest of the task.
        let share = ready!(coop::poll_proceed(cx));
        let read = ready!(this.poll_read(cx));
        share.made_progress();
        let Some(RingRead { value, seq, missed }) = read else {
            this.ended = true;
            return Poll::Ready(None);
        };
        this.tell_missed(missed);
        let value = ring::take(value);
        item_notes::delivered(Position { epoch: this.shared.epoch, seq });
        Poll::Ready(Some(value))
    }
}

impl<T: Clone + Send + 'static> FusedStream for Listener<T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T> Drop for Listener<T> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        let waker = state.waiting.remove(&self.id);
        let (values, newest) = if self.latest {
            (Vec::new(), state.ring.leave_latest())
        } else {
            (state.ring.leave(self.cursor), None)
        };
        let producer = state.next_in_line();
        drop(state);
        if let Some(producer) = producer {
            producer.wake();
        }
        drop((waker, values, newest));
    }
}

impl<T> fmt::Debug for Listener<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("latest", &self.latest)
            .field("next_seq", &self.cursor)
            .field("missed", &self.missed)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
