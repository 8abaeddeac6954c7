//! How a frontend reconnects.

use std::time::Duration;

use crate::support::random::random;

/// How a frontend reconnects after it has lost its connection; see
/// [`FrontendBuilder::reconnect`](crate::FrontendBuilder::reconnect).
///
/// The delay before an attempt is random, between zero and a bound that begins with
/// [`first_delay`](Self::first_delay) and doubles up to [`max_delay`](Self::max_delay) ("full
/// jitter"). So the frontends of a backend that was restarted don't all come back at once.
///
/// ```
/// use std::time::Duration;
///
/// use ipc_runtime::{Reconnect, config::CallsWhileDisconnected};
///
/// let mut reconnect = Reconnect::default();
/// reconnect.max_delay = Duration::from_secs(2);
/// reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reconnect {
    /// The bound of the delay before the first attempt; default 100 ms.
    pub first_delay: Duration,
    /// The largest bound of a delay; default 10 s.
    pub max_delay: Duration,
    /// After how many failed attempts the frontend gives up; default `None`: never. It is then
    /// closed, with the reason why it lost its connection. A connection that lasts less than
    /// [`max_delay`](Self::max_delay) counts as a failed attempt.
    pub max_attempts: Option<u32>,
    /// What happens to calls that are made while the frontend is disconnected; default: they fail.
    pub calls_while_disconnected: CallsWhileDisconnected,
    /// How many calls may wait for the connection at once; further ones fail. Default: 1024.
    pub max_waiting: usize,
}

/// What happens to calls that are made while a frontend is connecting or reconnecting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CallsWhileDisconnected {
    /// They fail at once with [`ErrorKind::NotConnected`](crate::ErrorKind::NotConnected).
    #[default]
    Fail,
    /// They wait for the connection, at most until their deadlines.
    Wait,
}

impl Default for Reconnect {
    fn default() -> Self {
        Self {
            first_delay: Duration::from_millis(100),
            max_delay: Duration::from_secs(10),
            max_attempts: None,
            calls_while_disconnected: CallsWhileDisconnected::default(),
            max_waiting: 1024,
        }
    }
}

impl Reconnect {
    /// Returns a random delay before this attempt. Attempts count from 1.
    pub(crate) fn delay(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.checked_pow(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
        let bound = self.first_delay.saturating_mul(doubled).min(self.max_delay);
        // An `f64` can hold 53 bits.
        bound.mul_f64((random() >> 11) as f64 / (1_u64 << 53) as f64)
    }

    /// Whether there is another attempt after this many.
    pub(crate) fn goes_on(&self, attempts: u32) -> bool {
        self.max_attempts.is_none_or(|max| attempts < max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_below_a_bound_that_doubles() {
        let reconnect = Reconnect {
            first_delay: Duration::from_millis(10),
            max_delay: Duration::from_millis(35),
            ..Reconnect::default()
        };
        for (attempt, bound) in [(1, 10), (2, 20), (3, 35), (4, 35), (1_000, 35)] {
            for _ in 0..100 {
                assert!(reconnect.delay(attempt) < Duration::from_millis(bound));
            }
        }
        let most = (0..100).map(|_| reconnect.delay(3)).max().unwrap();
        assert!(most > Duration::from_millis(10), "{most:?}");
    }

    #[test]
    fn attempts_are_counted() {
        let twice = Reconnect { max_attempts: Some(2), ..Reconnect::default() };
        assert!(twice.goes_on(0) && twice.goes_on(1) && !twice.goes_on(2));
        assert!(Reconnect::default().goes_on(u32::MAX));
    }
}
