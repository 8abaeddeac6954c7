//! The one task of a connection: it reads, hands on and writes.

use std::{
    future::{Future, poll_fn},
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use tokio::{
    task::coop,
    time::{Instant, Sleep},
};

use super::{Config, Connection, connection::Phase, dispatch::Dispatch};
use crate::{
    error::DisconnectReason,
    framing::End,
    transport::{Carrier, CloseKind, Input, Outgoing},
};

/// How long a connection that closes waits for the other side to take what was queued, and then
/// for its goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

/// Replies are gathered while there is more to read, up to this many bytes.
const GATHERED: usize = 32 * 1024;

/// The one task of a connection: it reads, hands on and writes.
pub(crate) struct Driver {
    connection: Arc<Connection>,
    carrier: Box<dyn Carrier>,
    dispatch: Dispatch,
    outgoing: Outgoing,
    /// How much of `outgoing` the outbox was told of.
    told: usize,
    /// The peer says nothing more, and waits for its answers.
    half_closed: bool,
    /// Frames that were read wait until replies are written.
    held_back: bool,
    /// Gave way once to callers that are about to queue more.
    yielded: bool,
    timer: Option<Pin<Box<Sleep>>>,
    /// Set when the connection begins to close.
    close_by: Option<Instant>,
}

impl Driver {
    pub(crate) fn new(carrier: Box<dyn Carrier>, config: Config) -> (Arc<Connection>, Self) {
        let connection = Arc::new(Connection::new(config, carrier.framing(), carrier.try_writer()));
        let driver = Self {
            dispatch: Dispatch::new(connection.clone()),
            connection: connection.clone(),
            carrier,
            outgoing: Outgoing::default(),
            told: 0,
            half_closed: false,
            held_back: false,
            yielded: false,
            timer: None,
            close_by: None,
        };
        (connection, driver)
    }

    /// Runs the connection until it ends.
    pub(crate) async fn run(mut self) {
        let (reason, kind) = poll_fn(|cx| self.poll(cx)).await;
        // Calls fail now, whatever the goodbye takes.
        self.connection.end(reason);
        let goodbye = poll_fn(|cx| self.carrier.poll_close(cx, kind));
        let _ = tokio::time::timeout(GOODBYE, goodbye).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<(DisconnectReason, CloseKind)> {
        let ended = match ready!(self.poll_until_error(cx)) {
            Stop::Ended(reason) => (reason, CloseKind::Normal),
            Stop::Refused(reason) => (reason, CloseKind::TooLarge),
        };
        Poll::Ready(ended)
    }

    fn poll_until_error(&mut self, cx: &mut Context<'_>) -> Poll<Stop> {
        self.connection.with_state(|state| state.outbox.awake());
        loop {
            if let Err(reason) = ready!(self.poll_hand_on(cx)) {
                // What it did wrong is still told.
                let _ = self.poll_flush(cx);
                return Poll::Ready(Stop::Refused(reason));
            }
            let unwritten = self.connection.with_state(|state| state.outbox.unwritten());
            if unwritten >= GATHERED {
                if let Poll::Ready(Err(error)) = self.poll_flush(cx) {
                    return Poll::Ready(Stop::Ended(self.lost(error)));
                }
            }
            if self.may_read() {
                match self.carrier.poll_read(cx) {
                    Poll::Ready(Ok(Input::More)) => continue,
                    Poll::Ready(Ok(Input::End(end))) => match self.end_of_input(end) {
                        Some(reason) => return Poll::Ready(Stop::Ended(reason)),
                        None => continue,
                    },
                    Poll::Ready(Err(error)) => return Poll::Ready(Stop::Ended(self.lost(error))),
                    Poll::Pending => {}
                }
            }
            if self.gives_way(cx) {
                return Poll::Pending;
            }
            match self.poll_flush(cx) {
                Poll::Ready(Ok(())) => self.yielded = false,
                Poll::Ready(Err(error)) => return Poll::Ready(Stop::Ended(self.lost(error))),
                Poll::Pending => {
                    if let Poll::Ready(reason) = self.poll_closing(cx, false) {
                        return Poll::Ready(Stop::Ended(reason));
                    }
                    // The timer is for one thing at a time; whoever closes fails all calls anyway.
                    if self.close_by.is_none() {
                        self.poll_deadlines(cx);
                    }
                    return Poll::Pending;
                }
            }
            if self.held_back {
                // What held them back is written.
                continue;
            }
            if let Poll::Ready(reason) = self.poll_closing(cx, true) {
                return Poll::Ready(Stop::Ended(reason));
            }
            self.poll_deadlines(cx);
            if self.fall_asleep(cx) {
                return Poll::Pending;
            }
        }
    }

    /// Hands on the frames that were read, while their replies find room; pending when this task
    /// has had its share.
    fn poll_hand_on(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), DisconnectReason>> {
        loop {
            // One read may bring more requests than there is room for replies.
            self.held_back = !self.may_take_in();
            if self.held_back {
                return Poll::Ready(Ok(()));
            }
            let share = ready!(coop::poll_proceed(cx));
            let Some(frame) = self.carrier.next_frame() else { return Poll::Ready(Ok(())) };
            share.made_progress();
            if let Err(reason) = self.dispatch.frame(frame) {
                return Poll::Ready(Err(reason));
            }
        }
    }

    fn may_read(&self) -> bool {
        !self.half_closed && self.may_take_in()
    }

    /// A peer that doesn't read its replies isn't read from. But while it owes us an answer it is:
    /// else two such sides could wait for each other.
    fn may_take_in(&self) -> bool {
        let limit = self.connection.limits().queued_bytes();
        self.connection
            .with_state(|state| state.outbox.unwritten() <= limit || state.calls.on_wire() > 0)
    }

    fn end_of_input(&mut self, end: End) -> Option<DisconnectReason> {
        match end {
            End::Closed | End::Truncated => Some(self.farewell()),
            End::HalfClosed | End::HalfClosedTruncated => {
                if end == End::HalfClosedTruncated {
                    self.dispatch.truncated();
                }
                self.half_closed = true;
                self.connection.finish_what_runs();
                None
            }
        }
    }

    fn farewell(&self) -> DisconnectReason {
        let told = self.connection.with_state(|state| state.farewell.take());
        DisconnectReason::ClosedByPeer(told)
    }

    fn lost(&self, error: io::Error) -> DisconnectReason {
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => self.farewell(),
            _ => DisconnectReason::Io(Arc::new(error)),
        }
    }

    /// With several calls under way, callers that are ready get their request into the same write
    /// if this task goes to the end of the line once.
    fn gives_way(&mut self, cx: &mut Context<'_>) -> bool {
        if self.yielded || !self.outgoing.is_empty() {
            return false;
        }
        let gives_way = self.connection.with_state(|state| {
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

    /// Writes everything that is queued.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.outgoing.is_empty() {
                let delta = self.outgoing.written() - self.told;
                let outgoing = &mut self.outgoing;
                let (wakers, more) = self.connection.with_state(|state| {
                    let wakers = state.outbox.advance(delta as u64);
                    (wakers, state.outbox.take(|queued| outgoing.swap(queued)))
                });
                wakers.into_iter().for_each(Waker::wake);
                self.told = self.outgoing.written();
                if !more {
                    return Poll::Ready(Ok(()));
                }
            }
            let written = self.carrier.poll_write(cx, &mut self.outgoing);
            if !matches!(written, Poll::Ready(Ok(()))) {
                let delta = self.outgoing.written() - self.told;
                self.told = self.outgoing.written();
                let wakers = self.connection.with_state(|state| {
                    if written.is_pending() {
                        state.outbox.block(cx.waker());
                    }
                    state.outbox.advance(delta as u64)
                });
                wakers.into_iter().for_each(Waker::wake);
                return written;
            }
        }
    }

    /// Ready when it is time to go. `flushed`: nothing is left to write.
    fn poll_closing(&mut self, cx: &mut Context<'_>, flushed: bool) -> Poll<DisconnectReason> {
        let (reason, overdue) = self.connection.with_state(|state| match &state.phase {
            // The last handler has answered since the flush: the next round writes that first.
            _ if flushed && !state.outbox.queued().is_empty() => (None, false),
            Phase::Open => (None, false),
            Phase::Draining => {
                let idle = state.running.is_empty() && state.notifications.is_empty();
                (idle.then(|| self.drained()), false)
            }
            Phase::Closing(reason @ DisconnectReason::PeerDoesNotRead) => {
                (Some(reason.clone()), true)
            }
            Phase::Closing(reason) | Phase::Ended(reason) => (Some(reason.clone()), false),
        });
        let Some(reason) = reason else { return Poll::Pending };
        if flushed || overdue {
            return Poll::Ready(reason);
        }
        let close_by = *self.close_by.get_or_insert_with(|| Instant::now() + GOODBYE);
        self.poll_timer(cx, close_by).map(|()| reason)
    }

    fn drained(&self) -> DisconnectReason {
        if self.half_closed {
            DisconnectReason::ClosedByPeer(None)
        } else {
            DisconnectReason::ClosedHere
        }
    }

    /// Fails calls whose time is over, and has this task woken at the next deadline.
    fn poll_deadlines(&mut self, cx: &mut Context<'_>) {
        let mut next = self.connection.with_state(|state| state.calls.next_deadline());
        while let Some(deadline) = next {
            if self.poll_timer(cx, deadline).is_pending() {
                return;
            }
            next = self.connection.expire_calls(Instant::now());
        }
    }

    fn poll_timer(&mut self, cx: &mut Context<'_>, at: Instant) -> Poll<()> {
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(at)));
        if timer.deadline() != at {
            timer.as_mut().reset(at);
        }
        timer.as_mut().poll(cx)
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

enum Stop {
    Ended(DisconnectReason),
    /// The peer's message is the reason, and the carrier may have a word for it.
    Refused(DisconnectReason),
}
