//! The values that listeners still have to read, or that are kept for replay.

use std::{collections::VecDeque, sync::Arc};

use crate::support::lock::Lock;

/// A value that several listeners will read.
///
/// It has a lock of its own. So it can be shared even if `T` isn't `Sync`, and `T`'s clone runs
/// without the event's lock: only listeners that copy the same value at the same moment wait for
/// each other.
pub(super) type SharedValue<T> = Arc<Lock<T>>;

/// A value that listeners will read. It becomes shared when one listener reads it and another will
/// still need it: most values have one reader.
#[derive(Debug)]
pub(super) enum RingValue<T> {
    Own(T),
    Shared(SharedValue<T>),
}

/// Returns a copy, or the value itself to its last holder. `T`'s drop runs without a lock.
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
    // If a clone has panicked, the value is still intact: a clone only reads.
    value.lock().clone()
}

/// The last values that were fired, and how many readers have still to read each of them.
///
/// Values are numbered from 1, without holes. A reader is a cursor: the number of the value that it
/// reads next. For each value, the ring knows only how many readers have still to pass it. From the
/// oldest to the newest value, this count never falls. So values that nobody needs are always at
/// the front.
///
/// Nothing here runs `T`'s code: removed values are returned, so that the caller can drop them
/// without the lock.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    kept: VecDeque<RingEntry<T>>,
    /// What the values in `kept` weigh, and may weigh. The newest value is kept whatever it weighs.
    weight: u64,
    max_weight: u64,
    /// The number of the next value to be fired.
    next: u64,
    /// How many values are kept for slow readers.
    capacity: usize,
    /// How many values are kept for readers that join later.
    replay: usize,
    readers: usize,
    /// How many readers want only the newest value. They don't keep values in the ring.
    watchers: usize,
    /// The newest value, while there are watchers.
    newest: Option<SharedValue<T>>,
}

#[derive(Debug)]
pub(super) struct RingEntry<T> {
    /// `None` only while `share` replaces it.
    value: Option<RingValue<T>>,
    weight: u64,
    /// How many readers have still to read it.
    unread: usize,
}

/// What a push has done with the new value, and which values it has replaced or removed.
#[derive(Debug)]
pub(super) struct Pushed<T> {
    /// `Err`: nobody wants the value, and it isn't kept. `Ok`: it is kept; `Some` if it is shared.
    pub(super) value: Result<Option<SharedValue<T>>, T>,
    /// The value that was the newest before.
    pub(super) replaced: Option<SharedValue<T>>,
    pub(super) removed: Option<RingEntry<T>>,
    /// Values removed because all values together weighed too much.
    pub(super) too_heavy: Vec<RingEntry<T>>,
}

/// What a reader gets from the ring.
#[derive(Debug)]
pub(super) struct RingRead<T> {
    pub(super) value: RingValue<T>,
    pub(super) seq: u64,
    /// How many values this reader has lost before this one.
    pub(super) missed: u64,
}

/// Where a reader begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) cursor: u64,
    /// Whether a returning reader has missed values that aren't kept any more.
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

    /// The number of readers of both kinds.
    pub(super) fn readers(&self) -> usize {
        self.readers + self.watchers
    }

    /// Whether a value can be added without dropping one that a reader still needs.
    pub(super) fn has_room(&self) -> bool {
        self.kept.len() < self.capacity || self.kept.front().is_none_or(|kept| kept.unread == 0)
    }

    /// Adds the newest value. `share`: the caller also needs it.
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
            // At most one: the ring was trimmed at the push before.
            pushed.removed =
                if self.kept.len() > self.capacity { self.pop() } else { self.pop_unwanted() };
            while self.weight > self.max_weight && self.kept.len() > 1 {
                pushed.too_heavy.extend(self.pop());
            }
        }
        pushed
    }

    /// Adds the newest value if nothing has to be shared or removed for that. Otherwise it returns
    /// `false`, and the value is for [`push`](Self::push).
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

    /// Adds a reader. A reader that has come back has seen everything up to `seen`.
    pub(super) fn join(&mut self, seen: Option<u64>) -> Start {
        let start = match seen {
            Some(seen) if seen < self.next => {
                let cursor = (seen + 1).max(self.first());
                Start { cursor, gap: cursor > seen + 1 }
            }
            // This number was never given to a value.
            Some(_) => Start { cursor: self.replayed(), gap: true },
            None => Start { cursor: self.replayed(), gap: false },
        };
        self.readers += 1;
        let index = self.index(start.cursor);
        self.kept.range_mut(index..).for_each(|kept| kept.unread += 1);
        start
    }

    /// Adds a reader that wants only the newest value.
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

    /// Removes a reader. Returns the values that aren't needed any more.
    pub(super) fn leave(&mut self, cursor: u64) -> Vec<RingEntry<T>> {
        self.readers -= 1;
        let index = self.index(cursor);
        self.kept.range_mut(index..).for_each(|kept| kept.unread -= 1);
        std::iter::from_fn(|| self.pop_unwanted()).collect()
    }

    /// Removes a reader that wanted only the newest value.
    pub(super) fn leave_latest(&mut self) -> Option<SharedValue<T>> {
        self.watchers -= 1;
        if self.watchers == 0 { self.newest.take() } else { None }
    }

    /// Reads the value at a reader's cursor.
    pub(super) fn read(&mut self, cursor: &mut u64) -> Option<RingRead<T>> {
        let seq = self.first().max(*cursor);
        let index = self.index(seq);
        let kept = self.kept.get_mut(index)?;
        kept.unread -= 1;
        // An unneeded value at the front is the one that was just read.
        let unwanted = if index == 0 { self.pop_unwanted() } else { None };
        let value = match unwanted {
            Some(kept) => kept.value,
            None => self.kept.get_mut(index).and_then(RingEntry::share).map(RingValue::Shared),
        }?;
        let missed = seq - *cursor;
        *cursor = seq + 1;
        Some(RingRead { value, seq, missed })
    }

    /// Reads the newest value if the cursor hasn't passed it.
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

    /// The index in the ring at which a cursor stands.
    fn index(&self, cursor: u64) -> usize {
        let index = cursor.saturating_sub(self.first());
        usize::try_from(index).unwrap_or(usize::MAX).min(self.kept.len())
    }

    fn pop(&mut self) -> Option<RingEntry<T>> {
        let kept = self.kept.pop_front()?;
        self.weight = self.weight.saturating_sub(kept.weight);
        Some(kept)
    }

    /// Removes the oldest value if all readers have read it and it isn't kept for replay.
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
