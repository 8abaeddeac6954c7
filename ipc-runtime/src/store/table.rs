//! The values of one scope, on one side. It is data alone: no locks, no wakers.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::Arc,
};

use super::{
    Change, Revision, Snapshot, StoreError,
    value::{Content, Kept},
    wire::{Entry, Seen},
};

/// How many removed keys are remembered, for those who were away meanwhile.
const REMEMBERED_REMOVALS: usize = 1024;

/// The values of one scope, on one side.
///
/// The store's own is written by [`set`](Self::set) and [`remove`](Self::remove), and knows in
/// which order its keys were written last, the removed ones included; a replica's by
/// [`apply`](Self::apply).
#[derive(Debug)]
pub(super) struct Table {
    epoch: u64,
    revision: Revision,
    slots: BTreeMap<Arc<str>, Slot>,
    max_bytes: u64,
    /// Of keys and values.
    bytes: u64,
    /// All keys that are in `slots`, by their revisions.
    order: BTreeMap<Revision, Arc<str>>,
    /// The revisions of those that have no value.
    removed: BTreeSet<Revision>,
    /// The newest removal that isn't remembered any more.
    forgotten: Revision,
}

#[derive(Debug)]
struct Slot {
    revision: Revision,
    /// `None`: it was removed.
    content: Option<Content>,
}

/// Under which condition a write is done.
#[derive(Debug, Clone, Copy)]
pub(super) enum Expected {
    Anything,
    /// The key's value has this revision; `None`: there is no value.
    Exactly(Option<Revision>),
}

/// What one look at a table found.
pub(super) struct Newer {
    pub(super) reset: bool,
    pub(super) seen: Seen,
    pub(super) entries: Vec<(Arc<str>, Option<Content>, Revision)>,
}

impl Table {
    pub(super) fn new(epoch: u64, max_bytes: u64) -> Self {
        Self {
            epoch,
            revision: Revision::default(),
            slots: BTreeMap::new(),
            max_bytes,
            bytes: 0,
            order: BTreeMap::new(),
            removed: BTreeSet::new(),
            forgotten: Revision::default(),
        }
    }

    pub(super) fn revision(&self) -> Revision {
        self.revision
    }

    /// A key's value, what it was written by, and in which epoch.
    pub(super) fn get(&self, key: &str) -> Option<(Seen, &Content)> {
        let slot = self.slots.get(key)?;
        let seen = Seen { epoch: self.epoch, revision: slot.revision };
        Some((seen, slot.content.as_ref()?))
    }

    pub(super) fn snapshot(&self) -> Snapshot {
        let values = self
            .slots
            .iter()
            .filter_map(|(key, slot)| Some((key.clone(), (slot.revision, slot.content.clone()?))));
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
        self.check(key, expected, current.map(|slot| slot.revision))?;
        let length = key.len() as u64;
        let freed = current.map_or(0, |slot| length + slot.size());
        let (limit, needed) = (self.max_bytes, self.bytes - freed + length + size);
        if needed > limit {
            return Err(StoreError::Full { key: key.to_owned(), limit, needed });
        }
        self.bytes = needed;
        Ok(self.write(key, Some(Content::Value { kept, size })))
    }

    /// `None`: there is nothing to remove.
    pub(super) fn remove(&mut self, key: &str) -> Option<Change> {
        let slot = self.slots.get(key).filter(|slot| slot.content.is_some())?;
        self.bytes -= key.len() as u64 + slot.size();
        let change = self.write(key, None);
        self.removed.insert(change.revision);
        while self.removed.len() > REMEMBERED_REMOVALS {
            let Some(oldest) = self.removed.pop_first() else { break };
            self.forgotten = oldest;
            if let Some(key) = self.order.remove(&oldest) {
                self.slots.remove(&key);
            }
        }
        Some(change)
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

    fn write(&mut self, key: &str, content: Option<Content>) -> Change {
        self.revision = self.revision.next();
        let revision = self.revision;
        let known = self.slots.get(key).and_then(|slot| {
            self.removed.remove(&slot.revision);
            self.order.remove(&slot.revision)
        });
        let key = known.unwrap_or_else(|| key.into());
        self.order.insert(revision, key.clone());
        self.slots.insert(key.clone(), Slot { revision, content: content.clone() });
        Change { key, content, revision }
    }

    /// What is newer than what somebody has seen, or everything if that can't be told; `None` if
    /// nothing is.
    pub(super) fn newer_than(&self, seen: Option<Seen>) -> Option<Newer> {
        let known = seen.filter(|seen| {
            let revisions = self.forgotten..=self.revision;
            seen.epoch == self.epoch && revisions.contains(&seen.revision)
        });
        if known.is_some_and(|known| known.revision == self.revision) {
            return None;
        }
        let first = known.map_or(Revision::default(), |known| known.revision.next());
        let entries = self.order.range(first..).filter_map(|(revision, key)| {
            let content = self.slots.get(key)?.content.clone();
            // Who gets everything needn't be told what is gone.
            (known.is_some() || content.is_some()).then(|| (key.clone(), content, *revision))
        });
        let seen = Seen { epoch: self.epoch, revision: self.revision };
        Some(Newer { reset: known.is_none(), seen, entries: entries.collect() })
    }

    pub(super) fn seen(&self) -> Seen {
        Seen { epoch: self.epoch, revision: self.revision }
    }

    /// Takes over what a whole look at the store found. Gives what is different now.
    pub(super) fn apply(&mut self, reset: bool, seen: Seen, entries: Vec<Entry>) -> Vec<Change> {
        let same_epoch = mem::replace(&mut self.epoch, seen.epoch) == seen.epoch;
        self.revision = seen.revision;
        let mut before = if reset { mem::take(&mut self.slots) } else { BTreeMap::new() };
        let mut changes = Vec::new();
        for entry in entries {
            let (key, content, revision) = entry.take_apart();
            let known = before.remove_entry(&*key);
            let is_new =
                !known.as_ref().is_some_and(|(_, slot)| same_epoch && slot.revision == revision);
            let key = known.map_or_else(|| Arc::from(key), |(key, _)| key);
            if is_new {
                changes.push(Change { key: key.clone(), content: content.clone(), revision });
            }
            match content {
                Some(_) => drop(self.slots.insert(key, Slot { revision, content })),
                None => drop(self.slots.remove(&key)),
            }
        }
        let gone = before.into_keys();
        changes.extend(gone.map(|key| Change { key, content: None, revision: seen.revision }));
        changes
    }
}

impl Slot {
    fn size(&self) -> u64 {
        match self.content {
            Some(Content::Value { size, .. } | Content::TooLarge { size, .. }) => size,
            None => 0,
        }
    }
}

impl Entry {
    fn take_apart(self) -> (String, Option<Content>, Revision) {
        match self {
            Self::Set { key, value, revision } => {
                (key, Some(Content::Value { kept: value, size: 0 }), revision)
            }
            Self::Removed { key, revision } => (key, None, revision),
            Self::TooLarge { key, size, limit, revision } => {
                (key, Some(Content::TooLarge { size, limit }), revision)
            }
        }
    }
}
