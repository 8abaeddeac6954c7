//! Calls that wait for a place among the calls in flight.

use std::{collections::VecDeque, task::Waker};

/// A wait queue: first come, first served, except that calls from inside of handlers come first,
/// because the others may be waiting for them.
///
/// A place that becomes free is granted to the first call in the queue before that is woken, so
/// that no later call can take it. A call that gives up passes its grant on.
#[derive(Debug, Default)]
pub(crate) struct WaitQueue {
    waiting: VecDeque<QueuedCaller>,
    /// Places that are granted to calls that were woken and haven't used them yet.
    granted: usize,
    next: u64,
    /// To be dropped outside of the lock, since that may run the app's code.
    retired: Vec<Waker>,
}

#[derive(Debug)]
struct QueuedCaller {
    ticket: WaitTicket,
    waker: Waker,
    /// How deep the call is nested in handlers.
    depth: u8,
}

/// A place in the wait queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WaitTicket(u64);

impl WaitQueue {
    /// How many places are granted and not used yet.
    pub(crate) fn granted(&self) -> usize {
        self.granted
    }

    /// Whether no call waits, so that a call without a ticket needn't queue.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Adds a call at the end of the queue.
    pub(crate) fn enter(&mut self, depth: u8, waker: &Waker) -> WaitTicket {
        let ticket = WaitTicket(self.next);
        self.next += 1;
        self.waiting.push_back(QueuedCaller { ticket, waker: waker.clone(), depth });
        ticket
    }

    /// Puts a call back at the head of the queue: a nested call has taken the place that it was
    /// granted.
    pub(crate) fn put_back(&mut self, ticket: WaitTicket, depth: u8, waker: &Waker) {
        self.waiting.push_front(QueuedCaller { ticket, waker: waker.clone(), depth });
    }

    /// Whether the place was granted; then the ticket is used up. If not, keeps the waker.
    pub(crate) fn poll(&mut self, ticket: WaitTicket, waker: &Waker) -> bool {
        match self.waiting.iter_mut().find(|known| known.ticket == ticket) {
            Some(known) => {
                if !known.waker.will_wake(waker) {
                    self.retired.push(std::mem::replace(&mut known.waker, waker.clone()));
                }
                false
            }
            None => {
                self.granted -= 1;
                true
            }
        }
    }

    /// A place is free: grants it, and returns the waker of the call that gets it. `has_room`:
    /// whether there is a place for a call at a depth, if so many are granted.
    pub(crate) fn grant(&mut self, has_room: impl Fn(u8, usize) -> bool) -> Option<Waker> {
        let grantable = |waiting: &QueuedCaller| has_room(waiting.depth, self.granted);
        let nested = self.waiting.iter().position(|next| next.depth > 0 && grantable(next));
        let first = || self.waiting.iter().position(|next| next.depth == 0 && grantable(next));
        let position = nested.or_else(first)?;
        let next = self.waiting.remove(position)?;
        self.granted += 1;
        Some(next.waker)
    }

    /// Gives a ticket up. If its place was granted already, returns the waker of the call that gets
    /// it.
    pub(crate) fn leave(
        &mut self,
        ticket: WaitTicket,
        has_room: impl Fn(u8, usize) -> bool,
    ) -> Option<Waker> {
        let position = self.waiting.iter().position(|known| known.ticket == ticket);
        if let Some(left) = position.and_then(|position| self.waiting.remove(position)) {
            self.retired.push(left.waker);
            return None;
        }
        self.granted -= 1;
        self.grant(has_room)
    }

    /// Keeps the waker of a task that doesn't wait any more.
    pub(crate) fn retire(&mut self, waker: Option<Waker>) {
        self.retired.extend(waker);
    }

    pub(crate) fn has_retired(&self) -> bool {
        !self.retired.is_empty()
    }

    /// The wakers of tasks that don't wait any more.
    pub(crate) fn take_retired(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.retired)
    }

    /// Empties the queue: no place will be granted any more. Returns the wakers of all calls in it.
    pub(crate) fn disband(&mut self) -> Vec<Waker> {
        self.granted += self.waiting.len();
        self.waiting.drain(..).map(|waiting| waiting.waker).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_goes_to_the_first_and_is_passed_on_when_given_up() {
        let mut line = WaitQueue::default();
        let waker = Waker::noop();
        let room = |_, _| true;
        let [first, second, third] = [(); 3].map(|()| line.enter(0, waker));
        assert!(!line.poll(first, waker));
        assert!(line.grant(room).is_some());
        assert_eq!(line.granted(), 1);
        assert!(line.leave(first, room).is_some(), "the second one is woken");
        assert!(!line.poll(third, waker));
        assert!(line.poll(second, waker));
        assert_eq!(line.granted(), 0);
        assert!(line.leave(third, room).is_none());
        assert!(line.is_empty() && line.grant(room).is_none());
    }

    #[test]
    fn nested_ones_come_first_and_are_not_held_up_by_others() {
        let mut line = WaitQueue::default();
        let waker = Waker::noop();
        let outer = line.enter(0, waker);
        let nested = line.enter(2, waker);
        assert!(line.grant(|depth, _| depth > 0).is_some());
        assert!(line.poll(nested, waker) && !line.poll(outer, waker));
        assert!(line.grant(|depth, _| depth > 0).is_none());
        assert!(line.grant(|_, _| true).is_some());
        assert!(line.poll(outer, waker));
        line.put_back(outer, 0, waker);
        assert!(!line.poll(outer, waker));
    }
}
