//! Batches from the peer: their messages are dispatched one by one, as if each had come by itself.

use bytes::Bytes;
use serde_json::json;

use crate::peer::incoming::dispatch::open_batch::OpenBatch;
use crate::{
    message::{
        Invocation,
        batch::{self, NoBatch},
        error_object::{ErrorObject, code},
        id::Id,
        response_body::ResponseBody,
    },
    peer::{
        incoming::{
            control,
            dispatch::{Dispatch, fatal_input::FatalInput},
        },
        state::batch::{Batch, Recipient},
    },
    transport::carrier::CloseKind,
};

/// Room in a batch's array for the errors of requests that come after the last one that ran, in
/// bytes: 512 for each message that a batch may have by default.
const REFUSALS: usize = 512 * 1024;

impl Dispatch {
    /// Returns whether messages of a batch wait to be [dispatched](Self::next_of_batch), before the
    /// next frame.
    pub(crate) fn has_batch(&self) -> bool {
        self.batch.is_some()
    }

    /// Takes in a batch. Keeps a copy of it, since the frame's buffer is the carrier's.
    pub(crate) fn begin_batch(&mut self, bytes: &[u8]) {
        let most = self.connection.limits().max_batch_length;
        let bytes = Bytes::copy_from_slice(bytes);
        let messages: Vec<_> = match batch::split_batch(&bytes, most) {
            Ok(messages) => messages.into_iter().map(|message| bytes.slice_ref(message)).collect(),
            Err(NoBatch::Syntax(why)) => return self.not_understood(&why),
            Err(NoBatch::TooLong(length)) => {
                let why = format!(
                    "a batch of {length} messages is longer than the limit of {most}, so none ran"
                );
                let reached = json!({ "limit": "maxBatchLength", "value": most });
                return self.refuse(Id::Null, None, code::LIMIT_REACHED, why, &reached);
            }
        };
        if messages.is_empty() {
            let error =
                ErrorObject::new(code::INVALID_REQUEST, "a batch holds at least one message");
            self.connection.answer_beside(&Recipient::unknown(None), ResponseBody::Error(&error));
            return;
        }
        self.batch = Some(OpenBatch { batch: Batch::new(), messages: messages.into_iter() });
    }

    /// Dispatches the next message of a batch, and returns its length. `Err`: the connection can't
    /// go on.
    pub(crate) fn next_of_batch(&mut self) -> Result<usize, FatalInput> {
        let Some(mut open) = self.batch.take() else { return Ok(0) };
        let Some(message) = open.messages.next() else {
            self.connection.batch_was_read(&open.batch);
            return Ok(0);
        };
        if let Err(refusal) = self.message(&message, Some(&open.batch)) {
            // What was answered so far is still sent.
            self.connection.batch_was_read(&open.batch);
            return Err(refusal);
        }
        // An answer can be fifty times as long as its request, and all of them are kept.
        let limit = self.connection.max_batch_bytes().saturating_add(REFUSALS);
        if open.batch.size() > limit {
            let what = format!("the answers to one batch took more than {limit} bytes");
            return Err(FatalInput::new(&what, CloseKind::Refused));
        }
        self.batch = Some(open);
        Ok(message.len())
    }

    /// Refuses a request if the answers to its batch exceed already what may be sent: its own
    /// answer would be thrown away. Returns whether it did.
    pub(crate) fn refused_by_batch(&self, to: &Recipient, call: &Invocation<'_>) -> bool {
        let limit = self.connection.max_batch_bytes();
        if !to.batch.as_ref().is_some_and(|batch| batch.is_full(limit)) {
            return false;
        }
        let why = format!(
            "{} did not run: the answers to this batch are more than the {limit} bytes that may wait",
            control::told(&call.method)
        );
        let reached =
            json!({ "limit": "maxQueuedBytes", "value": self.connection.limits().queued_bytes() });
        let error = ErrorObject::new(code::LIMIT_REACHED, why).with_data(&reached);
        self.connection.answer_beside(to, ResponseBody::Error(&error));
        true
    }
}
