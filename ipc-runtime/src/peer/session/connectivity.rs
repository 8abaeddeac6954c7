//! Which connection a session has, and how it stands with it.

use std::sync::{
    Arc, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

use tokio::sync::watch;

use crate::{
    error::disconnect_reason::DisconnectReason, peer::session::state::ConnectionState,
    support::lock::Lock,
};

/// A connection, as far as it matters here.
pub(crate) trait Closes {
    /// Whether nothing is waited for any more, if it hasn't ended already.
    fn is_closing(&self) -> bool;
}

/// Which connection a session has, and how it stands with it.
///
/// Everything is decided under one lock, and told to those who watch after it: no waker runs under
/// the lock, and what was decided later is never told over by what was decided before.
pub(crate) struct Connectivity<C> {
    standing: Lock<Standing<C>>,
    told: watch::Sender<ConnectionState>,
    /// The number of the decision that was told last.
    told_last: AtomicU64,
    /// How many connections were usable.
    connections: AtomicU64,
}

/// A connection has become that of a session which had others before.
pub(crate) struct Claim<C> {
    /// Which of the session's connections it is.
    pub(crate) ordinal: u64,
    /// The one before, if it hasn't ended.
    pub(crate) replaced: Option<Arc<C>>,
}

/// Why a connection can't become that of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unclaimed {
    /// A later attempt of the same peer has come in before.
    Superseded,
    /// One of both is over.
    Ended,
}

struct Standing<C> {
    connection: Option<Arc<C>>,
    /// It was greeted: calls may go by it.
    usable: bool,
    /// How many connections there were, usable or not, that of now included.
    ordinal: u64,
    /// Which attempt of the other side the last one was, as it has told.
    attempt: Option<u64>,
    state: ConnectionState,
    /// It is to be over, whatever the connection does until it has ended.
    closed: Option<DisconnectReason>,
    /// A connection that was lost is made again, or waited for.
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

    /// From now on, a connection that was lost is waited for. `attempt`: that of the present one.
    pub(crate) fn wait_for_return(&self, attempt: Option<u64>) {
        let mut standing = self.standing();
        standing.comes_back = true;
        standing.attempt = attempt;
    }

    fn standing(&self) -> MutexGuard<'_, Standing<C>> {
        self.standing.lock()
    }

    /// Decides something, and tells a new state.
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
                // The watch's own lock makes this one after the other.
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

    /// A connection was made. `Err`: it is over, and this one is to be closed.
    pub(crate) fn attach(&self, connection: &Arc<C>) -> Result<(), DisconnectReason> {
        let mut standing = self.standing();
        if let Some(reason) = &standing.closed {
            return Err(reason.clone());
        }
        (standing.connection, standing.usable) = (Some(connection.clone()), false);
        standing.ordinal += 1;
        Ok(())
    }

    /// A connection has proved to be one: calls may go by it. `resumed`: the other side knows this
    /// one from before. `false`: it has ended already, or is not wanted any more.
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

    /// The other side has come back by this connection, as its handshake proves. It takes the place of
    /// the one before; calls don't go by it until it is [`connected`](Self::connected). Nobody is
    /// told yet, since callers hold a lock: [`tell`](Self::tell) does that.
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

    /// Tells how it stands to those who watch.
    pub(crate) fn tell(&self) {
        self.decide(|_| ((), true));
    }

    /// It is another session's connection by now, and this one never was any.
    pub(crate) fn detach(&self) {
        let connection = self.standing().connection.take();
        drop(connection);
    }

    /// Nobody has come back since this connection: it is over. `false`: somebody has.
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
                // Its task was dropped.
                ConnectionState::Connecting | ConnectionState::Connected { .. } => {
                    DisconnectReason::ClosedHere
                }
            };
            let reason = standing.closed.get_or_insert(reason).clone();
            standing.state = ConnectionState::Disconnected(reason);
            (true, true)
        })
    }

    /// A connection has ended.
    pub(crate) fn lost(&self, connection: &C, reason: DisconnectReason, for_good: bool) {
        self.decide(|standing| {
            let is_it = |it: &Arc<C>| std::ptr::eq(&**it, connection);
            if !standing.connection.as_ref().is_some_and(is_it) {
                // An attempt that has failed, and takes its time.
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

    /// An attempt to come back, or to come at all, has come to nothing.
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

    /// It is to be over when its connection has ended. Gives that, to be closed; without one it is
    /// over at once. The first reason is kept.
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

    /// It is over at once. Gives the connection, which nobody finds any more, to be closed.
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

    /// The connection of now, if calls may go by it.
    pub(crate) fn connection(&self) -> Option<Arc<C>> {
        let standing = self.standing();
        if standing.usable { standing.connection.clone() } else { None }
    }

    /// The connection of now, greeted or not.
    pub(crate) fn attached(&self) -> Option<Arc<C>> {
        self.standing().connection.clone()
    }

    /// How many connections were usable, that of now included.
    pub(crate) fn connections(&self) -> u64 {
        self.connections.load(Ordering::Acquire)
    }

    /// Which connection it has, or had last: they are counted, usable or not.
    pub(crate) fn ordinal(&self) -> u64 {
        self.standing().ordinal
    }

    /// Whether its connection was lost, and may be there again.
    pub(crate) fn is_away(&self) -> bool {
        let standing = self.standing();
        standing.connection.is_none()
            && matches!(standing.state, ConnectionState::Reconnecting { .. })
    }

    /// How it stands.
    pub(crate) fn state(&self) -> ConnectionState {
        self.standing().state.clone()
    }

    pub(crate) fn is_connected(&self) -> bool {
        matches!(self.standing().state, ConnectionState::Connected { .. })
    }

    /// Whether it is over.
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.standing().state, ConnectionState::Disconnected(_))
    }

    /// Whether a connection that was lost, or isn't there yet, will be there again.
    pub(crate) fn comes_back(&self) -> bool {
        let standing = self.standing();
        standing.comes_back && standing.closed.is_none()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<ConnectionState> {
        self.told.subscribe()
    }

    /// Waits until there is a later connection, usable or not, or never will be.
    pub(crate) async fn later_than(&self, ordinal: u64) {
        let mut states = self.told.subscribe();
        loop {
            // Seen before it is looked at, so that nothing comes in between.
            states.mark_unchanged();
            if self.ordinal() > ordinal || !self.comes_back() {
                return;
            }
            // The sender is ours, and lives as long as this borrow.
            let _ = states.changed().await;
        }
    }

    /// Waits until there were more connections than so many and one is usable, or never will be.
    pub(crate) async fn usable_after(&self, connections: u64) {
        let mut states = self.told.subscribe();
        loop {
            // Seen before it is looked at, so that nothing comes in between.
            states.mark_unchanged();
            let usable = self.connection().is_some_and(|connection| !connection.is_closing());
            if usable && self.connections() > connections || !self.comes_back() {
                return;
            }
            // The sender is ours, and lives as long as this borrow.
            let _ = states.changed().await;
        }
    }
}
