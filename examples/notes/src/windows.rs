//! Which windows there are. What somebody was typing in one that is gone isn't being typed any
//! more.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use ipc_runtime::{Backend, Peer, PeerId, Registration, store::Store};
use notes_interface::DRAFT;

/// The windows that have said which they are.
pub(crate) struct Windows {
    store: Store,
    by_peer: Mutex<HashMap<PeerId, String>>,
}

impl Windows {
    pub(crate) fn new(store: Store) -> Arc<Self> {
        Arc::new(Self { store, by_peer: Mutex::default() })
    }

    /// Sees them leave.
    pub(crate) fn follow(self: &Arc<Self>, backend: &Backend) -> Registration {
        let windows = Arc::clone(self);
        backend.peer_disconnected().on(move |(peer, _)| windows.leave(peer.id()))
    }

    pub(crate) fn enter(&self, peer: &Peer, window: &str) {
        let mut by_peer = self.by_peer.lock().unwrap_or_else(PoisonError::into_inner);
        by_peer.insert(peer.id(), window.to_owned());
    }

    fn leave(&self, peer: PeerId) {
        let mut by_peer = self.by_peer.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(window) = by_peer.remove(&peer) else { return };
        // It may have come back by another connection already.
        if by_peer.values().any(|other| *other == window) {
            return;
        }
        drop(by_peer);
        let revision = self.store.revision_of(&DRAFT);
        if let Ok(Some(Some(draft))) = self.store.get(&DRAFT) {
            if draft.window == window {
                // If it fails, another window has begun to type.
                let _ = self.store.compare_and_set(&DRAFT, revision, &None);
            }
        }
    }
}
