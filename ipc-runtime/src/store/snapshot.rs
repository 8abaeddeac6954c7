//! All values of one moment.

use std::{collections::BTreeMap, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Key, Revision, StoreError, value::Content};

/// All values of a scope as they were right after one write. It doesn't change any more, and
/// shares the values with the store.
///
/// Two snapshots are equal when their revisions and all values are.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    pub(super) revision: Revision,
    pub(super) values: BTreeMap<Arc<str>, (Revision, Content)>,
}

impl Snapshot {
    /// That of the newest write that it holds.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// The value of a key; `None` where there was none. It fails as
    /// [`StoreScope::get`](super::StoreScope::get) does.
    pub fn get<T, N>(&self, key: &Key<T, N>) -> Result<Option<T>, StoreError>
    where
        T: DeserializeOwned,
        N: AsRef<str>,
    {
        let content = self.values.get(key.name());
        content.map(|(_, content)| content.decode(key.name())).transpose()
    }

    /// The write that a key's value came by; `None` where there was no value.
    pub fn revision_of<T, N: AsRef<str>>(&self, key: &Key<T, N>) -> Option<Revision> {
        self.values.get(key.name()).map(|(revision, _)| *revision)
    }

    /// All values with their keys and revisions, in the order of the keys' names. Values that were
    /// too large to come here are left out.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value, Revision)> {
        self.values
            .iter()
            .filter_map(|(key, (revision, content))| Some((&**key, content.value()?, *revision)))
    }

    /// How many values there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}
