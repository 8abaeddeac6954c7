//! The peer's requests that are being worked on.

use std::collections::HashMap;

use futures_util::future::AbortHandle;

use crate::message::Id;

/// The peer's requests whose handlers haven't finished. Those that finish at once are never here.
#[derive(Debug, Default)]
pub(crate) struct Running {
    requests: HashMap<Id, Option<AbortHandle>>,
}

impl Running {
    pub(crate) fn is_empty(&self) -> bool {
        self.requests.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.requests.len()
    }

    pub(crate) fn contains(&self, id: &Id) -> bool {
        !self.requests.is_empty() && self.requests.contains_key(id)
    }

    /// `abort` is `None` for a handler that can't be cancelled.
    pub(crate) fn insert(&mut self, id: Id, abort: Option<AbortHandle>) {
        self.requests.insert(id, abort);
    }

    /// The request was answered.
    pub(crate) fn remove(&mut self, id: &Id) {
        if !self.requests.is_empty() {
            self.requests.remove(id);
        }
    }

    /// What stops a request, if it is here and can be stopped. It stays here until it is answered.
    pub(crate) fn abort_handle(&self, id: &Id) -> Option<AbortHandle> {
        self.requests.get(id)?.clone()
    }

    /// Everything that can be stopped.
    pub(crate) fn abort_handles(&self) -> Vec<AbortHandle> {
        self.requests.values().flatten().cloned().collect()
    }
}
