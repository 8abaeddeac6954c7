//! The values that somebody has still to read, or may want again.

use std::{collections::VecDeque, sync::Arc};

use crate::support::lock::Lock;

/// A value that several listeners will read.
///
/// Its own lock makes it shareable where `T` isn't `Sync`, and lets `T`'s clone run without the
/// event's lock: only those who copy this very value at this moment wait for each other.
pub(super) type SharedValue<T> = Arc<Lock<T>>;

/// A value that somebody will read. It is shared when a first one does and another will: most have
/// one reader.
#[derive(Debug)]
pub(super) enum RingValue<T> {
    Own(T),
    Shared(SharedValue<T>),
}

/// A copy, or the value itself for whoever holds it last. `T`'s drop runs without a lock.
pub(super) fn take<T: Clone>(value: RingValue<T>) -> T {
    match value {
        RingValue::Own(value) => value,
        RingValue::Shared(shared) => match Arc::try_unwrap(shared) {
            Ok(last) => last.into_inner(),
            Err(shared) => copy(&shared),
        },
    }
}

pub(super) fn copy<T: Clone>(value: &SharedValue<T>) -> T {
    // A clone that panicked has only read the value: it is as good as before.
    value.lock().clone()
}

/// The last values that were fired, with who has read them.
///
/// Values are numbered from 1, without holes. A reader is a cursor: the number of what it reads
/// next; the ring knows only how many of them have still to come by each value. That number never
/// falls from the oldest to the newest value, so what nobody wants is always at the front.
///
/// Nothing here runs `T`'s code: what is removed is handed out, to be dropped without the lock.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    kept: VecDeque<RingEntry<T>>,
    /// What the values in `kept` weigh, and may weigh; but the newest may weigh more.
    weight: u64,
    max_weight: u64,
    /// The number of the next value.
    next: u64,
    /// How many values are kept for readers that are slow.
    capacity: usize,
    /// How many are kept for readers that come later.
    replay: usize,
    readers: usize,
    /// How many read the newest value only. They don't hold up what is in the ring.
    watchers: usize,
    /// The newest value, while there are watchers.
    newest: Option<SharedValue<T>>,
}

#[derive(Debug)]
pub(super) struct RingEntry<T> {
    /// `None` while it changes hands.
    value: Option<RingValue<T>>,
    weight: u64,
    /// How many readers have still to come by.
    unread: usize,
}

/// What has become of a value.
#[derive(Debug)]
pub(super) struct Pushed<T> {
    /// `Err`: nobody wants it, and it isn't kept. `Ok`: it is there, shared if that was asked for.
    pub(super) value: Result<Option<SharedValue<T>>, T>,
    /// What was the newest value.
    pub(super) replaced: Option<SharedValue<T>>,
    pub(super) removed: Option<RingEntry<T>>,
    /// Removed since all values together weighed too much.
    pub(super) too_heavy: Vec<RingEntry<T>>,
}

/// What a reader gets.
#[derive(Debug)]
pub(super) struct RingRead<T> {
    pub(super) value: RingValue<T>,
    pub(super) seq: u64,
    /// How many were dropped before it.
    pub(super) missed: u64,
}

/// Where a reader begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) cursor: u64,
    /// What a returning reader has not seen isn't all there.
    pub(super) gap: bool,
}

impl<T> Ring<T> {
    pub(super) fn new(capacity: usize, replay: usize, max_weight: u64) -> Self {
        Self {
            kept: VecDeque::new(),
            weight: 0,
            max_weight,
            next: 1,
            capacity: capacity.max(replay).max(1),
            replay,
            readers: 0,
            watchers: 0,
            newest: None,
        }
    }

    /// How many read.
    pub(super) fn readers(&self) -> usize {
        self.readers + self.watchers
    }

    /// Whether a value can be added without one being dropped that somebody hasn't read.
    pub(super) fn has_room(&self) -> bool {
        self.kept.len() < self.capacity || self.kept.front().is_none_or(|kept| kept.unread == 0)
    }

    /// Adds the newest value; `share`: somebody wants it beside readers.
    pub(super) fn push(&mut self, value: T, weight: u64, share: bool) -> Pushed<T> {
        self.next += 1;
        let in_ring = self.readers > 0 || self.replay > 0;
        let mut pushed =
            Pushed { value: Ok(None), replaced: None, removed: None, too_heavy: Vec::new() };
        if !in_ring && self.watchers == 0 {
            pushed.value = Err(value);
            return pushed;
        }
        let value = if share || self.watchers > 0 {
            let shared = Arc::new(Lock::new(value));
            if self.watchers > 0 {
                pushed.replaced = self.newest.replace(Arc::clone(&shared));
            }
            pushed.value = Ok(Some(Arc::clone(&shared)));
            RingValue::Shared(shared)
        } else {
            RingValue::Own(value)
        };
        if in_ring {
            let unread = self.readers;
            self.kept.push_back(RingEntry { value: Some(value), weight, unread });
            self.weight = self.weight.saturating_add(weight);
            // Only ever one: the ring was trimmed before.
            pushed.removed =
                if self.kept.len() > self.capacity { self.pop() } else { self.pop_unwanted() };
            while self.weight > self.max_weight && self.kept.len() > 1 {
                pushed.too_heavy.extend(self.pop());
            }
        }
        pushed
    }

    /// Adds the newest value where nothing else comes of it. `false`: it is for [`push`](Self::push).
    pub(super) fn push_alone(&mut self, value: &mut Option<T>) -> bool {
        let is_alone = self.readers > 0
            && self.watchers == 0
            && self.kept.len() < self.capacity
            && self.kept.front().is_none_or(|kept| kept.unread > 0);
        if is_alone {
            if let Some(value) = value.take() {
                self.next += 1;
                let (value, unread) = (Some(RingValue::Own(value)), self.readers);
                self.kept.push_back(RingEntry { value, weight: 0, unread });
            }
        }
        is_alone
    }

    /// A new reader, or one that has come back and has seen everything up to `seen`.
    pub(super) fn join(&mut self, seen: Option<u64>) -> Start {
        let start = match seen {
            Some(seen) if seen < self.next => {
                let cursor = (seen + 1).max(self.first());
                Start { cursor, gap: cursor > seen + 1 }
            }
            // A number that was never given.
            Some(_) => Start { cursor: self.replayed(), gap: true },
            None => Start { cursor: self.replayed(), gap: false },
        };
        self.readers += 1;
        let index = self.index(start.cursor);
        self.kept.range_mut(index..).for_each(|kept| kept.unread += 1);
        start
    }

    /// The same for one who wants the newest value only.
    pub(super) fn join_latest(&mut self, seen: Option<u64>) -> Start {
        let newest =
            self.kept.back_mut().and_then(RingEntry::share).or_else(|| self.newest.clone());
        let last = self.next - 1;
        let start = match seen {
            Some(seen) if seen == last => Start { cursor: self.next, gap: false },
            Some(seen) if seen < last && newest.is_some() => Start { cursor: last, gap: false },
            Some(_) => Start { cursor: self.replayed().max(last), gap: true },
            None => Start { cursor: self.replayed().max(last), gap: false },
        };
        self.watchers += 1;
        if start.cursor == last {
            self.newest = newest;
        }
        start
    }

    /// A reader goes. Gives what is no longer wanted.
    pub(super) fn leave(&mut self, cursor: u64) -> Vec<RingEntry<T>> {
        self.readers -= 1;
        let index = self.index(cursor);
        self.kept.range_mut(index..).for_each(|kept| kept.unread -= 1);
        std::iter::from_fn(|| self.pop_unwanted()).collect()
    }

    /// The same for one who wanted the newest value only.
    pub(super) fn leave_latest(&mut self) -> Option<SharedValue<T>> {
        self.watchers -= 1;
        if self.watchers == 0 { self.newest.take() } else { None }
    }

    /// The value at a reader's cursor.
    pub(super) fn read(&mut self, cursor: &mut u64) -> Option<RingRead<T>> {
        let seq = self.first().max(*cursor);
        let index = self.index(seq);
        let kept = self.kept.get_mut(index)?;
        kept.unread -= 1;
        // If that is at the front, it is the one that was read.
        let unwanted = if index == 0 { self.pop_unwanted() } else { None };
        let value = match unwanted {
            Some(kept) => kept.value,
            None => self.kept.get_mut(index).and_then(RingEntry::share).map(RingValue::Shared),
        }?;
        let missed = seq - *cursor;
        *cursor = seq + 1;
        Some(RingRead { value, seq, missed })
    }

    /// The newest value, if it is one that the cursor hasn't passed.
    pub(super) fn read_latest(&mut self, cursor: &mut u64) -> Option<RingRead<T>> {
        if *cursor >= self.next {
            return None;
        }
        let value = RingValue::Shared(Arc::clone(self.newest.as_ref()?));
        *cursor = self.next;
        Some(RingRead { value, seq: self.next - 1, missed: 0 })
    }

    /// The number of the oldest value that is kept.
    fn first(&self) -> u64 {
        self.next - self.kept.len() as u64
    }

    /// Where new readers begin.
    fn replayed(&self) -> u64 {
        self.next - self.kept.len().min(self.replay) as u64
    }

    /// Where in the ring the reader stands.
    fn index(&self, cursor: u64) -> usize {
        let index = cursor.saturating_sub(self.first());
        usize::try_from(index).unwrap_or(usize::MAX).min(self.kept.len())
    }

    fn pop(&mut self) -> Option<RingEntry<T>> {
        let kept = self.kept.pop_front()?;
        self.weight = self.weight.saturating_sub(kept.weight);
        Some(kept)
    }

    /// The oldest value, if everybody has read it and it isn't one to be replayed.
    fn pop_unwanted(&mut self) -> Option<RingEntry<T>> {
        let wanted =
            self.kept.len() <= self.replay || self.kept.front().is_some_and(|kept| kept.unread > 0);
        if wanted { None } else { self.pop() }
    }
}

impl<T> RingEntry<T> {
    fn share(&mut self) -> Option<SharedValue<T>> {
        let shared = match self.value.take()? {
            RingValue::Own(value) => Arc::new(Lock::new(value)),
            RingValue::Shared(shared) => shared,
        };
        self.value = Some(RingValue::Shared(Arc::clone(&shared)));
        Some(shared)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(ring: &mut Ring<u32>, cursor: &mut u64) -> Option<(u32, u64)> {
        ring.read(cursor).map(|read| (take(read.value), read.missed))
    }

    #[test]
    fn event_ring_keeps_nothing_without_readers_and_replay() {
        let mut ring = Ring::new(4, 0, u64::MAX);
        assert_eq!(ring.push(1, 1, false).value.unwrap_err(), 1);
        assert!(ring.kept.is_empty());
        let mut cursor = ring.join(None).cursor;
        assert_eq!(cursor, 2, "it was counted");
        assert!(ring.push(2, 1, false).value.is_ok());
        assert_eq!(read(&mut ring, &mut cursor), Some((2, 0)));
        assert!(ring.kept.is_empty(), "what everybody has read isn't kept either");
    }

    #[test]
    fn event_ring_drops_the_oldest_and_counts_it_for_who_missed_it() {
        let mut ring = Ring::new(2, 0, u64::MAX);
        let [mut slow, mut fast] = [(); 2].map(|()| ring.join(None).cursor);
        for value in 1..=2 {
            ring.push(value, 1, false);
        }
        assert!(!ring.has_room());
        assert_eq!(read(&mut ring, &mut fast), Some((1, 0)));
        assert!(!ring.has_room(), "the slow one hasn't read it");
        ring.push(3, 1, false);
        assert_eq!(read(&mut ring, &mut slow), Some((2, 1)));
        assert_eq!(read(&mut ring, &mut fast), Some((2, 0)));
        assert!(ring.has_room());
        assert_eq!(read(&mut ring, &mut slow), Some((3, 0)));
        assert_eq!(read(&mut ring, &mut slow), None);
        assert_eq!(ring.leave(fast).len(), 1);
        ring.leave(slow);
        assert!(ring.kept.is_empty());
        assert_eq!(ring.readers(), 0);
    }

    #[test]
    fn event_ring_drops_what_is_too_heavy_all_together() {
        let mut ring = Ring::new(8, 0, 10);
        let mut cursor = ring.join(None).cursor;
        for value in 1..=3 {
            ring.push(value, 3, false);
        }
        assert_eq!(ring.push(4, 7, false).too_heavy.len(), 2);
        assert_eq!(read(&mut ring, &mut cursor), Some((3, 2)));
        assert_eq!(ring.push(5, 20, false).too_heavy.len(), 1);
        assert_eq!(read(&mut ring, &mut cursor), Some((5, 1)), "the newest is kept alone");
        ring.push(6, 10, false);
        assert_eq!(read(&mut ring, &mut cursor), Some((6, 0)));
        assert_eq!(ring.weight, 0);
    }

    #[test]
    fn event_ring_replays_to_new_readers_and_resumes_old_ones() {
        let mut ring = Ring::new(1, 3, u64::MAX);
        for value in 1..=5 {
            ring.push(value, 1, false);
        }
        let start = |cursor, gap| Start { cursor, gap };
        assert_eq!(ring.join(None), start(3, false));
        assert_eq!(ring.join(Some(5)), start(6, false));
        assert_eq!(ring.join(Some(4)), start(5, false));
        assert_eq!(ring.join(Some(2)), start(3, false));
        assert_eq!(ring.join(Some(1)), start(3, true));
        assert_eq!(ring.join(Some(6)), start(3, true));
        assert_eq!(ring.join(Some(u64::MAX)), start(3, true));
        assert_eq!(ring.join_latest(None), start(5, false));
        assert_eq!(ring.join_latest(Some(5)), start(6, false));
        assert_eq!(ring.join_latest(Some(1)), start(5, false));
        assert_eq!(ring.join_latest(Some(6)), start(5, true));
        let unread: Vec<_> = ring.kept.iter().map(|kept| kept.unread).collect();
        assert_eq!(unread, [5, 5, 6]);
    }

    #[test]
    fn event_ring_without_replay_tells_returning_readers_of_a_gap() {
        let mut ring = Ring::new(4, 0, u64::MAX);
        for value in 1..=3 {
            ring.push(value, 1, false);
        }
        assert_eq!(ring.join(Some(3)), Start { cursor: 4, gap: false });
        assert_eq!(ring.join(Some(2)), Start { cursor: 4, gap: true });
        assert_eq!(ring.join_latest(Some(2)), Start { cursor: 4, gap: true });
        assert_eq!(ring.join_latest(None), Start { cursor: 4, gap: false });
    }

    #[test]
    fn event_ring_has_the_newest_value_for_watchers_alone() {
        let mut ring = Ring::new(4, 0, u64::MAX);
        let mut cursor = ring.join_latest(None).cursor;
        assert!(ring.read_latest(&mut cursor).is_none());
        ring.push(1, 1, false);
        assert!(ring.push(2, 1, false).replaced.is_some());
        assert!(ring.kept.is_empty() && ring.has_room());
        let late = ring.join_latest(None);
        assert_eq!(late.cursor, 3, "nothing is replayed");
        let read = ring.read_latest(&mut cursor).unwrap();
        assert_eq!((take(read.value), read.seq, read.missed), (2, 2, 0));
        assert!(ring.read_latest(&mut cursor).is_none());
        assert!(ring.leave_latest().is_none());
        assert!(ring.leave_latest().is_some());
    }
}
