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
/// It ends when the last [`Emitter`](super::Emitter) is dropped, after what was fired before that.
/// It may be polled from any task, and moved between polls.
///
/// A listener that is slower than the emitter loses the oldest values first. How many is told:
///
/// - to the subscriber, where the listener is polled as (part of) a subscription's stream;
/// - by [`take_missed`](Self::take_missed) and in the log at `debug`, everywhere else.
#[must_use = "it listens until it is dropped"]
pub struct Listener<T> {
    shared: Arc<EventCore<T>>,
    id: u64,
    /// The number of the value that is read next.
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

    /// How many values were dropped because this listener was too slow, since this was asked
    /// last. What a subscription has told its subscriber doesn't count.
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
    /// Waits for the next value; `None` at the end. The same as `StreamExt::next`, for code that
    /// has no other use for `futures-util`. Nothing is lost when the future is dropped.
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
            // A waker's clone and drop are somebody else's code: they run without the lock.
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
        // An event that fires all the time must not keep the task from everything else.
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
