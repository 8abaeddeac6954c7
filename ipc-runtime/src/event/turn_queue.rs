//! Those who wait until a slow listener has room for their values.

use std::{collections::VecDeque, task::Waker};

/// Those who wait in [`Emitter::fire_wait`](super::Emitter::fire_wait), in the order in which they came.
#[derive(Debug, Default)]
pub(crate) struct Line {
    /// Their tickets, which grow. `None`: it was woken.
    places: VecDeque<(u64, Option<Waker>)>,
}

impl Line {
    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whose turn it is.
    pub(super) fn first(&self) -> Option<u64> {
        self.places.front().map(|(ticket, _)| *ticket)
    }

    /// The one whose turn it is, unless it was woken already.
    pub(super) fn wake_first(&mut self) -> Option<Waker> {
        self.places.front_mut()?.1.take()
    }

    /// Whom a ticket wakes.
    pub(super) fn waker(&self, ticket: u64) -> Option<&Waker> {
        self.places.get(self.index(ticket)?)?.1.as_ref()
    }

    /// Goes to the end of the line with a new ticket; with one that is in it, stays there. Gives the
    /// waker that it had, to be dropped without a lock.
    pub(super) fn wait(&mut self, ticket: u64, waker: Waker) -> Option<Waker> {
        match self.index(ticket).and_then(|index| self.places.get_mut(index)) {
            Some((_, known)) => known.replace(waker),
            None => {
                self.places.push_back((ticket, Some(waker)));
                None
            }
        }
    }

    /// Gives the place up. Its waker is to be dropped without a lock.
    pub(super) fn leave(&mut self, ticket: u64) -> Option<Waker> {
        let index = self.index(ticket)?;
        self.places.remove(index)?.1
    }

    fn index(&self, ticket: u64) -> Option<usize> {
        self.places.binary_search_by_key(&ticket, |(ticket, _)| *ticket).ok()
    }
}
