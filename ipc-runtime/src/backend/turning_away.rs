//! Refuses connections beyond `max_connections`: with an answer, as far as that costs little.

use std::{
    future::Future,
    io,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

#[cfg(feature = "socket-io")]
use crate::message::error_object::ErrorObject;
use crate::{backend::core::BackendCore, codec::Encoding, message::refusals, support::rt::timeout};

/// How many connections may be refused at once. Each takes memory and a descriptor beyond the limit
/// meanwhile, so further ones are closed without an answer.
const MOST: usize = 64;

/// How long such a connection may take to show its framing and to take its answer.
const TIME: Duration = Duration::from_secs(2);

/// The answer to a connection that there is no place for.
#[derive(Debug)]
pub(super) struct NoPlace {
    /// The reason, as a sentence.
    pub(super) why: String,
    max_connections: usize,
}

impl NoPlace {
    pub(super) fn new(shared: &BackendCore) -> Self {
        let max_connections = shared.side.limits.max_connections;
        let why = match max_connections {
            0 => "this backend takes no connections (max_connections is 0)".to_owned(),
            _ => format!(
                "this backend has as many connections as it may (max_connections: \
                 {max_connections}): try again later"
            ),
        };
        Self { why, max_connections }
    }

    /// Returns the answer if there is no place at the moment.
    #[cfg(feature = "websocket")]
    pub(super) fn now(shared: &BackendCore) -> Option<Self> {
        let is_full = shared.open.load(Ordering::Relaxed) >= shared.side.limits.max_connections;
        is_full.then(|| Self::new(shared))
    }

    /// The answer as a message.
    pub(super) fn message(&self, encoding: Encoding) -> Vec<u8> {
        refusals::no_place(encoding, &self.why, self.max_connections)
    }

    /// The answer as an error.
    #[cfg(feature = "socket-io")]
    pub(super) fn error(&self) -> ErrorObject {
        refusals::no_place_error(&self.why, self.max_connections)
    }
}

/// Runs `telling`, which answers a connection, unless too many are being refused already. Returns
/// what it returned.
pub(super) async fn turn_away<T>(
    shared: &BackendCore,
    telling: impl Future<Output = io::Result<T>>,
) -> Option<T> {
    let _permit = TurnAwayPermit::begin(&shared.turned_away)?;
    match timeout(TIME, telling).await.ok()? {
        Ok(told) => Some(told),
        Err(error) => {
            tracing::debug!(%error, "a connection was turned away before it could be told why");
            None
        }
    }
}

/// A place among the connections that are being refused.
struct TurnAwayPermit<'a>(&'a AtomicUsize);

impl<'a> TurnAwayPermit<'a> {
    fn begin(count: &'a AtomicUsize) -> Option<Self> {
        let permit = Self(count);
        (count.fetch_add(1, Ordering::Relaxed) < MOST).then_some(permit)
    }
}

impl Drop for TurnAwayPermit<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
