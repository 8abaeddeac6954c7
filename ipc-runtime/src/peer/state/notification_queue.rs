//! The peer's notifications: those of one channel are handled one after another.

use std::collections::{HashMap, VecDeque};

use futures_util::future::AbortHandle;

use crate::support::name::Name;

/// Notifications that wait for an earlier one of their channel. For each of them there is a `W`,
/// which begins its call. A channel is in here only while one of its notifications runs.
pub(crate) struct Notifications<W> {
    channels: HashMap<Name, ChannelQueue<W>>,
    max_waiting: usize,
    max_bytes: usize,
}

struct ChannelQueue<W> {
    running: Option<AbortHandle>,
    waiting: VecDeque<WaitingNotification<W>>,
    bytes: usize,
    dropped: u64,
}

struct WaitingNotification<W> {
    /// The length of its params.
    bytes: usize,
    begin: W,
}

/// What happened to a notification.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Queued {
    /// None of the channel runs: run it now.
    RunNow,
    Waits,
    /// The queue is full. This many of the channel were dropped since it last had room.
    Dropped(u64),
}

impl<W> Notifications<W> {
    pub(crate) fn new(max_waiting: usize, max_bytes: usize) -> Self {
        Self { channels: HashMap::new(), max_waiting, max_bytes }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.channels.is_empty()
    }

    /// How many notifications wait.
    pub(crate) fn waiting(&self) -> usize {
        self.channels.values().map(|channel| channel.waiting.len()).sum()
    }

    /// Takes a notification with params of this many bytes. `begin` is called if it has to wait.
    pub(crate) fn offer(
        &mut self,
        channel: &str,
        bytes: usize,
        begin: impl FnOnce() -> W,
    ) -> Queued {
        let Some(queue) = self.channels.get_mut(channel) else { return Queued::RunNow };
        if queue.waiting.len() >= self.max_waiting || queue.bytes + bytes > self.max_bytes {
            queue.dropped += 1;
            return Queued::Dropped(queue.dropped);
        }
        queue.bytes += bytes;
        queue.waiting.push_back(WaitingNotification { bytes, begin: begin() });
        Queued::Waits
    }

    /// The first notification of a channel runs, and hasn't finished at once.
    pub(crate) fn started(&mut self, channel: Name, abort: Option<AbortHandle>) {
        let (waiting, bytes, dropped) = (VecDeque::new(), 0, 0);
        self.channels.insert(channel, ChannelQueue { running: abort, waiting, bytes, dropped });
    }

    /// The next notification of a channel runs. `false`: the connection has ended in the meantime.
    pub(crate) fn goes_on(&mut self, channel: &str, abort: Option<AbortHandle>) -> bool {
        match self.channels.get_mut(channel) {
            Some(queue) => {
                queue.running = abort;
                true
            }
            None => false,
        }
    }

    /// A notification has finished. Returns the next one of its channel, and how many were dropped
    /// that weren't reported yet.
    pub(crate) fn finished(&mut self, channel: &str) -> (Option<W>, u64) {
        let Some(queue) = self.channels.get_mut(channel) else { return (None, 0) };
        let dropped = std::mem::take(&mut queue.dropped);
        queue.running = None;
        match queue.waiting.pop_front() {
            Some(next) => {
                queue.bytes -= next.bytes;
                (Some(next.begin), dropped)
            }
            None => {
                self.channels.remove(channel);
                (None, dropped)
            }
        }
    }

    /// The connection has ended. Returns what stops the running notifications, and those that
    /// waited, to be dropped outside of the lock.
    pub(crate) fn clear(&mut self) -> (Vec<AbortHandle>, Vec<W>) {
        let (mut running, mut waiting) = (Vec::new(), Vec::new());
        for (_, queue) in self.channels.drain() {
            running.extend(queue.running);
            waiting.extend(queue.waiting.into_iter().map(|waiting| waiting.begin));
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
        assert_eq!(queue.offer("a", 0, || 0), Queued::RunNow);
        queue.started("a".into(), None);
        assert_eq!(queue.offer("b", 0, || 0), Queued::RunNow);
        assert_eq!(queue.offer("a", 3, || 1), Queued::Waits);
        assert_eq!(queue.offer("a", 0, || 2), Queued::Waits);
        assert_eq!(queue.offer("a", 0, || 3), Queued::Dropped(1));
        assert_eq!(queue.offer("a", 0, || 3), Queued::Dropped(2));
        let (next, dropped) = queue.finished("a");
        assert_eq!((next.unwrap(), dropped), (1, 2));
        assert_eq!(queue.finished("a").0.unwrap(), 2);
        assert!(queue.finished("a").0.is_none());
        assert!(queue.is_empty());
    }

    #[test]
    fn bytes_are_limited_too() {
        let mut queue = Notifications::<usize>::new(100, 10);
        queue.started("a".into(), None);
        assert_eq!(queue.offer("a", 7, || 0), Queued::Waits);
        assert_eq!(queue.offer("a", 7, || 0), Queued::Dropped(1));
        assert_eq!(queue.offer("a", 2, || 0), Queued::Waits);
    }
}
