//! One key's value as it changes.

use std::{
    fmt,
    future::poll_fn,
    marker::PhantomData,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_util::stream::{FusedStream, Stream};
use serde::de::DeserializeOwned;
use tokio::task::coop;

use crate::store::{
    contents::{Contents, Waiter},
    error::StoreError,
    wire::Seen,
};

/// The value of one key as a stream: first the current value, then each newer one. An item is
/// `None` if the key has no value.
///
/// A value that wasn't read before the next one is written is skipped: an item is always the newest
/// value. A value that isn't of the key's type is an `Err`, and the stream goes on.
///
/// After the last value, the stream ends if the connection of its replica has ended for good, the
/// last clone of its store or replica was dropped, or the window whose scope it watches is gone.
/// Dropping the stream stops watching.
#[must_use = "it watches until it is dropped"]
pub struct Watch<T> {
    waiter: Waiter,
    key: Arc<str>,
    /// The item returned last, where `Some(None)` is no value; `None` if nothing was returned yet.
    given: Option<Option<Seen>>,
    ended: bool,
    value: PhantomData<fn() -> T>,
}

impl<T> Watch<T> {
    pub(super) fn new(contents: &Arc<Contents>, key: &str) -> Self {
        let key: Arc<str> = key.into();
        let waiter = Waiter::counted(contents, Some(key.clone()));
        Self { waiter, key, given: None, ended: false, value: PhantomData }
    }
}

impl<T: DeserializeOwned> Watch<T> {
    /// Waits for the next value; `None` at the end. This is `StreamExt::next` for code that doesn't
    /// need `futures-util` otherwise. Nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Result<Option<T>, StoreError>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<T: DeserializeOwned> Stream for Watch<T> {
    type Item = Result<Option<T>, StoreError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if this.ended {
            return Poll::Ready(None);
        }
        // A key that is written all the time must not starve the rest of the task.
        let share = ready!(coop::poll_proceed(cx));
        let found = ready!(this.waiter.poll(cx, |table, now| {
            let current = table.get(&this.key);
            let seen = current.map(|(seen, _)| seen);
            if this.given != Some(seen) {
                return Some(Some((seen, current.map(|(_, content)| content.clone()))));
            }
            now.closed.then_some(None)
        }));
        share.made_progress();
        let Some((seen, content)) = found else {
            this.ended = true;
            return Poll::Ready(None);
        };
        this.given = Some(seen);
        Poll::Ready(Some(content.map(|content| content.decode(&this.key)).transpose()))
    }
}

impl<T: DeserializeOwned> FusedStream for Watch<T> {
    fn is_terminated(&self) -> bool {
        self.ended
    }
}

impl<T> fmt::Debug for Watch<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("key", &self.key)
            .field("ended", &self.ended)
            .finish_non_exhaustive()
    }
}
