//! All values of a scope at one revision.

use std::{collections::BTreeMap, fmt, sync::Arc};

use serde::{Serialize, Serializer, de::DeserializeOwned};
use serde_json::Value;

use crate::store::{error::StoreError, key::Key, revision::Revision, value::Content};

/// All values of a scope as they were right after one write. A snapshot doesn't change any more,
/// and shares its values with the store.
///
/// Two snapshots are equal if their revisions and all their values are equal. `Debug` shows keys,
/// sizes and revisions, but no values.
///
/// A snapshot serializes as a map from keys to values: those of [`iter`](Self::iter).
///
/// ```
/// use ipc_runtime::store::{Key, Store};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Store::new();
/// store.set(&Key::<u32>::new("zoom"), &100)?;
/// store.set(&Key::<String>::new("theme"), &"dark".to_owned())?;
/// assert_eq!(serde_json::to_string(&store.snapshot())?, r#"{"theme":"dark","zoom":100}"#);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Snapshot {
    pub(super) revision: Revision,
    pub(super) values: BTreeMap<Arc<str>, (Revision, Content)>,
}

impl Snapshot {
    /// Returns the revision of the newest write that the snapshot contains.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Returns the value of a key, or `None` if it had none. It fails as
    /// [`StoreScope::get`](super::StoreScope::get) does; in a snapshot of a replica, also with
    /// [`StoreError::TooLarge`] if the value was too large to be sent there.
    pub fn get<T, N>(&self, key: &Key<T, N>) -> Result<Option<T>, StoreError>
    where
        T: DeserializeOwned,
        N: AsRef<str>,
    {
        let content = self.values.get(key.name());
        content.map(|(_, content)| content.decode(key.name())).transpose()
    }

    /// Returns the revision of the write that set a key's value, or `None` if the key had no value.
    pub fn revision_of<T, N: AsRef<str>>(&self, key: &Key<T, N>) -> Option<Revision> {
        self.values.get(key.name()).map(|(revision, _)| *revision)
    }

    /// Returns all values with their keys and revisions, sorted by the keys' names. Values that
    /// were too large to be sent here are left out. An integer of more than 64 bits is the nearest
    /// float; [`get`](Self::get) returns it exactly, and a serialized snapshot has all its digits.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value, Revision)> {
        self.values
            .iter()
            .filter_map(|(key, (revision, content))| Some((&**key, content.value()?, *revision)))
    }

    /// Returns the number of values, including those that were too large to be sent here.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Returns whether there are no values.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

impl Serialize for Snapshot {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kept =
            self.values.iter().filter_map(|(key, (_, content))| Some((key, content.kept()?)));
        serializer.collect_map(kept.map(|(key, kept)| (&**key, kept.whole())))
    }
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("revision", &self.revision.get())
            .field("values", &Values(&self.values))
            .finish()
    }
}

/// Shows keys, sizes and revisions.
struct Values<'a>(&'a BTreeMap<Arc<str>, (Revision, Content)>);

impl fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self
            .0
            .iter()
            .map(|(key, (revision, content))| (key, ValueSummary(content.size(), *revision)));
        f.debug_map().entries(values).finish()
    }
}

struct ValueSummary(u64, Revision);

impl fmt::Debug for ValueSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes at revision {}", self.0, self.1)
    }
}
