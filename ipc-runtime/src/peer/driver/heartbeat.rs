//! Whether the other side is still alive.

use std::time::Duration;

use crate::support::rt::Instant;

/// Whoever sets a longer interval means never; beyond the clock's end it must not be.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// How often it is looked in each interval.
const LOOKS: u32 = 4;

/// Notices within two intervals that the other side says nothing any more, also when it is asked.
///
/// Looked at four times in each interval: silent for three looks, it is asked; silent for a whole
/// interval after that, it is dead. A machine that has slept finds everybody silent, and asks
/// first.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    /// Between two looks.
    pause: Duration,
    next: Option<Instant>,
    heard: bool,
    /// How many looks have found it silent, one after another.
    silent: u32,
}

/// What a look has found.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Pulse {
    Alive,
    /// It should be asked.
    Silent,
    Dead,
}

impl Heartbeat {
    pub(crate) fn new(interval: Duration) -> Self {
        // A machine can't tell much less apart.
        let pause = (interval / LOOKS).clamp(Duration::from_millis(1), LONGEST);
        Self { pause, next: None, heard: true, silent: 0 }
    }

    /// Something came in, or nothing could.
    pub(crate) fn heard(&mut self) {
        self.heard = true;
    }

    /// When to look next; the first time, that begins now.
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
