//! Connections beyond `max_connections`: they are told, as far as that costs little.

use std::{
    future::Future,
    io,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use crate::{backend::core::BackendCore, codec::Encoding, message::refusals, support::rt::timeout};

/// How many are told at once. Each takes memory and a descriptor meanwhile, beyond the limit: further ones
/// are closed without a word.
const MOST: usize = 64;

/// How long one may take until it has said what it speaks, and taken its answer.
const TIME: Duration = Duration::from_secs(2);

/// What a connection is told that there is no place for.
#[derive(Debug)]
pub(super) struct NoPlace {
    /// In a sentence.
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

    /// The same, if there is no place at the moment.
    #[cfg(feature = "websocket")]
    pub(super) fn now(shared: &BackendCore) -> Option<Self> {
        let is_full = shared.open.load(Ordering::Relaxed) >= shared.side.limits.max_connections;
        is_full.then(|| Self::new(shared))
    }

    /// As a message.
    pub(super) fn message(&self, encoding: Encoding) -> Vec<u8> {
        refusals::no_place(encoding, &self.why, self.max_connections)
    }
}

/// Has a connection told, unless too many are being told already.
pub(super) async fn turn_away(shared: &BackendCore, telling: impl Future<Output = io::Result<()>>) {
    let Some(_permit) = TurnAwayPermit::begin(&shared.turned_away) else { return };
    let told = timeout(TIME, telling).await;
    if let Ok(Err(error)) = told {
        tracing::debug!(%error, "a connection was turned away before it could be told why");
    }
}

/// One of those that are being told.
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
