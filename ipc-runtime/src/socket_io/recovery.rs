//! Clients that have lost their session, and may come back: what socket.io calls connection state
//! recovery.

use std::{
    collections::{BTreeMap, HashMap},
    future::poll_fn,
    sync::{Arc, MutexGuard, Weak},
    time::Duration,
};

use crate::{
    limits::Limits,
    socket_io::{
        event_log::EventLog,
        seat::SeatRecovery,
        seated_peer::{HeldPeer, SeatedPeer},
    },
    support::{lock::Lock, random::secret, rt::timeout},
};

/// The peers of one backend that their clients may have back.
pub(crate) struct Recovery {
    /// How long a client may be away.
    grace: Duration,
    /// How many may be away at a time.
    most_away: usize,
    /// How many bytes of events are kept for each.
    most_kept: usize,
    moving: Lock<()>,
    state: Lock<RecoverablePeers>,
}

#[derive(Default)]
struct RecoverablePeers {
    /// All of them, by the secrets that their clients know.
    peers: HashMap<Arc<str>, Weak<SeatedPeer>>,
    /// Those whose clients are away, in the order in which they went.
    away: BTreeMap<u64, Weak<SeatedPeer>>,
    /// The number of the next one that goes.
    next: u64,
}

impl Recovery {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            grace: limits.session_grace,
            most_away: limits.max_disconnected_peers,
            most_kept: limits.queued_bytes(),
            moving: Lock::default(),
            state: Lock::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, RecoverablePeers> {
        self.state.lock()
    }

    /// What the seat of a new peer needs. `None`: the system has no random numbers.
    pub(crate) fn seat(&self) -> Option<SeatRecovery> {
        let pid = secret().ok()?.into();
        Some(SeatRecovery { pid, log: EventLog::new(self.most_kept) })
    }

    /// Lets a peer be found.
    pub(crate) fn enter(&self, peer: &Arc<SeatedPeer>) {
        if let Some(pid) = &peer.pid {
            self.state().peers.insert(pid.clone(), Arc::downgrade(peer));
        }
    }

    /// Held by whoever moves a peer to another session. It isn't asked for by whoever has a lock of
    /// a seat's.
    pub(crate) fn moving(&self) -> MutexGuard<'_, ()> {
        self.moving.lock()
    }

    /// The peer of the client that tells this secret.
    pub(crate) fn find(&self, pid: &str) -> Option<Arc<SeatedPeer>> {
        self.state().peers.get(pid)?.upgrade()
    }

    /// How many clients are away.
    pub(crate) fn away_count(&self) -> usize {
        self.state().away.len()
    }

    /// Forgets a peer that has ended.
    pub(crate) fn forget(&self, peer: &SeatedPeer) {
        if let Some(pid) = peer.pid.as_ref().filter(|_| peer.is_over()) {
            self.state().peers.remove(pid);
        }
    }

    /// Serves a peer whose client is away, until that has come back, or the peer has ended.
    pub(crate) async fn wait(&self, held: HeldPeer) {
        let _entry = self.go_away(&held.peer);
        if timeout(self.grace, poll_fn(|cx| held.poll(cx))).await.is_err() {
            held.peer.link.give_up();
            poll_fn(|cx| held.poll(cx)).await;
        }
        self.forget(&held.peer);
    }

    /// Counts a client that is away. If there are too many, the one that has been away longest is
    /// given up.
    fn go_away(&self, peer: &Arc<SeatedPeer>) -> AwayEntry<'_> {
        let (entry, longest_away) = {
            let mut state = self.state();
            let place = state.next;
            state.next += 1;
            state.away.insert(place, Arc::downgrade(peer));
            let too_many = state.away.len() > self.most_away;
            let longest_away = too_many.then(|| state.away.pop_first()).flatten();
            (AwayEntry { recovery: self, place }, longest_away)
        };
        if let Some(peer) = longest_away.and_then(|(_, peer)| peer.upgrade()) {
            tracing::debug!(
                namespace = %peer.name,
                "not waiting for a socket.io client: max_disconnected_peers are away"
            );
            peer.link.give_up();
            peer.wake();
        }
        entry
    }
}

/// A client's place among those that are away.
struct AwayEntry<'a> {
    recovery: &'a Recovery,
    place: u64,
}

impl Drop for AwayEntry<'_> {
    fn drop(&mut self) {
        self.recovery.state().away.remove(&self.place);
    }
}
