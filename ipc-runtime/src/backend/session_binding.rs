//! Binds a backend's connection to a session, from its first message until the backend stops
//! waiting for its peer.

use std::sync::{
    Arc, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

use crate::{
    backend::core::{Away, BackendCore},
    error::disconnect_reason::DisconnectReason,
    peer::{
        connection::Connection,
        incoming::peer_handlers::PeerHandlers,
        session::{
            Session,
            connectivity::Unclaimed,
            handle::Peer,
            id::{Resumption, SessionId},
            resolver::{Refused, SessionResolver},
            state::ConnectionState,
        },
    },
    support::{lock::Lock, rt::timeout, warnings::warn_rarely},
};

/// Binds a connection to a session: to a provisional one of its own, until its handshake resumes
/// another.
pub(crate) struct SessionBinding {
    shared: Arc<BackendCore>,
    /// The endpoint accepts only this one connection, so the peer can't come back.
    accepts_once: bool,
    bound: Lock<Bound>,
}

#[derive(Clone)]
struct Bound {
    session: Arc<Session>,
    /// Which of the session's connections this is.
    ordinal: u64,
}

impl SessionBinding {
    /// Binds to a provisional session, whose first connection this is about to be.
    pub(super) fn new(shared: Arc<BackendCore>, session: Arc<Session>, accepts_once: bool) -> Self {
        let ordinal = session.connectivity().ordinal() + 1;
        Self { shared, accepts_once, bound: Lock::new(Bound { session, ordinal }) }
    }

    fn bound(&self) -> MutexGuard<'_, Bound> {
        self.bound.lock()
    }

    /// The peer that the connection belongs to so far.
    #[cfg(feature = "socket-io")]
    pub(super) fn peer(&self) -> Peer {
        Peer::new(self.bound().session.clone())
    }

    /// Takes over a session from its last connection. Returns `false` if there is no such session
    /// for this connection.
    fn take_over(
        &self,
        connection: &Arc<Connection>,
        id: SessionId,
        attempt: Option<u64>,
    ) -> Result<bool, Refused> {
        let provisional = self.bound().session.clone();
        let claimed = {
            // Under one lock: `stop` finds either the provisional session or the resumed one.
            let mut state = self.shared.state();
            // A connection that was silent for long has become a new peer.
            if state.stopped || !state.arriving.contains_key(&provisional.info().id) {
                return Ok(false);
            }
            let Some(known) = state.by_session.get(&id).map(|peer| peer.session().clone()) else {
                return if state.closed.contains(id) { Err(Refused::Closed) } else { Ok(false) };
            };
            let user = |session: &Session| session.credentials().map(|it| it.user);
            let is_same = user(&known) == user(&provisional)
                && known.info().endpoint == provisional.info().endpoint
                // Its subscriptions are opened again with arguments that are encoded already.
                && known.encoding() == provisional.encoding();
            if is_same {
                match known.connectivity().claim(connection, attempt) {
                    Ok(claim) => {
                        known.set_credentials(provisional.credentials());
                        state.arriving.remove(&provisional.info().id);
                        Ok((known, claim))
                    }
                    Err(Unclaimed::Superseded) => return Err(Refused::Superseded),
                    Err(Unclaimed::Ended) if known.is_dismissed() => return Err(Refused::Closed),
                    Err(Unclaimed::Ended) => return Ok(false),
                }
            } else {
                Err(known.info().id)
            }
        };
        let (known, claim) = match claimed {
            Ok(claimed) => claimed,
            Err(peer) => {
                let warnings = connection.warnings();
                warn_rarely!(
                    warnings, ForeignSession, %peer,
                    "somebody else has asked for a peer's session, and got their own"
                );
                return Ok(false);
            }
        };
        connection.belongs_to(known.clone());
        *self.bound() = Bound { session: known.clone(), ordinal: claim.ordinal };
        known.replaced(claim);
        tracing::debug!(peer = %known.info().id, "it is back");
        Ok(true)
    }

    /// Waits until the peer comes back on another connection, or the backend stops waiting for it.
    pub(super) async fn wait_for_return(&self) {
        /// Numbers the peers in the order in which they were disconnected.
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let Bound { session, ordinal } = self.bound().clone();
        let (place, longest_away) = {
            let mut state = self.shared.state();
            if state.stopped
                || !session.connectivity().is_away()
                || session.connectivity().ordinal() != ordinal
            {
                return;
            }
            let place = NEXT.fetch_add(1, Ordering::Relaxed);
            state.away.push_back(Away { place, peer: Peer::new(session.clone()), ordinal });
            let too_many = state.away.len() > self.shared.side.limits.max_disconnected_peers;
            (place, too_many.then(|| state.away.pop_front()).flatten())
        };
        let _guard = AwayGuard { shared: &self.shared, place };
        if let Some(Away { peer, ordinal, .. }) = longest_away {
            // `false` if it has just come back.
            if peer.session().connectivity().expire(ordinal) {
                let warnings = &self.shared.side.warnings;
                warn_rarely!(
                    warnings, TooManyAway, peer = %peer.id(),
                    "not waiting for it: max_disconnected_peers are disconnected"
                );
            }
        }
        let grace = self.shared.side.limits.session_grace;
        // `ReleaseGuard` finds out whether the peer came back in time.
        let _ = timeout(grace, session.connectivity().later_than(ordinal)).await;
    }
}

/// Keeps a disconnected peer on the list of those that may come back.
struct AwayGuard<'a> {
    shared: &'a BackendCore,
    place: u64,
}

impl Drop for AwayGuard<'_> {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        let index = state.away.binary_search_by_key(&self.place, |away| away.place);
        let away = index.ok().and_then(|index| state.away.remove(index));
        drop(state);
        drop(away);
    }
}

impl SessionResolver for Arc<SessionBinding> {
    fn resolve(
        &self,
        connection: &Arc<Connection>,
        asked: Resumption,
        attempt: Option<u64>,
    ) -> Result<Option<SessionId>, Refused> {
        connection.set_resumable();
        let session = self.bound().session.clone();
        if let Some(id) = session.id() {
            // An earlier handshake has asked, but got no answer.
            return Ok(Some(id));
        }
        if self.shared.side.limits.session_grace.is_zero() || self.accepts_once {
            return Ok(None);
        }
        if let Resumption::Of(id) = asked {
            if self.take_over(connection, id, attempt)? {
                return Ok(Some(id));
            }
        }
        let Some(id) = SessionId::random() else { return Ok(None) };
        let mut state = self.shared.state();
        if state.stopped {
            return Ok(None);
        }
        state.by_session.insert(id, Peer::new(session.clone()));
        session.wait_for_return(id, attempt);
        Ok(Some(id))
    }

    fn establish(&self, connection: &Arc<Connection>) {
        let Bound { session, ordinal } = self.bound().clone();
        if !session.connectivity().connected(connection, ordinal > 1) {
            return;
        }
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

/// Ends the session of a connection when the connection's task ends, unless another connection has
/// resumed the session.
pub(super) struct ReleaseGuard(pub(super) Arc<SessionBinding>);

impl Drop for ReleaseGuard {
    fn drop(&mut self) {
        let Bound { session, ordinal } = self.0.bound().clone();
        let shared = &self.0.shared;
        if session.connectivity().expire(ordinal) {
            let id = session.info().id;
            let peer = {
                let mut state = shared.state();
                state.groups.retain(|_, members| {
                    members.remove(&id);
                    !members.is_empty()
                });
                if let Some(id) = session.id() {
                    state.by_session.remove(&id);
                    if session.is_dismissed() {
                        let limits = &shared.side.limits;
                        state.closed.insert(
                            id,
                            limits.session_grace,
                            limits.max_disconnected_peers,
                        );
                    }
                }
                state.arriving.remove(&id);
                state.peers.remove(&id)
            };
            PeerHandlers::of(&session).release();
            if let Some(peer) = peer {
                let reason = match session.connectivity().state() {
                    ConnectionState::Disconnected(reason) => reason,
                    _ => DisconnectReason::ClosedHere,
                };
                shared.disconnected.fire((peer, reason));
            }
            // Only now: listeners of `peer_disconnected` may still need the peer's data.
            session.release();
        }
        shared.changed.notify_waiters();
    }
}
