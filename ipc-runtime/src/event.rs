//! Events: somebody fires values, and any number of listeners get them.
//!
//! An [`Emitter`] fires, its [`Event`] is where others listen, with a [`Listener`] (a stream) or a
//! callback. Both sides of a connection use them within their process; a subscription that returns
//! a listener brings the values to the other side.

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
/// A clone fires the same event, and is cheap. When the last one is dropped, the listeners' streams
/// end after what was fired before, and the callbacks are dropped. A callback that holds a clone of
/// its own emitter, or something that owns one, keeps it alive until the callback is removed.
///
/// # What is kept
///
/// The last [`capacity`](EmitterBuilder::capacity) values, as long as a listener hasn't read them,
/// and the last [`replay`](EmitterBuilder::replay) ones always. A listener that is further behind
/// loses the oldest and is told how many. Without listeners and replay nothing is kept.
///
/// # Threads
///
/// All methods may be called from any thread, and inside of callbacks. `T` needn't be `Sync`: it is
/// cloned for each listener, under a lock of that one value. A clone that itself reads the same
/// value from another listener would wait for itself.
pub struct Emitter<T> {
    owner: Arc<EventCloser<T>>,
}

/// Where the values of an [`Emitter`] are listened to. Clones are cheap, and can't fire.
///
/// It outlives its emitter: listeners that are made after that get what is still replayed, and end.
pub struct Event<T> {
    shared: Arc<EventCore<T>>,
}

/// Sets up an [`Emitter`].
#[must_use = "it becomes an emitter by `build`"]
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

    /// Gives a value to all listeners: puts it where their streams find it, wakes them, and calls
    /// the callbacks. It waits for no listener.
    ///
    /// When several threads fire at once, all streams get the values in the same order; callbacks
    /// may run at the same time. A callback that fires is as if it fired right behind: streams get
    /// its value second, the callbacks after it are called with its value first.
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

    /// As [`fire`](Self::fire), but waits first until every listener has room, so that this drops
    /// nothing. Callers get their turn in the order of their first polls.
    ///
    /// When the future is dropped before it is ready, nothing was fired. A listener that isn't read
    /// holds this up until it is dropped; one that wants the newest value only never does. Values
    /// from [`fire`](Self::fire) don't wait in line.
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
    /// Listens from now on, or from the values that are replayed. Values that the listener doesn't
    /// read in time are dropped, the oldest first, and counted.
    ///
    /// In a subscription whose subscriber has come back, it begins behind what that one has seen;
    /// if that isn't there any more, the subscriber is told of a gap.
    pub fn listen(&self) -> Listener<T> {
        Listener::new(Arc::clone(&self.shared), self.shared.latest_only)
    }

    /// Listens to the newest value only: one that wasn't read yet is replaced by the next, which
    /// isn't counted as missed. With [`replay`](EmitterBuilder::replay) it begins with the value
    /// that was fired last, else with the next one.
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
    /// How many values are kept for listeners that are slow; default: 256, at least 1. Values to be
    /// replayed are among them, so it is never less than [`replay`](Self::replay).
    pub fn capacity(mut self, values: usize) -> Self {
        self.capacity = values;
        self
    }

    /// How many of the last values a new listener gets first; default: none.
    ///
    /// A subscriber that comes back gets those that it hasn't seen.
    pub fn replay(mut self, values: usize) -> Self {
        self.replay = values;
        self
    }

    /// [`Event::listen`] is as [`Event::listen_latest`].
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
