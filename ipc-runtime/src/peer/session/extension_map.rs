//! The app's values for a peer.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::Arc,
};

use crate::support::lock::Lock;

/// The app's values for a peer, at most one of each type.
#[derive(Default)]
pub(crate) struct ExtensionMap(Lock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>);

impl ExtensionMap {
    /// Inserts a value, and returns the previous one of this type.
    pub(crate) fn insert<T: Any + Send + Sync>(&self, value: T) -> Option<Arc<T>> {
        let old = self.0.lock().insert(TypeId::of::<T>(), Arc::new(value));
        old.and_then(|old| old.downcast().ok())
    }

    /// Returns the value of this type. If there is none, inserts `value`.
    pub(crate) fn get_or_insert<T: Any + Send + Sync>(&self, value: T) -> Arc<T> {
        let fresh = Arc::new(value);
        let entry = || Arc::<T>::clone(&fresh) as Arc<dyn Any + Send + Sync>;
        let kept = self.0.lock().entry(TypeId::of::<T>()).or_insert_with(entry).clone();
        kept.downcast().unwrap_or(fresh)
    }

    pub(crate) fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let value = self.0.lock().get(&TypeId::of::<T>()).cloned();
        value.and_then(|value| value.downcast().ok())
    }

    pub(crate) fn remove<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        let value = self.0.lock().remove(&TypeId::of::<T>());
        value.and_then(|value| value.downcast().ok())
    }

    /// Drops all values, outside of the lock: their `Drop` is the app's code.
    pub(crate) fn clear(&self) {
        let all = std::mem::take(&mut *self.0.lock());
        drop(all);
    }
}
