//! The scopes of single windows.

use std::collections::HashMap;

use crate::{
    peer::session::handle::Peer,
    store::{Store, StoreScope},
    support::lock::Lock,
};

/// The scopes of one window, by the stores that they belong to. It is kept with the peer, and goes
/// with its connection.
#[derive(Default)]
pub(super) struct OwnScopes(Lock<HashMap<u64, StoreScope>>);

/// The scope that this store has for this window.
pub(super) fn scope_of(store: &Store, peer: &Peer) -> StoreScope {
    let scopes = peer.extensions().get_or_insert_with(OwnScopes::default);
    let new = || StoreScope::new(store.max_bytes);
    let mut by_store = scopes.0.lock();
    let scope = by_store.entry(store.id).or_insert_with(new).clone();
    drop(by_store);
    // If the window is gone, this was the last handle, whose drop closes the scope.
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
    /// The scope of one window: values that this backend and that one frontend share, by
    /// [`StoreReplica::open_own`](crate::store::StoreReplica::open_own). It is there from its first use on, on either side, until the
    /// window's connection ends. Then its values go with the last handle of it: reads give the last
    /// values, writes fail with [`StoreError::Gone`](crate::store::StoreError::Gone), watches end.
    ///
    /// For a peer whose connection has ended it is empty, and gone.
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
