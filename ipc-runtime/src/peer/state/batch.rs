//! Gathers the answers to one batch into one array.

use std::{
    sync::{Arc, MutexGuard},
    task::{Context, Poll, Waker},
};

use crate::{message::id::Id, support::lock::Lock};

/// The answers to one batch, which are sent as one array once the last of them is there (JSON-RPC
/// 2.0, section 6).
#[derive(Debug)]
pub(crate) struct Batch(Lock<Answers>);

#[derive(Debug)]
struct Answers {
    /// The array, without its closing bracket.
    array: Vec<u8>,
    /// How many bytes of answers were made, including answers that didn't fit into the array.
    made: usize,
    /// How many answers are still missing. While the batch is being read, that counts as one.
    open: usize,
    /// The array is queued.
    sent: bool,
    /// Tasks that wait for that.
    waiting: Vec<Waker>,
}

impl Batch {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self(Lock::new(Answers {
            array: vec![b'['],
            made: 0,
            open: 1,
            sent: false,
            waiting: Vec::new(),
        })))
    }

    fn answers(&self) -> MutexGuard<'_, Answers> {
        self.0.lock()
    }

    /// How many bytes the array has so far.
    pub(crate) fn size(&self) -> usize {
        self.answers().array.len()
    }

    /// Whether the array, which may have `limit` bytes, has no room for another answer. Answers
    /// that didn't fit count too: otherwise a batch whose answers are all too large would be
    /// handled to its end.
    pub(crate) fn is_full(&self, limit: usize) -> bool {
        let answers = self.answers();
        answers.made.max(answers.array.len()) >= limit
    }

    /// Notes that an answer of this many bytes was made.
    pub(crate) fn made(&self, bytes: usize) {
        self.answers().made += bytes;
    }

    /// Ready when the array is queued. What comes after an answer in it, such as the items of a
    /// subscription, waits for that.
    pub(crate) fn poll_sent(&self, cx: &Context<'_>) -> Poll<()> {
        let mut answers = self.answers();
        if answers.sent {
            return Poll::Ready(());
        }
        if !answers.waiting.iter().any(|waker| waker.will_wake(cx.waker())) {
            answers.waiting.push(cx.waker().clone());
        }
        Poll::Pending
    }

    /// Notes that the array is queued.
    pub(crate) fn was_sent(&self) {
        let waiting = {
            let mut answers = self.answers();
            answers.sent = true;
            std::mem::take(&mut answers.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Adds an answer. If it is the last one, returns the whole array.
    pub(crate) fn add(&self, answer: &[u8]) -> Option<Vec<u8>> {
        let mut answers = self.answers();
        if answers.array.len() > 1 {
            answers.array.push(b',');
        }
        answers.array.extend_from_slice(answer);
        answers.close_one()
    }

    /// Notes that all messages of the batch were read. If no answer is missing, returns the whole
    /// array. A batch of only notifications has no answers, and so no array.
    pub(crate) fn was_read(&self) -> Option<Vec<u8>> {
        self.answers().close_one().filter(|array| array != b"[]")
    }
}

impl Answers {
    fn close_one(&mut self) -> Option<Vec<u8>> {
        self.open -= 1;
        if self.open > 0 {
            return None;
        }
        self.array.push(b']');
        Some(std::mem::take(&mut self.array))
    }
}

/// Where an answer goes: the id of its request, and the batch if the request came in one.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    pub(crate) id: Id,
    pub(crate) batch: Option<Arc<Batch>>,
}

impl Recipient {
    /// Each recipient that is made for a batch has to be answered exactly once.
    pub(crate) fn new(id: Id, batch: Option<&Arc<Batch>>) -> Self {
        if let Some(batch) = batch {
            batch.answers().open += 1;
        }
        Self { id, batch: batch.cloned() }
    }

    /// The recipient for a message whose id can't be known.
    pub(crate) fn unknown(batch: Option<&Arc<Batch>>) -> Self {
        Self::new(Id::Null, batch)
    }
}
