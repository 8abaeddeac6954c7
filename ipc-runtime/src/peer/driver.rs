//! The task of a connection.

pub(crate) mod config;
pub(crate) mod ending;
pub(crate) mod flushing;
pub(crate) mod heartbeat;
pub(crate) mod stall_watch;
pub(crate) mod term;
pub(crate) mod timers;
pub(crate) mod writer;

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::task::coop;

use crate::{
    error::disconnect_reason::DisconnectReason,
    peer::{
        connection::{Connection, Phase},
        driver::{
            config::Config, heartbeat::Heartbeat, stall_watch::StallWatch, term::Term,
            writer::Writer,
        },
        handshake::policy::HandshakePolicy,
        incoming::dispatch::{Dispatch, fatal_input::FatalInput},
    },
    support::rt::{Instant, Sleep, timeout},
    transport::carrier::{Carrier, CloseKind, Input},
};

/// How long a closing connection waits for the other side to take what was queued, and then again
/// for its goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// How long a backend waits for the handshake of a peer that knows the protocol but needs no
/// handshake and hasn't promised one. After that, the peer is taken for one that only listens.
const FIRST_MESSAGE: Duration = Duration::from_secs(1);

/// How often a half-closed connection is checked: the peer may be gone altogether.
const LOOK: Duration = Duration::from_millis(500);

/// How long the carrier's memory is kept for further large messages.
const SPARE: Duration = Duration::from_secs(1);

/// While there is more to dispatch, replies are gathered up to this many bytes, then written. That
/// gives the peer something to do meanwhile; if all were gathered first, both sides would take
/// turns.
const GATHERED: usize = 4 * 1024;

/// This many items cost one unit of this task's budget: they only go into their reader's inbox.
const ITEMS_A_UNIT: u64 = 4;

/// This many bytes, of messages and of answers that were ready at once, cost one more unit.
const BYTES_A_UNIT: usize = 16 * 1024;

/// The most units that one message is charged: as many as a task has. The rest of a large message
/// isn't taken from the next budget.
const SHARE: usize = 128;

/// The task of a connection: it reads, dispatches and writes.
pub(crate) struct Driver {
    connection: Arc<Connection>,
    carrier: Box<dyn Carrier>,
    dispatch: Dispatch,
    writer: Writer,
    /// The peer has half-closed the connection, and waits for its answers.
    half_closed: bool,
    /// Frames that were read wait until replies are written: backpressure.
    held_back: bool,
    /// The task has yielded once to callers that are about to queue more.
    yielded: bool,
    /// The last poll ended while dispatching, because the task's budget was used up.
    interrupted: bool,
    timer: Option<Pin<Box<Sleep>>>,
    /// How the carrier closes the connection, unless the end itself asks for another way.
    goodbye: CloseKind,
    /// When the connection ends if nothing else happens first, and why.
    term: Option<(Instant, Term)>,
    /// Checks whether the peer is alive, if the limits say so; used only with a peer that answers
    /// pings.
    heartbeat: Option<Heartbeat>,
    /// Checks whether a message that has begun to come in goes on.
    reading: Option<StallWatch>,
    /// Checks whether the peer takes anything of what waits to be written.
    writing: Option<StallWatch>,
    /// How many frames came in.
    frames: u64,
    /// The mark in the outbox at which the last ping ends.
    ping: Option<u64>,
    /// How many bytes the peer had taken at the last check of the heartbeat, and at the last check
    /// for a stalled message.
    taken_at_beat: u64,
    taken_at_frame: u64,
    /// How many bytes the carrier had read at the last check of the heartbeat.
    read_at_beat: u64,
    /// When to check again whether the peer of a half-closed connection is gone.
    next_look: Option<Instant>,
    /// When the subscriptions count as idle, if nothing else is left.
    idle_at: Option<Instant>,
    /// When the carrier gives back the memory that it keeps for further large messages.
    spare_until: Option<Instant>,
}

impl Driver {
    pub(crate) fn new(carrier: Box<dyn Carrier>, config: Config) -> (Arc<Connection>, Box<Self>) {
        let Config { session, registry, handshake, token, resolver } = config;
        let must_greet = handshake == HandshakePolicy::Required;
        let (framing, inline) = (carrier.framing(), carrier.try_writer());
        let connection = Arc::new(Connection::new(session, must_greet, token, framing, inline));
        connection.session().attach(&connection);
        // Boxed, since a future keeps a copy of its arguments.
        let mut driver = Box::new(Self {
            dispatch: Dispatch::new(
                connection.clone(),
                registry,
                resolver,
                carrier.knows_protocol(),
            ),
            connection: connection.clone(),
            carrier,
            writer: Writer::default(),
            half_closed: false,
            held_back: false,
            yielded: false,
            interrupted: false,
            timer: None,
            goodbye: CloseKind::Normal,
            term: None,
            heartbeat: connection.limits().heartbeat_interval().map(Heartbeat::new),
            reading: connection.limits().frame_time().map(StallWatch::new),
            writing: connection.limits().frame_time().map(StallWatch::new),
            frames: 0,
            ping: None,
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
            let is_promised = driver.carrier.promises_handshake();
            let patience = if is_promised { timeout } else { timeout.min(FIRST_MESSAGE) };
            driver.begin_term(Term::Greeting, patience);
        }
        (connection, driver)
    }

    /// Runs the connection until it ends.
    pub(crate) async fn run(mut self: Box<Self>) {
        // A peer that knows the protocol begins with a handshake, and may come back to a session.
        if !self.carrier.knows_protocol() {
            self.dispatch.establish();
        }
        let (reason, mut kind) = poll_fn(|cx| self.poll(cx)).await;
        if kind == CloseKind::Normal {
            kind = self.goodbye;
        }
        // Before the goodbye, so that calls fail at once, however long it takes.
        self.connection.end(reason);
        self.dispatch.release();
        if kind == CloseKind::Normal && self.dispatch.is_stranger() {
            // A peer that hasn't shown the token isn't waited for.
            return;
        }
        let goodbye = poll_fn(|cx| self.carrier.poll_close(cx, kind));
        let _ = timeout(GOODBYE, goodbye).await;
    }

    /// Drives the connection. Ready when it ends.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(DisconnectReason, CloseKind)> {
        self.connection.with_state(|state| state.outbox.awake());
        if std::mem::take(&mut self.interrupted) {
            // A peer that sends more than one budget's worth must not keep this task from writing,
            // or from what is due.
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
                Poll::Ready(Err(FatalInput { reason, kind })) => {
                    // The peer still gets the error, if it can be written at once.
                    let _ = self.poll_flush(cx);
                    return Poll::Ready((reason, kind));
                }
                Poll::Pending => {
                    self.interrupted = true;
                    return Poll::Pending;
                }
            }
            // While frames are held back, they come first: nothing more is read.
            if !self.held_back && self.may_read() {
                let input = self.carrier.poll_read(cx);
                // Items are gathered as long as there is more to read.
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
                    #[cfg(feature = "socket-io")]
                    Poll::Ready(Ok(Input::Interrupted)) => {
                        self.connection.interrupt();
                        continue;
                    }
                    Poll::Ready(Ok(Input::End(end))) => match self.end_of_input(end) {
                        Some(reason) => return Poll::Ready((reason, CloseKind::Normal)),
                        None => continue,
                    },
                    Poll::Ready(Err(error)) => {
                        // If the peer broke the carrier's own protocol, the close says so.
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
                // As soon as there is room for their replies, frames that were held back go on.
                Poll::Pending if self.held_back && self.may_take_in() => continue,
                Poll::Pending => return Poll::Pending,
            }
            // Everything is written. If frames were held back for that, they are next.
            if !self.held_back && self.fall_asleep(cx) {
                return Poll::Pending;
            }
        }
    }

    /// Does everything but reading and dispatching: writes, closes when it is time to, fails calls
    /// whose deadline has passed. Pending while there is more to write; `Err` when the connection
    /// ends.
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
        if flushed && !self.writer.is_flushed() {
            // A ping of the carrier's own was due: only the carrier has it queued.
            flushed = self.poll_flush(cx).is_ready();
        }
        if flushed { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Dispatches the frames that were read, while there is room for their replies. Pending when
    /// this task's budget is used up.
    fn poll_hand_on(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), FatalInput>> {
        let mut was_item = false;
        loop {
            // One read may bring more requests than there is room for replies. Items have no
            // replies.
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
            if self.writer.is_flushed() && self.connection.unwritten() >= GATHERED {
                // The result doesn't matter: it is flushed again when there is nothing more to
                // dispatch.
                let _ = self.poll_flush(cx);
            }
        }
    }

    /// Charges a message's bytes to this task's budget, and those of the answers that were encoded
    /// since `made`.
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

    /// Returns whether to read and dispatch more: a peer that doesn't read its replies isn't read
    /// from. But while it owes us an answer it is, or else two such sides could wait for each
    /// other.
    fn may_take_in(&self) -> bool {
        self.connection.unwritten() <= self.connection.limits().queued_bytes()
            || self.connection.with_state(|state| state.calls.on_wire() > 0)
    }

    /// Yields once, so that callers that are ready get their requests into the same write. That
    /// pays when several calls are in flight and one of them has just been queued, and when several
    /// callers have just got their replies and would wake this task one by one.
    fn gives_way(&mut self, cx: &mut Context<'_>) -> bool {
        if self.yielded || !self.writer.outgoing.is_empty() {
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

    /// Prepares to sleep. Returns `false` if there is more to do since this task last looked.
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

impl Drop for Driver {
    /// Also runs if the runtime shuts down with the connection open: its calls fail then.
    fn drop(&mut self) {
        self.connection.end(DisconnectReason::ClosedHere);
    }
}
