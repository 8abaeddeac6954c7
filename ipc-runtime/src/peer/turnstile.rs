//! Callers that wait in line for a place among the calls in flight.

use std::{collections::VecDeque, task::Waker};

/// A first-come-first-served line.
///
/// A place that gets free is granted to the first in line before it is woken, so that nobody who
/// comes later can take it; whoever gives up passes a grant on.
#[derive(Debug, Default)]
pub(crate) struct Turnstile {
    waiting: VecDeque<(Ticket, Waker)>,
    /// Places that are promised to callers who were woken and haven't come yet.
    granted: usize,
    next: u64,
}

/// A place in the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ticket(u64);

impl Turnstile {
    /// How many places are promised.
    pub(crate) fn granted(&self) -> usize {
        self.granted
    }

    /// Whether somebody without a ticket would have to stand in line.
    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Goes to the end of the line.
    pub(crate) fn enter(&mut self, waker: &Waker) -> Ticket {
        let ticket = Ticket(self.next);
        self.next += 1;
        self.waiting.push_back((ticket, waker.clone()));
        ticket
    }

    /// Whether the ticket was granted, and leaves the line if so; else its waker is kept.
    pub(crate) fn poll(&mut self, ticket: Ticket, waker: &Waker) -> bool {
        match self.waiting.iter_mut().find(|(known, _)| *known == ticket) {
            Some((_, known)) => {
                known.clone_from(waker);
                false
            }
            None => {
                self.granted -= 1;
                true
            }
        }
    }

    /// A place is free: gives the waker of whom it is granted to.
    pub(crate) fn grant(&mut self) -> Option<Waker> {
        let (_, waker) = self.waiting.pop_front()?;
        self.granted += 1;
        Some(waker)
    }

    /// Gives up. If the ticket was granted already, the place goes to the next in line.
    pub(crate) fn leave(&mut self, ticket: Ticket) -> Option<Waker> {
        let before = self.waiting.len();
        self.waiting.retain(|(known, _)| *known != ticket);
        if self.waiting.len() < before {
            return None;
        }
        self.granted -= 1;
        self.grant()
    }

    /// Nobody will be granted anything any more.
    pub(crate) fn disband(&mut self) -> Vec<Waker> {
        self.granted += self.waiting.len();
        self.waiting.drain(..).map(|(_, waker)| waker).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_goes_to_the_first_and_is_passed_on_when_given_up() {
        let mut line = Turnstile::default();
        let waker = Waker::noop();
        let [first, second, third] = [(); 3].map(|()| line.enter(waker));
        assert!(!line.poll(first, waker));
        assert!(line.grant().is_some());
        assert_eq!(line.granted(), 1);
        assert!(line.leave(first).is_some(), "the second one is woken");
        assert!(!line.poll(third, waker));
        assert!(line.poll(second, waker));
        assert_eq!(line.granted(), 0);
        assert!(line.leave(third).is_none());
        assert!(line.is_empty() && line.grant().is_none());
    }
}
