//! Sends what a stream gives, item by item, as fast as the other side takes it.

use std::{
    borrow::Cow,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::task::coop;

use super::{
    Connection,
    batch::Batch,
    connection::{Phase, State},
    flows::FlowId,
    outbox::RoomTicket,
};
use crate::{
    error::Sizes,
    message::{self, ErrorObject, Word, code},
    source::{self, Notes},
    usage::{Counted, Gauge},
};

/// What a producer keeps of its buffer between two items.
const KEPT_BUFFER: usize = 64 * 1024;

/// What a stream gave.
pub(super) enum Produced {
    /// It stands in the buffer, encoded.
    Item,
    End,
    Failed(ErrorObject),
}

/// Asks a stream for its next item, and encodes it into the buffer.
pub(super) type Next<'a> =
    &'a mut (dyn FnMut(&mut Context<'_>, &mut Vec<u8>) -> Poll<Produced> + Send);

/// Sends the items of one stream: of a subscription of the peer, or of an argument of ours.
///
/// Its flow is open as long as it is there. Dropped amid its work it tells the other side nothing,
/// unless a panic is the reason: whoever stops it either was asked to by the other side, or ends
/// the connection.
pub(super) struct Producer {
    connection: Arc<Connection>,
    id: FlowId,
    as_what: As,
    notes: Notes,
    /// The epoch was told with an earlier item.
    epoch_told: bool,
    room: Option<RoomTicket>,
    ended: bool,
    #[expect(dead_code, reason = "held for its drop")]
    counted: Counted,
}

/// How its items look on the wire.
pub(super) enum As {
    /// Notifications with the name of the subscribing method.
    Subscription(Cow<'static, str>),
    /// `$/stream`.
    Argument,
}

impl Producer {
    /// For a flow that is open.
    pub(super) fn new(connection: Arc<Connection>, id: FlowId, as_what: As, notes: Notes) -> Self {
        let counted = connection.session().gauges().count(Gauge::OutgoingStreams);
        Self {
            connection,
            id,
            as_what,
            notes,
            epoch_told: false,
            room: None,
            ended: false,
            counted,
        }
    }

    /// Sends until the stream or the connection ends. Nothing is sent before `reply`'s batch was.
    pub(super) async fn run(mut self, batch: Option<Arc<Batch>>, next: Next<'_>) {
        // A task of its own goes on from here. The driver, which may be the one that polls first,
        // has other things to do than to wait for a stream that always has more.
        tokio::task::yield_now().await;
        if let Some(batch) = batch {
            poll_fn(|cx| batch.poll_sent(cx)).await;
            self.connection.with_state(|state| state.flows.was_told(self.id));
        }
        let mut buffer = Vec::new();
        poll_fn(|cx| self.poll(cx, &mut buffer, next)).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>, buffer: &mut Vec<u8>, next: Next<'_>) -> Poll<()> {
        loop {
            let share = ready!(coop::poll_proceed(cx));
            let (connection, id, room) = (&self.connection, self.id, &mut self.room);
            if !ready!(connection.with_state(|state| may_send(state, id, room, cx))) {
                self.ended = true;
                return Poll::Ready(());
            }
            buffer.clear();
            let produced = source::scope(&mut self.notes, || next(cx, buffer));
            let Poll::Ready(produced) = produced else {
                self.connection.with_state(|state| {
                    state.flows.waits(self.id);
                    if !matches!(state.phase, Phase::Open) {
                        // The driver may wait for the last one to have nothing to send.
                        state.outbox.nudge();
                    }
                });
                return Poll::Pending;
            };
            // Only here: they use up no credit, and whoever doesn't read must not be sent more and
            // more of them.
            self.tell_losses();
            match produced {
                Produced::Item => {
                    if let Err(error) = self.send_item(buffer) {
                        self.finish(&Word::Error(&error));
                        return Poll::Ready(());
                    }
                    share.made_progress();
                    if buffer.capacity() > KEPT_BUFFER {
                        *buffer = Vec::new();
                    }
                }
                Produced::End => {
                    self.finish(&Word::Done);
                    return Poll::Ready(());
                }
                Produced::Failed(error) => {
                    self.finish(&Word::Error(&error));
                    return Poll::Ready(());
                }
            }
        }
    }

    /// What the source has noted since the last item.
    fn tell_losses(&mut self) {
        // Whoever has come back to a source that can't go on where it was has missed something.
        self.notes.gap |= self.notes.resume.take().is_some();
        if std::mem::take(&mut self.notes.gap) {
            let _ = self.send(&Word::Gap, None, None, None);
        }
        match std::mem::take(&mut self.notes.lagged) {
            0 => {}
            lagged => {
                let _ = self.send(&Word::Lagged(lagged), None, None, None);
            }
        }
    }

    fn send_item(&mut self, item: &[u8]) -> Result<(), ErrorObject> {
        let told = self.notes.position.take();
        // Several items that came of one, as by `flat_map`: where they end isn't known, so from
        // here on no position is told.
        self.notes.mixed |= told.is_none() && self.notes.last.is_some();
        let position = told.filter(|_| !self.notes.mixed);
        let seq = position.as_ref().map(|position| position.seq);
        let epoch = position.map(|position| position.epoch).filter(|_| !self.epoch_told);
        self.epoch_told |= epoch.is_some();
        self.send(&Word::Item(item), seq, epoch, Some(item.len())).map_err(|size| {
            let limit = self.connection.peer_max_message();
            let message = format!("an item of {size} bytes is larger than the {limit} you take");
            ErrorObject::new(code::REPLY_TOO_LARGE, message)
                .with_data(&Sizes { limit: limit as u64, size: size as u64 })
        })
    }

    fn finish(&mut self, word: &Word<'_>) {
        self.ended = true;
        let _ = self.send(word, None, None, None);
    }

    /// `Err` has the size of a message that is too large for the other side.
    fn send(
        &self,
        word: &Word<'_>,
        seq: Option<u64>,
        epoch: Option<u64>,
        spent: Option<usize>,
    ) -> Result<(), usize> {
        let encoding = self.connection.encoding();
        let mut params = Vec::new();
        let method = match &self.as_what {
            As::Subscription(method) => {
                message::subscription_params(encoding, &mut params, self.id.0, word, seq, epoch);
                &**method
            }
            As::Argument => {
                message::stream_params(encoding, &mut params, self.id.0, word);
                "$/stream"
            }
        };
        let limit = match word {
            // Some hundred bytes: whoever doesn't even take those is told all the same.
            Word::Error(_) => usize::MAX,
            _ => self.connection.peer_max_message(),
        };
        self.connection.with_state(|state| {
            if matches!(state.phase, Phase::Closing(_) | Phase::Ended(_)) {
                return Ok(());
            }
            state.outbox.push(limit, |out| {
                message::notification(encoding, out, method, &params);
            })?;
            if let Some(bytes) = spent {
                state.flows.sent(self.id, bytes);
            }
            Ok(())
        })
    }
}

/// Ready when an item may be sent; `false`: never any more.
fn may_send(
    state: &mut State,
    id: FlowId,
    room: &mut Option<RoomTicket>,
    cx: &mut Context<'_>,
) -> Poll<bool> {
    if matches!(state.phase, Phase::Closing(_) | Phase::Ended(_)) || !state.flows.is_open(id) {
        return Poll::Ready(false);
    }
    if !state.flows.may_send(id, cx.waker()) {
        return Poll::Pending;
    }
    if !state.outbox.has_room_for(1) {
        state.outbox.wait_for_room(room, cx.waker());
        return Poll::Pending;
    }
    if let Some(room) = room.take() {
        state.outbox.leave_room(room);
    }
    Poll::Ready(true)
}

impl Drop for Producer {
    fn drop(&mut self) {
        if !self.ended && std::thread::panicking() {
            let what = match &self.as_what {
                As::Subscription(method) => method,
                As::Argument => "an argument",
            };
            let error =
                ErrorObject::new(code::INTERNAL_ERROR, format!("the stream of {what} panicked"));
            self.finish(&Word::Error(&error));
        }
        let waker = self.connection.with_state(|state| {
            if let Some(room) = self.room.take() {
                state.outbox.leave_room(room);
            }
            if !matches!(state.phase, Phase::Open) {
                // The driver may wait for the last of them.
                state.outbox.nudge();
            }
            state.flows.close(self.id)
        });
        drop(waker);
    }
}
