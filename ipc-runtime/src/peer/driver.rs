//! The one task of a connection: it reads, hands on and writes.

pub(crate) mod config;
pub(crate) mod heartbeat;
pub(crate) mod stall_watch;
pub(crate) mod timers;

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::task::coop;

use crate::{
    error::DisconnectReason,
    framing::step::End,
    peer::handshake::policy::Handshake,
    peer::{
        connection::{Connection, Phase},
        driver::{config::Config, heartbeat::Heartbeat, stall_watch::StallWatch},
        incoming::dispatch::{Dispatch, refusal::Refusal},
    },
    support::rt::{Instant, Sleep, timeout},
    transport::{
        carrier::{Carrier, CloseKind, Input, Outgoing},
        stray_output::StrayOutput,
    },
};

/// How long a connection that closes waits for the other side to take what was queued, and then
/// for its goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// How long a backend waits for the handshake of a peer that knows the protocol, and needn't shake
/// hands: then it is taken for one that only listens.
const FIRST_MESSAGE: Duration = Duration::from_secs(1);

/// How often a peer that says nothing more is looked for, while it is served on.
const LOOK: Duration = Duration::from_millis(500);

/// How long memory is kept for more large messages.
const SPARE: Duration = Duration::from_secs(1);

/// Replies are gathered while there is more to hand on, up to this many bytes. Then they are written,
/// so that the peer has something to do meanwhile: gathered to the end, both sides would take turns.
const GATHERED: usize = 4 * 1024;

/// So many items are one unit of this task's share: they are only put where their reader finds them.
const ITEMS_A_UNIT: u64 = 4;

/// So many bytes, of what came in and of the answers that were made at once, are one more unit.
const BYTES_A_UNIT: usize = 16 * 1024;

/// As many units as a task has at the most: the rest of a large message takes nothing of the next share.
const SHARE: usize = 128;

/// The one task of a connection: it reads, hands on and writes.
pub(crate) struct Driver {
    connection: Arc<Connection>,
    carrier: Box<dyn Carrier>,
    dispatch: Dispatch,
    outgoing: Outgoing,
    /// How much of `outgoing` the outbox was told of.
    told: usize,
    /// The carrier has bytes that it wasn't done with when it was asked last.
    unflushed: bool,
    /// The carrier is done with bytes, and the outbox wasn't told yet.
    flush_untold: bool,
    /// The peer says nothing more, and waits for its answers.
    half_closed: bool,
    /// Frames that were read wait until replies are written.
    held_back: bool,
    /// Gave way once to callers that are about to queue more.
    yielded: bool,
    /// The last poll ended when this task had had its share, amid taking in.
    interrupted: bool,
    /// Why writing has failed: what has arrived is still taken in, nothing is written any more.
    cannot_write: Option<Arc<io::Error>>,
    timer: Option<Pin<Box<Sleep>>>,
    /// What the carrier says of the end, unless it says more.
    goodbye: CloseKind,
    /// When the connection ends, if nothing comes between, and what it ends of.
    term: Option<(Instant, Term)>,
    /// Whether the peer is still alive, where it can be asked.
    heartbeat: Option<Heartbeat>,
    /// Whether a message that has begun to come in goes on.
    reading: Option<StallWatch>,
    /// Whether the peer takes something of what waits to be written.
    writing: Option<StallWatch>,
    /// How many frames came in.
    frames: u64,
    /// Where a question ends that it was asked.
    ping: Option<u64>,
    /// How many bytes were written.
    left: u64,
    /// How many there were at the last look at the heartbeat, and at the last one at a message that
    /// has begun.
    taken_at_beat: u64,
    taken_at_frame: u64,
    /// How much had come in by the carrier at the last look at the heartbeat.
    read_at_beat: u64,
    /// When a peer that says nothing more is looked for again.
    next_look: Option<Instant>,
    /// When subscriptions that were all that is left are idle.
    idle_at: Option<Instant>,
    /// When memory is given back that was kept for more large messages.
    spare_until: Option<Instant>,
}

/// What a connection may end of in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Term {
    /// It is expected to shake hands, and doesn't. Where it has to, this is the end.
    Greeting,
    /// The peer says nothing more, and its last handlers take long.
    HalfClosed,
    /// The peer doesn't take what is still to be written.
    Closing,
    /// Nothing can be written, and the end of the input doesn't come.
    CannotWrite,
}

impl Driver {
    pub(crate) fn new(carrier: Box<dyn Carrier>, config: Config) -> (Arc<Connection>, Box<Self>) {
        let Config { session, registry, handshake, token, resolver } = config;
        let must_greet = handshake == Handshake::Required;
        let (framing, inline) = (carrier.framing(), carrier.try_writer());
        let connection = Arc::new(Connection::new(session, must_greet, token, framing, inline));
        connection.session().attach(&connection);
        // Boxed, since futures keep a copy of what they are called with.
        let mut driver = Box::new(Self {
            dispatch: Dispatch::new(
                connection.clone(),
                registry,
                resolver,
                carrier.knows_protocol(),
            ),
            connection: connection.clone(),
            carrier,
            outgoing: Outgoing::default(),
            told: 0,
            unflushed: false,
            flush_untold: false,
            half_closed: false,
            held_back: false,
            yielded: false,
            interrupted: false,
            cannot_write: None,
            timer: None,
            goodbye: CloseKind::Normal,
            term: None,
            heartbeat: connection.limits().heartbeat_interval().map(Heartbeat::new),
            reading: connection.limits().frame_time().map(StallWatch::new),
            writing: connection.limits().frame_time().map(StallWatch::new),
            frames: 0,
            ping: None,
            left: 0,
            taken_at_beat: 0,
            taken_at_frame: 0,
            read_at_beat: 0,
            next_look: None,
            idle_at: None,
            spare_until: None,
        });
        if driver.dispatch.is_stranger() {
            driver.carrier.limit_messages(driver.dispatch.max_message_bytes());
        }
        let timeout = connection.limits().handshake_timeout;
        if connection.must_greet() {
            driver.begin_term(Term::Greeting, timeout);
        } else if !driver.dispatch.is_established() {
            driver.begin_term(Term::Greeting, timeout.min(FIRST_MESSAGE));
        }
        (connection, driver)
    }

    /// Runs the connection until it ends.
    pub(crate) async fn run(mut self: Box<Self>) {
        // Whoever knows the protocol shakes hands first, and may be one that was here before.
        if !self.carrier.knows_protocol() {
            self.dispatch.establish();
        }
        let (reason, mut kind) = poll_fn(|cx| self.poll(cx)).await;
        if kind == CloseKind::Normal {
            kind = self.goodbye;
        }
        // Calls fail now, whatever the goodbye takes.
        self.connection.end(reason);
        self.dispatch.release();
        if kind == CloseKind::Normal && self.dispatch.is_stranger() {
            // Whoever hasn't said who they are isn't waited for.
            return;
        }
        let goodbye = poll_fn(|cx| self.carrier.poll_close(cx, kind));
        let _ = timeout(GOODBYE, goodbye).await;
    }

    /// Ready when the connection ends.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(DisconnectReason, CloseKind)> {
        self.connection.with_state(|state| state.outbox.awake());
        if std::mem::take(&mut self.interrupted) {
            // A peer that says more than this task gets through in one go must not keep it from
            // writing, or from what is due.
            if let Poll::Ready(Err(reason)) = self.poll_duties(cx) {
                return Poll::Ready((reason, CloseKind::Normal));
            }
        }
        loop {
            let handed_on = self.poll_hand_on(cx);
            if !matches!(handed_on, Poll::Ready(Ok(()))) {
                self.dispatch.hand_on_items();
            }
            match handed_on {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(Refusal { reason, kind })) => {
                    // What it did wrong is still told.
                    let _ = self.poll_flush(cx);
                    return Poll::Ready((reason, kind));
                }
                Poll::Pending => {
                    self.interrupted = true;
                    return Poll::Pending;
                }
            }
            // While frames are held back, more input would only come in between.
            if !self.held_back && self.may_read() {
                let input = self.carrier.poll_read(cx);
                // As long as there is more, items are gathered.
                if !matches!(input, Poll::Ready(Ok(Input::More))) {
                    self.dispatch.hand_on_items();
                }
                match input {
                    Poll::Ready(Ok(Input::More)) => {
                        if let Some(heartbeat) = &mut self.heartbeat {
                            heartbeat.heard();
                        }
                        continue;
                    }
                    Poll::Ready(Ok(Input::End(end))) => match self.end_of_input(end) {
                        Some(reason) => return Poll::Ready((reason, CloseKind::Normal)),
                        None => continue,
                    },
                    Poll::Ready(Err(error)) => {
                        // Whoever breaks the carrier's own protocol is told so.
                        let kind = match error.kind() {
                            io::ErrorKind::InvalidData => CloseKind::Refused,
                            _ => CloseKind::Normal,
                        };
                        return Poll::Ready((self.lost(Arc::new(error)), kind));
                    }
                    Poll::Pending => {}
                }
            } else {
                self.dispatch.hand_on_items();
            }
            if self.gives_way(cx) {
                return Poll::Pending;
            }
            match self.poll_duties(cx) {
                Poll::Ready(Ok(())) => self.yielded = false,
                Poll::Ready(Err(reason)) => return Poll::Ready((reason, CloseKind::Normal)),
                // As long as there is room for their replies, frames that were held back go on.
                Poll::Pending if self.held_back && self.may_take_in() => continue,
                Poll::Pending => return Poll::Pending,
            }
            // What held frames back is written: then they are next.
            if !self.held_back && self.fall_asleep(cx) {
                return Poll::Pending;
            }
        }
    }

    /// Everything but taking in: writes, closes when it is time to, fails calls that are overdue.
    /// Pending while there is more to write; `Err` when the connection ends.
    fn poll_duties(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), DisconnectReason>> {
        let mut flushed = self.poll_flush(cx).is_ready();
        let (is_open, deadline) = self
            .connection
            .with_state(|state| (matches!(state.phase, Phase::Open), state.next_deadline()));
        if is_open {
            self.idle_at = None;
        } else if let Poll::Ready(reason) = self.poll_closing(flushed) {
            return Poll::Ready(Err(reason));
        }
        if let Poll::Ready(reason) = self.poll_due(cx, deadline) {
            return Poll::Ready(Err(reason));
        }
        if flushed && self.unflushed {
            // Something was due that only the carrier knows of: a ping.
            flushed = self.poll_flush(cx).is_ready();
        }
        if flushed { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Hands on the frames that were read, while their replies find room; pending when this task
    /// has had its share.
    fn poll_hand_on(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refusal>> {
        let mut was_item = false;
        loop {
            // One read may bring more requests than there is room for replies. Items have none.
            if !was_item {
                self.held_back = !self.may_take_in();
            }
            if self.held_back {
                return Poll::Ready(Ok(()));
            }
            let share = ready!(coop::poll_proceed(cx));
            let made = self.connection.made();
            if self.dispatch.has_batch() {
                share.made_progress();
                match self.dispatch.next_of_batch() {
                    Ok(length) => self.charge(cx, length, made),
                    Err(refusal) => return Poll::Ready(Err(refusal)),
                }
                continue;
            }
            let Some(frame) = self.carrier.next_frame() else { return Poll::Ready(Ok(())) };
            let length = frame.length();
            self.frames += 1;
            was_item = self.dispatch.item(&frame);
            if !was_item || self.frames % ITEMS_A_UNIT == 0 {
                share.made_progress();
            }
            if was_item {
                continue;
            }
            let was_stranger = self.dispatch.is_stranger();
            if let Err(refusal) = self.dispatch.frame(frame) {
                return Poll::Ready(Err(refusal));
            }
            self.charge(cx, length, made);
            if was_stranger && !self.dispatch.is_stranger() {
                self.carrier.limit_messages(self.dispatch.max_message_bytes());
            }
            if !self.unflushed && self.connection.unwritten() >= GATHERED {
                // Whether it is ready shows when there is nothing more to hand on.
                let _ = self.poll_flush(cx);
            }
        }
    }

    /// Takes a message's bytes, and those of the answers that were made since, from this task's share.
    fn charge(&self, cx: &mut Context<'_>, length: usize, made: usize) {
        let bytes = length.saturating_add(self.connection.made().wrapping_sub(made));
        for _ in 0..(bytes / BYTES_A_UNIT).min(SHARE) {
            match coop::poll_proceed(cx) {
                Poll::Ready(share) => share.made_progress(),
                Poll::Pending => return,
            }
        }
    }

    fn may_read(&self) -> bool {
        !self.half_closed && self.may_take_in()
    }

    /// A peer that doesn't read its replies isn't read from. But while it owes us an answer it is:
    /// else two such sides could wait for each other.
    fn may_take_in(&self) -> bool {
        self.connection.unwritten() <= self.connection.limits().queued_bytes()
            || self.connection.with_state(|state| state.calls.on_wire() > 0)
    }

    fn end_of_input(&mut self, end: End) -> Option<DisconnectReason> {
        match end {
            End::Closed | End::Truncated => Some(self.farewell()),
            End::HalfClosed | End::HalfClosedTruncated => {
                if end == End::HalfClosedTruncated {
                    self.dispatch.truncated();
                }
                self.half_closed = true;
                self.next_look = Instant::now().checked_add(LOOK);
                // Who has yet to shake hands has no more time for that than anybody else.
                if !self.connection.must_greet() {
                    self.begin_half_closed_term();
                }
                let reason = self.farewell();
                self.connection.finish_what_runs(reason);
                None
            }
        }
    }

    fn farewell(&self) -> DisconnectReason {
        let told = self.connection.with_state(|state| state.farewell.take());
        DisconnectReason::ClosedByPeer(told)
    }

    /// Why the connection has ended, if that is what reading or writing has failed with.
    fn lost(&self, error: Arc<io::Error>) -> DisconnectReason {
        if is_the_peers(&error) {
            return self.farewell();
        }
        match error.kind() {
            io::ErrorKind::InvalidData => match StrayOutput::of(&error) {
                Some(stray) => stray.reason(),
                None => DisconnectReason::Protocol(error.to_string().into()),
            },
            _ => DisconnectReason::Io(error),
        }
    }

    /// Lets callers that are ready get their requests into the same write: this task goes to the end of
    /// the line once. That is so where several calls are under way, one of which has just been queued,
    /// and where several callers were just given their replies, and would wake it one by one.
    fn gives_way(&mut self, cx: &mut Context<'_>) -> bool {
        if self.yielded || !self.outgoing.is_empty() {
            return false;
        }
        let are_woken = self.dispatch.replies() > 1;
        let gives_way = are_woken
            || self.connection.unwritten() > 0
                && self.connection.with_state(|state| {
                    state.calls.on_wire() > 1
                        && !state.outbox.queued().is_empty()
                        && matches!(state.phase, Phase::Open)
                });
        if gives_way {
            self.yielded = true;
            cx.waker().wake_by_ref();
        }
        gives_way
    }

    /// Writes everything that is queued. A failure is no end yet: what the peer has said before
    /// may still be there to be read.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.cannot_write.is_none() {
            if self.outgoing.is_empty() {
                let is_told = self.outgoing.written() == self.told && !self.flush_untold;
                let is_idle = is_told && !self.unflushed;
                if is_idle && self.connection.unwritten() == 0 {
                    // Whatever is queued at this moment is seen before this task falls asleep.
                    return Poll::Ready(());
                }
                let outgoing = &mut self.outgoing;
                let (delta, is_flushed) = (outgoing.written() - self.told, !self.unflushed);
                let (wakers, more) = self.connection.with_state(|state| {
                    let wakers = state.outbox.advance(delta as u64, is_flushed);
                    (wakers, state.outbox.take(|queued| outgoing.swap(queued)))
                });
                self.flush_untold = false;
                self.note_written(delta, wakers);
                if !more && !self.unflushed {
                    return Poll::Ready(());
                }
            }
            let written = self.carrier.poll_write(cx, &mut self.outgoing);
            self.unflushed = written.is_pending();
            if matches!(written, Poll::Ready(Ok(()))) {
                self.flush_untold = true;
                continue;
            }
            let delta = self.outgoing.written() - self.told;
            let keeps_nothing = !self.carrier.keeps_back();
            let wakers = self.connection.with_state(|state| {
                if written.is_pending() {
                    state.outbox.block(cx.waker());
                }
                state.outbox.advance(delta as u64, keeps_nothing)
            });
            self.note_written(delta, wakers);
            let Poll::Ready(Err(error)) = written else { return Poll::Pending };
            tracing::debug!(peer = %self.connection.info().id, %error, "can't write any more");
            // A peer that has gone may have said something before: that is read to its end. One that
            // hasn't knows nothing of a fault on this side, and has no reason to go.
            let rest = if is_the_peers(&error) { GOODBYE } else { Duration::ZERO };
            self.cannot_write = Some(Arc::new(error));
            self.begin_term(Term::CannotWrite, rest);
        }
        self.connection.with_state(|state| state.outbox.discard());
        Poll::Ready(())
    }

    fn note_written(&mut self, bytes: usize, wakers: Vec<Waker>) {
        self.told = self.outgoing.written();
        self.left += bytes as u64;
        wakers.into_iter().for_each(Waker::wake);
        if bytes > 0 && matches!(self.term, Some((_, Term::HalfClosed))) {
            self.begin_half_closed_term();
        }
    }

    /// Ready when it is time to go. `flushed`: nothing was left to write.
    fn poll_closing(&mut self, flushed: bool) -> Poll<DisconnectReason> {
        self.end_idle_subscriptions();
        let closing = self.connection.with_state(|state| match &state.phase {
            // The last handler has answered since the flush: the next round writes that first.
            _ if flushed && !state.outbox.queued().is_empty() => None,
            Phase::Open => None,
            Phase::Draining => {
                let idle = state.running.is_empty()
                    && state.notifications.is_empty()
                    && state.flows.subscription_count() == 0
                    && !self.dispatch.has_batch();
                let reason = || state.silent.clone().unwrap_or(DisconnectReason::ClosedHere);
                (idle && flushed).then(|| (reason(), true))
            }
            Phase::Closing(reason @ DisconnectReason::PeerDoesNotRead) => {
                Some((reason.clone(), true))
            }
            Phase::Closing(reason) | Phase::Ended(reason) => {
                Some((reason.clone(), flushed || self.dispatch.is_stranger()))
            }
        });
        match closing {
            None => Poll::Pending,
            Some((reason, true)) => Poll::Ready(reason),
            Some((_, false)) => {
                if !matches!(self.term, Some((_, Term::Closing | Term::CannotWrite))) {
                    self.begin_term(Term::Closing, GOODBYE);
                }
                Poll::Pending
            }
        }
    }

    /// When this side stops, and nothing is left but subscriptions without anything to send: they
    /// would hold it up for nothing.
    fn end_idle_subscriptions(&mut self) {
        if self.dispatch.has_batch() {
            return;
        }
        let idle_at = self.connection.with_state(|state| {
            let left_alone = matches!(state.phase, Phase::Draining)
                && state.stopping
                && state.running.is_empty()
                && state.notifications.is_empty()
                && state.flows.subscription_count() > 0;
            left_alone.then(|| state.flows.idle_at(Instant::now())).flatten()
        });
        self.idle_at = idle_at.filter(|at| *at > Instant::now());
        if idle_at.is_some() && self.idle_at.is_none() {
            let silent = self.connection.end_reason();
            self.connection.close(silent.unwrap_or(DisconnectReason::ClosedHere));
        }
    }

    /// Why the peer, which says nothing more, doesn't.
    fn silent(&self) -> DisconnectReason {
        let silent = self.connection.end_reason();
        silent.unwrap_or(DisconnectReason::ClosedByPeer(None))
    }

    /// `false`: there is more to do since this task has looked.
    fn fall_asleep(&mut self, cx: &mut Context<'_>) -> bool {
        let replies = self.dispatch.take_replies();
        self.connection.with_state(|state| {
            if replies > 0 {
                state.last_replies = replies;
            }
            let nothing_new = state.outbox.queued().is_empty() && !state.outbox.take_news();
            if nothing_new {
                state.outbox.sleep(cx.waker());
            }
            nothing_new
        })
    }
}

/// Whether an operation fails so because the peer has ended the connection.
fn is_the_peers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
    )
}

impl Drop for Driver {
    /// Also when the runtime is shut down under it: whoever waits is told.
    fn drop(&mut self) {
        self.connection.end(DisconnectReason::ClosedHere);
    }
}
