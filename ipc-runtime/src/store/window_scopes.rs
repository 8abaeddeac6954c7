//! The scopes of single windows.

use std::collections::HashMap;

use crate::{
    peer::session::handle::Peer,
    store::{Store, StoreScope},
    support::lock::Lock,
};

/// The scopes of one window, by the stores that they belong to. They are part of the peer's data,
/// and are dropped when the peer is gone.
#[derive(Default)]
pub(super) struct OwnScopes(Lock<HashMap<u64, StoreScope>>);

/// Returns the scope that this store has for this window.
pub(super) fn scope_of(store: &Store, peer: &Peer) -> StoreScope {
    let scopes = peer.extensions().get_or_insert_with(OwnScopes::default);
    let new = || StoreScope::new(store.max_bytes);
    let mut by_store = scopes.0.lock();
    let scope = by_store.entry(store.id).or_insert_with(new).clone();
    drop(by_store);
    // If the window is gone, this is the last handle of its scopes, and dropping it closes them.
    drop(scopes);
    scope
}

impl Drop for OwnScopes {
    fn drop(&mut self) {
        let scopes = self.0.get_mut();
        scopes.values().for_each(|scope| scope.contents().close());
    }
}

impl Store {
    /// Returns the scope of one window: values that only this backend and that window share. The
    /// window reaches it with [`StoreReplica::open_own`](crate::store::StoreReplica::open_own). The
    /// scope exists from its first use on either side until the window is gone. After that, handles
    /// of the scope still read the last values, writes fail with
    /// [`StoreError::Gone`](crate::store::StoreError::Gone), and watches end.
    ///
    /// For a peer that is already gone, it returns a scope that is empty and closed.
    ///
    /// ```
    /// use ipc_runtime::{Backend, Frontend, store::{Key, Store, StoreReplica}};
    ///
    /// const TITLE: Key<String> = Key::new("title");
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (backend, store) = (Backend::new(), Store::new());
    /// store.serve(&backend)?;
    /// backend.listen("memory:docs-store-own").await?;
    ///
    /// let frontend = Frontend::connect("memory:docs-store-own").await?;
    /// let own = StoreReplica::open_own(&frontend).await?;
    /// own.set(&TITLE, &"editor".to_owned()).await?;
    ///
    /// for window in backend.peers() {
    ///     assert_eq!(store.window(&window).get(&TITLE)?.as_deref(), Some("editor"));
    /// }
    /// assert_eq!(store.get(&TITLE)?, None);
    /// # Ok(())
    /// # }
    /// ```
    pub fn window(&self, peer: &Peer) -> StoreScope {
        scope_of(self, peer)
    }
}
