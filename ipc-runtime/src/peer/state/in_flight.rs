//! The peer's requests that are being worked on.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::AbortHandle;

use crate::{message::id::Id, peer::state::cancellation::Cancellation, usage::Counted};

/// The peer's requests whose handlers haven't finished. Those that finish at once are never here.
#[derive(Debug, Default)]
pub(crate) struct Running {
    requests: HashMap<Id, RunningRequest>,
    /// Those of requests whose handlers have looked for it, running or about to.
    cancellations: HashMap<Id, Arc<Cancellation>>,
    /// That of all notifications.
    of_notifications: Option<Arc<Cancellation>>,
}

#[derive(Debug)]
struct RunningRequest {
    /// `None` for a handler that can't be cancelled.
    abort: Option<AbortHandle>,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
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
    pub(crate) fn insert(&mut self, id: Id, abort: Option<AbortHandle>, counted: Counted) {
        self.requests.insert(id, RunningRequest { abort, counted });
    }

    /// The request was answered.
    pub(crate) fn remove(&mut self, id: &Id) {
        if !self.requests.is_empty() {
            self.requests.remove(id);
        }
        if !self.cancellations.is_empty() {
            self.cancellations.remove(id);
        }
    }

    /// Tells a handler whether its call is wanted any more: of a request until it is answered, of
    /// notifications until the connection ends.
    pub(crate) fn cancellation(&mut self, id: Option<&Id>) -> Arc<Cancellation> {
        match id {
            Some(id) => self.cancellations.entry(id.clone()).or_default().clone(),
            None => self.of_notifications.get_or_insert_default().clone(),
        }
    }

    /// Whom to tell that a request is not wanted any more, if it wants to know.
    pub(crate) fn cancellation_of(&self, id: &Id) -> Option<Arc<Cancellation>> {
        self.cancellations.get(id).cloned()
    }

    /// Whom to tell at the end of the connection.
    pub(crate) fn clear_cancellations(&mut self) -> Vec<Arc<Cancellation>> {
        let requests = self.cancellations.drain().map(|(_, cancellation)| cancellation);
        requests.chain(self.of_notifications.take()).collect()
    }

    /// What stops a request, if it is here and can be stopped. It stays here until it is answered.
    pub(crate) fn abort_handle(&self, id: &Id) -> Option<AbortHandle> {
        self.requests.get(id)?.abort.clone()
    }

    /// Everything that can be stopped.
    pub(crate) fn abort_handles(&self) -> Vec<AbortHandle> {
        self.requests.values().filter_map(|request| request.abort.clone()).collect()
    }
}
