//! Sends what a stream gives, item by item, as fast as the other side takes it.

use std::{
    cell::RefCell,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::task::coop;

use crate::{
    message::error_object::Sizes,
    message::{
        encoded,
        error_object::{ErrorObject, code},
        item::SpokenEvent,
        item_event::{ItemEvent, Loss},
        item_form::ItemForm,
    },
    peer::{
        connection::{Connection, Phase, State},
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

/// A stream that always has more, and takes longer than this for it, has what was gathered sent,
/// and the task gives way to whoever sends it.
const PATIENCE: Duration = Duration::from_micros(200);

/// How many items that come without a pause are one unit of this task's share: a unit is meant for
/// more than some hundred nanoseconds. What the stream itself takes for them counts as little.
const ITEMS_A_UNIT: u64 = 4;

/// What a thread keeps of its buffer.
const KEPT_BUFFER: usize = 64 * 1024;

thread_local! {
    /// Frames are gathered here: between two polls of a producer there are none.
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What a stream gave: an item, which stands in the buffer, encoded.
pub(crate) type Produced = Option<Result<(), ErrorObject>>;

/// Asks a stream for its next item, and encodes it into the buffer.
pub(crate) type Next<'a> =
    &'a mut (dyn FnMut(&mut Context<'_>, &mut Vec<u8>) -> Poll<Produced> + Send);

/// Sends the items of one stream: of a subscription of the peer, or of an argument of ours.
///
/// While the stream has more at once, and the other side takes it, its items are gathered, to be
/// handed over together. Nothing is held back while the stream waits.
///
/// Its flow is open as long as it is there. Dropped amid its work it tells the other side nothing,
/// unless a panic is the reason: whoever stops it either was asked to by the other side, or ends
/// the connection.
pub(crate) struct Producer {
    connection: Arc<Connection>,
    id: FlowId,
    as_what: As,
    form: ItemForm,
    notes: Notes,
    /// The epoch was told with an earlier item.
    epoch_told: bool,
    gathered: Gathered,
    room: Option<RoomTicket>,
    ended: bool,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
}

/// How its items look on the wire.
pub(crate) enum As {
    /// Notifications with the name of the subscribing method.
    Subscription(&'static str),
    /// `$/stream`.
    Argument,
}

/// What waits to be handed over.
#[derive(Debug, Default)]
struct Gathered {
    frames: Vec<u8>,
    /// How many bytes of them are whole.
    whole: usize,
    items: u64,
    /// Those of the items alone.
    bytes: u64,
}

/// How much may be gathered.
struct Room {
    /// What the other side takes ahead, where it has told.
    left: Option<Left>,
    /// How many bytes may wait to be written.
    queue: usize,
}

/// Why gathering has stopped.
enum Stop {
    /// Nothing more may be gathered, or should be.
    Full,
    /// Items take long to be made: what was gathered is sent before the next.
    Slow,
    /// This task has had its share.
    Share,
    /// The stream has nothing to send for now.
    Waits,
    /// It has ended.
    End(Result<(), ErrorObject>),
}

impl Producer {
    /// For a flow that is open.
    pub(crate) fn new(connection: Arc<Connection>, id: FlowId, as_what: As, notes: Notes) -> Self {
        let encoding = connection.encoding();
        let form = match as_what {
            As::Subscription(method) => ItemForm::of_subscription(encoding, method, id.0),
            As::Argument => ItemForm::of_stream(encoding, id.0),
        };
        let counted = connection.session().gauges().count(Gauge::OutgoingStreams);
        Self {
            connection,
            id,
            as_what,
            form,
            notes,
            epoch_told: false,
            gathered: Gathered::default(),
            room: None,
            ended: false,
            counted,
        }
    }

    /// Sends until the stream or the connection ends. Nothing is sent before `reply`'s batch was.
    pub(crate) async fn run(mut self, batch: Option<Arc<Batch>>, next: Next<'_>) {
        // A task of its own goes on from here. The driver, which may be the one that polls first,
        // has other things to do than to wait for a stream that always has more.
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
        // The thread's own time, which runs on where a test has stopped tokio's.
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
                    // As if it had taken none.
                    drop(share);
                }
                // Rarely enough, and before items have waited for longer than they took.
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

    /// The next item, with what was noted before it. `Some`: there is none, or it can't be sent.
    fn gather_one(&mut self, cx: &mut Context<'_>, next: Next<'_>) -> Option<Stop> {
        let limit = self.connection.peer_max_message();
        let framing = self.connection.framing();
        let Gathered { frames, whole, .. } = &mut self.gathered;
        let (form, epoch_told) = (&self.form, &mut self.epoch_told);
        let mut told = Told::default();
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
                told = item_notes::within(|notes| Told::take(notes, &produced)).unwrap_or_default();
                let seq = told.position.map(|position| position.seq);
                let epoch = told.position.map(|position| position.epoch).filter(|_| !*epoch_told);
                *epoch_told |= epoch.is_some();
                ((), seq, epoch)
            });
        });
        let Poll::Ready(produced) = produced else {
            frames.truncate(*whole);
            return Some(Stop::Waits);
        };
        if told.losses.is_some() || !matches!(produced, Some(Ok(()))) || size > limit {
            let item = frames.split_off(*whole);
            // Only here: they use up no credit, and whoever doesn't read must not be sent more and
            // more of them.
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

    /// What the source has noted since the last item.
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

    /// What is no item. It isn't sent where it is too large for the other side.
    fn gather_event(&mut self, event: &SpokenEvent<'_>, limit: usize) {
        let encoding = self.connection.encoding();
        let mut params = Vec::new();
        let method = match self.as_what {
            As::Subscription(method) => {
                encoded::subscription_params(encoding, &mut params, self.id.0, event, None, None);
                method
            }
            As::Argument => {
                encoded::stream_params(encoding, &mut params, self.id.0, event);
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
            // Some hundred bytes: whoever doesn't even take those is told all the same.
            Err(error) => self.gather_event(&ItemEvent::End(Err(error)), usize::MAX),
        }
    }

    /// Has sent what was gathered, unless nobody takes it any more. Ready when more may be
    /// gathered; `None`: never.
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
                        // The driver may wait for the last one to have nothing to send.
                        state.outbox.nudge();
                    }
                    Poll::Pending
                }
                Stop::End(_) => Poll::Ready(None),
            }
        });
        self.gathered.clear();
        if is_slow {
            // The driver may be next on this very thread.
            cx.waker().wake_by_ref();
        }
        next
    }
}

/// What was noted up to an item, or an end.
#[derive(Default)]
struct Told {
    /// Whether there is a gap, and how many were dropped.
    losses: Option<(bool, u64)>,
    position: Option<Position>,
}

impl Told {
    fn take(notes: &mut Notes, produced: &Poll<Produced>) -> Self {
        // Whoever has come back to a source that can't go on where it was has missed something.
        let gap = std::mem::take(&mut notes.gap) | notes.resume.take().is_some();
        let lagged = std::mem::take(&mut notes.lagged);
        let losses = (gap || lagged > 0).then_some((gap, lagged));
        if !matches!(produced, Poll::Ready(Some(Ok(())))) {
            return Self { losses, position: None };
        }
        let told = notes.position.take();
        // Several items that came of one, as by `flat_map`: where they end isn't known, so from
        // here on no position is told.
        notes.mixed |= told.is_none() && notes.last.is_some();
        Self { losses, position: told.filter(|_| !notes.mixed) }
    }
}

impl Gathered {
    fn send(&self, state: &mut State, id: FlowId) {
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

/// Ready when an item may be sent; `None`: never any more. `untold`: how many bytes may wait for a peer
/// that hasn't told how much it takes ahead.
fn room_for(
    state: &mut State,
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
            // It may have panicked amid an item.
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
                // The driver may wait for the last of them.
                state.outbox.nudge();
            }
            state.flows.close(id)
        });
        drop(waker);
    }
}
