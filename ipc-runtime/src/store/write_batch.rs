//! Several writes that are done together.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::store::{contents::check_key, error::StoreError, key::Key, table::New, value::Kept};

/// Writes that are done together: see [`StoreScope::write`](super::StoreScope::write).
///
/// If a key is written several times, the last write counts.
#[derive(Debug, Default)]
pub struct WriteBatch {
    pub(super) news: BTreeMap<String, New>,
}

impl WriteBatch {
    /// Writes a value.
    ///
    /// # Errors
    ///
    /// [`StoreError::Encode`], [`StoreError::KeyTooLong`]. If the closure continues after an error,
    /// the batch is as if this write had not been added.
    pub fn set<T, N>(&mut self, key: &Key<T, N>, value: &T) -> Result<(), StoreError>
    where
        T: Serialize,
        N: AsRef<str>,
    {
        let key = key.name();
        check_key(key)?;
        let kept = Kept::encode(key, value)?;
        let size = kept.size();
        self.news.insert(key.to_owned(), Some((kept, size)));
        Ok(())
    }

    /// Removes a key's value, if there is one.
    pub fn remove<T, N: AsRef<str>>(&mut self, key: &Key<T, N>) {
        self.news.insert(key.name().to_owned(), None);
    }
}
