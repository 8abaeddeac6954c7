//! Notices when what is in flight stalls: a message that has begun to come in, or bytes that wait
//! for the peer to take them.

use std::time::Duration;

use crate::support::rt::Instant;

/// The longest time: a longer one means never, and must not overflow the clock.
const LONGEST: Duration = Duration::from_secs(60 * 60 * 24 * 365);

/// How many checks there are in the time that a message may stall.
const LOOKS: u32 = 4;

/// A message that has grown by so many bytes has made progress. A large one may take its time on a
/// slow link; one that comes byte by byte may not.
const PROGRESS: u64 = 256 * 1024;

/// Notices that one direction of a connection stalls with something in flight.
///
/// The driver checks now and then while it has nothing else to do, not at each message. The first
/// check is scheduled when the connection falls asleep with something in flight.
#[derive(Debug)]
pub(crate) struct StallWatch {
    time: Duration,
    next: Option<Instant>,
    /// The last progress, and when it was noticed.
    last: Option<(Mark, Instant)>,
}

/// How far one direction of a connection has come.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    /// How many frames are complete; when writing, how many bytes the peer has taken.
    pub(crate) frames: u64,
    /// How many bytes have come in; when writing, 0.
    pub(crate) bytes: u64,
}

impl StallWatch {
    pub(crate) fn new(time: Duration) -> Self {
        Self { time: time.min(LONGEST), next: None, last: None }
    }

    pub(crate) fn time(&self) -> Duration {
        self.time
    }

    /// Returns when to check next, if something is in flight or was at the last check.
    pub(crate) fn next(&mut self, unfinished: Option<Mark>) -> Option<Instant> {
        if let (None, Some(mark)) = (self.next, unfinished) {
            let now = Instant::now();
            self.last = Some((mark, now));
            self.next = Some(now + self.pause());
        }
        self.next
    }

    /// Checks the progress. Returns `true` if there was none for too long.
    pub(crate) fn look(&mut self, unfinished: Option<Mark>, now: Instant) -> bool {
        let Some(mark) = unfinished else {
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

    /// Starts the time again, because nothing could come in.
    pub(crate) fn excuse(&mut self) {
        self.last = None;
    }

    /// Timers resolve whole milliseconds. Four pauses are never shorter than the time.
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
        assert_eq!(watch.next(None), None, "nothing is unfinished: nothing is looked at");
        let first = watch.next(mark(3, 100)).unwrap();
        assert_eq!(watch.next(mark(3, 200)), Some(first), "there is one timer, which stays");
        let mut now = first;
        let mut look = |watch: &mut StallWatch, unfinished| {
            now = watch.next(unfinished).unwrap();
            watch.look(unfinished, now)
        };
        // A byte now and then is no progress.
        let rests: Vec<_> = (0..4).map(|byte| look(&mut watch, mark(3, 100 + byte))).collect();
        assert_eq!(rests, [false, false, false, true]);
        // Another frame is progress, and so is a good part of one.
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
