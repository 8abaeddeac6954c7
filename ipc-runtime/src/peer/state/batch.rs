//! The answers to one batch, gathered into one array.

use std::{
    sync::{Arc, MutexGuard},
    task::{Context, Poll, Waker},
};

use crate::{message::id::Id, support::lock::Lock};

/// The answers to one batch, which are sent as one array when the last of them is there
/// (JSON-RPC 2.0, section 6).
#[derive(Debug)]
pub(crate) struct Batch(Lock<Answers>);

#[derive(Debug)]
struct Answers {
    /// The array, without its closing bracket.
    array: Vec<u8>,
    /// How many bytes were made for it, those included that found no room in it.
    made: usize,
    /// How many answers are to come. While the batch is being read, that itself counts as one.
    open: usize,
    /// The array is queued.
    sent: bool,
    /// Those who have to wait for that.
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

    /// How many bytes the array has taken already.
    pub(crate) fn size(&self) -> usize {
        self.answers().array.len()
    }

    /// Whether no answer to another request finds room in the array, which may have this many bytes. What
    /// was made in vain counts, too: else a batch of answers that are each too large would be worked
    /// on to its end.
    pub(crate) fn is_full(&self, limit: usize) -> bool {
        let answers = self.answers();
        answers.made.max(answers.array.len()) >= limit
    }

    /// An answer of this many bytes was made.
    pub(crate) fn made(&self, bytes: usize) {
        self.answers().made += bytes;
    }

    /// Ready when the array is queued: what comes after an answer in it, such as the items of a
    /// subscription, is queued behind it.
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

    /// The array is queued.
    pub(crate) fn was_sent(&self) {
        let waiting = {
            let mut answers = self.answers();
            answers.sent = true;
            std::mem::take(&mut answers.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Adds an answer. Gives the whole array, if it was the last.
    pub(crate) fn add(&self, answer: &[u8]) -> Option<Vec<u8>> {
        let mut answers = self.answers();
        if answers.array.len() > 1 {
            answers.array.push(b',');
        }
        answers.array.extend_from_slice(answer);
        answers.close_one()
    }

    /// All messages of the batch were read. Gives the whole array, if nothing is left to come.
    /// Notifications alone have no answer, and neither has their batch.
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

/// Whom an answer goes to: a request's id, and its batch where it came in one.
#[derive(Debug, Clone)]
pub(crate) struct Recipient {
    pub(crate) id: Id,
    pub(crate) batch: Option<Arc<Batch>>,
}

impl Recipient {
    /// Each recipient that is made of a batch has to be answered once.
    pub(crate) fn new(id: Id, batch: Option<&Arc<Batch>>) -> Self {
        if let Some(batch) = batch {
            batch.answers().open += 1;
        }
        Self { id, batch: batch.cloned() }
    }

    /// Nobody in particular: for messages whose id can't be known.
    pub(crate) fn unknown(batch: Option<&Arc<Batch>>) -> Self {
        Self::new(Id::Null, batch)
    }
}
