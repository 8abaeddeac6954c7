//! The runtime's own requests.

use std::task::Waker;

use serde::Serialize;

use crate::{
    codec::Encoding,
    message::{encoded, extension::Extension},
    peer::{
        connection::{Connection, ConnectionCore, Phase},
        state::call_id::CallId,
    },
};

/// Queues one of the runtime's own requests. Nothing waits for the answer.
pub(crate) fn ask(state: &mut ConnectionCore, encoding: Encoding, method: &str, params: &[u8]) {
    let (call, _) = state.calls.begin(None, Waker::noop());
    let queued = state.outbox.push(usize::MAX, |out| {
        let extension = Extension::default();
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

pub(crate) fn cancel_request(state: &mut ConnectionCore, encoding: Encoding, id: CallId) {
    if matches!(state.phase, Phase::Ended(_)) {
        return;
    }
    let params = encoding.own(&Cancel { id: id.number() });
    let _ = state.outbox.push(usize::MAX, |out| {
        encoded::notification(encoding, out, "$/cancelRequest", &params);
    });
}

impl Connection {
    /// Queues an `rpc.ping`. Any byte from the peer counts as an answer. Returns the mark in the
    /// outbox at which the ping ends.
    pub(crate) fn ping(&self) -> u64 {
        self.with_state(|state| {
            if !matches!(state.phase, Phase::Closing(_) | Phase::Ended(_)) {
                let encoding = self.encoding();
                ask(state, encoding, "rpc.ping", encoding.no_params());
            }
            state.outbox.mark()
        })
    }

    /// Returns whether the carrier has taken everything up to this mark.
    pub(crate) fn has_left(&self, mark: u64) -> bool {
        self.with_state(|state| state.outbox.has_left(mark))
    }

    /// Queues one of the runtime's own notifications, unless the peer is a plain JSON-RPC server,
    /// which wouldn't know it.
    pub(crate) fn notify_peer(&self, method: &str, params: &impl Serialize) {
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
}
