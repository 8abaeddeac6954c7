//! Our requests that wait for their replies.

use std::{
    borrow::Cow,
    collections::VecDeque,
    sync::Arc,
    task::{Poll, Waker},
};

use futures_util::future::AbortHandle;

use crate::{
    peer::state::{
        call_depth,
        call_id::{CallId, IdLayout},
        call_reply::{Abandoned, Completed, Reply},
        inbox::Inbox,
        progress_reports::ProgressReports,
        wait_queue::{WaitQueue, WaitTicket},
    },
    support::rt::Instant,
};

/// The most calls in flight at once, however many the peer would accept. There may be more slots:
/// those of replies that nobody has looked at yet are in use too.
const MOST_IN_FLIGHT: usize = 1 << 16;

/// Our requests that wait for their replies.
///
/// A slot is held by two: the caller's future and the wire. It is free when the future has its
/// reply or was dropped, _and_ the peer has answered. Until then the peer counts the request as in
/// flight, and so do we.
#[derive(Debug)]
pub(crate) struct Calls {
    ids: IdLayout,
    slots: Vec<CallSlot>,
    free: Vec<u32>,
    on_wire: usize,
    limit: usize,
    line: WaitQueue,
    /// No deadline is earlier than this. There may be none at this time any more.
    next_deadline: Option<Instant>,
}

#[derive(Debug)]
struct CallSlot {
    generation: u64,
    caller: CallerSide,
    on_wire: bool,
    deadline: Option<Instant>,
    /// Where the request's frame ends in the outbox.
    mark: u64,
    /// For a subscription: the method, whose name its items carry, and where the items go.
    inbox: Option<(Cow<'static, str>, Arc<Inbox>)>,
    /// Stop the stream arguments.
    uploads: Vec<AbortHandle>,
    /// The progress reports that the caller hasn't looked at, if it wants reports.
    progress: Option<ProgressReports>,
}

#[derive(Debug)]
enum CallerSide {
    Waiting(Option<Waker>),
    Has(Reply),
    Gone,
}

impl Calls {
    pub(crate) fn new(limit: usize, ids: IdLayout) -> Self {
        Self {
            ids,
            slots: Vec::new(),
            free: Vec::new(),
            on_wire: 0,
            limit: limit.min(MOST_IN_FLIGHT),
            line: WaitQueue::default(),
            next_deadline: None,
        }
    }

    /// How many requests the peer has yet to answer.
    pub(crate) fn on_wire(&self) -> usize {
        self.on_wire
    }

    /// The peer has announced how many requests it accepts at once. Returns the wakers of calls
    /// that needn't wait any more.
    pub(crate) fn set_limit(&mut self, limit: usize) -> Vec<Waker> {
        self.limit = limit.clamp(1, MOST_IN_FLIGHT);
        let mut wakers = Vec::new();
        while let Some(waker) = self.line.grant(room(self.on_wire, self.limit)) {
            wakers.push(waker);
        }
        wakers
    }

    /// Asks for a place among the calls in flight, for a call that is nested this deep. While there
    /// is none, `ticket` holds a place in the wait queue. If it isn't used, it must be given up
    /// with [`leave_line`](Self::leave_line).
    pub(crate) fn admit(
        &mut self,
        ticket: &mut Option<WaitTicket>,
        depth: u8,
        waker: &Waker,
    ) -> bool {
        // Slots run out when there are as many replies that nobody looks at.
        let has_slot = !self.free.is_empty() || self.slots.len() < self.ids.most_slots();
        let admitted = match *ticket {
            Some(ticket) if !self.line.poll(ticket, waker) => false,
            // The place was granted, but a nested call may have taken it.
            Some(ticket) => {
                let free = has_slot && self.on_wire < call_depth::places(self.limit, depth);
                if !free {
                    self.line.put_back(ticket, depth, waker);
                }
                free
            }
            // A nested call doesn't queue behind calls that may be waiting for its end.
            None if depth > 0 => has_slot && self.on_wire < call_depth::places(self.limit, depth),
            None => {
                has_slot && self.line.is_empty() && self.on_wire + self.line.granted() < self.limit
            }
        };
        if admitted {
            *ticket = None;
        } else if ticket.is_none() {
            *ticket = Some(self.line.enter(depth, waker));
        }
        admitted
    }

    /// Leaves the wait queue. If the place was granted already, returns the waker of the next call.
    pub(crate) fn leave_line(&mut self, ticket: WaitTicket) -> Option<Waker> {
        self.line.leave(ticket, room(self.on_wire, self.limit))
    }

    /// Takes a slot for a call that was admitted, and that its reply will wake. Also returns
    /// whether its deadline is before all others.
    pub(crate) fn begin(&mut self, deadline: Option<Instant>, waker: &Waker) -> (CallId, bool) {
        let index = self.free.pop().unwrap_or_else(|| {
            self.slots.push(CallSlot {
                generation: 0,
                caller: CallerSide::Gone,
                on_wire: false,
                deadline: None,
                mark: 0,
                inbox: None,
                uploads: Vec::new(),
                progress: None,
            });
            // Each slot has a future of its own, and 2^24 of those don't fit into memory.
            (self.slots.len() - 1) as u32
        });
        let slot = &mut self.slots[index as usize];
        // One that has used up its generations isn't free.
        slot.generation = self.ids.after(slot.generation).unwrap_or(slot.generation);
        slot.caller = CallerSide::Waiting(Some(waker.clone()));
        slot.on_wire = true;
        slot.deadline = deadline;
        slot.mark = u64::MAX;
        slot.inbox = None;
        slot.uploads = Vec::new();
        slot.progress = None;
        self.on_wire += 1;
        let sooner = match (deadline, self.next_deadline) {
            (Some(new), Some(next)) => new < next,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if sooner {
            self.next_deadline = deadline;
        }
        (self.ids.id(index as usize, slot.generation), sooner)
    }

    /// Undoes a [`begin`](Self::begin) whose request couldn't be queued. Returns the waker of the
    /// next call in the queue.
    pub(crate) fn unbegin(&mut self, id: CallId) -> Option<Waker> {
        if let Some(slot) = self.slot(id) {
            if let CallerSide::Waiting(waker) =
                std::mem::replace(&mut slot.caller, CallerSide::Gone)
            {
                self.line.retire(waker);
            }
        }
        self.answered(id)
    }

    /// Makes the call one that opens a subscription, whose items go to `inbox`.
    pub(crate) fn subscribes(&mut self, id: CallId, method: Cow<'static, str>, inbox: Arc<Inbox>) {
        if let Some(slot) = self.slot(id) {
            slot.inbox = Some((method, inbox));
        }
    }

    /// Sets what stops the call's stream arguments.
    pub(crate) fn uploads(&mut self, id: CallId, uploads: Vec<AbortHandle>) {
        if let Some(slot) = self.slot(id) {
            slot.uploads = uploads;
        }
    }

    /// The method of a call that opens a subscription.
    pub(crate) fn method(&mut self, id: CallId) -> Option<Cow<'static, str>> {
        self.slot(id)?.inbox.as_ref().map(|(method, _)| method.clone())
    }

    /// The caller wants progress reports.
    pub(crate) fn wants_progress(&mut self, id: CallId) {
        if let Some(slot) = self.slot(id) {
            slot.progress = Some(ProgressReports::default());
        }
    }

    /// Adds a progress report of the handler. Returns the waker of the caller.
    pub(crate) fn progress(&mut self, id: CallId, value: &[u8]) -> Option<Waker> {
        let slot = self.slot(id)?;
        let (CallerSide::Waiting(waker), Some(reports)) = (&mut slot.caller, &mut slot.progress)
        else {
            return None;
        };
        reports.push(value);
        waker.take()
    }

    /// Takes the progress reports since the last call of this. Must be called before the reply is
    /// taken.
    pub(crate) fn take_progress(&mut self, id: CallId) -> VecDeque<Box<[u8]>> {
        let reports = self.slot(id).and_then(|slot| slot.progress.as_mut());
        reports.map(ProgressReports::take).unwrap_or_default()
    }

    /// The request's frame is queued, and ends at this mark.
    pub(crate) fn queued(&mut self, id: CallId, mark: u64) {
        if let Some(slot) = self.slot(id) {
            slot.mark = mark;
        }
    }

    /// Takes the reply, if it is there.
    pub(crate) fn poll(&mut self, id: CallId, waker: &Waker) -> Poll<Reply> {
        let Some(slot) = self.slot(id) else {
            // Only a future that is polled after completion gets here.
            return Poll::Pending;
        };
        match std::mem::replace(&mut slot.caller, CallerSide::Gone) {
            CallerSide::Has(reply) => {
                if !slot.on_wire {
                    self.release(id);
                }
                Poll::Ready(reply)
            }
            CallerSide::Waiting(known) => {
                let (same, other) = match known {
                    Some(known) if known.will_wake(waker) => (known, None),
                    other => (waker.clone(), other),
                };
                slot.caller = CallerSide::Waiting(Some(same));
                self.line.retire(other);
                Poll::Pending
            }
            CallerSide::Gone => Poll::Pending,
        }
    }

    /// The caller's future was dropped.
    pub(crate) fn abandon(&mut self, id: CallId) -> Abandoned {
        let Some(slot) = self.slot(id) else { return Abandoned::Nothing };
        let subscribes = slot.inbox.is_some();
        let caller = std::mem::replace(&mut slot.caller, CallerSide::Gone);
        let on_wire = slot.on_wire;
        if !on_wire {
            self.release(id);
        }
        match caller {
            CallerSide::Waiting(waker) => {
                self.line.retire(waker);
                if on_wire { Abandoned::Cancel } else { Abandoned::Nothing }
            }
            CallerSide::Has(Reply::Result(id)) if subscribes => Abandoned::Unsubscribe(id),
            _ => Abandoned::Nothing,
        }
    }

    /// A reply has come in. Returns what follows from it; `Err` if there was no such request.
    pub(crate) fn complete(&mut self, id: CallId, reply: Reply) -> Result<Completed, ()> {
        let slot = self.slot(id).filter(|slot| slot.on_wire).ok_or(())?;
        let subscribes = matches!(reply, Reply::Result(_)) && slot.inbox.is_some();
        let (mut opened, mut unwanted) = (None, false);
        // The stream arguments of a subscription go on.
        let uploads = std::mem::take(&mut slot.uploads);
        let uploads = if subscribes { Vec::new() } else { uploads };
        let caller = match &mut slot.caller {
            CallerSide::Waiting(waker) => {
                let waker = waker.take();
                slot.caller = CallerSide::Has(reply);
                if subscribes {
                    opened = slot.inbox.as_ref().map(|(_, inbox)| inbox.clone());
                }
                waker
            }
            // The caller is gone, or its deadline has passed. The slot only waited for this reply.
            CallerSide::Has(_) | CallerSide::Gone => {
                unwanted = subscribes;
                None
            }
        };
        Ok(Completed { wakers: [caller, self.answered(id)], opened, unwanted, uploads })
    }

    pub(crate) fn has_retired(&self) -> bool {
        self.line.has_retired()
    }

    /// The wakers of tasks that don't wait any more, to be dropped outside of the lock.
    pub(crate) fn take_retired(&mut self) -> Vec<Waker> {
        self.line.take_retired()
    }

    /// When to look for deadlines again.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.next_deadline
    }

    /// Fails the calls whose deadline has passed. Returns the wakers of their callers, and the
    /// requests that the peer should cancel.
    pub(crate) fn expire(&mut self, now: Instant) -> (Vec<Waker>, Vec<CallId>) {
        let (mut wakers, mut cancelled) = (Vec::new(), Vec::new());
        self.next_deadline = None;
        for (index, slot) in self.slots.iter_mut().enumerate() {
            let (CallerSide::Waiting(waker), Some(deadline)) = (&mut slot.caller, slot.deadline)
            else {
                continue;
            };
            if deadline > now {
                self.next_deadline =
                    Some(self.next_deadline.map_or(deadline, |next| next.min(deadline)));
                continue;
            }
            wakers.extend(waker.take());
            slot.caller = CallerSide::Has(Reply::DeadlineExceeded);
            if slot.on_wire {
                cancelled.push(self.ids.id(index, slot.generation));
            }
        }
        (wakers, cancelled)
    }

    /// The connection has ended, so every call fails. `has_left`: whether the frame at a mark was
    /// written.
    pub(crate) fn disconnect(&mut self, has_left: impl Fn(u64) -> bool) -> Vec<Waker> {
        let mut wakers = self.line.disband();
        self.on_wire = 0;
        self.next_deadline = None;
        for (index, slot) in self.slots.iter_mut().enumerate() {
            if !slot.on_wire {
                continue;
            }
            slot.on_wire = false;
            match &mut slot.caller {
                CallerSide::Waiting(waker) => {
                    wakers.extend(waker.take());
                    let may_have_run = has_left(slot.mark);
                    slot.caller = CallerSide::Has(Reply::Disconnected { may_have_run });
                }
                CallerSide::Has(_) => {}
                CallerSide::Gone => {
                    (slot.inbox, slot.progress) = (None, None);
                    // There are fewer than 2^24 slots.
                    self.free.push(index as u32);
                }
            }
        }
        wakers
    }

    fn slot(&mut self, id: CallId) -> Option<&mut CallSlot> {
        let (ids, index) = (self.ids, self.ids.index(id));
        let slot = self.slots.get_mut(index)?;
        (ids.id(index, slot.generation) == id).then_some(slot)
    }

    /// The peer has answered, so the place is free. Returns the waker of the next call in the
    /// queue.
    fn answered(&mut self, id: CallId) -> Option<Waker> {
        let slot = self.slot(id)?;
        slot.on_wire = false;
        if matches!(slot.caller, CallerSide::Gone) {
            self.release(id);
        }
        self.on_wire -= 1;
        self.line.grant(room(self.on_wire, self.limit))
    }

    fn release(&mut self, id: CallId) {
        let Some(slot) = self.slot(id) else { return };
        // They hold received data.
        (slot.inbox, slot.progress) = (None, None);
        // A slot that has used up its generations is never used again. That takes 2^29 calls.
        let generation = slot.generation;
        if self.ids.after(generation).is_some() {
            self.free.push(self.ids.index(id) as u32);
        }
    }
}

/// Whether there is room for one more call at some depth, in addition to the granted places.
fn room(on_wire: usize, limit: usize) -> impl Fn(u8, usize) -> bool {
    move |depth, granted| match depth {
        0 => on_wire + granted < limit,
        // A call that uses a grant checks again.
        depth => on_wire < call_depth::places(limit, depth),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{codec::extent::Extent, peer::state::raw_result::Payload};

    fn result(text: &[u8]) -> Reply {
        Reply::Result(Payload::new(text, Extent::Stepped))
    }

    #[test]
    fn ids_are_never_used_twice() {
        let mut calls = Calls::new(10, IdLayout::UNIQUE);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..100 {
            let (id, _) = calls.begin(None, Waker::noop());
            assert!(id.number() >= 1 && seen.insert(id.number()));
            calls.complete(id, result(b"1")).unwrap();
            assert_eq!(calls.poll(id, Waker::noop()), Poll::Ready(result(b"1")));
        }
        assert_eq!(calls.slots.len(), 1);
    }

    #[test]
    fn small_ids_stay_below_two_to_the_31_and_none_is_used_while_it_is_in_flight() {
        let mut calls = Calls::new(10, IdLayout::SMALL);
        let (waiting, _) = calls.begin(None, Waker::noop());
        for _ in 0..5_000 {
            let (id, _) = calls.begin(None, Waker::noop());
            assert!(id != waiting && (1..1 << 31).contains(&id.number()), "{id:?}");
            calls.complete(id, result(b"1")).unwrap();
            assert_eq!(calls.poll(id, Waker::noop()), Poll::Ready(result(b"1")));
            assert!(calls.complete(id, result(b"1")).is_err(), "it was answered");
        }
        assert_eq!(calls.slots.len(), 2);
        assert!(calls.complete(waiting, result(b"2")).is_ok());
    }

    #[test]
    fn a_late_answer_finds_nobody_and_frees_the_slot() {
        let mut calls = Calls::new(1, IdLayout::UNIQUE);
        let (id, _) = calls.begin(None, Waker::noop());
        assert_eq!(calls.abandon(id), Abandoned::Cancel, "the peer is told");
        let mut ticket = None;
        assert!(!calls.admit(&mut ticket, 0, Waker::noop()), "the peer still counts it");
        assert!(calls.complete(id, result(b"1")).is_ok());
        assert!(calls.complete(id, result(b"1")).is_err(), "it was answered");
        assert!(calls.admit(&mut ticket, 0, Waker::noop()));
        assert_eq!(calls.on_wire(), 0);
    }

    #[test]
    fn a_passed_deadline_fails_the_call_and_keeps_its_place() {
        let mut calls = Calls::new(10, IdLayout::UNIQUE);
        let now = Instant::now();
        let later = now + Duration::from_secs(1);
        let (soon, first) = calls.begin(Some(now), Waker::noop());
        assert!(first);
        let (_, sooner) = calls.begin(Some(later), Waker::noop());
        assert!(!sooner);
        let (_, cancelled) = calls.expire(now);
        assert_eq!(cancelled, [soon]);
        assert_eq!(calls.next_deadline(), Some(later));
        assert_eq!(calls.poll(soon, Waker::noop()), Poll::Ready(Reply::DeadlineExceeded));
        assert_eq!(calls.on_wire(), 2);
        assert!(calls.complete(soon, result(b"1")).is_ok());
        assert_eq!(calls.on_wire(), 1);
    }

    #[test]
    fn the_end_tells_which_calls_may_have_run() {
        let mut calls = Calls::new(10, IdLayout::UNIQUE);
        let (sent, _) = calls.begin(None, Waker::noop());
        calls.queued(sent, 10);
        let (unsent, _) = calls.begin(None, Waker::noop());
        calls.queued(unsent, 20);
        calls.disconnect(|mark| mark <= 10);
        let ended = |may_have_run| Poll::Ready(Reply::Disconnected { may_have_run });
        assert_eq!(calls.poll(sent, Waker::noop()), ended(true));
        assert_eq!(calls.poll(unsent, Waker::noop()), ended(false));
        assert_eq!(calls.on_wire(), 0);
    }
}
