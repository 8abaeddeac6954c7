//! The handler that serves a store to frontends.

use futures_util::stream::Stream;

use crate::{
    backend::Backend,
    error::register_error::RegisterError,
    peer::incoming::context::CallContext,
    registration::Registration,
    store::{
        Store, StoreScope,
        error::StoreError,
        feed::Feed,
        revision::Revision,
        table::Expected,
        value::{Content, Kept},
        wire::{self, LookPart, Removal, Seen, Stored, Which, Wire},
    },
};

/// The handler of a store's interface.
pub(super) struct Served {
    store: Store,
}

impl Served {
    pub(super) fn new(store: Store) -> Self {
        Self { store }
    }

    fn scope(&self, call: &CallContext, which: Option<Which>) -> StoreScope {
        match which {
            None | Some(Which::Shared) => StoreScope::clone(&self.store),
            Some(Which::Own) => self.store.window(call.peer()),
        }
    }

    fn write(
        &self,
        call: &CallContext,
        key: &str,
        expected: Expected,
        value: Kept,
        which: Option<Which>,
    ) -> Result<Revision, StoreError> {
        value.check(key)?;
        self.scope(call, which).contents().set(key, expected, value)
    }
}

impl Wire for Served {
    fn get(&self, call: &CallContext, key: String, scope: Option<Which>) -> Option<Stored> {
        let (revision, content) = self.scope(call, scope).contents().get(&key)?;
        match content {
            Content::Value { kept: value, .. } => Some(Stored { value, revision }),
            // A backend's own store has all its values.
            Content::TooLarge { .. } => None,
        }
    }

    fn set(
        &self,
        call: &CallContext,
        key: String,
        value: Kept,
        scope: Option<Which>,
    ) -> Result<Revision, StoreError> {
        self.write(call, &key, Expected::Anything, value, scope)
    }

    fn compare_and_set(
        &self,
        call: &CallContext,
        key: String,
        expected: Option<Revision>,
        value: Kept,
        scope: Option<Which>,
    ) -> Result<Revision, StoreError> {
        self.write(call, &key, Expected::Exactly(expected), value, scope)
    }

    fn remove(
        &self,
        call: &CallContext,
        key: String,
        scope: Option<Which>,
    ) -> Result<Removal, StoreError> {
        self.scope(call, scope).contents().remove(&key)
    }

    fn watch(
        &self,
        call: &CallContext,
        scope: Option<Which>,
        since: Option<Seen>,
    ) -> impl Stream<Item = LookPart> {
        Feed::new(self.scope(call, scope).contents(), since, call.peer_max_message())
    }
}

impl Store {
    /// Serves the store to all current and future frontends of this backend, on the channel
    /// `ipc.store`. All of them may read and write it.
    ///
    /// If the registration is removed, open replicas stay up to date, but their writes fail with
    /// [`NotFound`](crate::ErrorKind::NotFound). They keep the store alive until they are dropped
    /// or lose their connection.
    ///
    /// # Errors
    ///
    /// [`RegisterError::ChannelTaken`] if the backend already serves a store.
    #[track_caller]
    pub fn serve(&self, backend: &Backend) -> Result<Registration, RegisterError> {
        backend.register(wire::WireHandler::new(Served::new(self.clone())))
    }
}
