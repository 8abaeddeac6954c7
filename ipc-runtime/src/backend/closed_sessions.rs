//! Sessions that were closed for good, and may be asked for once more.

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

use crate::peer::SessionId;

/// The sessions whose peers this side has closed, for as long as they might come back: whoever was
/// away when that happened has yet to be told.
#[derive(Default)]
pub(super) struct ClosedSessions {
    /// In the order in which they were closed, with the time until which each is kept.
    kept: VecDeque<(Instant, SessionId)>,
}

impl ClosedSessions {
    /// Keeps one for this long, and of all no more than so many: the last ones.
    pub(super) fn insert(&mut self, id: SessionId, grace: Duration, most: usize) {
        let now = Instant::now();
        self.expire(now);
        // What lies beyond the clock's end isn't reached by many.
        let until = now.checked_add(grace).unwrap_or(now);
        self.kept.push_back((until, id));
        while self.kept.len() > most {
            self.kept.pop_front();
        }
    }

    /// Whether it is one of them.
    pub(super) fn contains(&mut self, id: SessionId) -> bool {
        self.expire(Instant::now());
        self.kept.iter().any(|(_, kept)| *kept == id)
    }

    fn expire(&mut self, now: Instant) {
        while self.kept.front().is_some_and(|(until, _)| *until < now) {
            self.kept.pop_front();
        }
    }
}
