//! Sessions that were closed for good, and may be asked for once more.

use std::{collections::VecDeque, time::Duration};

use crate::{peer::session::id::SessionId, support::rt::Instant};

/// Whoever sets a longer time means for ever; beyond the clock's end it must not be.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24 * 365);

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
        self.kept.push_back((now + grace.min(LONGEST), id));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_them_are_kept_however_long_that_is_to_be() {
        let mut closed = ClosedSessions::default();
        let ids = [(); 3].map(|()| SessionId::random().unwrap());
        for id in ids {
            closed.insert(id, Duration::MAX, 2);
        }
        assert_eq!(ids.map(|id| closed.contains(id)), [false, true, true]);
    }
}
