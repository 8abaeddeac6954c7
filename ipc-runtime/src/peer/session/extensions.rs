//! What the app keeps with a peer, as the app sees it.

use std::{any::Any, fmt, sync::Arc};

use crate::peer::session::Session;

/// Values that the app keeps with a [`Peer`](crate::Peer), at most one of each type: who has logged
/// in there, say. [`Peer::extensions`](crate::Peer::extensions) gives them.
///
/// They stay across reconnects, and go when the peer has gone for good, after the callbacks of
/// [`Backend::peer_disconnected`](crate::Backend::peer_disconnected). What is inserted later goes at
/// once.
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

    /// Keeps a value, and returns the one of this type that was kept before.
    pub fn insert<T: Any + Send + Sync>(&self, value: T) -> Option<Arc<T>> {
        let old = self.session.extensions().insert(value);
        self.session.release_again();
        old
    }

    /// The value of this type; if there is none yet, what `make` returns is kept. When two threads
    /// do that at once, both get the same value.
    pub fn get_or_insert_with<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Arc<T> {
        if let Some(known) = self.get() {
            return known;
        }
        self.session.extension_or_insert(make())
    }

    /// The value of this type.
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
