//! The one task of a connection: it reads, hands on and writes.

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
        incoming::dispatch::{Dispatch, refusal::Refusal},
    },
    support::rt::{Instant, Sleep, timeout},
    transport::carrier::{Carrier, CloseKind, Input},
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
    writer: Writer,
    /// The peer says nothing more, and waits for its answers.
    half_closed: bool,
    /// Frames that were read wait until replies are written.
    held_back: bool,
    /// Gave way once to callers that are about to queue more.
    yielded: bool,
    /// The last poll ended when this task had had its share, amid taking in.
    interrupted: bool,
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

impl Driver {
    pub(crate) fn new(carrier: Box<dyn Carrier>, config: Config) -> (Arc<Connection>, Box<Self>) {
        let Config { session, registry, handshake, token, resolver } = config;
        let must_greet = handshake == HandshakePolicy::Required;
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
        if flushed && !self.writer.is_flushed() {
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
            if self.writer.is_flushed() && self.connection.unwritten() >= GATHERED {
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

    /// Lets callers that are ready get their requests into the same write: this task goes to the end of
    /// the line once. That is so where several calls are under way, one of which has just been queued,
    /// and where several callers were just given their replies, and would wake it one by one.
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

impl Drop for Driver {
    /// Also when the runtime is shut down under it: whoever waits is told.
    fn drop(&mut self) {
        self.connection.end(DisconnectReason::ClosedHere);
    }
}
