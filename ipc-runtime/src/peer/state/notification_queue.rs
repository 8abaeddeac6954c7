//! The peer's notifications: those of one channel run one after another.

use std::collections::{HashMap, VecDeque};

use futures_util::future::AbortHandle;

use crate::{peer::incoming::target::Target, support::name::Name};

/// Notifications that wait for an earlier one of their channel. A channel is here only while one
/// of its notifications runs.
pub(crate) struct Notifications<H = Target> {
    channels: HashMap<Name, Channel<H>>,
    max_waiting: usize,
    max_bytes: usize,
}

struct Channel<H> {
    running: Option<AbortHandle>,
    waiting: VecDeque<Waiting<H>>,
    bytes: usize,
    dropped: u64,
}

/// A notification that waits.
pub(crate) struct Waiting<H> {
    /// Who handled the channel when it came in.
    pub(crate) handler: H,
    pub(crate) params: Option<Box<[u8]>>,
}

/// What became of a notification.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Queued {
    /// Nothing of the channel runs: run it now.
    RunNow,
    Waits,
    /// The queue is full; so many of the channel were dropped since it had room last.
    Dropped(u64),
}

impl<H: Clone> Notifications<H> {
    pub(crate) fn new(max_waiting: usize, max_bytes: usize) -> Self {
        Self { channels: HashMap::new(), max_waiting, max_bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        self.channels.values().map(|channel| channel.waiting.len()).sum()
    }

    /// A notification came in.
    pub(crate) fn offer(&mut self, channel: &str, handler: &H, params: Option<&[u8]>) -> Queued {
        let Some(queue) = self.channels.get_mut(channel) else { return Queued::RunNow };
        let bytes = params.map_or(0, <[u8]>::len);
        if queue.waiting.len() >= self.max_waiting || queue.bytes + bytes > self.max_bytes {
            queue.dropped += 1;
            return Queued::Dropped(queue.dropped);
        }
        queue.bytes += bytes;
        let (handler, params) = (handler.clone(), params.map(Into::into));
        queue.waiting.push_back(Waiting { handler, params });
        Queued::Waits
    }

    /// The first one of a channel runs, and didn't finish at once.
    pub(crate) fn started(&mut self, channel: Name, abort: Option<AbortHandle>) {
        let (waiting, bytes, dropped) = (VecDeque::new(), 0, 0);
        self.channels.insert(channel, Channel { running: abort, waiting, bytes, dropped });
    }

    /// The next one runs. `false`: the connection has ended meanwhile.
    pub(crate) fn goes_on(&mut self, channel: &str, abort: Option<AbortHandle>) -> bool {
        match self.channels.get_mut(channel) {
            Some(queue) => {
                queue.running = abort;
                true
            }
            None => false,
        }
    }

    /// One has finished. Gives the next of its channel, and how many were dropped, if that hasn't
    /// been told yet.
    pub(crate) fn finished(&mut self, channel: &str) -> (Option<Waiting<H>>, u64) {
        let Some(queue) = self.channels.get_mut(channel) else { return (None, 0) };
        let dropped = std::mem::take(&mut queue.dropped);
        queue.running = None;
        match queue.waiting.pop_front() {
            Some(next) => {
                queue.bytes -= next.params.as_ref().map_or(0, |params| params.len());
                (Some(next), dropped)
            }
            None => {
                self.channels.remove(channel);
                (None, dropped)
            }
        }
    }

    /// The connection has ended: what waits is forgotten, what runs can be stopped by this.
    /// What waited is given too: handlers are dropped without a lock.
    pub(crate) fn clear(&mut self) -> (Vec<AbortHandle>, Vec<Waiting<H>>) {
        let (mut running, mut waiting) = (Vec::new(), Vec::new());
        for (_, queue) in self.channels.drain() {
            running.extend(queue.running);
            waiting.extend(queue.waiting);
        }
        (running, waiting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_channel_waits_for_its_own_notifications_alone() {
        let mut queue = Notifications::<usize>::new(2, 100);
        assert_eq!(queue.offer("a", &0, None), Queued::RunNow);
        queue.started("a".into(), None);
        assert_eq!(queue.offer("b", &0, None), Queued::RunNow);
        assert_eq!(queue.offer("a", &1, Some(b"[1]")), Queued::Waits);
        assert_eq!(queue.offer("a", &2, None), Queued::Waits);
        assert_eq!(queue.offer("a", &3, None), Queued::Dropped(1));
        assert_eq!(queue.offer("a", &3, None), Queued::Dropped(2));
        let (next, dropped) = queue.finished("a");
        assert_eq!((next.unwrap().handler, dropped), (1, 2));
        assert_eq!(queue.finished("a").0.unwrap().handler, 2);
        assert!(queue.finished("a").0.is_none());
        assert!(queue.is_empty());
    }

    #[test]
    fn bytes_are_limited_too() {
        let mut queue = Notifications::<usize>::new(100, 10);
        queue.started("a".into(), None);
        assert_eq!(queue.offer("a", &0, Some(b"[12345]")), Queued::Waits);
        assert_eq!(queue.offer("a", &0, Some(b"[12345]")), Queued::Dropped(1));
        assert_eq!(queue.offer("a", &0, Some(b"[]")), Queued::Waits);
    }
}
