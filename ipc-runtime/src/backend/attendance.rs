//! Which peer a connection is one of, from its first word until that peer has gone.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use super::serving::Shared;
use crate::{
    ConnectionState, Endpoint, Peer,
    error::DisconnectReason,
    peer::{Arrival, Connection, Resumption, Session, SessionId},
};

/// Which peer a connection is one of: a new one, until its first word says that it was here before.
pub(super) struct Attendance {
    shared: Arc<Shared>,
    present: Mutex<Present>,
}

#[derive(Clone)]
struct Present {
    session: Arc<Session>,
    /// The how manieth connection of that it is.
    number: u64,
}

impl Attendance {
    pub(super) fn new(shared: Arc<Shared>, session: Arc<Session>) -> Self {
        Self { shared, present: Mutex::new(Present { session, number: 1 }) }
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes the connection that of a peer which was here before, if this is the same.
    fn take_over(&self, connection: &Arc<Connection>, id: SessionId) -> Option<SessionId> {
        let known = self.shared.state().by_session.get(&id).map(|peer| peer.session().clone())?;
        let newcomer = self.present().session.clone();
        let user = |session: &Session| session.credentials().map(|it| it.user);
        let is_same = user(&known) == user(&newcomer)
            && known.info().endpoint == newcomer.info().endpoint
            && known.encoding() == newcomer.encoding();
        if !is_same {
            let peer = known.info().id;
            tracing::warn!(%peer, "somebody else has asked for a peer's session, and got their own");
            return None;
        }
        let number = known.resume(connection).ok()?;
        connection.belongs_to(known.clone());
        known.set_credentials(newcomer.credentials());
        self.shared.state().arriving.remove(&newcomer.info().id);
        tracing::debug!(peer = %known.info().id, "it is back");
        *self.present() = Present { session: known, number };
        Some(id)
    }

    /// Waits until the peer is back, by another connection, or isn't waited for any more.
    pub(super) async fn wait_for_return(&self) {
        /// In the order in which they went.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let Present { session, number } = self.present().clone();
        let (place, longest_away) = {
            let mut state = self.shared.state();
            let is_away =
                matches!(&*session.state().borrow(), ConnectionState::Reconnecting { .. });
            if state.stopped || !is_away || session.connections() != number {
                return;
            }
            let place = NEXT.fetch_add(1, Ordering::Relaxed);
            state.away.insert(place, Peer::new(session.clone()));
            let too_many = state.away.len() > self.shared.side.limits.max_away_peers;
            (place, too_many.then(|| state.away.pop_first()).flatten())
        };
        let _away = Away { shared: &self.shared, place };
        if let Some((_, peer)) = longest_away {
            tracing::warn!(peer = %peer.id(), "not waiting for it: max_away_peers are away");
            peer.session().close(DisconnectReason::ClosedHere);
        }
        let grace = self.shared.side.limits.session_grace;
        // Whether it was in time shows when it leaves.
        let _ = tokio::time::timeout(grace, session.returned(number)).await;
    }
}

/// A peer that is waited for.
struct Away<'a> {
    shared: &'a Shared,
    place: u64,
}

impl Drop for Away<'_> {
    fn drop(&mut self) {
        let peer = self.shared.state().away.remove(&self.place);
        drop(peer);
    }
}

impl Arrival for Arc<Attendance> {
    fn resume(&self, connection: &Arc<Connection>, asked: Resumption) -> Option<SessionId> {
        let session = self.present().session.clone();
        // Standard input is there once.
        let comes_once = *session.info().endpoint == *Endpoint::Stdio.to_string();
        if self.shared.side.limits.session_grace.is_zero() || comes_once {
            return None;
        }
        if let Resumption::Of(id) = asked {
            if let Some(id) = self.take_over(connection, id) {
                return Some(id);
            }
        }
        let id = SessionId::random()?;
        let mut state = self.shared.state();
        if state.stopped {
            return None;
        }
        state.by_session.insert(id, Peer::new(session.clone()));
        session.wait_for_return(id);
        Some(id)
    }

    fn announce(&self, _: &Arc<Connection>) {
        let session = self.present().session.clone();
        let peer = {
            let mut state = self.shared.state();
            let is_new = !state.stopped && state.arriving.remove(&session.info().id).is_some();
            is_new.then(|| {
                let peer = Peer::new(session);
                state.peers.insert(peer.id(), peer.clone());
                peer
            })
        };
        if let Some(peer) = peer {
            self.shared.connected.fire(peer);
        }
    }
}

/// The end of a connection's task: its peer has gone, unless it has come back by another one.
pub(super) struct Leaves(pub(super) Arc<Attendance>);

impl Drop for Leaves {
    fn drop(&mut self) {
        let Present { session, number } = self.0.present().clone();
        let shared = &self.0.shared;
        if session.expire(number) {
            let id = session.info().id;
            let peer = {
                let mut state = shared.state();
                state.groups.retain(|_, members| {
                    members.remove(&id);
                    !members.is_empty()
                });
                if let Some(id) = session.id() {
                    state.by_session.remove(&id);
                }
                state.arriving.remove(&id);
                state.peers.remove(&id)
            };
            session.release_handlers();
            if let Some(peer) = peer {
                let reason = match &*session.state().borrow() {
                    ConnectionState::Disconnected(reason) => reason.clone(),
                    _ => DisconnectReason::ClosedHere,
                };
                shared.disconnected.fire((peer, reason));
            }
            // Only now: whoever hears of it may want to know whose it was.
            session.release();
        }
        shared.changed.notify_waiters();
    }
}
