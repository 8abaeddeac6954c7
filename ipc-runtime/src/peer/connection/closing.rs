//! Closing a connection: what may still finish, and what the peer is sent.

use std::task::Waker;

use futures_util::future::AbortHandle;
use serde::Serialize;

use crate::{
    codec::Encoding,
    error::disconnect_reason::DisconnectReason,
    message::{
        encoded,
        error_object::{ErrorObject, code},
        item_event::ItemEvent,
    },
    peer::{
        connection::{Connection, ConnectionCore, Phase},
        session::connectivity::Closes,
        state::inbox::StreamFailure,
    },
    peer_info::PeerInfo,
};

/// The params of an `rpc.closing`.
#[derive(Serialize)]
struct Closing<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    restart: bool,
    #[serde(rename = "final", skip_serializing_if = "std::ops::Not::not")]
    is_final: bool,
}

impl Connection {
    /// Returns why the connection has ended, or why it brings no more answers although it is still
    /// open.
    pub(crate) fn end_reason(&self) -> Option<DisconnectReason> {
        self.with_state(|state| match &state.phase {
            Phase::Ended(reason) => Some(reason.clone()),
            _ => state.silent.clone(),
        })
    }

    /// Closes a connection that the peer has half-closed: fails everything that waits for the peer,
    /// lets running handlers finish, then closes.
    pub(crate) fn finish_what_runs(&self, reason: DisconnectReason) {
        let (wakers, inboxes) = self.with_state(|state| {
            state.silent = Some(reason.clone());
            let ConnectionCore { calls, outbox, .. } = state;
            let mut wakers = calls.disconnect(|mark| outbox.has_left(mark));
            wakers.extend(outbox.waiting_for_room());
            (wakers, state.inboxes.clear())
        });
        wakers.into_iter().for_each(Waker::wake);
        for inbox in inboxes {
            inbox.end(Err(StreamFailure::Disconnected(reason.clone())));
        }
        self.change_phase(Phase::Draining, |_, _| {});
    }

    /// Fails the calls that the peer has yet to answer, since it has lost them. They may have run.
    #[cfg(feature = "socket-io")]
    pub(crate) fn interrupt(&self) {
        let wakers = self.with_state(|state| state.calls.disconnect(|_| true));
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Sends `rpc.closing`, refuses new requests, lets running handlers finish, ends the
    /// subscriptions that are still open once all of them are idle, then closes.
    pub(crate) fn drain(&self, reason: &str) {
        self.with_state(|state| {
            state.stopping = true;
            state.outbox.nudge();
        });
        let encoding = self.encoding();
        let told = Closing { reason: Some(reason), restart: false, is_final: false };
        let params = encoding.own(&told);
        self.change_phase(Phase::Draining, |state, limit| {
            let closing = |out: &mut Vec<u8>| {
                encoded::notification(encoding, out, "rpc.closing", &params);
            };
            let _ = state.outbox.push(limit, closing);
        });
    }

    /// Sends a final `rpc.closing` (the peer must not come back, or this side won't), then closes.
    pub(crate) fn dismiss(&self) {
        self.close_for_good(DisconnectReason::ClosedHere, None);
    }

    /// Closes for good, because this side couldn't work with the peer.
    pub(crate) fn give_up(&self) {
        self.close_for_good(DisconnectReason::ClosedByPeer(None), None);
    }

    /// Sends a final `rpc.closing` to a peer that this side has closed while it was disconnected.
    pub(crate) fn refuse_for_good(&self) {
        self.notify_peer("rpc.closing", &Closing { reason: None, restart: false, is_final: true });
    }

    /// Returns the peer's farewell if it was final: the peer doesn't want this side back.
    pub(crate) fn dismissal(&self) -> Option<DisconnectReason> {
        self.with_state(|state| {
            let farewell = || DisconnectReason::ClosedByPeer(state.farewell.clone());
            state.dismissed.then(farewell)
        })
    }

    /// Closes the connection because the peer has come back on another one. If this one is alive
    /// after all, two peers claim to be the same: the one on this connection must not take over in
    /// turn.
    pub(crate) fn replace(&self) {
        self.close_for_good(DisconnectReason::Replaced, Some("another connection took over"));
    }

    fn close_for_good(&self, reason: DisconnectReason, told: Option<&str>) {
        let encoding = self.encoding();
        let params = encoding.own(&Closing { reason: told, restart: false, is_final: true });
        // Other peers don't know the notification.
        let knows = self.is_greeted() || self.is_resumable();
        let running = self.change_phase(Phase::Closing(reason), |state, limit| {
            if knows {
                let _ = state.outbox.push(limit, |out| {
                    encoded::notification(encoding, out, "rpc.closing", &params);
                });
                // At once, since the process may be about to end.
                self.write_inline(state);
            }
        });
        running.iter().for_each(AbortHandle::abort);
    }

    /// Stops running handlers, writes what is queued, then closes.
    pub(crate) fn close(&self, reason: DisconnectReason) {
        let running = self.change_phase(Phase::Closing(reason), |_, _| {});
        running.iter().for_each(AbortHandle::abort);
    }

    /// Moves on to a later phase and runs `then`. Returns the handles of everything that can be
    /// stopped; none if the connection is in that phase already, or beyond it.
    fn change_phase(
        &self,
        phase: Phase,
        then: impl FnOnce(&mut ConnectionCore, usize),
    ) -> Vec<AbortHandle> {
        self.with_state(|state| {
            let later = matches!(
                (&state.phase, &phase),
                (Phase::Open, _) | (Phase::Draining, Phase::Closing(_))
            );
            if !later {
                return Vec::new();
            }
            if matches!((&state.phase, &phase), (Phase::Draining, Phase::Closing(_))) {
                end_subscriptions(state, self.encoding());
            }
            state.phase = phase;
            then(state, self.peer_max_message());
            state.outbox.nudge();
            let mut running = state.running.abort_handles();
            running.extend(state.flows.abort_handles());
            running
        })
    }

    /// Returns whether the connection waits for nothing more: it is closing, or has ended.
    pub(crate) fn is_closing(&self) -> bool {
        self.with_state(|state| matches!(state.phase, Phase::Closing(_) | Phase::Ended(_)))
    }

    /// Called when a handler has finished: the driver may be waiting for the last one.
    pub(crate) fn note_finished(&self) {
        self.with_state(|state| {
            if !matches!(state.phase, Phase::Open) {
                state.outbox.nudge();
            }
        });
    }

    /// Ends the connection: fails all calls at once, and stops everything that runs. The first
    /// reason is kept.
    pub(crate) fn end(&self, reason: DisconnectReason) {
        let ended = self.with_state(|state| {
            let reason = match &state.phase {
                Phase::Ended(_) => return None,
                Phase::Closing(first) => first.clone(),
                Phase::Open | Phase::Draining => reason,
            };
            state.phase = Phase::Ended(reason.clone());
            state.inline = None;
            let ConnectionCore { calls, outbox, .. } = state;
            let mut wakers = calls.disconnect(|mark| outbox.has_left(mark));
            wakers.extend(outbox.clear());
            let mut running = state.running.abort_handles();
            let (notifications, waiting) = state.notifications.clear();
            running.extend(notifications);
            running.extend(state.flows.abort_handles());
            let mut cancellations = state.running.clear_cancellations();
            cancellations.extend(state.flows.cancellations());
            let inboxes = state.inboxes.clear();
            let for_good = state.dismissed || matches!(reason, DisconnectReason::ClosedHere);
            Some((wakers, running, cancellations, inboxes, waiting, (reason, for_good)))
        });
        let Some((wakers, running, cancellations, inboxes, waiting, reason)) = ended else {
            return;
        };
        let (reason, for_good) = reason;
        let PeerInfo { id, endpoint, .. } = self.info();
        tracing::debug!(peer = %id, %endpoint, %reason, "connection ended");
        // First of all, so that woken tasks see the new state.
        self.session().connectivity().lost(self, reason.clone(), for_good);
        cancellations.iter().for_each(|cancellation| cancellation.cancel());
        running.iter().for_each(AbortHandle::abort);
        wakers.into_iter().for_each(Waker::wake);
        for inbox in inboxes {
            inbox.end(Err(StreamFailure::Disconnected(reason.clone())));
        }
        self.session().release_if_alone();
        drop(waiting);
    }
}

impl Closes for Connection {
    fn is_closing(&self) -> bool {
        Self::is_closing(self)
    }
}

/// Ends the subscriptions that are still open, with an error: running handlers have had their time.
fn end_subscriptions(state: &mut ConnectionCore, encoding: Encoding) {
    let why = "subscriptions end before the connection is closed";
    let error = ErrorObject::new(code::CLOSING, why);
    for (id, method) in state.flows.told_subscriptions() {
        let mut params = Vec::new();
        let event = ItemEvent::End(Err(&error));
        encoded::subscription_params(encoding, &mut params, id.on_wire(), &event, None, None);
        let _ = state.outbox.push(usize::MAX, |out| {
            encoded::notification(encoding, out, method, &params);
        });
    }
}
