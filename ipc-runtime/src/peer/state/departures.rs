//! Senders that wait until their frame was handed to the operating system.

use std::{collections::VecDeque, task::Waker};

use crate::support::rt::Instant;

/// Memory for more senders than this is freed when nobody waits any more.
const KEPT: usize = 1024;

/// The senders that wait until their frame was handed to the operating system, in the order of the
/// frames.
#[derive(Debug, Default)]
pub(crate) struct Departures {
    waiting: VecDeque<WaitingSender>,
    /// No deadline is earlier than this. There may be none at this time any more.
    next_deadline: Option<Instant>,
}

/// A sender that waits for the frame that ends at this mark. Each frame has its own mark.
#[derive(Debug)]
struct WaitingSender {
    mark: u64,
    /// `None`: it doesn't wait any more.
    waker: Option<Waker>,
    deadline: Option<Instant>,
}

impl Departures {
    /// Registers a sender in place of an earlier one for this frame. Returns whether its deadline
    /// is before all others, and the earlier one's waker.
    pub(crate) fn wait(
        &mut self,
        mark: u64,
        deadline: Option<Instant>,
        waker: &Waker,
    ) -> (bool, Option<Waker>) {
        let before = match self.find(mark) {
            Ok(place) => {
                let waiting = &mut self.waiting[place];
                waiting.deadline = deadline;
                match &waiting.waker {
                    Some(known) if known.will_wake(waker) => None,
                    _ => waiting.waker.replace(waker.clone()),
                }
            }
            Err(place) => {
                self.waiting
                    .insert(place, WaitingSender { mark, waker: Some(waker.clone()), deadline });
                None
            }
        };
        let sooner = match (deadline, self.next_deadline) {
            (Some(new), Some(next)) => new < next,
            (new, None) => new.is_some(),
            (None, _) => false,
        };
        if sooner {
            self.next_deadline = deadline;
        }
        (sooner, before)
    }

    /// Removes the sender that waits for this frame, and returns its waker.
    pub(crate) fn leave(&mut self, mark: u64) -> Option<Waker> {
        let place = self.find(mark).ok()?;
        let waiting = self.waiting.get_mut(place)?;
        waiting.deadline = None;
        waiting.waker.take()
    }

    /// Everything up to this mark was handed over. Adds the wakers of the senders that waited for
    /// it.
    pub(crate) fn departed(&mut self, mark: u64, wakers: &mut Vec<Waker>) {
        while self.waiting.front().is_some_and(|first| first.mark <= mark) {
            wakers.extend(self.waiting.pop_front().and_then(|first| first.waker));
        }
        if self.waiting.is_empty() && self.waiting.capacity() > KEPT {
            self.waiting = VecDeque::new();
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.next_deadline
    }

    /// Returns the wakers of senders whose deadline has passed, so that they can find that out.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<Waker> {
        let mut wakers = Vec::new();
        for waiting in &mut self.waiting {
            if waiting.deadline.take_if(|deadline| *deadline <= now).is_some() {
                wakers.extend(waiting.waker.take());
            }
        }
        self.next_deadline = self.waiting.iter().filter_map(|waiting| waiting.deadline).min();
        wakers
    }

    /// No frame will be handed over any more. Returns the wakers of the senders that waited.
    pub(crate) fn clear(&mut self) -> Vec<Waker> {
        self.next_deadline = None;
        std::mem::take(&mut self.waiting).into_iter().filter_map(|waiting| waiting.waker).collect()
    }

    /// The index of a frame, or where it would be inserted, which is usually the end.
    fn find(&self, mark: u64) -> Result<usize, usize> {
        match self.waiting.back() {
            Some(last) if last.mark >= mark => {
                self.waiting.binary_search_by_key(&mark, |waiting| waiting.mark)
            }
            _ => Err(self.waiting.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn those_are_woken_whose_frames_have_left_and_nobody_who_has_gone() {
        let mut departures = Departures::default();
        let waker = Waker::noop();
        for mark in [10, 20, 30] {
            assert!(!departures.wait(mark, None, waker).0);
        }
        assert!(departures.leave(10).is_some());
        assert!(departures.leave(10).is_none() && departures.leave(15).is_none());
        let mut woken = Vec::new();
        departures.departed(29, &mut woken);
        assert_eq!(woken.len(), 1);
        assert_eq!(departures.clear().len(), 1);
    }

    #[test]
    fn a_passed_deadline_wakes_and_the_frame_may_be_waited_for_again() {
        let mut departures = Departures::default();
        let (now, waker) = (Instant::now(), Waker::noop());
        let later = now + Duration::from_secs(1);
        assert!(departures.wait(1, Some(later), waker).0);
        assert!(departures.wait(2, Some(now), waker).0);
        assert!(!departures.wait(3, Some(later), waker).0);
        assert_eq!(departures.expire(now).len(), 1);
        assert_eq!(departures.next_deadline(), Some(later));
        assert!(departures.wait(2, None, waker).1.is_none());
        let mut woken = Vec::new();
        departures.departed(3, &mut woken);
        assert_eq!(woken.len(), 3);
    }
}
