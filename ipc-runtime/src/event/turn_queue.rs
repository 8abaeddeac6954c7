//! The wait queue for callers of `fire_wait`, until a slow listener has room for their values.

use std::{collections::VecDeque, task::Waker};

/// The callers that wait in [`Emitter::fire_wait`](super::Emitter::fire_wait), in the order in
/// which they came.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// The tickets, in ascending order, and their wakers. `None`: the caller was woken.
    places: VecDeque<(u64, Option<Waker>)>,
}

impl Line {
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Returns the ticket whose turn it is.
    pub(super) fn first(&self) -> Option<u64> {
        self.places.front().map(|(ticket, _)| *ticket)
    }

    /// Takes the waker of the first ticket, unless it was taken before.
    pub(super) fn wake_first(&mut self) -> Option<Waker> {
        self.places.front_mut()?.1.take()
    }

    /// Returns the waker of a ticket.
    pub(super) fn waker(&self, ticket: u64) -> Option<&Waker> {
        self.places.get(self.index(ticket)?)?.1.as_ref()
    }

    /// Adds a new ticket at the end; a ticket that is in the queue keeps its place. Returns the
    /// ticket's old waker, which the caller drops without a lock.
    pub(super) fn wait(&mut self, ticket: u64, waker: Waker) -> Option<Waker> {
        match self.index(ticket).and_then(|index| self.places.get_mut(index)) {
            Some((_, known)) => known.replace(waker),
            None => {
                self.places.push_back((ticket, Some(waker)));
                None
            }
        }
    }

    /// Removes a ticket. Returns its waker, which the caller drops without a lock.
    pub(super) fn leave(&mut self, ticket: u64) -> Option<Waker> {
        let index = self.index(ticket)?;
        self.places.remove(index)?.1
    }

    fn index(&self, ticket: u64) -> Option<usize> {
        self.places.binary_search_by_key(&ticket, |(ticket, _)| *ticket).ok()
    }
}
