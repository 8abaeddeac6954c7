//! A session's connection and its state.

use std::sync::{
    Arc, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::watch;

use crate::{
    error::disconnect_reason::DisconnectReason, peer::session::state::ConnectionState,
    support::lock::Lock,
};

/// The part of a connection that this module needs.
pub(crate) trait Closes {
    /// Whether the connection is closing or has ended.
    fn is_closing(&self) -> bool;
}

/// A session's connection and its state.
///
/// All decisions are made under one lock, and announced to watchers after it is released. So no
/// waker runs under the lock, and an older decision never overwrites a newer one.
pub(crate) struct Connectivity<C> {
    standing: Lock<Standing<C>>,
    told: watch::Sender<ConnectionState>,
    /// The number of the decision that was announced last.
    told_last: AtomicU64,
    /// How many connections have been usable.
    connections: AtomicU64,
}

/// The result of a takeover: the connection now belongs to a session that had others before.
pub(crate) struct Claim<C> {
    /// Which of the session's connections this is.
    pub(crate) ordinal: u64,
    /// The previous connection, if it hasn't ended.
    pub(crate) replaced: Option<Arc<C>>,
}

/// Why a connection can't take a session over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unclaimed {
    /// A later attempt of the same peer has come in already.
    Superseded,
    /// The session or the connection is over.
    Ended,
}

struct Standing<C> {
    connection: Option<Arc<C>>,
    /// Calls may use the connection.
    usable: bool,
    /// How many connections there were, usable or not, including the current one.
    ordinal: u64,
    /// Which attempt of the other side the last connection was, as it announced.
    attempt: Option<u64>,
    state: ConnectionState,
    /// Why the session was closed. It may be set while the connection has yet to end.
    closed: Option<DisconnectReason>,
    /// After a lost connection this side reconnects, or waits for the peer.
    comes_back: bool,
    decisions: u64,
}

impl<C: Closes> Connectivity<C> {
    pub(crate) fn new(state: ConnectionState, comes_back: bool) -> Self {
        let told = watch::Sender::new(state.clone());
        let standing = Standing {
            connection: None,
            usable: false,
            ordinal: 0,
            attempt: None,
            state,
            closed: None,
            comes_back,
            decisions: 0,
        };
        Self {
            standing: Lock::new(standing),
            told,
            told_last: AtomicU64::new(0),
            connections: AtomicU64::new(0),
        }
    }

    /// Makes the session wait for its peer when a connection is lost. `attempt`: which attempt of
    /// the peer the present connection is.
    pub(crate) fn wait_for_return(&self, attempt: Option<u64>) {
        let mut standing = self.standing();
        standing.comes_back = true;
        standing.attempt = attempt;
    }

    fn standing(&self) -> MutexGuard<'_, Standing<C>> {
        self.standing.lock()
    }

    /// Makes a decision under the lock, and announces the state if it has changed.
    fn decide<R>(&self, decide: impl FnOnce(&mut Standing<C>) -> (R, bool)) -> R {
        let (result, news) = {
            let mut standing = self.standing();
            let (result, changed) = decide(&mut standing);
            let news = changed.then(|| {
                standing.decisions += 1;
                (standing.decisions, standing.state.clone())
            });
            (result, news)
        };
        if let Some((decision, state)) = news {
            self.told.send_if_modified(|told| {
                // The watch's own lock serializes this.
                let newer = decision > self.told_last.load(Ordering::Relaxed);
                if newer {
                    self.told_last.store(decision, Ordering::Relaxed);
                    *told = state;
                }
                newer
            });
        }
        result
    }

    /// Takes a new connection. `Err`: the session was closed, so close this connection too.
    pub(crate) fn attach(&self, connection: &Arc<C>) -> Result<(), DisconnectReason> {
        let mut standing = self.standing();
        if let Some(reason) = &standing.closed {
            return Err(reason.clone());
        }
        (standing.connection, standing.usable) = (Some(connection.clone()), false);
        standing.ordinal += 1;
        Ok(())
    }

    /// Makes the connection usable. `resumed`: the other side knows this peer from before. `false`:
    /// the connection has ended, or isn't wanted any more.
    pub(crate) fn connected(&self, connection: &Arc<C>, resumed: bool) -> bool {
        self.decide(|standing| {
            let is_it = standing.connection.as_ref().is_some_and(|it| Arc::ptr_eq(it, connection));
            if !is_it || standing.closed.is_some() || connection.is_closing() {
                return (false, false);
            }
            standing.usable = true;
            standing.state = ConnectionState::Connected { resumed };
            self.connections.fetch_add(1, Ordering::Release);
            (true, true)
        })
    }

    /// Takes the session over: the peer has come back on this connection, as its handshake proves.
    /// The connection replaces the previous one. It isn't usable until it is
    /// [`connected`](Self::connected). Watchers aren't notified yet, because the caller holds a
    /// lock: call [`tell`](Self::tell) after that.
    pub(crate) fn claim(
        &self,
        connection: &Arc<C>,
        attempt: Option<u64>,
    ) -> Result<Claim<C>, Unclaimed> {
        let mut standing = self.standing();
        if standing.closed.is_some() || connection.is_closing() {
            return Err(Unclaimed::Ended);
        }
        if attempt.is_some_and(|attempt| standing.attempt.is_some_and(|last| attempt <= last)) {
            return Err(Unclaimed::Superseded);
        }
        standing.attempt = attempt.or(standing.attempt);
        let replaced = standing.connection.replace(connection.clone());
        standing.usable = false;
        standing.ordinal += 1;
        if matches!(standing.state, ConnectionState::Connected { .. }) {
            let reason = DisconnectReason::Replaced;
            standing.state = ConnectionState::Reconnecting { attempts: 0, reason };
        }
        Ok(Claim { ordinal: standing.ordinal, replaced })
    }

    /// Announces the current state to watchers.
    pub(crate) fn tell(&self) {
        self.decide(|_| ((), true));
    }

    /// Drops the connection, which belongs to another session now. This session was only
    /// provisional.
    pub(crate) fn detach(&self) {
        let connection = self.standing().connection.take();
        drop(connection);
    }

    /// Ends the session if the peer hasn't come back since this connection. `false`: it has.
    pub(crate) fn expire(&self, ordinal: u64) -> bool {
        self.decide(|standing| {
            if standing.ordinal != ordinal {
                return (false, false);
            }
            standing.connection = None;
            standing.usable = false;
            let reason = match &standing.state {
                ConnectionState::Disconnected(_) => return (true, false),
                ConnectionState::Reconnecting { reason, .. } => reason.clone(),
                // The connection's task was dropped.
                ConnectionState::Connecting | ConnectionState::Connected { .. } => {
                    DisconnectReason::ClosedHere
                }
            };
            let reason = standing.closed.get_or_insert(reason).clone();
            standing.state = ConnectionState::Disconnected(reason);
            (true, true)
        })
    }

    /// Notes that a connection has ended.
    pub(crate) fn lost(&self, connection: &C, reason: DisconnectReason, for_good: bool) {
        self.decide(|standing| {
            let is_it = |it: &Arc<C>| std::ptr::eq(&**it, connection);
            if !standing.connection.as_ref().is_some_and(is_it) {
                // Not the current connection: a failed attempt that is slow to end.
                return ((), false);
            }
            (standing.connection, standing.usable) = (None, false);
            if for_good || !standing.comes_back {
                standing.closed.get_or_insert(reason.clone());
            }
            let next = match &standing.state {
                ConnectionState::Disconnected(_) => return ((), false),
                _ if standing.closed.is_some() => ConnectionState::Disconnected(reason),
                ConnectionState::Connected { .. } => {
                    ConnectionState::Reconnecting { attempts: 0, reason }
                }
                ConnectionState::Connecting | ConnectionState::Reconnecting { .. } => {
                    return ((), false);
                }
            };
            standing.state = next;
            ((), true)
        });
    }

    /// Notes that an attempt to connect or to reconnect has failed.
    pub(crate) fn failed_again(&self, why: DisconnectReason) {
        self.decide(|standing| match &mut standing.state {
            ConnectionState::Reconnecting { attempts, reason, .. } => {
                *attempts += 1;
                *reason = why;
                ((), true)
            }
            ConnectionState::Connecting => {
                standing.state = ConnectionState::Reconnecting { attempts: 1, reason: why };
                ((), true)
            }
            _ => ((), false),
        });
    }

    /// Closes the session: it is over when its connection has ended. Returns that connection, which
    /// the caller closes. Without a connection, the session is over at once. The first reason is
    /// kept.
    pub(crate) fn close(&self, reason: DisconnectReason) -> Option<Arc<C>> {
        self.decide(|standing| {
            standing.closed.get_or_insert(reason.clone());
            let over = standing.connection.is_none()
                && !matches!(standing.state, ConnectionState::Disconnected(_));
            if over {
                standing.state = ConnectionState::Disconnected(reason);
            }
            (standing.connection.clone(), over)
        })
    }

    /// Ends the session at once. Returns its connection, which nobody can find any more, and which
    /// the caller closes.
    pub(crate) fn end(&self, reason: DisconnectReason) -> Option<Arc<C>> {
        self.decide(|standing| {
            standing.closed.get_or_insert(reason.clone());
            let first = !matches!(standing.state, ConnectionState::Disconnected(_));
            if first {
                standing.state = ConnectionState::Disconnected(reason);
            }
            standing.usable = false;
            (standing.connection.take(), first)
        })
    }

    /// The current connection, if calls may use it.
    pub(crate) fn connection(&self) -> Option<Arc<C>> {
        let standing = self.standing();
        if standing.usable { standing.connection.clone() } else { None }
    }

    /// The current connection, usable or not.
    pub(crate) fn attached(&self) -> Option<Arc<C>> {
        self.standing().connection.clone()
    }

    /// How many connections have been usable, including the current one.
    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Acquire)
    }

    /// How many connections there were, usable or not: the number of the current or the last one.
    pub(crate) fn ordinal(&self) -> u64 {
        self.standing().ordinal
    }

    /// Whether the peer is disconnected and may come back.
    pub(crate) fn is_away(&self) -> bool {
        let standing = self.standing();
        standing.connection.is_none()
            && matches!(standing.state, ConnectionState::Reconnecting { .. })
    }

    /// The current state.
    pub(crate) fn state(&self) -> ConnectionState {
        self.standing().state.clone()
    }

    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.standing().state, ConnectionState::Connected { .. })
    }

    /// Whether the session is over.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.standing().state, ConnectionState::Disconnected(_))
    }

    /// Whether there may be another connection, after one was lost or before the first.
    pub(crate) fn comes_back(&self) -> bool {
        let standing = self.standing();
        standing.comes_back && standing.closed.is_none()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<ConnectionState> {
        self.told.subscribe()
    }

    /// Waits until there is a later connection, usable or not, or there won't be one.
    pub(crate) async fn later_than(&self, ordinal: u64) {
        let mut states = self.told.subscribe();
        loop {
            // Marked as seen before looking, so that no change in between is missed.
            states.mark_unchanged();
            if self.ordinal() > ordinal || !self.comes_back() {
                return;
            }
            // The sender is in `self`, so it outlives this borrow.
            let _ = states.changed().await;
        }
    }

    /// Waits until more than `connections` connections have been usable and one is, or there won't
    /// be one.
    pub(crate) async fn usable_after(&self, connections: u64) {
        let mut states = self.told.subscribe();
        loop {
            // Marked as seen before looking, so that no change in between is missed.
            states.mark_unchanged();
            let usable = self.connection().is_some_and(|connection| !connection.is_closing());
            if usable && self.connections() > connections || !self.comes_back() {
                return;
            }
            // The sender is in `self`, so it outlives this borrow.
            let _ = states.changed().await;
        }
    }
}
