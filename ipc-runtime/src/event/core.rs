//! The state that an event's emitters and listeners share.

use std::{
    collections::BTreeMap,
    fmt, mem,
    sync::{Arc, MutexGuard, atomic::Ordering},
    task::{Context, Poll, Waker},
};

use crate::{
    event::{
        callback::Callback,
        ring::{self, Pushed, Ring},
        turn_queue::Line,
    },
    registration::Registrar,
    support::lock::Lock,
};

/// The state that emitters, events and listeners share.
pub(crate) struct EventCore<T> {
    pub(crate) epoch: u64,
    pub(crate) latest_only: bool,
    pub(crate) state: Lock<EventState<T>>,
}

pub(crate) struct EventState<T> {
    pub(crate) ring: Ring<T>,
    /// The wakers of listeners that have read everything, by the listeners' ids.
    pub(crate) waiting: BTreeMap<u64, Waker>,
    /// The callers that wait in `fire_wait`.
    pub(crate) line: Line,
    /// By their ids: this is the order in which they were registered.
    pub(crate) callbacks: Vec<(u64, Arc<Callback<T>>)>,
    pub(crate) last_id: u64,
    /// Whether the last emitter was dropped.
    pub(crate) closed: bool,
}

/// A value that is in the ring, and what remains to be done for it without the lock.
#[must_use = "listeners are told of it by `finish`"]
pub(crate) struct Fired<T> {
    pushed: Pushed<T>,
    wakers: BTreeMap<u64, Waker>,
    callbacks: Vec<Arc<Callback<T>>>,
    /// The next caller that waits in `fire_wait`, if there is room for its value.
    producer: Option<Waker>,
}

/// A place in the wait queue of `fire_wait`.
pub(crate) struct Turn<'a, T> {
    pub(crate) shared: &'a EventCore<T>,
    pub(crate) ticket: Option<u64>,
}

impl<T> EventCore<T> {
    pub(crate) fn lock(&self) -> MutexGuard<'_, EventState<T>> {
        self.state.lock()
    }
}

impl<T> EventState<T> {
    pub(crate) fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(crate) fn push(&mut self, value: T, weight: u64) -> Fired<T> {
        Fired {
            pushed: self.ring.push(value, weight, !self.callbacks.is_empty()),
            wakers: mem::take(&mut self.waiting),
            callbacks: self.callbacks.iter().map(|(_, callback)| callback.clone()).collect(),
            producer: None,
        }
    }

    /// Whether a new value only has to go into the ring: nobody waits, and there are no callbacks.
    pub(crate) fn is_quiet(&self) -> bool {
        self.waiting.is_empty() && self.line.is_empty() && self.callbacks.is_empty()
    }

    /// Returns the first waker in the wait queue of `fire_wait` if there is room for its value.
    /// Called when there may be new room or a new first place in the queue.
    pub(crate) fn next_in_line(&mut self) -> Option<Waker> {
        if self.ring.has_room() { self.line.wake_first() } else { None }
    }
}

impl<T: Clone> Fired<T> {
    /// Wakes the streams and calls the callbacks.
    pub(crate) fn finish(self) {
        let Self { pushed, wakers, callbacks, producer } = self;
        let wakers = wakers.into_values().chain(producer);
        wakers.for_each(Waker::wake);
        match pushed.value {
            // Only the ring needs the value: there are no callbacks.
            Ok(None) => {}
            _ if callbacks.is_empty() => {}
            Ok(Some(shared)) => {
                // Callbacks get a copy: otherwise the value's lock would be held while they run.
                let value = ring::copy(&shared);
                drop(shared);
                callbacks.iter().for_each(|callback| callback.call(&value));
            }
            Err(value) => callbacks.iter().for_each(|callback| callback.call(&value)),
        }
        // This comes last, so that a drop that panics doesn't keep the value from anybody.
        drop((pushed.replaced, pushed.removed, pushed.too_heavy));
    }
}

impl<T> Turn<'_, T> {
    /// Is ready when the value was pushed. `Some`: listeners have still to be notified.
    pub(crate) fn poll_push(
        &mut self,
        cx: &mut Context<'_>,
        value: &mut Option<T>,
    ) -> Poll<Option<Fired<T>>> {
        let mut own_waker = None;
        loop {
            let mut state = self.shared.lock();
            // The fast path: in most cases nobody waits.
            if state.is_quiet() && state.ring.push_alone(value) {
                return Poll::Ready(None);
            }
            let first = state.line.first();
            let is_first = first.is_none() || first == self.ticket;
            if is_first && state.ring.has_room() {
                let Some(value) = value.take() else { return Poll::Pending };
                let place = self.ticket.take().and_then(|ticket| state.line.leave(ticket));
                let mut fired = state.push(value, 0);
                fired.producer = state.next_in_line();
                drop(state);
                drop(place);
                return Poll::Ready(Some(fired));
            }
            let known = self.ticket.and_then(|ticket| state.line.waker(ticket));
            if known.is_some_and(|known| known.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            // Cloning and dropping a waker is foreign code, so it runs without the lock.
            let Some(waker) = own_waker.take() else {
                drop(state);
                own_waker = Some(cx.waker().clone());
                continue;
            };
            let ticket = self.ticket.unwrap_or_else(|| state.new_id());
            self.ticket = Some(ticket);
            let old = state.line.wait(ticket, waker);
            drop(state);
            drop(old);
            return Poll::Pending;
        }
    }
}

/// Gives up the place in the wait queue. If it was already woken, the next caller is woken instead.
impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let mut state = self.shared.lock();
        let place = state.line.leave(ticket);
        let next = state.next_in_line();
        drop(state);
        if let Some(next) = next {
            next.wake();
        }
        drop(place);
    }
}

impl<T> EventCore<T> {
    pub(crate) fn debug(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        let state = self.lock();
        let (listeners, callbacks) = (state.ring.readers(), state.callbacks.len());
        drop(state);
        f.debug_struct(name)
            .field("epoch", &self.epoch)
            .field("listeners", &listeners)
            .field("callbacks", &callbacks)
            .finish_non_exhaustive()
    }
}

impl<T: Send> Registrar for EventCore<T> {
    fn remove(&self, id: u64) {
        let mut state = self.lock();
        let index = state.callbacks.binary_search_by_key(&id, |(id, _)| *id).ok();
        let callback = index.map(|index| state.callbacks.remove(index).1);
        drop(state);
        // What the callback has captured is dropped without the lock.
        if let Some(callback) = callback {
            callback.listening.store(false, Ordering::Release);
        }
    }
}
