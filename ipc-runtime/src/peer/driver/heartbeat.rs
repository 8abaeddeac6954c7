//! Notices when the other side is gone without having closed the connection.

use std::time::Duration;

use crate::support::rt::Instant;

/// The longest pause between two checks: a longer one means never, and must not overflow the clock.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// How many checks there are in each interval.
const LOOKS: u32 = 4;

/// Notices within two intervals that the other side is silent, even when it is pinged.
///
/// There are four checks in each interval. After three checks without input, the other side is sent
/// a ping; after a whole interval of silence from then on, it is dead. To a machine that has slept,
/// every peer looks silent, and each is sent a ping first.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    /// The time between two checks.
    pause: Duration,
    next: Option<Instant>,
    heard: bool,
    /// How many checks in a row have found the other side silent.
    silent: u32,
}

/// The result of a check.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pulse {
    Alive,
    /// Send a ping.
    Silent,
    Dead,
}

impl Heartbeat {
    pub(crate) fn new(interval: Duration) -> Self {
        // Timers can't tell shorter times apart.
        let pause = (interval / LOOKS).clamp(Duration::from_millis(1), LONGEST);
        Self { pause, next: None, heard: true, silent: 0 }
    }

    /// Called when something came in, or when nothing could.
    pub(crate) fn heard(&mut self) {
        self.heard = true;
    }

    /// Returns when to check next. The first call starts the clock.
    pub(crate) fn next(&mut self) -> Instant {
        *self.next.get_or_insert_with(|| Instant::now() + self.pause)
    }

    pub(crate) fn look(&mut self, now: Instant) -> Pulse {
        self.next = Some(now + self.pause);
        if std::mem::take(&mut self.heard) {
            self.silent = 0;
            return Pulse::Alive;
        }
        self.silent += 1;
        match self.silent {
            silent if silent == LOOKS - 1 => Pulse::Silent,
            silent if silent >= 2 * LOOKS - 1 => Pulse::Dead,
            _ => Pulse::Alive,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_silent_is_asked_and_after_a_whole_interval_dead() {
        use Pulse::{Alive, Dead, Silent};

        let mut heartbeat = Heartbeat::new(Duration::from_secs(4));
        let now = Instant::now();
        let first = heartbeat.next();
        assert!(first >= now + Duration::from_secs(1) && heartbeat.next() == first);
        let mut looks =
            |count: usize| -> Vec<_> { (0..count).map(|_| heartbeat.look(now)).collect() };
        assert_eq!(looks(4), [Alive, Alive, Alive, Silent]);
        heartbeat.heard();
        let looks: Vec<_> = (0..8).map(|_| heartbeat.look(now)).collect();
        assert_eq!(looks, [Alive, Alive, Alive, Silent, Alive, Alive, Alive, Dead]);
    }
}
