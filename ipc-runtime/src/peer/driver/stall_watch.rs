//! Whether what is under way goes on: a message that has begun to come in, or bytes that wait for the
//! peer to take them.

use std::time::Duration;

use crate::support::rt::Instant;

/// Whoever sets a longer time means never; beyond the clock's end it must not be.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// How often it is looked in the time that a message may rest.
const LOOKS: u32 = 4;

/// With so much more of it, a message has gone on. A large one may take its time on a slow link; one
/// that comes byte by byte may not.
const PROGRESS: u64 = 256 * 1024;

/// Notices that one direction of a connection stands still while something is under way in it.
///
/// The driver looks now and then while it has nothing else to do, not at each message: only when a
/// connection falls asleep amid one does the first look get its time.
#[derive(Debug)]
pub(crate) struct StallWatch {
    time: Duration,
    next: Option<Instant>,
    /// Where it stood, and when.
    last: Option<(Mark, Instant)>,
}

/// How far one direction of a connection has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    /// How many frames were whole.
    pub(crate) frames: u64,
    /// How many bytes came in.
    pub(crate) bytes: u64,
}

impl StallWatch {
    pub(crate) fn new(time: Duration) -> Self {
        Self { time: time.min(LONGEST), next: None, last: None }
    }

    pub(crate) fn time(&self) -> Duration {
        self.time
    }

    /// When to look next, if something is amid or was at the last look.
    pub(crate) fn next(&mut self, amid: Option<Mark>) -> Option<Instant> {
        if let (None, Some(mark)) = (self.next, amid) {
            let now = Instant::now();
            self.last = Some((mark, now));
            self.next = Some(now + self.pause());
        }
        self.next
    }

    /// Looks. `true`: it has rested for too long.
    pub(crate) fn look(&mut self, amid: Option<Mark>, now: Instant) -> bool {
        let Some(mark) = amid else {
            (self.next, self.last) = (None, None);
            return false;
        };
        self.next = Some(now + self.pause());
        match self.last {
            Some((last, since))
                if last.frames == mark.frames && mark.bytes - last.bytes < PROGRESS =>
            {
                now - since >= self.time
            }
            _ => {
                self.last = Some((mark, now));
                false
            }
        }
    }

    /// Nothing could come in.
    pub(crate) fn excuse(&mut self) {
        self.last = None;
    }

    /// Whole milliseconds are what timers tell apart; four looks are never less than the time.
    fn pause(&self) -> Duration {
        (self.time / LOOKS).max(Duration::from_millis(1)) + Duration::from_millis(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(frames: u64, bytes: u64) -> Option<Mark> {
        Some(Mark { frames, bytes })
    }

    #[test]
    fn a_message_that_rests_is_noticed_and_one_that_goes_on_is_not() {
        let mut watch = StallWatch::new(Duration::from_secs(4));
        assert_eq!(watch.next(None), None, "nothing is amid: nothing is looked at");
        let first = watch.next(mark(3, 100)).unwrap();
        assert_eq!(watch.next(mark(3, 200)), Some(first), "there is one timer, which stays");
        let mut now = first;
        let mut look = |watch: &mut StallWatch, amid| {
            now = watch.next(amid).unwrap();
            watch.look(amid, now)
        };
        // A byte now and then is no progress.
        let rests: Vec<_> = (0..4).map(|byte| look(&mut watch, mark(3, 100 + byte))).collect();
        assert_eq!(rests, [false, false, false, true]);
        // Another frame is, and so is a good part of one.
        watch.excuse();
        for frames in 4..20 {
            assert!(!look(&mut watch, mark(frames, 100)));
        }
        for bytes in 1..20 {
            assert!(!look(&mut watch, mark(20, bytes * PROGRESS)));
        }
        assert!(!look(&mut watch, None));
        assert_eq!(watch.next(None), None);
    }
}
