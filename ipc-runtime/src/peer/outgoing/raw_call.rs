//! A request on its way, without its types.

pub(crate) mod departure;
pub(crate) mod outcome;
pub(crate) mod retry;
pub(crate) mod sending;

use std::{
    borrow::Cow,
    collections::VecDeque,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use crate::{
    error::ipc_error::IpcError,
    interface::Timeout,
    message::error_object::ErrorObject,
    peer::{
        connection::Connection,
        outgoing::send::Kind,
        session::{
            Session,
            hooks::{CallHooks, CallOutcome, HookedCall},
            link::Link,
        },
        state::{
            call_depth, call_id::CallId, inbox::Inbox, outbox::RoomTicket, raw_result::Payload,
            wait_queue::Ticket,
        },
        streams::uploads::{Streams, Uploads},
    },
    support::{
        item_notes::Position,
        precompiled_future::PrecompiledFuture,
        rt::{Handle, Instant, Sleep, sleep_until},
    },
};

/// What must come true before a call is sent.
pub(crate) type Gate = PrecompiledFuture<'static, Result<(), IpcError>>;

/// What a handler has reported of its progress, as it stood in the messages.
type Reports = VecDeque<Box<[u8]>>;

/// What the other side has answered: the result as it stood in the message, or an error object.
pub(crate) type Answer = Result<Payload, ErrorObject>;

/// A request or notification on its way, without its types: what all [`Call`](crate::call::Call)s share,
/// so that it is compiled once.
///
/// It passes its stages in one direction: behind the gate, in line for a place, sent. It is sent
/// at its first poll, if nothing holds it up. Dropped at any stage, it takes itself back as far
/// as that goes.
pub(crate) struct RawCall {
    link: Link,
    /// The connection that it is made on: known from the first poll on.
    connection: Option<Arc<Connection>>,
    method: Cow<'static, str>,
    params: Vec<u8>,
    timeout: Timeout,
    /// The answer is a subscription, whose items go here.
    inbox: Option<Arc<Inbox>>,
    /// How many of those may be sent ahead, if it isn't what the handshake has told.
    window: Option<u64>,
    /// Where a returning subscriber goes on.
    resume: Option<Position>,
    /// It waits for a connection, whatever other calls do.
    insists: bool,
    /// Whether it is made again on the next connection when its own was lost.
    repeats: Repeats,
    /// Progress is asked for.
    progress: bool,
    /// A notification that is done as soon as it is queued.
    only_queued: bool,
    /// How deep it is nested in handlers.
    depth: u8,
    /// Streams among the arguments, until the request is sent; then they flow.
    streams: Streams,
    uploads: Uploads,
    gate: Option<Gate>,
    /// What it waits for while there is no connection.
    away: Option<Gate>,
    /// It was sent on a connection that was lost, and may have run there.
    may_have_run: bool,
    stage: Stage,
    /// Set at the first poll.
    deadline: Option<Deadline>,
    /// Since when, where a middleware waits for the outcome.
    watched: Option<(Instant, Kind)>,
}

/// When a call is made again, on the next connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeats {
    Never,
    /// When its connection was lost, since it may run twice.
    WhenLost,
    /// Also when the other side refuses it, since it is about to close the connection.
    UntilServed,
}

enum Stage {
    /// Couldn't be encoded.
    Failed(IpcError),
    Unsent {
        /// A place in the line for the calls in flight.
        ticket: Option<Ticket>,
        /// Waits until less is queued.
        room: Option<RoomTicket>,
    },
    Sent(CallId),
    /// A notification whose frame ends at this mark.
    Queued(u64),
    Done,
}

struct Deadline {
    at: Option<Instant>,
    /// Runs while nothing was sent: after that the connection looks after the deadline.
    sleep: Option<Pin<Box<Sleep>>>,
}

impl RawCall {
    pub(crate) fn new(
        link: Link,
        method: Cow<'static, str>,
        params: Vec<u8>,
        gate: Option<Gate>,
    ) -> Self {
        Self {
            link,
            connection: None,
            method,
            params,
            timeout: Timeout::Default,
            inbox: None,
            window: None,
            resume: None,
            insists: false,
            repeats: Repeats::Never,
            progress: false,
            only_queued: false,
            depth: call_depth::depth(),
            streams: Streams::default(),
            uploads: Uploads::default(),
            gate,
            away: None,
            may_have_run: false,
            stage: Stage::Unsent { ticket: None, room: None },
            deadline: None,
            watched: None,
        }
    }

    /// A call that fails at its first poll.
    pub(crate) fn failed(link: Link, method: Cow<'static, str>, error: IpcError) -> Self {
        let mut call = Self::new(link, method, Vec::new(), None);
        call.stage = Stage::Failed(error);
        call
    }

    pub(crate) fn set_timeout(&mut self, timeout: Timeout) {
        self.timeout = timeout;
    }

    pub(crate) fn set_inbox(&mut self, inbox: Arc<Inbox>) {
        self.inbox = Some(inbox);
    }

    pub(crate) fn set_window(&mut self, items: u64) {
        self.window = Some(items);
    }

    pub(crate) fn set_resume(&mut self, position: Option<Position>) {
        self.resume = position;
    }

    /// It may run twice.
    pub(crate) fn set_idempotent(&mut self, idempotent: bool) {
        self.repeats = if idempotent { Repeats::WhenLost } else { Repeats::Never };
    }

    /// It opens what was open on a connection that was lost: it waits for the next one, whatever
    /// other calls do, and is made again also where its own is about to be closed.
    pub(crate) fn set_reopening(&mut self) {
        self.insists = true;
        self.repeats = Repeats::UntilServed;
    }

    pub(crate) fn params(&self) -> &[u8] {
        &self.params
    }

    pub(crate) fn window(&self) -> Option<u64> {
        self.window
    }

    pub(crate) fn set_only_queued(&mut self) {
        self.only_queued = true;
    }

    pub(crate) fn set_progress(&mut self) {
        self.progress = true;
    }

    pub(crate) fn set_streams(&mut self, streams: Streams) {
        if !streams.is_empty() {
            // What has flowed can't flow again.
            self.repeats = Repeats::Never;
        }
        self.streams = streams;
    }

    /// The streams among the arguments, for whoever wants them to outlive the call.
    pub(crate) fn take_uploads(&mut self) -> Uploads {
        std::mem::take(&mut self.uploads)
    }

    /// It goes by this connection, whatever its session has.
    pub(crate) fn set_connection(&mut self, connection: Arc<Connection>) {
        self.connection = Some(connection);
    }

    /// The connection that it was made on.
    pub(crate) fn settled(&self) -> Option<&Arc<Connection>> {
        self.connection.as_ref()
    }

    pub(crate) fn method(&self) -> &Cow<'static, str> {
        &self.method
    }

    pub(crate) fn endpoint(&self) -> &Arc<str> {
        &self.link.session().info().endpoint
    }

    pub(crate) fn link(&self) -> &Link {
        &self.link
    }

    /// Sends the request and waits for its reply.
    pub(crate) fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answer, IpcError>> {
        let answer = ready!(self.poll_answer(cx)).map_err(|error| self.honest(error));
        self.finish_answered(&answer);
        Poll::Ready(answer)
    }

    fn poll_answer(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answer, IpcError>> {
        loop {
            match &mut self.stage {
                Stage::Failed(_) | Stage::Queued(_) | Stage::Done => return self.poll_failed(),
                Stage::Unsent { .. } => {
                    if let Err(error) = ready!(self.poll_send(cx, Kind::Request)) {
                        return Poll::Ready(Err(error));
                    }
                    if matches!(self.stage, Stage::Sent(_)) {
                        // The reply wakes it since the request was queued.
                        return Poll::Pending;
                    }
                }
                Stage::Sent(id) => {
                    let id = *id;
                    let Some(connection) = &self.connection else { return Poll::Pending };
                    let reply = ready!(connection.poll_reply(id, cx));
                    if self.is_made_again(&reply) {
                        continue;
                    }
                    return Poll::Ready(self.read(reply));
                }
            }
        }
    }

    /// The same, with what the handler has reported before.
    pub(crate) fn poll_progress(
        &mut self,
        cx: &mut Context<'_>,
    ) -> (Reports, Poll<Result<Answer, IpcError>>) {
        let mut reports = Reports::new();
        loop {
            if matches!(self.stage, Stage::Unsent { .. }) {
                match self.poll_send(cx, Kind::Request) {
                    Poll::Pending => return (reports, Poll::Pending),
                    Poll::Ready(Ok(())) => {}
                    Poll::Ready(Err(error)) => {
                        let failed = Err(self.honest(error));
                        self.finish_answered(&failed);
                        return (reports, Poll::Ready(failed));
                    }
                }
            }
            let (Stage::Sent(id), Some(connection)) = (&self.stage, &self.connection) else {
                return (reports, self.poll_reply(cx));
            };
            // Reports and reply in one go: the reply takes the reports' place away.
            let (more, reply) = connection.poll_progress(*id, cx);
            reports.extend(more);
            let Poll::Ready(reply) = reply else { return (reports, Poll::Pending) };
            if self.is_made_again(&reply) {
                continue;
            }
            let answer = self.read(reply);
            self.finish_answered(&answer);
            return (reports, Poll::Ready(answer));
        }
    }

    fn poll_failed<T>(&mut self) -> Poll<Result<T, IpcError>> {
        match std::mem::replace(&mut self.stage, Stage::Done) {
            Stage::Failed(error) => Poll::Ready(Err(error)),
            // Polled after its end, which futures may answer as they like.
            _ => Poll::Pending,
        }
    }

    fn with_info(
        &self,
        kind: Kind,
        params: Option<&[u8]>,
        run: impl FnOnce(&dyn CallHooks<Session>, &HookedCall<'_, Session>),
    ) {
        let session = self.link.session();
        let Some(hooks) = session.hooks() else { return };
        let call = HookedCall {
            session,
            method: &self.method,
            info: None,
            is_notification: matches!(kind, Kind::Notification),
            params: params.filter(|params| !params.is_empty()),
            encoding: session.encoding(),
        };
        run(hooks, &call);
    }

    /// It has ended: gives up its places in lines, and tells the middleware.
    fn finish(&mut self, outcome: &CallOutcome<'_>) {
        self.leave_line();
        self.stage = Stage::Done;
        // Its timer knows whom to wake.
        self.deadline = None;
        if let Some((since, kind)) = self.watched.take() {
            let elapsed = since.elapsed();
            self.with_info(kind, None, |hooks, call| hooks.answered(call, outcome, elapsed));
        }
    }

    fn finish_answered(&mut self, answer: &Result<Answer, IpcError>) {
        self.finish(&match answer {
            Ok(Ok(result)) => CallOutcome::Done { bytes: result.len() },
            Ok(Err(error)) => CallOutcome::Error(error),
            Err(error) => CallOutcome::Failed(error),
        });
    }

    /// Gives up waiting, so that no place is granted to nobody.
    fn leave_line(&mut self) {
        if let (Stage::Queued(mark), Some(connection)) = (&self.stage, &self.connection) {
            connection.with_state(|state| state.outbox.leave_departure(*mark));
        }
        let Stage::Unsent { ticket, room } = &mut self.stage else { return };
        if ticket.is_none() && room.is_none() {
            return;
        }
        let Some(connection) = &self.connection else { return };
        let next = connection.with_state(|state| {
            if let Some(room) = room.take() {
                state.outbox.leave_room(room);
            }
            ticket.take().and_then(|ticket| state.calls.leave_line(ticket))
        });
        if let Some(next) = next {
            next.wake();
        }
    }
}

impl Drop for RawCall {
    fn drop(&mut self) {
        if let (Stage::Sent(id), Some(connection)) = (&self.stage, &self.connection) {
            connection.abandon(*id);
        }
        self.finish(&CallOutcome::Dropped);
    }
}

impl Deadline {
    /// Ready when the deadline has passed. The timer is the session's runtime's: the call may be awaited
    /// on a thread that belongs to none.
    fn poll(&mut self, cx: &mut Context<'_>, runtime: Option<&Handle>) -> Poll<()> {
        let Some(at) = self.at else { return Poll::Pending };
        let sleep = self.sleep.get_or_insert_with(|| {
            let _entered = runtime.map(Handle::enter);
            Box::pin(sleep_until(at))
        });
        sleep.as_mut().poll(cx)
    }
}
