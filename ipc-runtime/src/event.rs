//! Events: one place in your program fires values, and any number of listeners get them.
//!
//! An [`Emitter`] fires the values. Others listen to its [`Event`], with a [`Listener`] (a stream)
//! or with a callback. Events work within one process. To send their values to the other side of a
//! connection, return a listener from a subscription.

// One ring of the last values is shared by all listeners; each has only a cursor into it, so `fire`
// costs the same for one listener as for thousands, but for waking those that wait.
//
// The user's code (clone and drop of values, callbacks, wakers) never runs under the event's lock.
// A value's clone runs under a lock of that one value, see `ring::RingValue`.

pub(crate) mod callback;
pub(crate) mod core;
pub(crate) mod listener;
pub(crate) mod ring;
#[cfg(test)]
mod tests;
pub(crate) mod turn_queue;

use std::{
    any::type_name,
    collections::BTreeMap,
    fmt,
    future::poll_fn,
    marker::PhantomData,
    mem,
    sync::{Arc, Weak, atomic::AtomicBool},
    task::Waker,
};

use crate::{
    event::{
        callback::Callback,
        core::{EventCore, EventState, Fired, Turn},
        ring::Ring,
        turn_queue::Line,
    },
    registration::Registration,
    support::{lock::Lock, name::Name, random::random},
};

pub use crate::event::listener::Listener;

/// Fires values at the listeners of its [`Event`].
///
/// ```
/// use ipc_runtime::event::Emitter;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let saved = Emitter::new();
/// let mut listener = saved.event().listen();
/// let log = saved.event().on(|name: &String| println!("saved {name}"));
///
/// saved.fire("a.txt".to_owned()); // prints, then returns
/// assert_eq!(listener.next().await.as_deref(), Some("a.txt"));
///
/// log.remove(); // not called any more
/// drop(saved); // the last emitter: listeners end
/// assert_eq!(listener.next().await, None);
/// # }
/// ```
///
/// Clones are cheap, and fire the same event. When the last clone is dropped, the callbacks are
/// dropped, and each stream ends once its listener has read the values that were fired before. A
/// callback that holds a clone of its own emitter, or something that owns one, keeps the emitter
/// alive until the callback is removed.
///
/// # What is kept
///
/// The emitter keeps the last [`capacity`](EmitterBuilder::capacity) values until all listeners
/// have read them, and always the last [`replay`](EmitterBuilder::replay) values. A listener that
/// falls further behind loses the oldest values and learns how many. Without listeners and without
/// replay, nothing is kept.
///
/// # Threads
///
/// You may call all methods from any thread, and inside callbacks. `T` needn't be `Sync`: it is
/// cloned for each listener, under a lock of that one value. So `T`'s `Clone` must not read the
/// same event: that could deadlock.
pub struct Emitter<T> {
    owner: Arc<EventCloser<T>>,
}

/// The side of an [`Emitter`] that others listen to; it can't fire. Clones are cheap.
///
/// An event may outlive its emitter. A listener that is made then gets the values that are kept for
/// replay, and ends.
pub struct Event<T> {
    shared: Arc<EventCore<T>>,
}

/// Sets up an [`Emitter`].
#[must_use = "call `build` to make the emitter"]
pub struct EmitterBuilder<T> {
    capacity: usize,
    replay: usize,
    latest_only: bool,
    max_weight: u64,
    fires: PhantomData<fn() -> T>,
}

/// Ends the event with the last clone of its emitter.
struct EventCloser<T> {
    shared: Arc<EventCore<T>>,
}

impl<T: Clone + Send + 'static> Emitter<T> {
    /// An emitter that keeps the last 256 values for slow listeners, and replays none.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets up an emitter.
    pub fn builder() -> EmitterBuilder<T> {
        let (latest_only, max_weight) = (false, u64::MAX);
        EmitterBuilder { capacity: 256, replay: 0, latest_only, max_weight, fires: PhantomData }
    }

    /// The event that this fires.
    pub fn event(&self) -> Event<T> {
        Event { shared: Arc::clone(&self.owner.shared) }
    }

    /// Sends a value to all listeners: queues it for their streams, wakes them, and calls the
    /// callbacks. It returns when the callbacks have returned, and doesn't wait for streams to be
    /// read.
    ///
    /// If several threads fire at once, all streams get the values in the same order, and callbacks
    /// may run at the same time. A callback may fire its own event. Then streams get the inner
    /// value right after the outer one, but the callbacks after that callback get the inner value
    /// first.
    pub fn fire(&self, value: T) {
        let mut value = Some(value);
        let mut state = self.owner.shared.lock();
        if state.is_quiet() && state.ring.push_alone(&mut value) {
            return;
        }
        let fired = value.map(|value| state.push(value, 0));
        drop(state);
        if let Some(fired) = fired {
            fired.finish();
        }
    }

    /// The first half of [`fire`](Self::fire): puts the value where streams find it. For whoever
    /// has to settle the order of values under a lock of its own: no user's code runs in here. See
    /// [`EmitterBuilder::max_weight`] for the weight.
    pub(crate) fn push(&self, value: T, weight: u64) -> Fired<T> {
        self.owner.shared.lock().push(value, weight)
    }

    /// Like [`fire`](Self::fire), but first waits until every listener has room, so no listener
    /// loses a value because of this call. If several callers wait, they get their turns in the
    /// order of their first polls.
    ///
    /// If you drop the future before it is ready, nothing is fired. A listener that nobody reads
    /// blocks this until the listener is dropped. One from [`listen_latest`](Event::listen_latest)
    /// never blocks it. `fire` doesn't wait in this queue.
    pub async fn fire_wait(&self, value: T) {
        let mut turn = Turn { shared: &self.owner.shared, ticket: None };
        let mut value = Some(value);
        // No `.await` lies behind the push: it is fired wholly or not at all.
        if let Some(fired) = poll_fn(|cx| turn.poll_push(cx, &mut value)).await {
            fired.finish();
        }
    }

    /// How many listen: streams and callbacks.
    pub fn listener_count(&self) -> usize {
        let state = self.owner.shared.lock();
        state.ring.readers() + state.callbacks.len()
    }
}

impl<T: Clone + Send + 'static> Event<T> {
    /// Returns a stream of the values from now on, after those that are replayed. If the listener
    /// doesn't read in time, the oldest values are dropped and counted.
    ///
    /// In a subscription that a frontend opens again after it has reconnected, the stream begins
    /// after the last value that the subscriber has seen. If the emitter no longer keeps what
    /// follows, the subscriber gets a [`Gap`](crate::ErrorKind::Gap).
    pub fn listen(&self) -> Listener<T> {
        Listener::new(Arc::clone(&self.shared), self.shared.latest_only)
    }

    /// Returns a stream of only the newest value. A value that is replaced before it is read is
    /// skipped, and doesn't count as missed. With [`replay`](EmitterBuilder::replay) the stream
    /// begins with the last value that was fired, otherwise with the next one.
    pub fn listen_latest(&self) -> Listener<T> {
        Listener::new(Arc::clone(&self.shared), true)
    }

    /// Calls a function with each value, inside of [`Emitter::fire`], until the registration is
    /// [removed](Registration::remove) or the last emitter is dropped.
    ///
    /// Callbacks are called in the order of their registration, and hold no lock: they may fire,
    /// listen and remove registrations. They have to be short. A panic in one is logged; the other
    /// callbacks are called all the same, and `fire` returns.
    pub fn on(&self, callback: impl Fn(&T) + Send + Sync + 'static) -> Registration {
        let callback = Callback { listening: AtomicBool::new(true), function: Box::new(callback) };
        let callback = Arc::new(callback);
        let mut state = self.shared.lock();
        let id = state.new_id();
        if !state.closed {
            state.callbacks.push((id, Arc::clone(&callback)));
        }
        drop(state);
        let registrar: Weak<EventCore<T>> = Arc::downgrade(&self.shared);
        Registration::new(registrar, Name::Written(type_name::<T>()), id)
    }
}

impl<T: Clone + Send + 'static> EmitterBuilder<T> {
    /// Sets how many values are kept for slow listeners; default: 256, at least 1. The values that
    /// are kept for [`replay`](Self::replay) are among them: if that is the larger number, it
    /// counts.
    pub fn capacity(mut self, values: usize) -> Self {
        self.capacity = values;
        self
    }

    /// How many of the last values a new listener gets first; default: none.
    ///
    /// A subscriber whose frontend has [reconnected](crate::FrontendBuilder::reconnect) gets those
    /// of them that it hasn't seen.
    pub fn replay(mut self, values: usize) -> Self {
        self.replay = values;
        self
    }

    /// Makes [`Event::listen`] do the same as [`Event::listen_latest`].
    pub fn latest_only(mut self) -> Self {
        self.latest_only = true;
        self
    }

    /// How much the values that are kept may weigh, all together; the newest is kept whatever it
    /// weighs. The weights come with [`Emitter::push`].
    pub(crate) fn max_weight(mut self, weight: u64) -> Self {
        self.max_weight = weight;
        self
    }

    /// The emitter.
    pub fn build(self) -> Emitter<T> {
        let state = EventState {
            ring: Ring::new(self.capacity, self.replay, self.max_weight),
            waiting: BTreeMap::new(),
            line: Line::default(),
            callbacks: Vec::new(),
            last_id: 0,
            closed: false,
        };
        let shared = EventCore {
            epoch: random_epoch(),
            latest_only: self.latest_only,
            state: Lock::new(state),
        };
        Emitter { owner: Arc::new(EventCloser { shared: Arc::new(shared) }) }
    }
}

/// 53 bits, which JavaScript can hold. It only tells one emitter from another.
pub(crate) fn random_epoch() -> u64 {
    random() >> 11
}

impl<T> Drop for EventCloser<T> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closed = true;
        let wakers = mem::take(&mut state.waiting);
        let callbacks = mem::take(&mut state.callbacks);
        drop(state);
        wakers.into_values().for_each(Waker::wake);
        // What they have captured is dropped without the lock.
        drop(callbacks);
    }
}

impl<T> Clone for Emitter<T> {
    fn clone(&self) -> Self {
        Self { owner: Arc::clone(&self.owner) }
    }
}

impl<T: Clone + Send + 'static> Default for Emitter<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Clone for Event<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T> fmt::Debug for Emitter<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.owner.shared.debug(f, "Emitter")
    }
}

impl<T> fmt::Debug for Event<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.debug(f, "Event")
    }
}

impl<T> fmt::Debug for EmitterBuilder<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmitterBuilder")
            .field("capacity", &self.capacity)
            .field("replay", &self.replay)
            .field("latest_only", &self.latest_only)
            .finish()
    }
}
