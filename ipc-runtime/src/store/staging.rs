//! What a replica has received of a look that isn't complete yet.

use std::collections::{HashMap, hash_map};

use crate::store::{
    cursor::cost,
    table::Item,
    value::Content,
    wire::{LookPart, Seen},
};

/// The most bytes of one look that a replica accepts, as `cost` counts them. This is a bound for
/// backends that never complete a look.
pub(super) const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// The newest entry of each key that one look has sent so far.
pub(super) struct Staged {
    entries: HashMap<String, StagedEntry>,
    bytes: u64,
    max_bytes: u64,
    /// How many entries have arrived, including those that were replaced.
    told: u64,
}

struct StagedEntry {
    told: u64,
    bytes: u64,
    content: Option<Content>,
    revision: crate::store::revision::Revision,
}

/// A complete look.
pub(super) struct CompleteLook {
    pub(super) reset: bool,
    pub(super) seen: Seen,
    /// One entry for each key, in the order of their revisions.
    pub(super) entries: Vec<Item>,
}

/// The look is larger than a replica accepts.
#[derive(Debug, PartialEq, thiserror::Error)]
#[error("one look at the store has more than {0} bytes")]
pub(super) struct TooMuch(u64);

impl Staged {
    pub(super) fn new(max_bytes: u64) -> Self {
        Self { entries: HashMap::new(), bytes: 0, max_bytes, told: 0 }
    }

    /// Adds a part of a look. Returns the whole look with its last part.
    pub(super) fn add(&mut self, batch: LookPart) -> Result<Option<CompleteLook>, TooMuch> {
        let LookPart { epoch, reset, restart, entries, revision, complete } = batch;
        if restart {
            *self = Self::new(self.max_bytes);
        }
        for entry in entries {
            let (key, content, revision) = entry.take_apart();
            let bytes = cost(&key, content.as_ref());
            self.told += 1;
            self.bytes += bytes;
            let entry = StagedEntry { told: self.told, bytes, content, revision };
            match self.entries.entry(key) {
                hash_map::Entry::Occupied(mut known) => self.bytes -= known.insert(entry).bytes,
                hash_map::Entry::Vacant(free) => drop(free.insert(entry)),
            }
            if self.bytes > self.max_bytes {
                return Err(TooMuch(self.max_bytes));
            }
        }
        if !complete {
            return Ok(None);
        }
        let whole = std::mem::replace(self, Self::new(self.max_bytes));
        let mut entries: Vec<_> = whole.entries.into_iter().collect();
        entries.sort_unstable_by_key(|(_, entry)| entry.told);
        let entries = entries
            .into_iter()
            .map(|(key, StagedEntry { content, revision, .. })| (key, content, revision))
            .collect();
        Ok(Some(CompleteLook { reset, seen: Seen { epoch, revision }, entries }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{revision::Revision, value::Kept, wire};

    fn batch(restart: bool, entries: Vec<(&str, Option<u32>)>, complete: bool) -> LookPart {
        let entry = |(key, value): (&str, Option<u32>)| {
            let (key, revision) = (key.to_owned(), Revision::default().next());
            match value {
                Some(value) => wire::KeyUpdate::Set {
                    value: Kept::encode(&key, &value).unwrap(),
                    key,
                    revision,
                },
                None => wire::KeyUpdate::Removed { key, revision },
            }
        };
        let entries = entries.into_iter().map(entry).collect();
        LookPart {
            epoch: 1,
            reset: true,
            restart,
            entries,
            revision: Revision::default(),
            complete,
        }
    }

    fn keys(whole: CompleteLook) -> Vec<(String, Option<u32>)> {
        let value = |content: Content| content.decode::<u32>("").unwrap();
        whole.entries.into_iter().map(|(key, content, _)| (key, content.map(value))).collect()
    }

    #[test]
    fn staged_gives_the_newest_entry_of_each_key_when_the_look_is_complete() {
        let mut staged = Staged::new(10_000);
        assert!(
            staged
                .add(batch(false, vec![("a", Some(1)), ("b", Some(2))], false))
                .unwrap()
                .is_none()
        );
        assert!(
            staged
                .add(batch(false, vec![("c", Some(3)), ("a", Some(4))], false))
                .unwrap()
                .is_none()
        );
        let whole = staged.add(batch(false, vec![("b", None)], true)).unwrap().unwrap();
        let expected = [("c", Some(3)), ("a", Some(4)), ("b", None)];
        assert_eq!(keys(whole), expected.map(|(key, value)| (key.to_owned(), value)));
    }

    #[test]
    fn staged_begins_anew_with_a_restart() {
        let mut staged = Staged::new(10_000);
        assert!(staged.add(batch(false, vec![("a", Some(1))], false)).unwrap().is_none());
        let whole = staged.add(batch(true, vec![("b", Some(2))], true)).unwrap().unwrap();
        assert_eq!(keys(whole), [("b".to_owned(), Some(2))]);
    }

    #[test]
    fn staged_refuses_a_look_without_an_end() {
        let mut staged = Staged::new(10_000);
        // Entries that are replaced don't count.
        for value in 0..1_000 {
            assert!(staged.add(batch(false, vec![("a", Some(value))], false)).unwrap().is_none());
        }
        let many: Vec<_> = (0..100).map(|number| format!("key.{number}")).collect();
        let many = |()| many.iter().map(|key| (&**key, Some(1))).collect();
        assert_eq!(staged.add(batch(false, many(()), false)).err(), Some(TooMuch(10_000)));
    }
}
