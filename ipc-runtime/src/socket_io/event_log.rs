//! The events that a client may have to hear again.

use std::{
    collections::VecDeque,
    fmt::{self, Display},
};

use crate::{socket_io::outgoing_packet::OutgoingPacket, support::random::random};

/// How many bytes an event counts beyond its content.
const OVERHEAD: usize = 64;

/// The last events of a peer, for a client that comes back. As socket.io has it, each event ends
/// with its offset, by which the client says which was the last that it got.
pub(crate) struct EventLog {
    /// What the offsets of this log begin with. A client keeps the offset of an earlier log until
    /// it gets the first event of this one.
    prefix: Box<str>,
    /// The number of the next event.
    next: u64,
    kept: VecDeque<KeptEvent>,
    bytes: usize,
    /// How many of these were never sent.
    unsent: usize,
    most: usize,
}

struct KeptEvent {
    packet: OutgoingPacket,
    /// How many messages the session had been given to send with the last of this packet.
    sent: u64,
}

impl KeptEvent {
    fn length(&self) -> usize {
        self.packet.length() + OVERHEAD
    }
}

/// The name of an event in a log.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offset<'a> {
    prefix: &'a str,
    number: u64,
}

impl Display for Offset<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.number)
    }
}

impl EventLog {
    /// `most`: how many bytes are kept.
    pub(crate) fn new(most: usize) -> Self {
        let prefix = format!("{:08x}-", random() as u32).into();
        Self { prefix, next: 0, kept: VecDeque::new(), bytes: 0, unsent: 0, most }
    }

    /// The offset of the next event.
    pub(crate) fn next_offset(&self) -> Offset<'_> {
        Offset { prefix: &self.prefix, number: self.next }
    }

    /// Whether another event may be kept that can't be sent now.
    pub(crate) fn has_room(&self) -> bool {
        self.unsent < self.most
    }

    /// Keeps an event that can't be sent now.
    pub(crate) fn push_unsent(&mut self, packet: OutgoingPacket) {
        let before = self.bytes;
        self.push_sent(packet, u64::MAX);
        self.unsent += self.bytes - before;
    }

    /// Keeps an event that is sent. `sent`: how many messages the session has been given to send so
    /// far.
    pub(crate) fn push_sent(&mut self, packet: OutgoingPacket, sent: u64) {
        let event = KeptEvent { packet, sent };
        self.bytes += event.length();
        self.kept.push_back(event);
        self.next += 1;
    }

    /// Drops the oldest events if there are too many: clients that are here have had them long
    /// since, as a rule.
    pub(crate) fn trim(&mut self) {
        while self.bytes > self.most && self.kept.len() > 1 {
            self.drop_oldest();
        }
    }

    /// Drops the events that the client has received: it answered a ping that was sent behind so
    /// many messages.
    pub(crate) fn received(&mut self, sent: u64) {
        while self.kept.front().is_some_and(|event| event.sent <= sent) {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        self.bytes -= self.kept.pop_front().map_or(0, |event| event.length());
    }

    /// Drops what a client has got that tells this offset as its last, and returns the rest of the
    /// events in order. For each of them, `sent` has to be set anew. `None`: some that it hasn't
    /// got aren't there any more.
    pub(crate) fn missed(
        &mut self,
        offset: Option<&str>,
    ) -> Option<impl Iterator<Item = (&OutgoingPacket, &mut u64)>> {
        let number = offset.and_then(|offset| offset.strip_prefix(&*self.prefix));
        // Another prefix: it has got no event of this log.
        let heard = number.map_or(Some(0), |number| number.parse::<u64>().ok()?.checked_add(1))?;
        let first = self.next - self.kept.len() as u64;
        if heard < first || heard > self.next {
            return None;
        }
        for _ in first..heard {
            self.drop_oldest();
        }
        self.unsent = 0;
        Some(self.kept.iter_mut().map(|event| (&event.packet, &mut event.sent)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::engine_io::message::EngineText;

    fn packet(text: &str) -> OutgoingPacket {
        EngineText::from(text).into()
    }

    fn log(most: usize, events: usize) -> (EventLog, Vec<String>) {
        let mut log = EventLog::new(most);
        let mut offsets = Vec::new();
        for index in 0..events {
            offsets.push(log.next_offset().to_string());
            log.push_sent(packet("12345678"), index as u64 + 1);
            log.trim();
        }
        (log, offsets)
    }

    fn missed(log: &mut EventLog, offset: Option<&str>) -> Option<usize> {
        log.missed(offset).map(Iterator::count)
    }

    #[test]
    fn who_has_heard_nothing_of_a_log_missed_all_of_it() {
        for offset in [None, Some(""), Some("deadbeef0-7")] {
            assert_eq!(missed(&mut log(10_000, 5).0, offset), Some(5), "{offset:?}");
        }
    }

    #[test]
    fn who_tells_an_offset_missed_what_came_behind_it() {
        for index in 0..5 {
            let (mut log, offsets) = log(10_000, 5);
            assert_eq!(missed(&mut log, Some(&offsets[index])), Some(4 - index));
        }
    }

    #[test]
    fn what_was_sent_takes_no_room_from_what_could_not_be() {
        let (mut log, _) = log(200, 5);
        for _ in 0..3 {
            assert!(log.has_room());
            log.push_unsent(packet("12345678"));
        }
        assert!(!log.has_room());
        assert!(log.missed(None).is_none() && !log.has_room());
    }

    #[test]
    fn an_offset_that_never_was_recovers_nothing() {
        let (mut log, _) = log(10_000, 5);
        let prefix = log.prefix.clone();
        for number in ["5", "-1", "x", "", "18446744073709551615"] {
            assert_eq!(missed(&mut log, Some(&format!("{prefix}{number}"))), None, "{number}");
        }
    }

    #[test]
    fn what_was_received_and_what_is_too_much_is_not_kept() {
        let (mut log, offsets) = log(10_000, 5);
        log.received(3);
        assert_eq!(missed(&mut log, Some(&offsets[2])), Some(2));
        assert_eq!(missed(&mut log, Some(&offsets[1])), None);
        assert_eq!(missed(&mut log, None), None);

        let (mut log, offsets) = self::log(200, 5);
        assert!(log.bytes <= 200);
        assert_eq!(missed(&mut log, Some(&offsets[3])), Some(1));
        assert_eq!(missed(&mut log, Some(&offsets[0])), None);
    }
}
