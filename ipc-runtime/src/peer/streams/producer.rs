//! Sends the items of a stream, as fast as the other side accepts them.

use std::{
    cell::RefCell,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::task::coop;

use crate::{
    message::{
        encoded,
        error_object::{ErrorObject, Sizes, code},
        item::SpokenEvent,
        item_event::{ItemEvent, Loss},
        item_form::ItemForm,
    },
    peer::{
        connection::{Connection, ConnectionCore, Phase},
        state::{
            batch::Batch,
            flows::{FlowId, Left},
            outbox::RoomTicket,
        },
    },
    support::{
        item_notes::{self, Notes, Position},
        rt::yield_now,
    },
    usage::{Counted, Gauge},
};

/// Frames are gathered up to this many bytes.
const GATHERED: usize = 16 * 1024;

/// If a stream always has more items, and takes longer than this to make them, what was gathered is
/// sent, and the task yields to the one that writes it.
const PATIENCE: Duration = Duration::from_micros(200);

/// How many items without a pause cost one unit of this task's budget. A unit is meant for more
/// than some hundred nanoseconds. Units that the stream itself uses for the other items are given
/// back too.
const ITEMS_A_UNIT: u64 = 4;

/// How many bytes of its buffer a thread keeps.
const KEPT_BUFFER: usize = 64 * 1024;

thread_local! {
    /// Frames are gathered in here while a producer is polled. Between two polls there are none.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What a stream has returned: an item, which was encoded into the buffer, an error or the end.
pub(crate) type Produced = Option<Result<(), ErrorObject>>;

/// Asks a stream for its next item, and encodes it into the buffer.
pub(crate) type Next<'a> =
    &'a mut (dyn FnMut(&mut Context<'_>, &mut Vec<u8>) -> Poll<Produced> + Send);

/// Sends the items of one stream: of a subscription of the peer, or of a stream argument of ours.
///
/// While the stream has items at once and the other side accepts them, they are gathered, to be
/// handed over together. Nothing is held back while the stream waits.
///
/// The flow is open as long as this exists. If this is dropped before the end, it sends nothing
/// about that, unless there was a panic: the code that drops it either was asked to by the other
/// side, or ends the connection.
pub(crate) struct Producer {
    connection: Arc<Connection>,
    id: FlowId,
    as_what: As,
    form: ItemForm,
    notes: Notes,
    /// The epoch was sent with an earlier item.
    epoch_told: bool,
    /// The source has had nothing to send once, or an item was sent.
    begun: bool,
    gathered: Gathered,
    room: Option<RoomTicket>,
    ended: bool,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
}

/// How the items look on the wire.
pub(crate) enum As {
    /// Notifications with the name of the subscribing method.
    Subscription(&'static str),
    /// `$/stream` notifications.
    Argument,
}

/// Frames that wait to be handed over.
#[derive(Debug, Default)]
struct Gathered {
    frames: Vec<u8>,
    /// How many bytes of `frames` are whole frames.
    whole: usize,
    items: u64,
    /// How many bytes the items alone have.
    bytes: u64,
}

/// How much may be gathered.
struct Room {
    /// What the other side still accepts, if it has announced a window.
    left: Option<Left>,
    /// How many bytes may wait to be written.
    queue: usize,
}

/// Why gathering has stopped.
enum Stop {
    /// Nothing more may or should be gathered.
    Full,
    /// The items take long to make: what was gathered is sent before the next one.
    Slow,
    /// This task's budget is used up.
    Share,
    /// The stream has nothing to send for now.
    Waits,
    /// The stream has ended.
    End(Result<(), ErrorObject>),
}

impl Producer {
    /// Creates a producer for a flow that is open.
    pub(crate) fn new(connection: Arc<Connection>, id: FlowId, as_what: As, notes: Notes) -> Self {
        let encoding = connection.encoding();
        let form = match as_what {
            As::Subscription(method) => ItemForm::of_subscription(encoding, method, id.on_wire()),
            As::Argument => ItemForm::of_stream(encoding, id.on_wire()),
        };
        let counted = connection.session().gauges().count(Gauge::OutgoingStreams);
        Self {
            connection,
            id,
            as_what,
            form,
            notes,
            epoch_told: false,
            begun: false,
            gathered: Gathered::default(),
            room: None,
            ended: false,
            counted,
        }
    }

    /// Sends items until the stream or the connection ends. If the reply is part of a batch, sends
    /// nothing before that batch was sent.
    pub(crate) async fn run(mut self, batch: Option<Arc<Batch>>, next: Next<'_>) {
        // From here on this runs in a task of its own. The first poll may be the driver's, which
        // must not be held up by a stream that always has more items.
        yield_now().await;
        if let Some(batch) = batch {
            poll_fn(|cx| batch.poll_sent(cx)).await;
            self.connection.with_state(|state| state.flows.was_told(self.id));
        }
        poll_fn(|cx| {
            self.gathered.frames = BUFFER.take();
            let done = self.poll(cx, next);
            let mut buffer = std::mem::take(&mut self.gathered.frames);
            if buffer.capacity() <= KEPT_BUFFER {
                buffer.clear();
                BUFFER.set(buffer);
            }
            done
        })
        .await;
    }

    fn poll(&mut self, cx: &mut Context<'_>, next: Next<'_>) -> Poll<()> {
        let mut stop = Stop::Full;
        loop {
            let room = match self.hand_over(stop, cx) {
                Poll::Ready(Some(room)) => room,
                Poll::Ready(None) => {
                    self.ended = true;
                    return Poll::Ready(());
                }
                Poll::Pending => return Poll::Pending,
            };
            stop = self.gather(cx, next, &room);
        }
    }

    /// Asks the stream for items, as long as it has some at once and there is room.
    fn gather(&mut self, cx: &mut Context<'_>, next: Next<'_>, room: &Room) -> Stop {
        // The thread's own clock, which runs on when a test has paused tokio's.
        let since = Instant::now();
        let mut notes = self.notes;
        let stop = item_notes::scope(&mut notes, || {
            loop {
                let Poll::Ready(share) = coop::poll_proceed(cx) else { return Stop::Share };
                if let Some(stop) = self.gather_one(cx, next) {
                    return stop;
                }
                let gathered = &self.gathered;
                if gathered.items % ITEMS_A_UNIT == 1 {
                    share.made_progress();
                } else {
                    // Gives the budget back.
                    drop(share);
                }
                // Checked rarely, but before items have waited for longer than they took to make.
                let slow = gathered.items.is_power_of_two() && since.elapsed() > PATIENCE;
                if slow {
                    return Stop::Slow;
                }
                if gathered.whole >= GATHERED || !room.is_left_by(gathered) {
                    return Stop::Full;
                }
            }
        });
        self.notes = notes;
        stop
    }

    /// Gathers the next item, with what was noted before it. `Some`: there is no item, or it can't
    /// be sent.
    fn gather_one(&mut self, cx: &mut Context<'_>, next: Next<'_>) -> Option<Stop> {
        let limit = self.connection.peer_max_message();
        let framing = self.connection.framing();
        let Gathered { frames, whole, .. } = &mut self.gathered;
        let (form, epoch_told) = (&self.form, &mut self.epoch_told);
        let mut told = ItemPreface::default();
        let mut produced = Poll::Pending;
        let mut length = 0;
        let size = framing.write(frames, |out| {
            form.write(out, |out| {
                let start = out.len();
                produced = next(cx, out);
                if produced.is_pending() {
                    return ((), None, None);
                }
                length = out.len() - start;
                told = item_notes::within(|notes| ItemPreface::take(notes, &produced))
                    .unwrap_or_default();
                let seq = told.position.map(|position| position.seq);
                let epoch = told.position.map(|position| position.epoch).filter(|_| !*epoch_told);
                *epoch_told |= epoch.is_some();
                ((), seq, epoch)
            });
        });
        let Poll::Ready(produced) = produced else {
            frames.truncate(*whole);
            self.gather_first_gap(limit);
            return Some(Stop::Waits);
        };
        self.begun = true;
        if told.losses.is_some() || !matches!(produced, Some(Ok(()))) || size > limit {
            let item = frames.split_off(*whole);
            // Later losses are sent only here, with an item or the end. They use up no credit, so a
            // peer that doesn't read could otherwise be sent more and more of them.
            self.gather_losses(told.losses);
            match produced {
                Some(Ok(())) if size > limit => {
                    return Some(Stop::End(Err(too_large(size, limit))));
                }
                Some(Ok(())) => self.gathered.frames.extend_from_slice(&item),
                None => return Some(Stop::End(Ok(()))),
                Some(Err(error)) => return Some(Stop::End(Err(error))),
            }
        }
        let gathered = &mut self.gathered;
        gathered.whole = gathered.frames.len();
        gathered.items += 1;
        gathered.bytes += length as u64;
        None
    }

    /// Gathers the gap of a source that can't go on for a subscriber that comes back, if it has no
    /// item yet: the subscriber shows what is out of date, and the next item may be long in coming.
    fn gather_first_gap(&mut self, limit: usize) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let gap = item_notes::within(|notes| {
            let gap = std::mem::take(&mut notes.gap);
            if gap {
                // Told once: whatever source comes later, something may be missing before it.
                notes.resume = None;
            }
            gap
        });
        if gap == Some(true) {
            self.gather_event(&ItemEvent::Lost(Loss::Gap), limit);
        }
    }

    /// Gathers what the source has noted since the last item.
    fn gather_losses(&mut self, losses: Option<(bool, u64)>) {
        let Some((gap, lagged)) = losses else { return };
        let limit = self.connection.peer_max_message();
        if gap {
            self.gather_event(&ItemEvent::Lost(Loss::Gap), limit);
        }
        if lagged > 0 {
            self.gather_event(&ItemEvent::Lost(Loss::Lagged(lagged)), limit);
        }
    }

    /// Gathers an event that isn't an item. If it is too large for the other side, it isn't sent.
    fn gather_event(&mut self, event: &SpokenEvent<'_>, limit: usize) {
        let encoding = self.connection.encoding();
        let mut params = Vec::new();
        let method = match self.as_what {
            As::Subscription(method) => {
                encoded::subscription_params(
                    encoding,
                    &mut params,
                    self.id.on_wire(),
                    event,
                    None,
                    None,
                );
                method
            }
            As::Argument => {
                encoded::stream_params(encoding, &mut params, self.id.on_wire(), event);
                "$/stream"
            }
        };
        let Gathered { frames, whole, .. } = &mut self.gathered;
        let size = self.connection.framing().write(frames, |out| {
            encoded::notification(encoding, out, method, &params);
        });
        if size > limit {
            frames.truncate(*whole);
        }
        *whole = frames.len();
    }

    fn gather_end(&mut self, end: &Result<(), ErrorObject>) {
        match end {
            Ok(()) => {
                self.gather_event(&ItemEvent::End(Ok(())), self.connection.peer_max_message())
            }
            // Some hundred bytes, which are sent even to a peer that accepts fewer.
            Err(error) => self.gather_event(&ItemEvent::End(Err(error)), usize::MAX),
        }
    }

    /// Hands over what was gathered, unless nobody wants it any more. Ready when more may be
    /// gathered; `None`: never again.
    fn hand_over(&mut self, stop: Stop, cx: &mut Context<'_>) -> Poll<Option<Room>> {
        if let Stop::End(end) = &stop {
            self.gather_end(end);
        }
        let is_slow = matches!(stop, Stop::Slow);
        let (id, room, gathered) = (self.id, &mut self.room, &self.gathered);
        let untold = self.connection.limits().untold_window_bytes();
        let next = self.connection.with_state(|state| {
            gathered.send(state, id);
            match stop {
                Stop::Full => room_for(state, id, untold, room, cx),
                Stop::Share | Stop::Slow => Poll::Pending,
                Stop::Waits => {
                    state.flows.waits(id);
                    if !matches!(state.phase, Phase::Open) {
                        // The driver may be waiting until the last stream has nothing to send.
                        state.outbox.nudge();
                    }
                    Poll::Pending
                }
                Stop::End(_) => {
                    // Whoever reads the end may choose the number again at once.
                    state.flows.has_ended(id);
                    Poll::Ready(None)
                }
            }
        });
        self.gathered.clear();
        if is_slow {
            // The driver may be next on this thread.
            cx.waker().wake_by_ref();
        }
        next
    }
}

/// What was noted before an item or the end.
#[derive(Default)]
struct ItemPreface {
    /// Whether there is a gap, and how many items were dropped.
    losses: Option<(bool, u64)>,
    position: Option<Position>,
}

impl ItemPreface {
    fn take(notes: &mut Notes, produced: &Poll<Produced>) -> Self {
        // A subscriber wanted to resume, but the source can't go on there: it has missed something.
        let gap = std::mem::take(&mut notes.gap) | notes.resume.take().is_some();
        let lagged = std::mem::take(&mut notes.lagged);
        let losses = (gap || lagged > 0).then_some((gap, lagged));
        if !matches!(produced, Poll::Ready(Some(Ok(())))) {
            return Self { losses, position: None };
        }
        let told = notes.position.take();
        // Several items came from one, by `flat_map` for example. It isn't known where they end, so
        // from here on no position is sent.
        notes.mixed |= told.is_none() && notes.last.is_some();
        Self { losses, position: told.filter(|_| !notes.mixed) }
    }
}

impl Gathered {
    fn send(&self, state: &mut ConnectionCore, id: FlowId) {
        let over = matches!(state.phase, Phase::Closing(_) | Phase::Ended(_));
        if self.whole == 0 || over || !state.flows.is_open(id) {
            return;
        }
        state.outbox.append(&self.frames[..self.whole]);
        if self.items > 0 {
            state.flows.sent(id, self.items, self.bytes);
        }
    }

    fn clear(&mut self) {
        self.frames.clear();
        (self.whole, self.items, self.bytes) = (0, 0, 0);
    }
}

impl Room {
    fn is_left_by(&self, gathered: &Gathered) -> bool {
        let left = self.left.as_ref();
        gathered.whole < self.queue
            && left.is_none_or(|left| !left.is_used_up_by(gathered.items, gathered.bytes))
    }
}

fn too_large(size: usize, limit: usize) -> ErrorObject {
    let message = format!("an item of {size} bytes is larger than the {limit} you take");
    ErrorObject::new(code::REPLY_TOO_LARGE, message)
        .with_data(&Sizes { limit: limit as u64, size: size as u64 })
}

/// Ready when an item may be sent; `None`: never again. `untold`: how many bytes may wait for a
/// peer that hasn't announced a window.
fn room_for(
    state: &mut ConnectionCore,
    id: FlowId,
    untold: usize,
    room: &mut Option<RoomTicket>,
    cx: &mut Context<'_>,
) -> Poll<Option<Room>> {
    if matches!(state.phase, Phase::Closing(_) | Phase::Ended(_)) || !state.flows.is_open(id) {
        return Poll::Ready(None);
    }
    if !state.flows.may_send(id, cx.waker()) {
        return Poll::Pending;
    }
    let left = state.flows.left(id);
    let most = if left.is_none() { untold } else { usize::MAX };
    if state.outbox.unwritten() > 0 && state.outbox.room_below(most) == 0 {
        state.outbox.wait_for_room_below(most, room, cx.waker());
        return Poll::Pending;
    }
    if let Some(room) = room.take() {
        state.outbox.leave_room(room);
    }
    Poll::Ready(Some(Room { left, queue: state.outbox.room_below(most) }))
}

impl Drop for Producer {
    fn drop(&mut self) {
        if !self.ended && std::thread::panicking() {
            let what = match self.as_what {
                As::Subscription(method) => method,
                As::Argument => "an argument",
            };
            let error =
                ErrorObject::new(code::INTERNAL_ERROR, format!("the stream of {what} panicked"));
            // It may have panicked in the middle of an item.
            self.gathered.frames.truncate(self.gathered.whole);
            self.gather_end(&Err(error));
        }
        let (id, gathered) = (self.id, &self.gathered);
        let waker = self.connection.with_state(|state| {
            gathered.send(state, id);
            if let Some(room) = self.room.take() {
                state.outbox.leave_room(room);
            }
            if !matches!(state.phase, Phase::Open) {
                // The driver may be waiting for the last of them.
                state.outbox.nudge();
            }
            state.flows.close(id)
        });
        drop(waker);
    }
}
