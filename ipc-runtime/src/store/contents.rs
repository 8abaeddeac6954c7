//! A table behind a lock, and those who listen to its changes.
//!
//! The user's code never runs under the lock: values are serialized before it is taken and
//! deserialized after it is released, and wakers and callbacks are called when it is free.

use std::{
    collections::{BTreeMap, HashMap},
    future::poll_fn,
    mem,
    sync::{Arc, MutexGuard},
    task::{Context, Poll, Waker},
};

use crate::{
    event::{Emitter, Event, core::Fired, random_epoch},
    store::{
        change::Change,
        cursor::cost,
        error::StoreError,
        revision::Revision,
        snapshot::Snapshot,
        table::{Expected, Item, New, ValueTable},
        value::{Content, Kept},
        wire::{Removal, Seen},
    },
    support::lock::Lock,
};

/// How long a key may be, in bytes.
const MAX_KEY_BYTES: usize = 1024;

/// How many changes are kept for slow listeners.
const KEPT_CHANGES: usize = 1024;

/// How many bytes these changes may have, as `cost` counts them. The newest is kept in any case.
const KEPT_CHANGE_BYTES: u64 = 16 * 1024 * 1024;

/// The values of one scope on one side, and all who listen to them.
#[derive(Debug)]
pub(super) struct Contents {
    state: Lock<ContentsState>,
    changes: Event<Change>,
}

#[derive(Debug)]
struct ContentsState {
    table: ValueTable,
    /// `None` once the scope is closed. Dropping it ends the listeners.
    emitter: Option<Emitter<Change>>,
    /// The wakers of those who have seen everything, by the key that they wait for. `None` stands
    /// for all keys.
    pub(crate) waiting: HashMap<Option<Arc<str>>, BTreeMap<u64, Waker>>,
    last_id: u64,
    watches: usize,
    /// In a replica: how many connections there had been when these values arrived.
    connection: u64,
}

/// What a waiter sees besides the values.
#[derive(Debug, Clone, Copy)]
pub(super) struct Now {
    pub(super) closed: bool,
    connection: u64,
}

/// What a write has left to do when the lock is free.
#[must_use]
#[derive(Default)]
struct WriteEffects {
    wakers: Vec<BTreeMap<u64, Waker>>,
    fired: Vec<Fired<Change>>,
}

impl Contents {
    pub(super) fn new(max_bytes: u64) -> Arc<Self> {
        let emitter = Emitter::builder().capacity(KEPT_CHANGES);
        let emitter = emitter.max_weight(KEPT_CHANGE_BYTES).build();
        let changes = emitter.event();
        let state = ContentsState {
            table: ValueTable::new(random_epoch(), max_bytes),
            emitter: Some(emitter),
            waiting: HashMap::new(),
            last_id: 0,
            watches: 0,
            connection: 0,
        };
        Arc::new(Self { state: Lock::new(state), changes })
    }

    pub(super) fn changes(&self) -> Event<Change> {
        self.changes.clone()
    }

    pub(super) fn get(&self, key: &str) -> Option<(Revision, Content)> {
        let state = self.lock();
        let (seen, content) = state.table.get(key)?;
        Some((seen.revision, content.clone()))
    }

    pub(super) fn revision(&self) -> Revision {
        self.lock().table.revision()
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        self.lock().table.snapshot()
    }

    pub(super) fn set(
        &self,
        key: &str,
        expected: Expected,
        kept: Kept,
    ) -> Result<Revision, StoreError> {
        check_key(key)?;
        let size = kept.size();
        let mut state = self.lock();
        state.check_open(key)?;
        let change = state.table.set(key, expected, kept, size)?;
        let revision = change.revision;
        let told = state.tell([change]);
        drop(state);
        told.finish();
        Ok(revision)
    }

    pub(super) fn remove(&self, key: &str) -> Result<Removal, StoreError> {
        let mut state = self.lock();
        state.check_open(key)?;
        let change = state.table.remove(key);
        let revision = change.as_ref().map(|change| change.revision);
        let latest = state.table.revision();
        let told = state.tell(change);
        drop(state);
        told.finish();
        Ok(Removal { revision, latest })
    }

    /// Writes several keys as one revision, or none of them.
    pub(super) fn write_all(&self, news: BTreeMap<String, New>) -> Result<Revision, StoreError> {
        let mut state = self.lock();
        if let Some((key, _)) = news.first_key_value() {
            state.check_open(key)?;
        }
        let changes = state.table.write_all(news)?;
        let revision = state.table.revision();
        let told = state.tell(changes);
        drop(state);
        told.finish();
        Ok(revision)
    }

    /// Applies a complete look at the store.
    pub(super) fn apply(&self, connection: u64, reset: bool, seen: Seen, entries: Vec<Item>) {
        let mut state = self.lock();
        state.connection = connection;
        let changes = state.table.apply(reset, seen, entries);
        let told = state.tell(changes);
        drop(state);
        told.finish();
    }

    /// Closes the scope: nothing is written any more, and all listeners end.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        let waiting = mem::take(&mut state.waiting);
        let emitter = state.emitter.take();
        drop(state);
        waiting.into_values().flat_map(BTreeMap::into_values).for_each(Waker::wake);
        drop(emitter);
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().emitter.is_none()
    }

    /// Returns the number of listeners: watches, feeds, and streams and callbacks of changes.
    pub(super) fn listener_count(&self) -> usize {
        let state = self.lock();
        let emitter = state.emitter.as_ref();
        state.watches + emitter.map_or(0, Emitter::listener_count)
    }

    /// Waits until everything up to `revision` is here. The backend has named this revision on the
    /// connection with the number `connection`. Returns `false` if it never arrives: the scope is
    /// closed, or the values come from a later connection, where another store has taken the place
    /// of the one that had this revision.
    pub(super) async fn reached(self: &Arc<Self>, connection: u64, revision: Revision) -> bool {
        let waiter = Waiter::new(self, None);
        let look = |table: &ValueTable, now: Now| {
            let told = now.connection >= connection && table.revision() >= revision;
            let never = now.closed || now.connection > connection;
            if told || never { Some(told) } else { None }
        };
        poll_fn(|cx| waiter.poll(cx, look)).await
    }

    /// Waits until the scope is closed.
    pub(super) async fn closed(self: &Arc<Self>) {
        let waiter = Waiter::new(self, None);
        poll_fn(|cx| waiter.poll(cx, |_, now| now.closed.then_some(()))).await;
    }

    fn lock(&self) -> MutexGuard<'_, ContentsState> {
        self.state.lock()
    }
}

impl ContentsState {
    fn check_open(&self, key: &str) -> Result<(), StoreError> {
        match self.emitter {
            Some(_) => Ok(()),
            None => Err(StoreError::Gone { key: key.to_owned() }),
        }
    }

    /// Puts changes where streams find them. This happens under the lock, so that changes are in
    /// the order of the writes.
    fn tell(&mut self, changes: impl IntoIterator<Item = Change>) -> WriteEffects {
        let mut told = WriteEffects::default();
        for change in changes {
            told.wakers.extend(self.waiting.remove(&Some(change.key.clone())));
            let weight = cost(&change.key, change.content.as_ref());
            told.fired.extend(self.emitter.as_ref().map(|emitter| emitter.push(change, weight)));
        }
        told.wakers.extend(self.waiting.remove(&None));
        told
    }
}

impl WriteEffects {
    fn finish(self) {
        self.wakers.into_iter().flat_map(BTreeMap::into_values).for_each(Waker::wake);
        self.fired.into_iter().for_each(Fired::finish);
    }
}

/// Checks that a key isn't too long.
pub(super) fn check_key(key: &str) -> Result<(), StoreError> {
    if key.len() <= MAX_KEY_BYTES {
        return Ok(());
    }
    let (length, limit) = (key.len() as u64, MAX_KEY_BYTES as u64);
    Err(StoreError::KeyTooLong { key: key.chars().take(32).collect(), length, limit })
}

/// Waits for the table to change.
#[derive(Debug)]
pub(super) struct Waiter {
    contents: Arc<Contents>,
    key: Option<Arc<str>>,
    id: u64,
    counts: bool,
}

impl Waiter {
    /// Creates a waiter for one key, or for all keys. It doesn't count as a listener.
    fn new(contents: &Arc<Contents>, key: Option<Arc<str>>) -> Self {
        let mut state = contents.lock();
        state.last_id += 1;
        Self { contents: contents.clone(), key, id: state.last_id, counts: false }
    }

    /// Creates a waiter that counts as a listener.
    pub(super) fn counted(contents: &Arc<Contents>, key: Option<Arc<str>>) -> Self {
        let mut waiter = Self::new(contents, key);
        waiter.counts = true;
        contents.lock().watches += 1;
        waiter
    }

    /// Calls `look` with the table, and with whether the scope is closed. If it finds nothing, the
    /// task is woken after the next write, to look again.
    pub(super) fn poll<R>(
        &self,
        cx: &mut Context<'_>,
        mut look: impl FnMut(&ValueTable, Now) -> Option<R>,
    ) -> Poll<R> {
        let mut own_waker = None;
        loop {
            let mut state = self.contents.lock();
            let now = Now { closed: state.emitter.is_none(), connection: state.connection };
            if let Some(found) = look(&state.table, now) {
                return Poll::Ready(found);
            }
            let known = state.waiting.get(&self.key).and_then(|waiting| waiting.get(&self.id));
            if known.is_some_and(|known| known.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            // Cloning and dropping a waker is foreign code, so it runs without the lock.
            let Some(waker) = own_waker.take() else {
                drop(state);
                own_waker = Some(cx.waker().clone());
                continue;
            };
            let old = state.waiting.entry(self.key.clone()).or_default().insert(self.id, waker);
            drop(state);
            drop(old);
            return Poll::Pending;
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let mut state = self.contents.lock();
        state.watches -= usize::from(self.counts);
        let mut waker = None;
        if let Some(waiting) = state.waiting.get_mut(&self.key) {
            waker = waiting.remove(&self.id);
            if waiting.is_empty() {
                state.waiting.remove(&self.key);
            }
        }
        drop(state);
        drop(waker);
    }
}
