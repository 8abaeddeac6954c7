//! What the driver, the callers and the handlers of one connection share.

pub(crate) mod answering;
pub(crate) mod called;
pub(crate) mod closing;
pub(crate) mod own_requests;
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
        connection::unfinished_call::UnfinishedCall,
        session::{Session, Side},
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

/// One connection, as everybody but the driver sees it.
pub(crate) struct Connection {
    /// The one that it was made for.
    session: Arc<Session>,
    /// The one that it was found to belong to.
    resumed: OnceLock<Arc<Session>>,
    /// Those of either.
    side: Arc<Side>,
    /// What the peer must show before it is one; taken when it has.
    token: Lock<Option<Token>>,
    /// The peer must shake hands before it may call.
    must_greet: AtomicBool,
    /// Hands were shaken, whoever began: the peer knows more than JSON-RPC.
    greeted: AtomicBool,
    /// It knows what a ping is.
    answers_pings: AtomicBool,
    /// A session was asked for: whoever it is at the other end knows what a final goodbye is.
    resumable: AtomicBool,
    /// The largest message that the peer takes, as it has told.
    peer_max_message: AtomicUsize,
    /// What this side has said in the handshake that it waits for the answer of.
    greeting: Lock<Option<Box<[u8]>>>,
    /// The interfaces that the peer was found to serve.
    verified: Lock<Vec<&'static InterfaceInfo>>,
    state: Lock<State>,
    /// How many bytes of answers were made, those included that were too large to be sent.
    made: AtomicUsize,
    /// How many bytes the outbox had left to write when the lock was held last.
    unwritten: AtomicUsize,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
    framing: StreamFraming,
}

/// Begins the call of a notification that has waited. `None`: it has ended with that, or wasn't let
/// in.
pub(crate) type DeferredCall = Box<dyn FnOnce(&Arc<Connection>) -> Option<UnfinishedCall> + Send>;

/// The part of a connection that changes.
pub(crate) struct State {
    pub(super) calls: Calls,
    pub(super) running: Running,
    pub(super) notifications: Notifications<DeferredCall>,
    pub(super) outbox: Outbox,
    pub(super) flows: Flows,
    pub(super) inboxes: Inboxes,
    pub(super) phase: Phase,
    /// This side is about to close: subscriptions that have nothing to send aren't waited for.
    pub(super) stopping: bool,
    /// The peer says nothing more: nothing that only it could say comes any more.
    pub(super) silent: Option<DisconnectReason>,
    /// Replies that nobody waited for.
    pub(super) stray_replies: u64,
    /// What the peer said before it closes.
    pub(super) farewell: Option<Arc<str>>,
    /// The peer has said that this side is not to come back.
    pub(super) dismissed: bool,
    /// How many replies the last read brought: more than one, and callers come in groups.
    pub(super) last_replies: usize,
    /// The task that has notified last, by the address of its waker's data.
    pub(super) last_notifier: usize,
    /// Given up at the end: it keeps the socket open.
    pub(super) inline: Option<Arc<dyn TryWrite>>,
}

impl State {
    /// When to look for deadlines again.
    pub(super) fn next_deadline(&self) -> Option<Instant> {
        let (call, notification) = (self.calls.next_deadline(), self.outbox.next_deadline());
        call.into_iter().chain(notification).min()
    }

    /// The wakers of those who don't wait any more; most often there are none.
    fn take_retired(&mut self) -> Option<[Vec<Waker>; 2]> {
        let has_some = self.calls.has_retired() || self.outbox.has_retired();
        has_some.then(|| [self.calls.take_retired(), self.outbox.take_retired()])
    }
}

/// How far a connection has come.
#[derive(Debug, Clone)]
pub(super) enum Phase {
    Open,
    /// What runs is finished, new requests are refused.
    Draining,
    /// What is queued is written, then the connection ends.
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
        let state = State {
            // Until the peer has told its own limit, it is believed to have ours.
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

    /// The session that it belongs to. On a backend that is settled by the first message: until
    /// then this is a provisional one, which only the driver's task, the resolver and who closes
    /// the connection may ask for. Everybody else gets to know the connection by its session, which
    /// gives it away when it is settled.
    pub(crate) fn session(&self) -> &Arc<Session> {
        self.resumed.get().unwrap_or(&self.session)
    }

    /// It is one of a peer that was here before. To be said before anything else is made of what has
    /// come in.
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

    /// Runs `change` under the lock, and wakes the driver where that gave it something to write.
    pub(super) fn with_state<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let mut state = self.state.lock();
        let result = change(&mut state);
        self.unlock(state);
        result
    }

    fn unlock(&self, mut state: MutexGuard<'_, State>) {
        self.unwritten.store(state.outbox.unwritten(), Ordering::Relaxed);
        let retired = state.take_retired();
        let driver = state.outbox.driver_to_wake();
        drop(state);
        // What wakers do, when they wake and when they are dropped, is the app's code.
        if let Some(driver) = driver {
            driver.wake();
        }
        drop(retired);
    }

    /// How many bytes are left to write, without the lock: what other tasks queue at this moment may
    /// not be among them.
    pub(super) fn unwritten(&self) -> usize {
        self.unwritten.load(Ordering::Relaxed)
    }

    /// How many bytes of answers were made so far, to be compared with what it gives later. It starts
    /// again from 0 beyond its range.
    pub(super) fn made(&self) -> usize {
        self.made.load(Ordering::Relaxed)
    }

    /// To be called under the lock, so that none is missed.
    fn note_made(&self, bytes: usize) {
        self.made.store(self.made().wrapping_add(bytes), Ordering::Relaxed);
    }

    /// Writes what was just queued right away, if nothing else is going on: it saves a trip
    /// through the driver's task. When several calls are under way, leaving it to the driver is
    /// better: it gathers them into one write.
    pub(super) fn write_inline(&self, state: &mut State) {
        let Some(inline) = &state.inline else { return };
        if state.calls.on_wire() > 1 || state.last_replies > 1 || !state.outbox.is_untouched() {
            return;
        }
        // A failure is left to the driver, which will meet it too.
        if let Ok(written) = inline.try_write(state.outbox.queued()) {
            state.outbox.written_inline(written);
        }
    }

    /// The same for a notification. When several are under way, or those of several tasks come by turns,
    /// the driver gathers them into one write.
    pub(super) fn write_notification_inline(
        &self,
        state: &mut State,
        is_alone: bool,
        waker: &Waker,
    ) {
        let notifier = waker.data().addr();
        let is_same = std::mem::replace(&mut state.last_notifier, notifier) == notifier;
        if is_alone && is_same {
            self.write_inline(state);
        }
    }

    /// Whether the peer takes nothing more, where that can be known without having something to
    /// write: a Unix socket tells it of a write of nothing.
    pub(super) fn peer_is_gone(&self) -> bool {
        self.with_state(|state| match &state.inline {
            Some(inline) => {
                let written = inline.try_write(&[]);
                written.is_err_and(|error| error.kind() != io::ErrorKind::WouldBlock)
            }
            None => false,
        })
    }

    /// Whether a call is wanted any more: that of a request, or of all notifications.
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

    /// Gives up on a peer that asks and asks, and doesn't read the answers. What is about to be
    /// queued doesn't count: a single large answer is no sign of that.
    fn check_reader(&self, state: &mut State) {
        let open = matches!(state.phase, Phase::Open | Phase::Draining);
        if open && state.outbox.unwritten() > self.limits().queued_bytes().saturating_mul(2) {
            state.phase = Phase::Closing(DisconnectReason::SlowReader);
            state.outbox.nudge();
        }
    }
}
