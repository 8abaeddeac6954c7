//! Frames that wait to be written.

use std::{collections::HashMap, task::Waker};

use crate::{framing::StreamFraming, peer::state::departures::Departures, support::rt::Instant};

/// Frames that wait to be written, in order, and the state of the driver, which writes them.
///
/// Bytes are counted from the connection's start, so that for any frame it is known whether it has
/// left.
#[derive(Debug)]
pub(crate) struct Outbox {
    framing: StreamFraming,
    queued: Vec<u8>,
    /// All bytes that were ever queued.
    enqueued: u64,
    /// How many of them the carrier has accepted.
    written: u64,
    /// How many of them the carrier has handed to the operating system. What it has accepted may
    /// still be in this process.
    departed: u64,
    departures: Departures,
    /// How many of them will never be accepted.
    lost: u64,
    driver: DriverState,
    /// The driver has taken bytes out and hasn't written them yet.
    in_transit: bool,
    /// Above this many unwritten bytes, callers wait before they queue more.
    high_water: usize,
    waiting_for_room: HashMap<RoomTicket, WaitsForRoom>,
    next_ticket: u64,
    /// To be dropped outside of the lock, since that may run the app's code.
    retired: Vec<Waker>,
    /// The driver should run, for another reason than new frames.
    news: bool,
}

/// A sender that waits for room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct RoomTicket(u64);

#[derive(Debug)]
struct WaitsForRoom {
    waker: Waker,
    /// There is room for it when this many bytes are unwritten, or fewer.
    below: usize,
}

#[derive(Debug)]
enum DriverState {
    /// It will look at the outbox before it sleeps.
    Awake,
    /// It wants to be woken when there is something to write.
    Asleep(Waker),
    /// It waits for the carrier, and will take everything along when the carrier is ready.
    Blocked(Waker),
}

/// A frame that is being queued. If this is dropped, by a panic for example, what was written of
/// the frame is removed: nothing may follow a torn frame.
struct Unfinished<'a> {
    queued: &'a mut Vec<u8>,
    before: usize,
}

impl Unfinished<'_> {
    /// Keeps the frame, and returns its length.
    fn finish(mut self) -> usize {
        let length = self.queued.len() - self.before;
        self.before = self.queued.len();
        length
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        self.queued.truncate(self.before);
    }
}

impl Outbox {
    pub(crate) fn new(framing: StreamFraming, high_water: usize) -> Self {
        Self {
            framing,
            queued: Vec::new(),
            enqueued: 0,
            written: 0,
            departed: 0,
            departures: Departures::default(),
            lost: 0,
            driver: DriverState::Awake,
            in_transit: false,
            high_water,
            waiting_for_room: HashMap::new(),
            next_ticket: 0,
            retired: Vec::new(),
            news: false,
        }
    }

    /// Queues one frame, and returns its size. If the size is above `limit`, returns it as `Err`
    /// and queues nothing.
    pub(crate) fn push(
        &mut self,
        limit: usize,
        payload: impl FnOnce(&mut Vec<u8>),
    ) -> Result<usize, usize> {
        let before = self.queued.len();
        let unfinished = Unfinished { queued: &mut self.queued, before };
        let size = self.framing.write(unfinished.queued, payload);
        if size > limit {
            return Err(size);
        }
        self.enqueued += unfinished.finish() as u64;
        Ok(size)
    }

    /// Queues frames that are already written in this framing.
    pub(crate) fn append(&mut self, frames: &[u8]) {
        self.queued.extend_from_slice(frames);
        self.enqueued += frames.len() as u64;
    }

    /// How many bytes the carrier has yet to accept.
    pub(crate) fn unwritten(&self) -> usize {
        // The difference is in memory, so it fits.
        (self.enqueued - self.written - self.lost) as usize
    }

    /// Whether a caller may queue this much more. An empty outbox accepts a message of any size.
    pub(crate) fn has_room_for(&self, bytes: usize) -> bool {
        let unwritten = self.unwritten();
        unwritten == 0 || unwritten + bytes <= self.high_water
    }

    /// How many bytes may be queued until `most` bytes are unwritten or the room is used up.
    pub(crate) fn room_below(&self, most: usize) -> usize {
        most.min(self.high_water).saturating_sub(self.unwritten())
    }

    /// Registers a sender that waits for room, until there is some or it
    /// [leaves](Self::leave_room).
    pub(crate) fn wait_for_room(&mut self, ticket: &mut Option<RoomTicket>, waker: &Waker) {
        self.wait_for_room_below(self.high_water, ticket, waker);
    }

    /// Like `wait_for_room`, for a sender that has room only below `most` unwritten bytes.
    pub(crate) fn wait_for_room_below(
        &mut self,
        most: usize,
        ticket: &mut Option<RoomTicket>,
        waker: &Waker,
    ) {
        let ticket = *ticket.get_or_insert_with(|| {
            self.next_ticket += 1;
            RoomTicket(self.next_ticket)
        });
        // Half of it, so that a sender that is woken can queue something worthwhile.
        let waits = WaitsForRoom { waker: waker.clone(), below: most.min(self.high_water) / 2 };
        let before = self.waiting_for_room.insert(ticket, waits);
        self.retired.extend(before.map(|waits| waits.waker));
    }

    /// Removes a sender that waited for room.
    pub(crate) fn leave_room(&mut self, ticket: RoomTicket) {
        self.retired.extend(self.waiting_for_room.remove(&ticket).map(|waits| waits.waker));
    }

    pub(crate) fn has_retired(&self) -> bool {
        !self.retired.is_empty()
    }

    /// The wakers of senders that don't wait any more.
    pub(crate) fn take_retired(&mut self) -> Vec<Waker> {
        std::mem::take(&mut self.retired)
    }

    /// The byte count at the end of the frame that was queued last; see
    /// [`has_left`](Self::has_left).
    pub(crate) fn mark(&self) -> u64 {
        self.enqueued
    }

    /// Whether the carrier has accepted the whole frame that ends at this mark.
    pub(crate) fn has_left(&self, mark: u64) -> bool {
        mark <= self.written
    }

    /// Whether the whole frame that ends at this mark was handed to the operating system.
    pub(crate) fn has_departed(&self, mark: u64) -> bool {
        mark <= self.departed
    }

    /// Registers a sender that waits for that, until it has happened or the sender
    /// [leaves](Self::leave_departure).
    pub(crate) fn wait_for_departure(
        &mut self,
        mark: u64,
        deadline: Option<Instant>,
        waker: &Waker,
    ) {
        let (sooner, before) = self.departures.wait(mark, deadline, waker);
        self.retired.extend(before);
        if sooner {
            // The driver's timer is set for a later time.
            self.nudge();
        }
    }

    /// Removes a sender that waited for its frame's departure.
    pub(crate) fn leave_departure(&mut self, mark: u64) {
        self.retired.extend(self.departures.leave(mark));
    }

    /// When to look for deadlines of senders that wait for a departure.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.departures.next_deadline()
    }

    /// Returns the wakers of those whose deadline has passed.
    pub(crate) fn expire(&mut self, now: Instant) -> Vec<Waker> {
        self.departures.expire(now)
    }

    /// Whether the driver sleeps and has nothing left to write, so that the queue may be written
    /// inline.
    pub(crate) fn is_untouched(&self) -> bool {
        !self.in_transit && matches!(self.driver, DriverState::Asleep(_))
    }

    /// The queued bytes, for a caller that writes them inline.
    pub(crate) fn queued(&self) -> &[u8] {
        &self.queued
    }

    /// The first bytes of the queue were written inline, directly to the operating system.
    pub(crate) fn written_inline(&mut self, bytes: usize) {
        self.queued.drain(..bytes);
        self.written += bytes as u64;
        self.departed = self.written;
    }

    /// Hands everything to the driver, in exchange for an empty buffer. `false`: nothing is queued.
    pub(crate) fn take(&mut self, exchange: impl FnOnce(&mut Vec<u8>)) -> bool {
        if self.queued.is_empty() {
            self.in_transit = false;
            return false;
        }
        exchange(&mut self.queued);
        self.in_transit = true;
        true
    }

    /// The carrier has accepted bytes. `is_flushed`: it has handed over all that it has accepted.
    /// Returns the wakers of senders that wait for room, if there is some again, and of those whose
    /// frames have departed.
    pub(crate) fn advance(&mut self, bytes: u64, is_flushed: bool) -> Vec<Waker> {
        self.written += bytes;
        let mut found = Vec::new();
        if is_flushed {
            self.departed = self.written;
            self.departures.departed(self.departed, &mut found);
        }
        let unwritten = self.unwritten();
        if self.waiting_for_room.is_empty() || unwritten > self.high_water / 2 {
            return found;
        }
        self.waiting_for_room.retain(|_, waits| {
            let waits_on = unwritten > waits.below;
            if !waits_on {
                found.push(std::mem::replace(&mut waits.waker, Waker::noop().clone()));
            }
            waits_on
        });
        found
    }

    /// The driver is about to sleep.
    pub(crate) fn sleep(&mut self, waker: &Waker) {
        match &self.driver {
            DriverState::Asleep(known) if known.will_wake(waker) => {}
            _ => self.driver = DriverState::Asleep(waker.clone()),
        }
    }

    /// The driver is about to wait for the carrier to take more.
    pub(crate) fn block(&mut self, waker: &Waker) {
        self.driver = DriverState::Blocked(waker.clone());
    }

    /// The driver runs.
    pub(crate) fn awake(&mut self) {
        self.driver = DriverState::Awake;
        self.news = false;
    }

    /// Makes the driver run, whatever it waits for, for another reason than new frames.
    pub(crate) fn nudge(&mut self) {
        self.news = true;
    }

    /// Whether the driver was nudged since this was last called.
    pub(crate) fn take_news(&mut self) -> bool {
        std::mem::take(&mut self.news)
    }

    /// The driver's waker, if it sleeps and should not.
    pub(crate) fn driver_to_wake(&mut self) -> Option<Waker> {
        let wake = match self.driver {
            DriverState::Awake => false,
            DriverState::Asleep(_) => self.news || !self.queued.is_empty(),
            DriverState::Blocked(_) => self.news,
        };
        if !wake {
            return None;
        }
        match std::mem::replace(&mut self.driver, DriverState::Awake) {
            DriverState::Asleep(waker) | DriverState::Blocked(waker) => Some(waker),
            DriverState::Awake => None,
        }
    }

    /// Nothing can be written any more: what is queued will never leave.
    pub(crate) fn discard(&mut self) {
        self.queued = Vec::new();
        self.lost = self.enqueued - self.written;
        self.in_transit = false;
    }

    /// Returns the wakers of senders that wait for room. They register again if they still want it.
    pub(crate) fn waiting_for_room(&mut self) -> Vec<Waker> {
        self.waiting_for_room.drain().map(|(_, waits)| waits.waker).collect()
    }

    /// The connection has ended: drops what is queued. Returns the wakers of all senders that
    /// waited.
    pub(crate) fn clear(&mut self) -> Vec<Waker> {
        self.queued = Vec::new();
        let mut waited = self.waiting_for_room();
        waited.extend(self.departures.clear());
        waited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_has_left_when_its_last_byte_was_taken() {
        let mut outbox = Outbox::new(StreamFraming::Newline, 100);
        outbox.push(10, |out| out.extend_from_slice(b"one")).unwrap();
        let first = outbox.mark();
        outbox.push(10, |out| out.extend_from_slice(b"two")).unwrap();
        let second = outbox.mark();
        let mut taken = Vec::new();
        assert!(outbox.take(|queued| std::mem::swap(queued, &mut taken)));
        assert_eq!(taken, b"one\ntwo\n");
        outbox.advance(5, false);
        assert!(outbox.has_left(first) && !outbox.has_left(second));
        outbox.advance(3, false);
        assert!(outbox.has_left(second) && outbox.unwritten() == 0);
    }

    #[test]
    fn a_frame_has_departed_when_what_the_carrier_took_was_flushed() {
        let mut outbox = Outbox::new(StreamFraming::Newline, 100);
        outbox.push(10, |out| out.extend_from_slice(b"one")).unwrap();
        let first = outbox.mark();
        outbox.wait_for_departure(first, None, Waker::noop());
        assert!(outbox.advance(4, false).is_empty() && !outbox.has_departed(first));
        assert_eq!(outbox.advance(0, true).len(), 1);
        assert!(outbox.has_departed(first));
    }

    #[test]
    fn what_is_too_large_is_not_queued() {
        let mut outbox = Outbox::new(StreamFraming::Native, 100);
        assert_eq!(outbox.push(2, |out| out.extend_from_slice(b"one")), Err(3));
        assert_eq!((outbox.unwritten(), outbox.queued().len()), (0, 0));
    }

    #[test]
    fn nothing_is_left_of_a_frame_whose_payload_panics() {
        let mut outbox = Outbox::new(StreamFraming::Native, 100);
        let torn = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            outbox.push(10, |out| {
                out.push(1);
                panic!("on purpose");
            })
        }));
        assert!(torn.is_err());
        assert_eq!((outbox.unwritten(), outbox.queued().len()), (0, 0));
        outbox.push(10, |out| out.push(1)).unwrap();
        assert_eq!(outbox.unwritten(), outbox.queued().len());
    }

    #[test]
    fn an_empty_outbox_has_room_for_anything() {
        let mut outbox = Outbox::new(StreamFraming::Newline, 10);
        assert!(outbox.has_room_for(1000));
        outbox.push(100, |out| out.extend_from_slice(b"12345")).unwrap();
        assert!(outbox.has_room_for(4) && !outbox.has_room_for(5));
    }
}
