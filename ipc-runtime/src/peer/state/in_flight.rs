//! The peer's requests that are being handled.

use std::{collections::HashMap, sync::Arc};

use futures_util::future::AbortHandle;

use crate::{message::id::Id, peer::state::cancellation::Cancellation, usage::Counted};

/// The peer's requests whose handlers haven't finished. A request that finishes at once is never in
/// here.
#[derive(Debug, Default)]
pub(crate) struct Running {
    requests: HashMap<Id, RunningRequest>,
    /// Of requests whose handlers have asked for it, running or about to run.
    cancellations: HashMap<Id, Arc<Cancellation>>,
    /// Shared by all notifications.
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

    /// Removes a request that was answered.
    pub(crate) fn remove(&mut self, id: &Id) {
        if !self.requests.is_empty() {
            self.requests.remove(id);
        }
        if !self.cancellations.is_empty() {
            self.cancellations.remove(id);
        }
    }

    /// Returns what tells a handler whether its call is still wanted: for a request until it is
    /// answered, for notifications until the connection ends.
    pub(crate) fn cancellation(&mut self, id: Option<&Id>) -> Arc<Cancellation> {
        match id {
            Some(id) => self.cancellations.entry(id.clone()).or_default().clone(),
            None => self.of_notifications.get_or_insert_default().clone(),
        }
    }

    /// The cancellation of a request, if its handler has asked for it.
    pub(crate) fn cancellation_of(&self, id: &Id) -> Option<Arc<Cancellation>> {
        self.cancellations.get(id).cloned()
    }

    /// Takes all cancellations, at the end of the connection.
    pub(crate) fn clear_cancellations(&mut self) -> Vec<Arc<Cancellation>> {
        let requests = self.cancellations.drain().map(|(_, cancellation)| cancellation);
        requests.chain(self.of_notifications.take()).collect()
    }

    /// Stops a request's handler, if it runs and can be stopped. The request stays in here until it
    /// is answered.
    pub(crate) fn abort_handle(&self, id: &Id) -> Option<AbortHandle> {
        self.requests.get(id)?.abort.clone()
    }

    /// Stop all handlers that can be stopped.
    pub(crate) fn abort_handles(&self) -> Vec<AbortHandle> {
        self.requests.values().filter_map(|request| request.abort.clone()).collect()
    }
}
