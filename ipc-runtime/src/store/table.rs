//! The values of one scope, on one side. This is only data: no locks, no wakers.

use std::{collections::BTreeMap, mem, ops::Bound, sync::Arc};

use crate::store::{
    change::Change,
    cursor::{Look, Part, Pinned, WritePosition, after, cost, weight},
    error::StoreError,
    revision::Revision,
    snapshot::Snapshot,
    value::{Content, Kept},
    wire::{KeyUpdate, Seen},
};

/// How many removed keys are remembered, for readers that were disconnected.
const REMEMBERED_REMOVALS: usize = 1024;

/// How many times writes may overtake a look before it takes everything that is left at once.
const PATIENCE: u32 = 3;

/// The values of one scope, on one side.
///
/// The table of the store itself is written by [`set`](Self::set), [`remove`](Self::remove) and
/// [`write_all`](Self::write_all). It knows the order in which its keys were last written,
/// including the removed ones. The table of a replica is written by [`apply`](Self::apply).
#[derive(Debug)]
pub(super) struct ValueTable {
    epoch: u64,
    revision: Revision,
    slots: BTreeMap<Arc<str>, KeySlot>,
    max_bytes: u64,
    /// What the values and their keys cost.
    bytes: u64,
    /// All keys in `slots`, by the position of their last write.
    order: BTreeMap<WritePosition, Arc<str>>,
    /// The removals among these writes.
    removed: BTreeMap<WritePosition, Arc<str>>,
    /// The newest removal that isn't remembered any more.
    forgotten: WritePosition,
    pinned: Pinned,
}

#[derive(Debug)]
struct KeySlot {
    place: WritePosition,
    /// `None`: the value was removed.
    content: Option<Content>,
}

/// The condition of a write.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expected {
    Anything,
    /// The key's value has this revision; `None`: the key has no value.
    Exactly(Option<Revision>),
}

/// A new value with its size as JSON; `None`: the key's value is to be removed.
pub(super) type New = Option<(Kept, u64)>;

impl ValueTable {
    pub(super) fn new(epoch: u64, max_bytes: u64) -> Self {
        Self {
            epoch,
            revision: Revision::default(),
            slots: BTreeMap::new(),
            max_bytes,
            bytes: 0,
            order: BTreeMap::new(),
            removed: BTreeMap::new(),
            forgotten: (Revision::default(), 0),
            pinned: Pinned::default(),
        }
    }

    pub(super) fn revision(&self) -> Revision {
        self.revision
    }

    /// Returns a key's value, with its revision and epoch.
    pub(super) fn get(&self, key: &str) -> Option<(Seen, &Content)> {
        let slot = self.slots.get(key)?;
        let seen = Seen { epoch: self.epoch, revision: slot.place.0 };
        Some((seen, slot.content.as_ref()?))
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let values = self
            .slots
            .iter()
            .filter_map(|(key, slot)| Some((key.clone(), (slot.place.0, slot.content.clone()?))));
        Snapshot { revision: self.revision, values: values.collect() }
    }

    pub(super) fn set(
        &mut self,
        key: &str,
        expected: Expected,
        kept: Kept,
        size: u64,
    ) -> Result<Change, StoreError> {
        let current = self.slots.get(key).filter(|slot| slot.content.is_some());
        self.check(key, expected, current.map(|slot| slot.place.0))?;
        let content = Content::Value { kept, size };
        let needed = self.bytes - self.cost_of(key) + cost(key, Some(&content));
        self.check_room(key, needed)?;
        self.bytes = needed;
        let place = (self.revision.next(), 0);
        Ok(self.write(place, key, Some(content)))
    }

    /// Returns `None` if there is nothing to remove.
    pub(super) fn remove(&mut self, key: &str) -> Option<Change> {
        self.slots.get(key).filter(|slot| slot.content.is_some())?;
        self.bytes -= self.cost_of(key);
        let place = (self.revision.next(), 0);
        let change = self.write(place, key, None);
        self.forget();
        Some(change)
    }

    /// Writes several keys as one revision, or none of them.
    pub(super) fn write_all(
        &mut self,
        news: BTreeMap<String, New>,
    ) -> Result<Vec<Change>, StoreError> {
        let mut writes: Vec<(String, Option<Content>)> = Vec::with_capacity(news.len());
        let (mut added, mut freed) = (0, 0);
        for (key, new) in news {
            let content = new.map(|(kept, size)| Content::Value { kept, size });
            let known = self.cost_of(&key);
            if content.is_some() || known > 0 {
                freed += known;
                added += content.as_ref().map_or(0, |content| cost(&key, Some(content)));
                writes.push((key, content));
            }
        }
        let needed = self.bytes + added - freed;
        let largest = writes.iter().max_by_key(|(_, content)| content.as_ref().map(Content::size));
        if let Some((key, Some(_))) = largest {
            self.check_room(key, needed)?;
        }
        self.bytes = needed;
        let revision = self.revision.next();
        let places = (0..).map(|at| (revision, at));
        let changes = places
            .zip(writes)
            .map(|(place, (key, content))| self.write(place, &key, content))
            .collect();
        self.forget();
        Ok(changes)
    }

    /// Returns what a key's value costs: zero if there is none.
    fn cost_of(&self, key: &str) -> u64 {
        let content = self.slots.get(key).and_then(|slot| slot.content.as_ref());
        content.map_or(0, |content| cost(key, Some(content)))
    }

    fn check_room(&self, key: &str, needed: u64) -> Result<(), StoreError> {
        let limit = self.max_bytes;
        if needed <= limit {
            return Ok(());
        }
        Err(StoreError::Full { key: key.to_owned(), limit, needed })
    }

    /// Forgets the oldest removals if there are too many.
    fn forget(&mut self) {
        while self.removed.len() > REMEMBERED_REMOVALS {
            let Some((oldest, key)) = self.removed.pop_first() else { break };
            self.forgotten = oldest;
            self.order.remove(&oldest);
            self.slots.remove(&key);
        }
    }

    fn check(
        &self,
        key: &str,
        expected: Expected,
        current: Option<Revision>,
    ) -> Result<(), StoreError> {
        match expected {
            Expected::Exactly(expected) if expected != current => {
                let (key, latest) = (key.to_owned(), self.revision);
                Err(StoreError::Conflict { key, expected, current, latest })
            }
            Expected::Exactly(_) | Expected::Anything => Ok(()),
        }
    }

    fn write(&mut self, place: WritePosition, key: &str, content: Option<Content>) -> Change {
        let revision = place.0;
        self.revision = revision;
        let known = self.slots.get(key).and_then(|slot| {
            self.removed.remove(&slot.place);
            self.order.remove(&slot.place)
        });
        let key = known.unwrap_or_else(|| key.into());
        if content.is_none() {
            self.removed.insert(place, key.clone());
        }
        self.order.insert(place, key.clone());
        self.slots.insert(key.clone(), KeySlot { place, content: content.clone() });
        Change { key, content, revision }
    }

    /// Begins a look for a reader that has seen this much. It finds what is newer, or everything if
    /// the table can't tell what is newer.
    pub(super) fn begin(&self, seen: Option<Seen>) -> Look {
        let known = seen.filter(|seen| {
            let is_told = after(seen.revision) >= self.forgotten;
            seen.epoch == self.epoch && seen.revision <= self.revision && is_told
        });
        let nothing = after(Revision::default());
        let goal = self.revision;
        match known {
            Some(known) => {
                let cursor = after(known.revision);
                Look { reset: false, cursor, begun: cursor, goal, tries: 0 }
            }
            None => Look { reset: true, cursor: nothing, begun: after(goal), goal, tries: 0 },
        }
    }

    /// Returns whether a look that has just begun finds anything.
    pub(super) fn is_newer(&self, look: &Look) -> bool {
        look.reset || look.cursor < after(self.revision)
    }

    /// Returns the next part of a look: as many entries as fit into `room` bytes of a message, and
    /// at least one.
    ///
    /// A look that writes have overtaken [`PATIENCE`] times might never complete. It takes more
    /// than fits: everything, if that is possible. What all looks have taken in this way costs no
    /// more than the table's values may cost.
    pub(super) fn part(&self, look: &mut Look, room: usize) -> Part {
        let restart = look.misses(self.forgotten);
        if restart {
            *look = Look { tries: look.tries.saturating_add(1), ..self.begin(None) };
        }
        let free = match look.tries {
            PATIENCE.. => self.max_bytes.saturating_sub(self.pinned.bytes()),
            _ => 0,
        };
        let (mut entries, mut taken, mut kept, mut complete) = (Vec::new(), 0_usize, 0_u64, true);
        let newer = (Bound::Excluded(look.cursor), Bound::Unbounded);
        for (&place, key) in self.order.range(newer) {
            let content = self.slots.get(key).and_then(|slot| slot.content.as_ref());
            let size = taken.saturating_add(weight(key, content));
            let more = kept + content.map_or(0, |content| cost(key, Some(content)));
            if taken > 0 && size > room && more > free {
                complete = false;
                break;
            }
            (taken, kept, look.cursor) = (size, more, place);
            if content.is_some() || !look.reset || place > look.begun {
                entries.push((key.clone(), content.cloned(), place.0));
            }
        }
        let revision = self.revision;
        if !complete && look.cursor.0 >= look.goal {
            look.tries = look.tries.saturating_add(1);
            look.goal = revision;
        }
        let pin = (free > 0).then(|| self.pinned.pin(kept));
        let (reset, seen) = (look.reset, Seen { epoch: self.epoch, revision });
        Part { reset, restart, entries, seen, complete, pin }
    }

    /// Applies a complete look at the store. Returns what has changed.
    pub(super) fn apply(&mut self, reset: bool, seen: Seen, entries: Vec<Item>) -> Vec<Change> {
        let same_epoch = mem::replace(&mut self.epoch, seen.epoch) == seen.epoch;
        self.revision = seen.revision;
        let mut before = if reset { mem::take(&mut self.slots) } else { BTreeMap::new() };
        let mut changes = Vec::new();
        for (key, content, revision) in entries {
            let known = before.remove_entry(&*key);
            let is_new =
                !known.as_ref().is_some_and(|(_, slot)| same_epoch && slot.place.0 == revision);
            let key = known.map_or_else(|| Arc::from(key), |(key, _)| key);
            if is_new {
                changes.push(Change { key: key.clone(), content: content.clone(), revision });
            }
            match content {
                Some(_) => drop(self.slots.insert(key, KeySlot { place: (revision, 0), content })),
                None => drop(self.slots.remove(&key)),
            }
        }
        let gone = before.into_keys();
        changes.extend(gone.map(|key| Change { key, content: None, revision: seen.revision }));
        changes
    }
}

/// The state of a key, as a replica received it.
pub(super) type Item = (String, Option<Content>, Revision);

impl KeyUpdate {
    pub(super) fn take_apart(self) -> Item {
        match self {
            Self::Set { key, value, revision } => {
                let size = value.size();
                (key, Some(Content::Value { kept: value, size }), revision)
            }
            Self::Removed { key, revision } => (key, None, revision),
            Self::TooLarge { key, size, limit, revision } => {
                (key, Some(Content::TooLarge { size, limit }), revision)
            }
        }
    }
}
