//! What is said of WebSockets that are refused: to those who asked, and to the log.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::refusal::Refusal;

/// Any page can have itself refused as often as it likes: more than this is no news.
const BETWEEN_WARNINGS: Duration = Duration::from_secs(60);

/// The refusals of one backend.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    warned: Mutex<Option<Instant>>,
}

impl Refusals {
    pub(super) fn note(&self, refusal: Refusal) {
        let why = refusal.why;
        if refusal.is_of_somebody() && self.is_news(Instant::now()) {
            tracing::warn!(why, "refused a WebSocket; others within a minute are logged as DEBUG");
        } else {
            tracing::debug!(why, "refused a WebSocket");
        }
    }

    fn is_news(&self, now: Instant) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = warned.is_none_or(|at| now - at >= BETWEEN_WARNINGS);
        if is_news {
            *warned = Some(now);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_warned_of_once_a_minute() {
        let refusals = Refusals::default();
        let now = Instant::now();
        assert!(refusals.is_news(now));
        assert!(!refusals.is_news(now));
        assert!(!refusals.is_news(now + Duration::from_secs(59)));
        assert!(refusals.is_news(now + Duration::from_secs(60)));
        assert!(!refusals.is_news(now + Duration::from_secs(119)));
    }
}
