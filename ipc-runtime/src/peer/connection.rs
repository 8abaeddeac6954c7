//! What the driver, the callers and the handlers of one connection share.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

use futures_util::future::AbortHandle;
use tokio::time::Instant;

use super::{
    batch::{Batch, Recipient},
    calls::{Abandoned, CallId, Calls, Reply},
    cancellation::Cancellation,
    flows::{FlowId, Flows},
    inbox::{End, Inbox, Inboxes, Window},
    notifications::Notifications,
    outbox::Outbox,
    responder::too_many_subscriptions,
    running::Running,
    session::Session,
};
use crate::{
    Handshake, Limits, Usage,
    codec::Encoding,
    error::{DisconnectReason, Sizes},
    framing::Framing,
    message::{self, ErrorObject, Id, ResponseBody, code},
    peer_info::PeerInfo,
    registry::Registry,
    transport::TryWrite,
    usage::{Counted, Gauge},
};

/// What a connection is made with.
pub(crate) struct Config {
    pub(crate) session: Arc<Session>,
    pub(crate) handshake: Handshake,
}

/// One connection, as everybody but the driver sees it.
pub(crate) struct Connection {
    session: Arc<Session>,
    /// The peer must shake hands before it may call.
    must_greet: AtomicBool,
    /// The largest message that the peer takes, as it has told.
    peer_max_message: AtomicUsize,
    state: Mutex<State>,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
}

/// The part of a connection that changes.
pub(super) struct State {
    pub(super) calls: Calls,
    pub(super) running: Running,
    pub(super) notifications: Notifications,
    pub(super) outbox: Outbox,
    pub(super) flows: Flows,
    pub(super) inboxes: Inboxes,
    pub(super) phase: Phase,
    /// Replies that nobody waited for.
    pub(super) stray_replies: u64,
    /// What the peer said before it closes.
    pub(super) farewell: Option<Arc<str>>,
    /// How many replies the last read brought: more than one, and callers come in groups.
    pub(super) last_replies: usize,
    /// Given up at the end: it keeps the socket open.
    inline: Option<Arc<dyn TryWrite>>,
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
    pub(super) fn new(config: Config, framing: Framing, inline: Option<Arc<dyn TryWrite>>) -> Self {
        let Config { session, handshake } = config;
        let limits = session.limits();
        let state = State {
            // Until the peer has told its own limit, it is believed to have ours.
            calls: Calls::new(limits.max_in_flight),
            running: Running::default(),
            notifications: Notifications::new(
                limits.max_waiting_notifications,
                limits.max_waiting_notification_bytes,
            ),
            outbox: Outbox::new(framing, limits.queued_bytes() / 2),
            flows: Flows::default(),
            inboxes: Inboxes::default(),
            phase: Phase::Open,
            stray_replies: 0,
            farewell: None,
            last_replies: 0,
            inline,
        };
        Self {
            must_greet: AtomicBool::new(handshake == Handshake::Required),
            peer_max_message: AtomicUsize::new(u32::MAX as usize),
            state: Mutex::new(state),
            counted: session.gauges().count(Gauge::Connections),
            session,
        }
    }

    pub(crate) fn session(&self) -> &Arc<Session> {
        &self.session
    }

    pub(crate) fn info(&self) -> &PeerInfo {
        self.session.info()
    }

    pub(crate) fn limits(&self) -> &Limits {
        self.session.limits()
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        self.session.registry()
    }

    pub(crate) fn encoding(&self) -> Encoding {
        self.session.encoding()
    }

    /// The largest message that may be sent, in bytes.
    pub(crate) fn peer_max_message(&self) -> usize {
        self.peer_max_message.load(Ordering::Relaxed)
    }

    /// Whether the peer has yet to shake hands before it may call.
    pub(super) fn must_greet(&self) -> bool {
        self.must_greet.load(Ordering::Relaxed)
    }

    /// The peer has shaken hands.
    pub(crate) fn shook_hands(&self) {
        self.must_greet.store(false, Ordering::Relaxed);
    }

    /// The peer has told how large a message it takes.
    pub(crate) fn set_peer_max_message(&self, bytes: usize) {
        self.peer_max_message.store(bytes, Ordering::Relaxed);
    }

    /// The peer has told how many requests it takes at once.
    pub(crate) fn set_peer_max_in_flight(&self, requests: usize) {
        let wakers = self.with_state(|state| state.calls.set_limit(requests));
        wakers.into_iter().for_each(Waker::wake);
    }

    /// The peer has told how much it takes ahead of each subscription.
    pub(crate) fn set_peer_window(&self, window: Window) {
        self.with_state(|state| state.flows.set_window(window));
    }

    pub(super) fn add_usage(&self, usage: &mut Usage) {
        self.with_state(|state| {
            usage.pending_calls += state.calls.on_wire();
            usage.waiting_notifications += state.notifications.waiting();
        });
    }

    /// Runs `change` under the lock, and wakes the driver where that gave it something to write.
    pub(super) fn with_state<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        let (result, driver) = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let result = change(&mut state);
            (result, state.outbox.driver_to_wake())
        };
        if let Some(driver) = driver {
            driver.wake();
        }
        result
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

    /// Answers a request, which isn't in flight any more by that.
    pub(super) fn answer(&self, to: &Recipient, body: ResponseBody<'_>) {
        self.with_state(|state| {
            state.running.remove(&to.id);
            self.queue_answer(state, to, body);
        });
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
        self.with_state(|state| self.queue_answer(state, to, body));
    }

    /// All messages of a batch were handed on.
    pub(super) fn batch_was_read(&self, batch: &Batch) {
        self.with_state(|state| {
            if let Some(array) = batch.was_read() {
                self.queue_array(state, batch, &array);
            }
        });
    }

    fn queue_answer(&self, state: &mut State, to: &Recipient, body: ResponseBody<'_>) {
        if matches!(state.phase, Phase::Ended(_)) {
            return;
        }
        self.check_reader(state);
        let limit = self.peer_max_message();
        let Some(batch) = &to.batch else {
            let queued = state.outbox.push(limit, |out| message::response(out, &to.id, body));
            if let Err(size) = queued {
                let error = too_large(limit, size);
                let error = |out: &mut Vec<u8>| message::error_response(out, &to.id, &error);
                // Some hundred bytes: whoever doesn't even take those is answered all the same.
                let _ = state.outbox.push(usize::MAX, error);
            }
            return;
        };
        let limit = limit.min(self.max_batch_bytes());
        let mut answer = Vec::new();
        message::response(&mut answer, &to.id, body);
        let size = batch.size() + answer.len();
        if size > limit {
            answer.clear();
            message::error_response(&mut answer, &to.id, &too_large(limit, size));
        }
        if let Some(array) = batch.add(&answer) {
            self.queue_array(state, batch, &array);
        }
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
    /// `None`: there are too many by now, which was answered.
    pub(super) fn open_subscription(&self, to: &Recipient, method: &str) -> Option<FlowId> {
        let id = FlowId::next();
        let limit = self.limits().max_subscriptions;
        self.with_state(|state| {
            let abort = state.running.abort_handle(&to.id);
            let cancellation = state.running.cancellation_of(&to.id);
            state.running.remove(&to.id);
            if state.flows.len() + state.inboxes.stream_count() >= limit {
                let error = too_many_subscriptions(method, limit);
                self.queue_answer(state, to, ResponseBody::Error(&error));
                return None;
            }
            state.flows.open(id, abort);
            if let Some(cancellation) = cancellation {
                state.flows.set_cancellation(id, cancellation);
            }
            self.queue_answer(state, to, ResponseBody::Result(id.0.to_string().as_bytes()));
            Some(id)
        })
    }

    /// Tells the caller of a request how far its handler has come, unless too much is to be written
    /// already.
    pub(super) fn report_progress(&self, token: &str, value: &[u8]) {
        self.with_state(|state| {
            let open = matches!(state.phase, Phase::Open | Phase::Draining);
            if !open || !state.outbox.has_room_for(value.len()) {
                return;
            }
            let mut params = Vec::with_capacity(value.len() + 32);
            message::progress_params(&mut params, token, value);
            let _ = state.outbox.push(self.peer_max_message(), |out| {
                message::notification(out, "$/progress", &params);
            });
        });
    }

    /// Tells the producer of an inbox that it may send more.
    pub(super) fn give_credit(&self, params: &str) {
        self.notify_peer("rpc.credit", params.as_bytes());
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
        let (call, _) = state.calls.begin(None, false);
        let params = format!("[{id}]");
        let queued = state.outbox.push(usize::MAX, |out| {
            let extension = message::Extension::default();
            message::request(out, call.number(), "rpc.unsubscribe", params.as_bytes(), extension);
        });
        debug_assert!(queued.is_ok());
        state.calls.abandon(call);
    }

    /// Nobody reads this stream argument any more.
    pub(super) fn close_stream(&self, id: u64, inbox: &Arc<Inbox>) {
        self.with_state(|state| {
            let open = !matches!(state.phase, Phase::Closing(_) | Phase::Ended(_));
            if state.inboxes.close_stream(id, inbox) && !inbox.has_ended_by_producer() && open {
                let params = format!("[{id}]");
                let _ = state.outbox.push(usize::MAX, |out| {
                    message::notification(out, "rpc.closeStream", params.as_bytes());
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

    /// Queues a notification of the runtime's own.
    pub(super) fn notify_peer(&self, method: &str, params: &[u8]) {
        self.with_state(|state| {
            if !matches!(state.phase, Phase::Ended(_)) {
                self.check_reader(state);
                let limit = self.peer_max_message();
                let _ = state.outbox.push(limit, |out| message::notification(out, method, params));
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
            Abandoned::Cancel => cancel_request(state, id),
            Abandoned::Unsubscribe(result) => {
                let Ok(id) = Id::parse(&result) else { return };
                if let Some(inbox) = state.inboxes.subscription(&id) {
                    state.inboxes.unsubscribed(&id, &inbox);
                }
                self.send_unsubscribe(state, &id);
            }
        });
    }

    /// Fails the calls whose deadline has passed.
    pub(super) fn expire_calls(&self, now: Instant) {
        let wakers = self.with_state(|state| {
            let (wakers, cancelled) = state.calls.expire(now);
            cancelled.into_iter().for_each(|id| cancel_request(state, id));
            wakers
        });
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Why the connection has ended, if it has.
    pub(crate) fn end_reason(&self) -> Option<DisconnectReason> {
        self.with_state(|state| match &state.phase {
            Phase::Ended(reason) => Some(reason.clone()),
            _ => None,
        })
    }

    /// The peer says nothing more: finishes what runs, then closes.
    pub(super) fn finish_what_runs(&self) {
        self.change_phase(Phase::Draining, |_, _| {});
    }

    /// Tells the peer, refuses new requests, finishes what runs, then closes.
    pub(crate) fn drain(&self, reason: &str) {
        let params = serde_json::json!({ "reason": reason, "restart": false }).to_string();
        self.change_phase(Phase::Draining, |state, limit| {
            let closing = |out: &mut Vec<u8>| {
                message::notification(out, "rpc.closing", params.as_bytes());
            };
            let _ = state.outbox.push(limit, closing);
        });
    }

    /// Stops what runs, writes what is queued, then closes.
    pub(crate) fn close(&self, reason: DisconnectReason) {
        let running = self.change_phase(Phase::Closing(reason), |_, _| {});
        running.iter().for_each(AbortHandle::abort);
    }

    /// Goes on to a later phase; gives what can be stopped.
    fn change_phase(&self, phase: Phase, then: impl FnOnce(&mut State, usize)) -> Vec<AbortHandle> {
        self.with_state(|state| {
            let later = matches!(
                (&state.phase, &phase),
                (Phase::Open, _) | (Phase::Draining, Phase::Closing(_))
            );
            if !later {
                return Vec::new();
            }
            state.phase = phase;
            then(state, self.peer_max_message());
            state.outbox.nudge();
            let mut running = state.running.abort_handles();
            running.extend(state.flows.abort_handles());
            running
        })
    }

    /// Whether nothing is waited for any more, if it hasn't ended already.
    pub(super) fn is_closing(&self) -> bool {
        self.with_state(|state| matches!(state.phase, Phase::Closing(_) | Phase::Ended(_)))
    }

    /// A handler has finished. The driver may wait for the last of them.
    pub(super) fn note_finished(&self) {
        self.with_state(|state| {
            if !matches!(state.phase, Phase::Open) {
                state.outbox.nudge();
            }
        });
    }

    /// The connection is over: every call fails at once, everything that runs is stopped. The
    /// first reason is kept.
    pub(super) fn end(&self, reason: DisconnectReason) {
        let ended = self.with_state(|state| {
            let reason = match &state.phase {
                Phase::Ended(_) => return None,
                Phase::Closing(first) => first.clone(),
                Phase::Open | Phase::Draining => reason,
            };
            state.phase = Phase::Ended(reason.clone());
            state.inline = None;
            let State { calls, outbox, .. } = state;
            let mut wakers = calls.disconnect(|mark| outbox.has_left(mark));
            wakers.extend(outbox.clear());
            let mut running = state.running.abort_handles();
            let (notifications, waiting) = state.notifications.clear();
            running.extend(notifications);
            running.extend(state.flows.abort_handles());
            let mut cancellations = state.running.clear_cancellations();
            cancellations.extend(state.flows.cancellations());
            Some((wakers, running, cancellations, state.inboxes.clear(), waiting, reason))
        });
        let Some((wakers, running, cancellations, inboxes, waiting, reason)) = ended else {
            return;
        };
        let PeerInfo { id, endpoint, .. } = self.info();
        tracing::debug!(peer = %id, %endpoint, %reason, "connection ended");
        // First of all, so that whoever is woken finds it so.
        self.session.disconnected(reason.clone());
        cancellations.iter().for_each(|cancellation| cancellation.cancel());
        running.iter().for_each(AbortHandle::abort);
        wakers.into_iter().for_each(Waker::wake);
        for inbox in inboxes {
            inbox.end(End::Disconnected(reason.clone()));
        }
        self.session.release();
        drop(waiting);
    }
}

fn too_large(limit: usize, size: usize) -> ErrorObject {
    let message = format!("the reply of {size} bytes is larger than the {limit} you take");
    ErrorObject::new(code::REPLY_TOO_LARGE, message)
        .with_data(&Sizes { limit: limit as u64, size: size as u64 })
}

fn cancel_request(state: &mut State, id: CallId) {
    if matches!(state.phase, Phase::Ended(_)) {
        return;
    }
    let params = format!("{{\"id\":{}}}", id.number());
    let _ = state.outbox.push(usize::MAX, |out| {
        message::notification(out, "$/cancelRequest", params.as_bytes());
    });
}
