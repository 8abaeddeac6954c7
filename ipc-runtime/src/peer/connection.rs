//! The state of one connection, shared by its driver, its callers and its handlers.

pub(crate) mod answering;
pub(crate) mod called;
pub(crate) mod closing;
pub(crate) mod own_requests;
pub(crate) mod partly_served;
pub(crate) mod peer_facts;
pub(crate) mod pending;
pub(crate) mod refusals;
pub(crate) mod stream_control;
pub(crate) mod token_gate;
pub(crate) mod unfinished_call;

use std::{
    io,
    sync::{
        Arc, MutexGuard, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::Waker,
};

use crate::{
    codec::Encoding,
    error::disconnect_reason::DisconnectReason,
    framing::StreamFraming,
    interface::InterfaceInfo,
    limits::Limits,
    peer::{
        connection::{partly_served::PartlyServed, unfinished_call::UnfinishedCall},
        session::{LocalSide, Session},
        state::{
            batch::Recipient, call_id::IdLayout, cancellation::Cancellation, flows::Flows,
            in_flight::Running, inboxes::Inboxes, notification_queue::Notifications,
            outbox::Outbox, pending_calls::Calls,
        },
    },
    peer_info::PeerInfo,
    support::{lock::Lock, rt::Instant, warnings::Warnings},
    token::Token,
    transport::carrier::TryWrite,
    usage::{Counted, Gauge, Usage},
};

/// One connection, as everything but the driver sees it.
pub(crate) struct Connection {
    /// The session that the connection was created for.
    session: Arc<Session>,
    /// The session that the handshake resumed, if it did: then the connection belongs to this one.
    resumed: OnceLock<Arc<Session>>,
    /// What all sessions of this backend or frontend share.
    side: Arc<LocalSide>,
    /// The token that the peer has to send; taken once it has.
    token: Lock<Option<Token>>,
    /// Whether the peer has to complete a handshake before it may call.
    must_greet: AtomicBool,
    /// Whether there was a handshake, whichever side began it: then the peer knows more than
    /// JSON-RPC.
    greeted: AtomicBool,
    /// Whether the peer answers `rpc.ping`.
    answers_pings: AtomicBool,
    /// Whether a session was asked for, by either side: then the peer understands a final
    /// `rpc.closing`.
    resumable: AtomicBool,
    /// The largest message that the peer accepts, in bytes, as its handshake says.
    peer_max_message: AtomicUsize,
    /// The params of our handshake, until it is answered.
    greeting: Lock<Option<Box<[u8]>>>,
    /// The interfaces that the peer serves, as handshakes have shown.
    verified: Lock<Vec<&'static InterfaceInfo>>,
    /// The interfaces of which it serves some methods.
    partly_served: Lock<Vec<Arc<PartlyServed>>>,
    state: Lock<ConnectionCore>,
    /// How many bytes of answers were encoded, including those that were too large to be sent.
    made: AtomicUsize,
    /// How many bytes the outbox had left to write when the lock was last released.
    unwritten: AtomicUsize,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
    framing: StreamFraming,
}

/// Begins the call of a notification that had to wait. Returns `None` if the call is over by then,
/// or if a middleware has refused it.
pub(crate) type DeferredCall = Box<dyn FnOnce(&Arc<Connection>) -> Option<UnfinishedCall> + Send>;

/// The part of a connection that changes, behind its lock.
pub(crate) struct ConnectionCore {
    pub(super) calls: Calls,
    pub(super) running: Running,
    pub(super) notifications: Notifications<DeferredCall>,
    pub(super) outbox: Outbox,
    pub(super) flows: Flows,
    pub(super) inboxes: Inboxes,
    pub(super) phase: Phase,
    /// This side is about to close: it doesn't wait for subscriptions that have nothing to send.
    pub(super) stopping: bool,
    /// Why the peer sends nothing more, once it has half-closed the connection: calls can't be
    /// answered then.
    pub(super) silent: Option<DisconnectReason>,
    /// How many replies came in that no call was waiting for.
    pub(super) stray_replies: u64,
    /// The reason in the peer's `rpc.closing`.
    pub(super) farewell: Option<Arc<str>>,
    /// The peer's `rpc.closing` was final: this side must not come back.
    pub(super) dismissed: bool,
    /// How many replies came in together the last time. With more than one, callers come in groups.
    pub(super) last_replies: usize,
    /// The task that sent the last notification, by the address of its waker's data.
    pub(super) last_notifier: usize,
    /// Writes without the driver. Dropped when the connection ends, since it keeps the socket open.
    pub(super) inline: Option<Arc<dyn TryWrite>>,
}

impl ConnectionCore {
    /// How many subscriptions and stream arguments the peer has open.
    pub(crate) fn open_streams(&self) -> usize {
        self.flows.subscription_count() + self.inboxes.stream_count()
    }

    /// Returns the earliest deadline of the calls and notifications that wait.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let (call, notification) = (self.calls.next_deadline(), self.outbox.next_deadline());
        call.into_iter().chain(notification).min()
    }

    /// Takes the wakers of callers that don't wait any more. Usually there are none.
    fn take_retired(&mut self) -> Option<[Vec<Waker>; 2]> {
        let has_some = self.calls.has_retired() || self.outbox.has_retired();
        has_some.then(|| [self.calls.take_retired(), self.outbox.take_retired()])
    }
}

/// The phases of a connection, in their order.
#[derive(Debug, Clone)]
pub(super) enum Phase {
    Open,
    /// Running handlers finish, new requests are refused.
    Draining,
    /// Queued bytes are written, then the connection ends.
    Closing(DisconnectReason),
    Ended(DisconnectReason),
}

impl Connection {
    pub(super) fn new(
        session: Arc<Session>,
        must_greet: bool,
        token: Option<Token>,
        framing: StreamFraming,
        inline: Option<Arc<dyn TryWrite>>,
    ) -> Self {
        let limits = session.limits();
        let ids = if session.is_plain() { IdLayout::SMALL } else { IdLayout::UNIQUE };
        let state = ConnectionCore {
            // Until the peer has sent its own limit, ours is assumed.
            calls: Calls::new(limits.max_in_flight, ids),
            running: Running::default(),
            notifications: Notifications::new(
                limits.max_waiting_notifications,
                limits.max_waiting_notification_bytes,
            ),
            outbox: Outbox::new(framing, limits.queued_bytes() / 2),
            flows: Flows::default(),
            inboxes: Inboxes::default(),
            phase: Phase::Open,
            stopping: false,
            silent: None,
            stray_replies: 0,
            farewell: None,
            dismissed: false,
            last_replies: 0,
            last_notifier: 0,
            inline,
        };
        Self {
            must_greet: AtomicBool::new(must_greet || token.is_some()),
            token: Lock::new(token),
            greeted: AtomicBool::new(false),
            answers_pings: AtomicBool::new(false),
            resumable: AtomicBool::new(false),
            peer_max_message: AtomicUsize::new(u32::MAX as usize),
            greeting: Lock::default(),
            verified: Lock::default(),
            partly_served: Lock::default(),
            state: Lock::new(state),
            made: AtomicUsize::new(0),
            unwritten: AtomicUsize::new(0),
            counted: session.gauges().count(Gauge::Connections),
            framing,
            side: session.side().clone(),
            resumed: OnceLock::new(),
            session,
        }
    }

    /// Returns the session that the connection belongs to.
    ///
    /// On a backend, the first message decides that. Until then this is a provisional session: only
    /// the driver's task, the resolver and code that closes the connection may ask for it. All
    /// other code gets the connection from its session, which hands it out once that is decided.
    pub(crate) fn session(&self) -> &Arc<Session> {
        self.resumed.get().unwrap_or(&self.session)
    }

    /// Moves the connection to the session of a peer that has come back. Has to be called before
    /// anything else that has come in is processed.
    pub(crate) fn belongs_to(&self, session: Arc<Session>) {
        if self.resumed.set(session).is_ok() {
            self.session.connectivity().detach();
        }
    }

    pub(crate) fn info(&self) -> &PeerInfo {
        self.session().info()
    }

    pub(crate) fn warnings(&self) -> &Warnings {
        &self.side.warnings
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.side.limits
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.session.encoding()
    }

    pub(super) fn framing(&self) -> StreamFraming {
        self.framing
    }

    pub(super) fn add_usage(&self, usage: &mut Usage) {
        self.with_state(|state| {
            usage.pending_calls += state.calls.on_wire();
            usage.waiting_notifications += state.notifications.waiting();
        });
    }

    /// Runs `change` under the lock, then wakes the driver if it has something to do.
    pub(super) fn with_state<R>(&self, change: impl FnOnce(&mut ConnectionCore) -> R) -> R {
        let mut state = self.state.lock();
        let result = change(&mut state);
        self.unlock(state);
        result
    }

    fn unlock(&self, mut state: MutexGuard<'_, ConnectionCore>) {
        self.unwritten.store(state.outbox.unwritten(), Ordering::Relaxed);
        let retired = state.take_retired();
        let driver = state.outbox.driver_to_wake();
        drop(state);
        // Without the lock: wakers run the app's code when they wake and when they are dropped.
        if let Some(driver) = driver {
            driver.wake();
        }
        drop(retired);
    }

    /// Returns how many bytes are left to write, without taking the lock. Bytes that other tasks
    /// queue at the same moment may be missing.
    pub(super) fn unwritten(&self) -> usize {
        self.unwritten.load(Ordering::Relaxed)
    }

    /// Returns how many bytes of answers were encoded so far. Two values can be compared; the count
    /// wraps around.
    pub(super) fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }

    /// Has to be called under the lock, so that no bytes are lost.
    fn note_made(&self, bytes: usize) {
        self.made.store(self.made().wrapping_add(bytes), Ordering::Relaxed);
    }

    /// Writes what was just queued right away if nothing else is in flight, which saves a trip
    /// through the driver's task. With several calls in flight the driver does better: it gathers
    /// them into one write.
    pub(super) fn write_inline(&self, state: &mut ConnectionCore) {
        let Some(inline) = &state.inline else { return };
        if state.calls.on_wire() > 1 || state.last_replies > 1 || !state.outbox.is_untouched() {
            return;
        }
        // A failure is left to the driver, which runs into it too.
        if let Ok(written) = inline.try_write(state.outbox.queued()) {
            state.outbox.written_inline(written);
        }
    }

    /// Does the same for a notification. If several are in flight, or several tasks send by turns,
    /// it is left to the driver, which gathers them into one write.
    pub(super) fn write_notification_inline(
        &self,
        state: &mut ConnectionCore,
        is_alone: bool,
        waker: &Waker,
    ) {
        let notifier = waker.data().addr();
        let is_same = std::mem::replace(&mut state.last_notifier, notifier) == notifier;
        if is_alone && is_same {
            self.write_inline(state);
        }
    }

    /// Returns whether the peer accepts nothing more, if that shows without data to write: on a
    /// Unix socket, an empty write fails then.
    pub(super) fn peer_is_gone(&self) -> bool {
        self.with_state(|state| match &state.inline {
            Some(inline) => {
                let written = inline.try_write(&[]);
                written.is_err_and(|error| error.kind() != io::ErrorKind::WouldBlock)
            }
            None => false,
        })
    }

    /// Returns the cancellation of a request's call; with `None`, the one that all notifications
    /// share. Once the connection has ended, it is cancelled already.
    pub(super) fn cancellation(&self, to: Option<&Recipient>) -> Arc<Cancellation> {
        let cancellation = self.with_state(|state| match state.phase {
            Phase::Ended(_) => None,
            _ => Some(state.running.cancellation(to.map(|to| &to.id))),
        });
        cancellation.unwrap_or_else(|| {
            let over = Cancellation::default();
            over.cancel();
            over.into()
        })
    }

    /// Closes the connection of a peer that keeps asking and doesn't read the answers. What is
    /// about to be queued doesn't count: a single large answer is no sign of that.
    fn check_reader(&self, state: &mut ConnectionCore) {
        let open = matches!(state.phase, Phase::Open | Phase::Draining);
        if open && state.outbox.unwritten() > self.limits().queued_bytes().saturating_mul(2) {
            state.phase = Phase::Closing(DisconnectReason::SlowReader);
            state.outbox.nudge();
        }
    }
}
