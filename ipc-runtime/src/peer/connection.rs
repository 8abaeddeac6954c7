//! What the driver, the callers and the handlers of one connection share.

pub(crate) mod closing;
pub(crate) mod peer_facts;
pub(crate) mod refusals;
pub(crate) mod token_gate;

use std::{
    collections::VecDeque,
    io,
    sync::{
        Arc, MutexGuard, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use serde::Serialize;

use crate::{
    codec::Encoding,
    error::DisconnectReason,
    framing::Framing,
    interface::InterfaceInfo,
    limits::Limits,
    message::{
        encoded,
        error_object::ErrorObject,
        id::Id,
        json::write::{self, ResponseBody},
    },
    peer::{
        connection::refusals::{too_large, too_many_subscriptions},
        handshake::Handshake,
        incoming::registry::Registry,
        session::{Session, Side, resolver::SessionResolver},
        state::{
            batch::{Batch, Recipient},
            cancellation::Cancellation,
            flows::{FlowId, FlowKind, Flows},
            in_flight::Running,
            inbox::Inbox,
            inboxes::Inboxes,
            notification_queue::Notifications,
            outbox::Outbox,
            pending_calls::{Abandoned, CallId, Calls, IdLayout, Reply},
        },
    },
    peer_info::PeerInfo,
    support::{lock::Lock, rt::Instant, warnings::Warnings},
    token::Token,
    transport::carrier::TryWrite,
    usage::{Counted, Gauge, Usage},
};

/// What a connection is made with.
pub(crate) struct Config {
    pub(crate) session: Arc<Session>,
    pub(crate) handshake: Handshake,
    /// What the peer must show before it is one, if it hasn't yet.
    pub(crate) token: Option<Token>,
    /// Who decides which session it belongs to, if that isn't settled.
    pub(crate) resolver: Option<Box<dyn SessionResolver>>,
}

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
    framing: Framing,
}

/// The part of a connection that changes.
pub(crate) struct State {
    pub(super) calls: Calls,
    pub(super) running: Running,
    pub(super) notifications: Notifications,
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

/// Why a request didn't get the answer that it was given.
#[derive(Debug)]
pub(super) enum Unanswered {
    /// This error was queued in its place.
    Refused(ErrorObject),
    /// The connection is over.
    Ended,
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
        handshake: Handshake,
        token: Option<Token>,
        framing: Framing,
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
            must_greet: AtomicBool::new(handshake == Handshake::Required || token.is_some()),
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
            self.session.detach();
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

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.side.registry
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.session.encoding()
    }

    pub(super) fn framing(&self) -> Framing {
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

    /// Answers a request, which isn't in flight any more by that.
    pub(super) fn answer(&self, to: &Recipient, body: ResponseBody<'_>) -> Result<(), Unanswered> {
        self.with_state(|state| {
            state.running.remove(&to.id);
            self.queue_answer(state, to, body)
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

    /// Gives up a request whose answer the peer won't see.
    pub(super) fn forget(&self, to: &Recipient) {
        self.with_state(|state| state.running.remove(&to.id));
    }

    /// Answers a message that never was in flight, though another one with its id may be.
    pub(super) fn answer_beside(&self, to: &Recipient, body: ResponseBody<'_>) {
        // What comes of it is told to the peer alone.
        let _ = self.with_state(|state| self.queue_answer(state, to, body));
    }

    /// All messages of a batch were handed on.
    pub(super) fn batch_was_read(&self, batch: &Batch) {
        self.with_state(|state| {
            if let Some(array) = batch.was_read() {
                self.queue_array(state, batch, &array);
            }
        });
    }

    fn queue_answer(
        &self,
        state: &mut State,
        to: &Recipient,
        body: ResponseBody<'_>,
    ) -> Result<(), Unanswered> {
        if matches!(state.phase, Phase::Ended(_)) {
            return Err(Unanswered::Ended);
        }
        self.check_reader(state);
        let (encoding, limit) = (self.encoding(), self.peer_max_message());
        let Some(batch) = &to.batch else {
            let queued =
                state.outbox.push(limit, |out| encoded::response(encoding, out, &to.id, body));
            self.note_made(queued.unwrap_or_else(|size| size));
            return queued.map(drop).map_err(|size| {
                let error = too_large(limit, size);
                // Some hundred bytes: whoever doesn't even take those is answered all the same.
                let _ = state.outbox.push(usize::MAX, |out| {
                    encoded::error_response(encoding, out, &to.id, &error);
                });
                Unanswered::Refused(error)
            });
        };
        let limit = limit.min(self.max_batch_bytes());
        let mut answer = Vec::new();
        encoded::response(encoding, &mut answer, &to.id, body);
        self.note_made(answer.len());
        batch.made(answer.len());
        let size = batch.size() + answer.len();
        let mut queued = Ok(());
        if size > limit {
            let error = too_large(limit, size);
            answer.clear();
            encoded::error_response(encoding, &mut answer, &to.id, &error);
            queued = Err(Unanswered::Refused(error));
        }
        if let Some(array) = batch.add(&answer) {
            self.queue_array(state, batch, &array);
        }
        queued
    }

    fn queue_array(&self, state: &mut State, batch: &Batch, array: &[u8]) {
        if !matches!(state.phase, Phase::Ended(_)) {
            // Each of its answers was made to fit.
            let _ = state.outbox.push(usize::MAX, |out| out.extend_from_slice(array));
        }
        // The wakers are those of this connection's own tasks.
        batch.was_sent();
    }

    /// Answers a request by opening a subscription. Its request isn't in flight any more by that;
    /// what could stop it stops the subscription from now on.
    pub(super) fn open_subscription(
        &self,
        to: &Recipient,
        method: &'static str,
        window: Option<u64>,
    ) -> Result<FlowId, Unanswered> {
        let id = FlowId::next();
        let limit = self.limits().max_subscriptions;
        self.with_state(|state| {
            let abort = state.running.abort_handle(&to.id);
            let cancellation = state.running.cancellation_of(&to.id);
            state.running.remove(&to.id);
            if state.flows.subscription_count() + state.inboxes.stream_count() >= limit {
                let error = too_many_subscriptions(method, limit);
                self.queue_answer(state, to, ResponseBody::Error(&error))?;
                return Err(Unanswered::Refused(error));
            }
            let result = self.encoding().own(&id.0);
            self.queue_answer(state, to, ResponseBody::Result(&result))?;
            state.flows.open(id, FlowKind::Subscription(method), abort);
            if let Some(items) = window {
                state.flows.narrow(id, items);
            }
            if let Some(cancellation) = cancellation {
                state.flows.set_cancellation(id, cancellation);
            }
            if to.batch.is_none() {
                state.flows.was_told(id);
            }
            Ok(id)
        })
    }

    /// Tells the caller of a request how far its handler has come, unless too much is to be written
    /// already.
    pub(super) fn report_progress(&self, token: &Id, value: &[u8]) {
        let encoding = self.encoding();
        self.with_state(|state| {
            let open = matches!(state.phase, Phase::Open | Phase::Draining);
            if !open || !state.outbox.has_room_for(value.len()) {
                return;
            }
            let mut params = Vec::with_capacity(value.len() + 32);
            encoded::progress_params(encoding, &mut params, token, value);
            let _ = state.outbox.push(self.peer_max_message(), |out| {
                encoded::notification(encoding, out, "$/progress", &params);
            });
        });
    }

    /// Tells the producer of an inbox that it may send more.
    pub(super) fn give_credit(&self, credit: &impl Serialize) {
        self.notify_peer("rpc.credit", credit);
    }

    /// Nobody reads this subscription any more.
    pub(super) fn unsubscribe(&self, id: &Id, inbox: &Arc<Inbox>) {
        self.with_state(|state| {
            if state.inboxes.unsubscribed(id, inbox) && !inbox.has_ended_by_producer() {
                self.send_unsubscribe(state, id);
            }
        });
    }

    /// Asks the peer to drop what produces a subscription. Nobody waits for the answer.
    pub(super) fn send_unsubscribe(&self, state: &mut State, id: &Id) {
        if matches!(state.phase, Phase::Closing(_) | Phase::Ended(_)) {
            return;
        }
        let encoding = self.encoding();
        ask(state, encoding, "rpc.unsubscribe", &encoding.own(&(id,)));
    }

    /// Asks the peer whether it is there. Any byte of it is an answer. Gives where the question
    /// ends in what is to be written.
    pub(super) fn ping(&self) -> u64 {
        self.with_state(|state| {
            if !matches!(state.phase, Phase::Closing(_) | Phase::Ended(_)) {
                let encoding = self.encoding();
                ask(state, encoding, "rpc.ping", encoding.no_params());
            }
            state.outbox.mark()
        })
    }

    /// Whether everything up to there was written.
    pub(super) fn has_left(&self, mark: u64) -> bool {
        self.with_state(|state| state.outbox.has_left(mark))
    }

    /// Nobody reads this stream argument any more.
    pub(super) fn close_stream(&self, id: u64, inbox: &Arc<Inbox>) {
        self.with_state(|state| {
            let open = !matches!(state.phase, Phase::Closing(_) | Phase::Ended(_))
                && !self.session().is_plain();
            if state.inboxes.close_stream(id, inbox) && !inbox.has_ended_by_producer() && open {
                let encoding = self.encoding();
                let params = encoding.own(&(id,));
                let _ = state.outbox.push(usize::MAX, |out| {
                    encoded::notification(encoding, out, "rpc.closeStream", &params);
                });
            }
        });
    }

    /// How long the answers to one batch may be together: more would be more than may be queued.
    pub(super) fn max_batch_bytes(&self) -> usize {
        self.limits().queued_bytes().saturating_mul(2)
    }

    /// Gives up on a peer that asks and asks, and doesn't read the answers. What is about to be
    /// queued doesn't count: a single large answer is no sign of that.
    fn check_reader(&self, state: &mut State) {
        let open = matches!(state.phase, Phase::Open | Phase::Draining);
        if open && state.outbox.unwritten() > self.limits().queued_bytes().saturating_mul(2) {
            state.phase = Phase::Closing(DisconnectReason::PeerDoesNotRead);
            state.outbox.nudge();
        }
    }

    /// Queues a notification of the runtime's own, which a plain JSON-RPC server wouldn't know.
    pub(super) fn notify_peer(&self, method: &str, params: &impl Serialize) {
        if self.session().is_plain() {
            return;
        }
        let encoding = self.encoding();
        let params = encoding.own(params);
        self.with_state(|state| {
            if !matches!(state.phase, Phase::Ended(_)) {
                self.check_reader(state);
                let limit = self.peer_max_message();
                let _ = state.outbox.push(limit, |out| {
                    encoded::notification(encoding, out, method, &params);
                });
            }
        });
    }

    /// The reply of a call, when it is there.
    pub(super) fn poll_reply(&self, id: CallId, cx: &mut Context<'_>) -> Poll<Reply> {
        self.with_state(|state| state.calls.poll(id, cx.waker()))
    }

    /// The same, with what the handler has reported before.
    pub(super) fn poll_progress(
        &self,
        id: CallId,
        cx: &mut Context<'_>,
    ) -> (VecDeque<Box<[u8]>>, Poll<Reply>) {
        self.with_state(|state| (state.calls.take_progress(id), state.calls.poll(id, cx.waker())))
    }

    /// The caller of a request is gone.
    pub(super) fn abandon(&self, id: CallId) {
        self.with_state(|state| match state.calls.abandon(id) {
            Abandoned::Nothing => {}
            Abandoned::Cancel => cancel_request(state, self.encoding(), id),
            Abandoned::Unsubscribe(result) => {
                let Some(id) = result.subscription(self.encoding()) else { return };
                if let Some(inbox) = state.inboxes.subscription(&id) {
                    state.inboxes.unsubscribed(&id, &inbox);
                }
                self.send_unsubscribe(state, &id);
            }
        });
    }

    /// Fails the calls whose deadline has passed, and wakes the notifications whose has.
    pub(super) fn expire_calls(&self, now: Instant) {
        let wakers = self.with_state(|state| {
            let (mut wakers, cancelled) = state.calls.expire(now);
            let encoding = self.encoding();
            cancelled.into_iter().for_each(|id| cancel_request(state, encoding, id));
            wakers.extend(state.outbox.expire(now));
            wakers
        });
        wakers.into_iter().for_each(Waker::wake);
    }
}

/// Queues a request of the runtime's own whose answer nobody waits for.
fn ask(state: &mut State, encoding: Encoding, method: &str, params: &[u8]) {
    let (call, _) = state.calls.begin(None, Waker::noop());
    let queued = state.outbox.push(usize::MAX, |out| {
        let extension = write::Extension::default();
        encoded::request(encoding, out, call.number(), method, params, extension);
    });
    debug_assert!(queued.is_ok());
    state.calls.abandon(call);
}

/// The params of a `$/cancelRequest`.
#[derive(Serialize)]
struct Cancel {
    id: u64,
}

fn cancel_request(state: &mut State, encoding: Encoding, id: CallId) {
    if matches!(state.phase, Phase::Ended(_)) {
        return;
    }
    let params = encoding.own(&Cancel { id: id.number() });
    let _ = state.outbox.push(usize::MAX, |out| {
        encoded::notification(encoding, out, "$/cancelRequest", &params);
    });
}
