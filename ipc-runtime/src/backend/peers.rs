//! Several peers at once: all of them, or those of a group.

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

/// Some of a backend's peers, as they were when this was made. Those that are
/// [waited for](crate::Limits::session_grace) are among them, also in groups: calls to them fail
/// with [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected), and they miss what they are notified of.
#[derive(Debug, Clone, Default)]
pub struct Peers {
    peers: Vec<Peer>,
}

impl Peers {
    pub(super) fn new(peers: impl Iterator<Item = Peer>) -> Self {
        Self { peers: peers.collect() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.peers.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// The peer with this number.
    pub fn get(&self, id: PeerId) -> Option<&Peer> {
        self.peers.iter().find(|peer| peer.id() == id)
    }

    /// Each of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Peer> {
        self.peers.iter()
    }

    /// Only those for which this holds.
    #[must_use]
    pub fn filter(mut self, holds: impl FnMut(&Peer) -> bool) -> Self {
        self.peers.retain(holds);
        self
    }

    /// Makes the same call to each of them, at once, and gives each one's outcome: those that
    /// are away or have gone, don't have such a handler or don't answer in time are errors, and
    /// hold nobody up but the caller of this.
    ///
    /// Dropping the future cancels the calls that weren't answered. A method that is a notification is
    /// waited for until each peer's connection has taken it: give it a `timeout` where some may be
    /// stuck.
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

    /// Notifies each of them by a name on the wire, without an interface; see [`Peer::notify`].
    ///
    /// An outcome tells whether it was queued for that peer. Other than of a single [`Notification`],
    /// it isn't waited for until it is written, so that a peer that reads slowly holds up nobody else;
    /// one that has let [`Limits::max_queued_bytes`](crate::Limits::max_queued_bytes) / 2 gather does,
    /// until its deadline. [`Backend::stop`](crate::Backend::stop) writes what is queued.
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

/// A named group of a backend's peers: socket.io's "room". A peer may be in any number of them,
/// and leaves them all when it has gone. It doesn't keep the backend, and is empty when that
/// has gone.
#[derive(Clone)]
pub struct Group {
    /// Handlers hold groups, and the backend its handlers.
    backend: Weak<BackendCore>,
    name: Arc<str>,
}

impl Group {
    pub(super) fn new(backend: Weak<BackendCore>, name: Arc<str>) -> Self {
        Self { backend, name }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Adds a peer. `false`: it has gone, or is one of another backend.
    pub fn join(&self, peer: &Peer) -> bool {
        let Some(backend) = self.backend.upgrade() else { return false };
        let mut state = backend.state();
        if state.dropped {
            // What is left of it is only about to end.
            return false;
        }
        let known = state.peers.get(&peer.id()).is_some_and(|known| known == peer);
        if known {
            state.groups.entry(self.name.clone()).or_default().insert(peer.id(), peer.clone());
        }
        known
    }

    /// Takes a peer out. `false`: it wasn't in it.
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

    /// The peers that are in it now, those included that are away.
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
