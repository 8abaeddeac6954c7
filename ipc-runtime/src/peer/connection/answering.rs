//! How requests of the peer are answered.

use crate::{
    message::{encoded, error_object::ErrorObject, response_body::ResponseBody},
    peer::{
        connection::{Connection, Phase, State, refusals::too_large},
        state::batch::{Batch, Recipient},
    },
};

/// Why a request didn't get the answer that it was given.
#[derive(Debug)]
pub(crate) enum Unanswered {
    /// This error was queued in its place.
    Refused(ErrorObject),
    /// The connection is over.
    Ended,
}

impl Connection {
    /// Answers a request, which isn't in flight any more by that.
    pub(crate) fn answer(&self, to: &Recipient, body: ResponseBody<'_>) -> Result<(), Unanswered> {
        self.with_state(|state| {
            state.running.remove(&to.id);
            self.queue_answer(state, to, body)
        })
    }

    /// Gives up a request whose answer the peer won't see.
    pub(crate) fn forget(&self, to: &Recipient) {
        self.with_state(|state| state.running.remove(&to.id));
    }

    /// Answers a message that never was in flight, though another one with its id may be.
    pub(crate) fn answer_beside(&self, to: &Recipient, body: ResponseBody<'_>) {
        // What comes of it is told to the peer alone.
        let _ = self.with_state(|state| self.queue_answer(state, to, body));
    }

    /// All messages of a batch were handed on.
    pub(crate) fn batch_was_read(&self, batch: &Batch) {
        self.with_state(|state| {
            if let Some(array) = batch.was_read() {
                self.queue_array(state, batch, &array);
            }
        });
    }

    pub(crate) fn queue_answer(
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

    /// How long the answers to one batch may be together: more would be more than may be queued.
    pub(crate) fn max_batch_bytes(&self) -> usize {
        self.limits().queued_bytes().saturating_mul(2)
    }
}
