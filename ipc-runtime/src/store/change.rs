//! A change of a key.

use std::{fmt, sync::Arc};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::store::{error::StoreError, key::Key, revision::Revision, value::Content};

/// A key has a new value, or no value any more.
///
/// ```
/// use ipc_runtime::store::{Key, Store};
///
/// const THEME: Key<String> = Key::new("theme");
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), ipc_runtime::store::StoreError> {
/// let store = Store::new();
/// let mut changes = store.changes().listen();
/// store.set(&THEME, &"dark".to_owned())?;
/// let change = changes.next().await.unwrap();
/// assert_eq!((change.key(), change.of(&THEME)), ("theme", Some(Ok(Some("dark".to_owned())))));
/// # Ok(())
/// # }
/// ```
///
/// `Debug` shows the key, the revision and the value's size, but not the value.
#[derive(Clone, PartialEq)]
pub struct Change {
    pub(super) key: Arc<str>,
    pub(super) content: Option<Content>,
    pub(super) revision: Revision,
}

impl Change {
    /// Returns the name of the key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Returns the new value, or `None` after a removal or if the value was too large to be sent
    /// here. An integer of more than 64 bits is the nearest float; [`of`](Self::of) returns it
    /// exactly.
    pub fn value(&self) -> Option<&Value> {
        self.content.as_ref()?.value()
    }

    /// Returns whether the key has no value any more.
    pub fn is_removal(&self) -> bool {
        self.content.is_none()
    }

    /// Returns the revision of the write. If a replica learned only that a key is gone by now, this
    /// is the revision of the update that it learned this from.
    pub fn revision(&self) -> Revision {
        self.revision
    }

    /// Returns the new value if it is this key's: `None` for another key, `Some(Ok(None))` after a
    /// removal. It fails as [`StoreScope::get`](super::StoreScope::get) does; in a replica, also
    /// with [`StoreError::TooLarge`] if the value was too large to be sent there.
    pub fn of<T, N>(&self, key: &Key<T, N>) -> Option<Result<Option<T>, StoreError>>
    where
        T: DeserializeOwned,
        N: AsRef<str>,
    {
        let mine = *self.key == *key.name();
        mine.then(|| self.content.as_ref().map(|content| content.decode(&self.key)).transpose())
    }
}

impl fmt::Debug for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change")
            .field("key", &self.key)
            .field("revision", &self.revision.get())
            .field("bytes", &self.content.as_ref().map(Content::size))
            .finish_non_exhaustive()
    }
}
