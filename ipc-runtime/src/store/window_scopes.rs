//! The scopes of single windows.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    peer::session::handle::Peer,
    store::{Store, StoreScope},
};

/// The scopes of one window, by the stores that they belong to. It is kept with the peer, and goes
/// with its connection.
#[derive(Default)]
pub(super) struct OwnScopes(Mutex<HashMap<u64, StoreScope>>);

/// The scope that this store has for this window.
pub(super) fn scope_of(store: &Store, peer: &Peer) -> StoreScope {
    let scopes = peer.get_or_insert_with(OwnScopes::default);
    let new = || StoreScope::new(store.max_bytes);
    let mut by_store = scopes.0.lock().unwrap_or_else(PoisonError::into_inner);
    let scope = by_store.entry(store.id).or_insert_with(new).clone();
    drop(by_store);
    // If the window is gone, this was the last handle, whose drop closes the scope.
    drop(scopes);
    scope
}

impl Drop for OwnScopes {
    fn drop(&mut self) {
        let scopes = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        scopes.values().for_each(|scope| scope.contents().close());
    }
}
