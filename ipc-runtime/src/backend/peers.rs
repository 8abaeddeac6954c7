//! Several peers at once: all of a backend, or those of a group.

use std::{
    collections::BTreeMap,
    fmt,
    future::IntoFuture,
    sync::{Arc, Weak},
};

use futures_util::future::join_all;
use serde::Serialize;

use crate::{
    backend::core::BackendCore,
    error::ipc_error::IpcError,
    peer::{client::caller::Client, session::handle::Peer},
    peer_info::PeerId,
};

/// Some of a backend's peers, as they were when this was made. Disconnected peers that
/// [may come back](crate::Limits::session_grace) are among them, also in groups. Calls to them fail
/// with [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected), and they miss notifications.
#[derive(Debug, Clone, Default)]
pub struct Peers {
    peers: Vec<Peer>,
}

impl Peers {
    pub(super) fn new(peers: impl Iterator<Item = Peer>) -> Self {
        Self { peers: peers.collect() }
    }

    /// Returns the number of peers.
    pub fn len(&self) -> usize {
        self.peers.len()
    }

    /// Whether there are no peers.
    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// Returns the peer with this id.
    pub fn get(&self, id: PeerId) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.id() == id)
    }

    /// Iterates over the peers.
    pub fn iter(&self) -> std::slice::Iter<'_, Peer> {
        self.peers.iter()
    }

    /// Keeps only the peers for which `holds` returns `true`.
    #[must_use]
    pub fn filter(mut self, holds: impl FnMut(&Peer) -> bool) -> Self {
        self.peers.retain(holds);
        self
    }

    /// Makes the same call to all peers at once, and returns the outcome of each. If a peer is
    /// disconnected or gone, has no such handler or doesn't answer in time, its outcome is an
    /// error. A slow peer delays the result of this method, but not the calls to other peers.
    ///
    /// Dropping the future cancels the calls that were not answered yet. If the method is a
    /// notification, this waits until the connection of each peer has taken it: give it a `timeout`
    /// if some peers may be stuck.
    ///
    /// ```
    /// # use ipc_runtime::{Backend, ipc_interface};
    /// # /// A window.
    /// # #[ipc_interface(channel = "docs.broadcast", version = "1.0.0")]
    /// # pub trait Window { /// Sets the theme.
    /// #   async fn set_theme(&self, name: &str); }
    /// # async fn example(backend: Backend) {
    /// let outcomes = backend.peers().broadcast(|window: WindowClient| window.set_theme("dark")).await;
    /// for (peer, outcome) in outcomes {
    ///     if let Err(error) = outcome {
    ///         println!("window {} keeps its theme: {error}", peer.id());
    ///     }
    /// }
    /// # }
    /// ```
    pub async fn broadcast<C, F>(&self, call: impl Fn(C) -> F) -> Vec<(Peer, F::Output)>
    where
        C: Client,
        F: IntoFuture,
    {
        let calls: Vec<_> =
            self.peers.iter().map(|peer| call(peer.client()).into_future()).collect();
        let outcomes = join_all(calls).await;
        self.peers.iter().cloned().zip(outcomes).collect()
    }

    /// Notifies each peer of a method by its name on the wire, without an interface; see
    /// [`Peer::notify`].
    ///
    /// An outcome says whether the notification was queued for that peer. Unlike a single
    /// [`Notification`], this doesn't wait until it is written, so a peer that reads slowly delays
    /// nobody else. But a peer for which
    /// [`Limits::max_queued_bytes`](crate::Limits::max_queued_bytes) / 2 are queued does delay the
    /// result, until the notification's deadline. [`Backend::stop`](crate::Backend::stop) writes
    /// what is queued.
    ///
    /// [`Notification`]: crate::call::Notification
    pub async fn notify(
        &self,
        method: &str,
        params: &(impl Serialize + ?Sized),
    ) -> Vec<(Peer, Result<(), IpcError>)> {
        let told = self.peers.iter().map(|peer| peer.notify(method, params).queued());
        let outcomes = join_all(told.collect::<Vec<_>>()).await;
        self.peers.iter().cloned().zip(outcomes).collect()
    }
}

impl IntoIterator for Peers {
    type Item = Peer;
    type IntoIter = std::vec::IntoIter<Peer>;

    fn into_iter(self) -> Self::IntoIter {
        self.peers.into_iter()
    }
}

impl<'a> IntoIterator for &'a Peers {
    type Item = &'a Peer;
    type IntoIter = std::slice::Iter<'a, Peer>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A named group of a backend's peers, as socket.io's "room". A peer may be in any number of
/// groups, and leaves them all when it is gone. A group doesn't keep the backend alive, and is
/// empty once the backend was dropped.
#[derive(Clone)]
pub struct Group {
    /// Weak, because handlers hold groups and the backend holds its handlers.
    backend: Weak<BackendCore>,
    name: Arc<str>,
}

impl Group {
    pub(super) fn new(backend: Weak<BackendCore>, name: Arc<str>) -> Self {
        Self { backend, name }
    }

    /// Returns the name of the group.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds a peer. Returns `false` if the peer is gone or belongs to another backend, or if the
    /// backend was dropped.
    pub fn join(&self, peer: &Peer) -> bool {
        let Some(backend) = self.backend.upgrade() else { return false };
        let mut state = backend.state();
        if state.dropped {
            // What is left of the backend is about to end.
            return false;
        }
        let known = state.peers.get(&peer.id()).is_some_and(|known| known == peer);
        if known {
            state.groups.entry(self.name.clone()).or_default().insert(peer.id(), peer.clone());
        }
        known
    }

    /// Removes a peer. Returns `false` if it wasn't in the group.
    pub fn leave(&self, peer: &Peer) -> bool {
        let Some(backend) = self.backend.upgrade() else { return false };
        let mut state = backend.state();
        if state.dropped {
            return false;
        }
        let Some(members) = state.groups.get_mut(&self.name) else { return false };
        let was_member = members.remove(&peer.id()).is_some();
        if members.is_empty() {
            state.groups.remove(&self.name);
        }
        was_member
    }

    /// Returns the peers of the group, including disconnected ones that may come back.
    pub fn peers(&self) -> Peers {
        let Some(backend) = self.backend.upgrade() else { return Peers::default() };
        let state = backend.state();
        if state.dropped {
            return Peers::default();
        }
        Peers::new(state.groups.get(&self.name).into_iter().flat_map(BTreeMap::values).cloned())
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("name", &self.name)
            .field("peers", &self.peers())
            .finish_non_exhaustive()
    }
}
