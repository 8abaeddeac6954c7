//! Sessions that were closed for good, and that their peers may still ask for.

use std::{collections::VecDeque, time::Duration};

use crate::{peer::session::id::SessionId, support::rt::Instant};

/// A longer time counts as this one, since adding it could overflow the clock.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// The sessions of peers that this side has closed, for as long as the peers might come back: a
/// peer that was disconnected at that time has yet to learn of it.
#[derive(Default)]
pub(super) struct ClosedSessions {
    /// In the order in which they were closed, each with the time until which it is kept.
    kept: VecDeque<(Instant, SessionId)>,
}

impl ClosedSessions {
    /// Keeps a session for `grace`, and of all sessions only the last `most`.
    pub(super) fn insert(&mut self, id: SessionId, grace: Duration, most: usize) {
        let now = Instant::now();
        self.expire(now);
        self.kept.push_back((now + grace.min(LONGEST), id));
        while self.kept.len() > most {
            self.kept.pop_front();
        }
    }

    /// Whether this session is one of them.
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
