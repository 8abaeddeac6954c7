//! Answers to the peer's requests.

use crate::{
    message::{encoded, error_object::ErrorObject, response_body::ResponseBody},
    peer::{
        connection::{Connection, ConnectionCore, Phase, refusals::too_large},
        state::batch::{Batch, Recipient},
    },
};

/// Why a request didn't get the answer that its handler made.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// The answer doesn't fit. This error was queued in its place.
    Refused(ErrorObject),
    /// The connection has ended.
    Ended,
}

impl Connection {
    /// Queues the answer to a request, which is no longer in flight then.
    pub(crate) fn answer(&self, to: &Recipient, body: ResponseBody<'_>) -> Result<(), Unanswered> {
        self.with_state(|state| {
            state.running.remove(&to.id);
            self.queue_answer(state, to, body)
        })
    }

    /// Drops a request without an answer, because the peer wouldn't get it.
    pub(crate) fn forget(&self, to: &Recipient) {
        self.with_state(|state| state.running.remove(&to.id));
    }

    /// Answers a message that never was in flight itself, though a request with the same id may be.
    pub(crate) fn answer_beside(&self, to: &Recipient, body: ResponseBody<'_>) {
        // If the answer doesn't fit, only the peer has to know.
        let _ = self.with_state(|state| self.queue_answer(state, to, body));
    }

    /// Queues the answers to a batch if they are complete: all its messages were dispatched.
    pub(crate) fn batch_was_read(&self, batch: &Batch) {
        self.with_state(|state| {
            if let Some(array) = batch.was_read() {
                self.queue_array(state, batch, &array);
            }
        });
    }

    pub(crate) fn queue_answer(
        &self,
        state: &mut ConnectionCore,
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
                // Some hundred bytes: sent even if they exceed the peer's limit.
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

    fn queue_array(&self, state: &mut ConnectionCore, batch: &Batch, array: &[u8]) {
        if !matches!(state.phase, Phase::Ended(_)) {
            // Each answer in it was checked against the limit.
            let _ = state.outbox.push(usize::MAX, |out| out.extend_from_slice(array));
        }
        // Under the lock, which is fine: the wakers belong to this connection's own tasks.
        batch.was_sent();
    }

    /// Returns how many bytes the answers to one batch may have together: as many as may be queued.
    pub(crate) fn max_batch_bytes(&self) -> usize {
        self.limits().queued_bytes().saturating_mul(2)
    }
}
