//! A peer's extensions, as the app sees them.

use std::{any::Any, fmt, sync::Arc};

use crate::peer::session::Session;

/// Values that the app keeps for a [`Peer`](crate::Peer), at most one of each type: for example,
/// who has logged in there. [`Peer::extensions`](crate::Peer::extensions) returns them.
///
/// They stay across reconnects. When the peer is gone for good, they are dropped, after the
/// callbacks of [`Backend::peer_disconnected`](crate::Backend::peer_disconnected) have run. Values
/// that are inserted later are dropped at once.
///
/// ```
/// use ipc_runtime::Peer;
///
/// struct User(String);
///
/// fn log_in(peer: &Peer, name: &str) {
///     peer.extensions().insert(User(name.to_owned()));
/// }
///
/// fn name(peer: &Peer) -> String {
///     peer.extensions().get::<User>().map_or("nobody".to_owned(), |user| user.0.clone())
/// }
/// ```
#[derive(Clone, Copy)]
pub struct Extensions<'a> {
    session: &'a Session,
}

impl<'a> Extensions<'a> {
    pub(crate) fn new(session: &'a Session) -> Self {
        Self { session }
    }

    /// Inserts a value, and returns the previous one of this type.
    pub fn insert<T: Any + Send + Sync>(&self, value: T) -> Option<Arc<T>> {
        let old = self.session.extensions().insert(value);
        self.session.release_again();
        old
    }

    /// Returns the value of this type. If there is none, inserts what `make` returns. If two
    /// threads do that at the same time, both may call `make`, and both get the value that was
    /// inserted first.
    pub fn get_or_insert_with<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(known) = self.get() {
            return known;
        }
        self.session.extension_or_insert(make())
    }

    /// Returns the value of this type, if there is one.
    pub fn get<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.session.extensions().get()
    }

    /// Removes the value of this type, and returns it.
    pub fn remove<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.session.extensions().remove()
    }
}

impl fmt::Debug for Extensions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extensions").field("peer", &self.session.info().id).finish_non_exhaustive()
    }
}
