//! Our calls while they wait for their replies.

use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

use crate::{
    peer::{
        connection::{Connection, own_requests::cancel_request},
        state::{
            call_id::CallId,
            call_reply::{Abandoned, Reply},
        },
    },
    support::rt::Instant,
};

impl Connection {
    /// Polls the reply to a call.
    pub(crate) fn poll_reply(&self, id: CallId, cx: &mut Context<'_>) -> Poll<Reply> {
        self.with_state(|state| state.calls.poll(id, cx.waker()))
    }

    /// Polls the reply to a call, and takes what its handler has reported since the last poll.
    pub(crate) fn poll_progress(
        &self,
        id: CallId,
        cx: &mut Context<'_>,
    ) -> (VecDeque<Box<[u8]>>, Poll<Reply>) {
        self.with_state(|state| (state.calls.take_progress(id), state.calls.poll(id, cx.waker())))
    }

    /// Called when the caller has dropped a request: cancels it, or unsubscribes if it was answered
    /// with a subscription.
    pub(crate) fn abandon(&self, id: CallId) {
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

    /// Fails the calls whose deadline has passed, and wakes the notifications whose deadline has.
    pub(crate) fn expire_calls(&self, now: Instant) {
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
