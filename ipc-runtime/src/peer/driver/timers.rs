//! What is due on a connection, and when.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::task::coop;

use crate::{
    error::disconnect_reason::DisconnectReason,
    peer::driver::{
        Driver, LOOK, SPARE, heartbeat::Pulse, stall_watch::Mark, term::Term, writer::Flush,
    },
    support::rt::{Instant, sleep_until},
    transport::carrier::CloseKind,
};

impl Driver {
    /// Does what is due (fails calls whose deadline has passed, among other things), and sets the
    /// timer for what is due next. Ready when the connection ends. `call` is the earliest deadline
    /// of calls and notifications.
    pub(super) fn poll_due(
        &mut self,
        cx: &mut Context<'_>,
        mut call: Option<Instant>,
    ) -> Poll<DisconnectReason> {
        let greets = self.connection.must_greet() || !self.dispatch.is_established();
        if matches!(self.term, Some((_, Term::Greeting))) && !greets {
            self.term = None;
            if self.half_closed {
                self.begin_half_closed_term();
            }
        }
        loop {
            let term = self.term.map(|(at, _)| at);
            let beat = self.next_beat();
            let frame = self.next_look_at_frame();
            let writing = self.next_look_at_writing();
            let due = call.into_iter().chain(term).chain(self.next_look);
            let spare = self.next_give_back();
            let due = due.chain(self.idle_at).chain(spare).chain(beat).chain(frame).chain(writing);
            let Some(next) = due.min() else { return Poll::Pending };
            // The timer fires by then, and wakes the task that set it: that is always this one.
            if self
                .timer
                .as_ref()
                .is_some_and(|timer| timer.deadline() <= next && !timer.is_elapsed())
            {
                return Poll::Pending;
            }
            let now = Instant::now();
            if next > now {
                // Pending, unless it has become due just now.
                ready!(self.poll_timer(cx, next));
                continue;
            }
            if frame.is_some_and(|at| at <= now) {
                if let Some((time, is_deaf)) = self.stalls(now) {
                    let reason = match is_deaf {
                        true => DisconnectReason::SlowReader,
                        false => {
                            self.goodbye = CloseKind::Refused;
                            self.dispatch.stalled(time)
                        }
                    };
                    self.connection.close(reason);
                }
                continue;
            }
            if writing.is_some_and(|at| at <= now) {
                if self.takes_nothing(now) {
                    self.connection.close(DisconnectReason::SlowReader);
                }
                continue;
            }
            if beat.is_some_and(|at| at <= now) {
                if self.is_dead(now) {
                    return Poll::Ready(DisconnectReason::Unresponsive);
                }
                continue;
            }
            if self.idle_at.take_if(|at| *at <= now).is_some() {
                // The next round checks whether they are still idle.
                self.connection.with_state(|state| state.outbox.nudge());
                continue;
            }
            if self.spare_until.take_if(|until| *until <= now).is_some() {
                self.carrier.give_back();
                continue;
            }
            if self.next_look.is_some_and(|at| at <= now) {
                self.next_look = now.checked_add(LOOK);
                if self.connection.peer_is_gone() {
                    return Poll::Ready(self.silent());
                }
                continue;
            }
            match self.term {
                Some((at, Term::HalfClosed)) if at <= now => {
                    self.term = None;
                    // Subscriptions that are still open end with an error then.
                    self.connection.close(self.silent());
                }
                Some((at, Term::Greeting)) if at <= now && !self.connection.must_greet() => {
                    self.term = None;
                    // The peer only listens.
                    self.dispatch.establish();
                }
                Some((at, term)) if at <= now => return Poll::Ready(self.over(term)),
                _ => {
                    self.connection.expire_calls(now);
                    call = self.connection.with_state(|state| state.next_deadline());
                }
            }
        }
    }

    /// Returns how far the input has come, if it stops within a message. `None` once the peer has
    /// half-closed the connection, since what it left unfinished is no message, and while this side
    /// closes, since it takes in none.
    fn unfinished(&self) -> Option<Mark> {
        let bytes = self.carrier.unfinished()?;
        if self.half_closed || self.connection.is_closing() {
            return None;
        }
        Some(Mark { frames: self.frames, bytes })
    }

    /// Returns when to give back the memory that the carrier keeps. The carrier isn't asked again
    /// before then.
    fn next_give_back(&mut self) -> Option<Instant> {
        if self.spare_until.is_none() && self.carrier.has_spare() {
            self.spare_until = Instant::now().checked_add(SPARE);
        }
        self.spare_until
    }

    fn next_look_at_frame(&mut self) -> Option<Instant> {
        self.reading.as_ref()?;
        let unfinished = self.unfinished();
        self.reading.as_mut()?.next(unfinished)
    }

    /// Returns a count that grows with each byte that leaves, even within a message that the
    /// carrier has taken as a whole.
    fn taken(&self) -> u64 {
        self.writer.left + self.carrier.traffic().written
    }

    /// Returns how much the peer has taken so far, if something waits for it. `None` while the
    /// connection closes and once the peer has half-closed it: other deadlines apply then.
    fn untaken(&self) -> Option<Mark> {
        if self.writer.is_flushed() || self.half_closed || self.connection.is_closing() {
            return None;
        }
        // Each byte is progress: a peer takes many at once, or none.
        Some(Mark { frames: self.taken(), bytes: 0 })
    }

    fn next_look_at_writing(&mut self) -> Option<Instant> {
        self.writing.as_ref()?;
        let untaken = self.untaken();
        self.writing.as_mut()?.next(untaken)
    }

    /// Returns whether the peer has taken nothing for too long. A peer that takes nothing and
    /// answers no pings would otherwise stay for ever.
    fn takes_nothing(&mut self, now: Instant) -> bool {
        let untaken = self.untaken();
        self.writing.as_mut().is_some_and(|watch| watch.look(untaken, now))
    }

    /// Returns the time that a message may stall, if one has stalled for that long, and whether
    /// that is because this side doesn't read. If so, it is tolerated while the peer, which has
    /// replies to read, takes some of them now and then.
    fn stalls(&mut self, now: Instant) -> Option<(Duration, bool)> {
        let (unfinished, is_deaf) = (self.unfinished(), !self.may_take_in());
        let taken = self.taken();
        let takes = std::mem::replace(&mut self.taken_at_frame, taken) != taken;
        let watch = self.reading.as_mut()?;
        if is_deaf && takes {
            watch.excuse();
        }
        watch.look(unfinished, now).then(|| (watch.time(), is_deaf))
    }

    /// Returns when to check next whether the peer is alive; `None` if it can't be asked.
    fn next_beat(&mut self) -> Option<Instant> {
        let heartbeat = self.heartbeat.as_mut()?;
        // A peer that has half-closed the connection is checked in another way.
        let can_be_asked = self.connection.answers_pings() || self.carrier.has_pings();
        if self.half_closed || !can_be_asked {
            return None;
        }
        Some(heartbeat.next())
    }

    fn is_dead(&mut self, now: Instant) -> bool {
        // A peer that isn't read from can't be heard.
        let is_deaf = !self.may_take_in();
        // A ping that is queued behind a large message hasn't reached the peer yet.
        let unheard = !self.writer.is_flushed()
            || self.ping.is_some_and(|mark| !self.connection.has_left(mark));
        // A peer that takes what is written is alive, and so is one that sends anything.
        let (taken, read) = (self.taken(), self.carrier.traffic().read);
        let takes = std::mem::replace(&mut self.taken_at_beat, taken) != taken;
        let sends = std::mem::replace(&mut self.read_at_beat, read) != read;
        let Some(heartbeat) = &mut self.heartbeat else { return false };
        if sends || (is_deaf || unheard) && takes {
            heartbeat.heard();
        }
        match heartbeat.look(now) {
            Pulse::Alive => false,
            Pulse::Silent => {
                self.ask();
                false
            }
            Pulse::Dead => true,
        }
    }

    /// Sends a ping. A peer that has announced a heartbeat answers `rpc.ping`; for others, the
    /// carrier may have pings of its own.
    fn ask(&mut self) {
        if self.connection.answers_pings() {
            self.ping = Some(self.connection.ping());
        } else if self.carrier.has_pings() {
            self.carrier.ping();
            self.writer.flush = Flush::Pending;
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        // Without regard to the task's budget: the timer has to be registered even if that is used
        // up.
        pin!(coop::unconstrained(timer.as_mut())).poll(cx)
    }
}
