//! What a connection does because its time has come.

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
    /// Fails calls whose time is over, and has this task woken when the next thing is due. Ready
    /// when that is the end. `call` is the first of the calls' and notifications'
    /// deadlines.
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
            // It wakes this task by then, as it was told when it was set. It is always the same task.
            if self
                .timer
                .as_ref()
                .is_some_and(|timer| timer.deadline() <= next && !timer.is_elapsed())
            {
                return Poll::Pending;
            }
            let now = Instant::now();
            if next > now {
                // Not ready, unless it has become due just now.
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
                // The next round looks whether they still are.
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
                    // Which says so, to whoever still gets items.
                    self.connection.close(self.silent());
                }
                Some((at, Term::Greeting)) if at <= now && !self.connection.must_greet() => {
                    self.term = None;
                    // It only listens.
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

    /// How far it has come, if that is amid a message. What a peer that says nothing more has left is
    /// none any more, and whoever closes takes none.
    fn amid(&self) -> Option<Mark> {
        let bytes = self.carrier.unfinished()?;
        if self.half_closed || self.connection.is_closing() {
            return None;
        }
        Some(Mark { frames: self.frames, bytes })
    }

    /// When memory that the carrier keeps is to be given back: it need not be asked for more often.
    fn next_give_back(&mut self) -> Option<Instant> {
        if self.spare_until.is_none() && self.carrier.has_spare() {
            self.spare_until = Instant::now().checked_add(SPARE);
        }
        self.spare_until
    }

    fn next_look_at_frame(&mut self) -> Option<Instant> {
        self.reading.as_ref()?;
        let amid = self.amid();
        self.reading.as_mut()?.next(amid)
    }

    /// Grows with each byte that leaves, also of a message that the carrier has taken as a whole.
    fn taken(&self) -> u64 {
        self.writer.left + self.carrier.traffic().written
    }

    /// How much the peer has taken, if something waits for it. While a connection closes, and when the
    /// peer says nothing more, other times apply.
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

    /// Whether the peer has taken nothing for too long. One that takes nothing and isn't asked whether it
    /// is there, since it knows no ping, would stay for ever.
    fn takes_nothing(&mut self, now: Instant) -> bool {
        let untaken = self.untaken();
        self.writing.as_mut().is_some_and(|watch| watch.look(untaken, now))
    }

    /// For how long a message has rested, if that is too long, and whether that is since the peer isn't
    /// read from. It is not put up with for longer than whoever doesn't read takes something now and
    /// then.
    fn stalls(&mut self, now: Instant) -> Option<(Duration, bool)> {
        let (amid, is_deaf) = (self.amid(), !self.may_take_in());
        let taken = self.taken();
        let takes = std::mem::replace(&mut self.taken_at_frame, taken) != taken;
        let watch = self.reading.as_mut()?;
        if is_deaf && takes {
            watch.excuse();
        }
        watch.look(amid, now).then(|| (watch.time(), is_deaf))
    }

    /// When to see next whether the peer is still alive.
    fn next_beat(&mut self) -> Option<Instant> {
        let heartbeat = self.heartbeat.as_mut()?;
        // One that has said that it says nothing more is looked for in another way.
        let can_be_asked = self.connection.answers_pings() || self.carrier.has_pings();
        if self.half_closed || !can_be_asked {
            return None;
        }
        Some(heartbeat.next())
    }

    fn is_dead(&mut self, now: Instant) -> bool {
        // Whoever isn't read from can't be heard.
        let is_deaf = !self.may_take_in();
        // A question that waits behind a large message isn't heard yet.
        let unheard = !self.writer.is_flushed()
            || self.ping.is_some_and(|mark| !self.connection.has_left(mark));
        // Whoever takes what is written is alive, and so is whoever sends, whatever it is.
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

    /// Asks whether the peer is there. One that has told of a heartbeat answers by itself; of others
    /// the carrier may know.
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
        // Whether this task has had its share is none of its business: set, it must wake.
        pin!(coop::unconstrained(timer.as_mut())).poll(cx)
    }
}
