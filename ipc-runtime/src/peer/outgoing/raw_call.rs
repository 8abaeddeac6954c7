//! An outgoing request or notification, without its types.

pub(crate) mod departure;
pub(crate) mod outcome;
pub(crate) mod retry;
pub(crate) mod sending;

use std::{
    borrow::Cow,
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, ready},
};

use crate::{
    error::ipc_error::IpcError,
    interface::{InterfaceInfo, Timeout},
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
            wait_queue::WaitTicket,
        },
        streams::uploads::{Streams, Uploads},
    },
    support::{
        deadline::Deadline, item_notes::Position, precompiled_future::PrecompiledFuture,
        rt::Instant,
    },
};

/// What a call waits for before it is sent.
pub(crate) type Gate = PrecompiledFuture<'static, Result<(), IpcError>>;

/// Progress reports of the handler, as encoded in the messages.
type RawReports = VecDeque<Box<[u8]>>;

/// The answer of the other side: the result as encoded in the message, or an error object.
pub(crate) type Answer = Result<Payload, ErrorObject>;

/// An outgoing request or notification, without its types: what all [`Call`](crate::call::Call)s
/// share, so that it is compiled once.
///
/// It waits for its gate, then for a place among the calls in flight, and then it is sent. If
/// nothing blocks it, that all happens at its first poll. A retry starts over. Dropping it at any
/// stage undoes what can still be undone.
pub(crate) struct RawCall {
    link: Link,
    /// The connection that was chosen for the call, if one was.
    connection: Option<Arc<Connection>>,
    method: Cow<'static, str>,
    params: Vec<u8>,
    timeout: Timeout,
    /// For a subscription: where its items go.
    inbox: Option<Arc<Inbox>>,
    /// How many items may be sent ahead, if that differs from what the handshake announced.
    window: Option<u64>,
    /// The position after which a reopened subscription goes on.
    resume: Option<Position>,
    /// Waits for a connection even if other calls fail while there is none.
    insists: bool,
    /// When the call is retried on the next connection.
    repeats: Repeats,
    /// The caller wants progress reports.
    progress: bool,
    /// For a notification: it completes as soon as it is queued.
    only_queued: bool,
    /// How deep the call is nested in handlers.
    depth: u8,
    /// The stream arguments until the request is sent. Then they are in `uploads`.
    streams: Streams,
    uploads: Uploads,
    gate: Option<Gate>,
    /// The interface of which only those methods are called that fit.
    used: Option<&'static InterfaceInfo>,
    /// What the call waits for while there is no connection.
    away: Option<Gate>,
    /// The call was sent on a connection that was lost, and may have run there.
    may_have_run: bool,
    stage: Stage,
    /// Set at the first poll. Its timer runs until the request is sent. After that, the
    /// connection's driver watches the deadline.
    deadline: Option<Deadline>,
    /// When the call began, if a middleware waits for its outcome.
    watched: Option<(Instant, Kind)>,
}

/// When a call is retried on the next connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Repeats {
    Never,
    /// When its connection was lost. For calls that may run twice.
    WhenLost,
    /// Also when the other side refuses it because it is about to close the connection.
    UntilServed,
}

enum Stage {
    /// Fails at its first poll: it couldn't be encoded, for example.
    Failed(IpcError),
    Unsent {
        /// Its place in the wait queue for the calls in flight.
        ticket: Option<WaitTicket>,
        /// Set while it waits for room in the outbox.
        room: Option<RoomTicket>,
    },
    Sent(CallId),
    /// A notification that is queued. Its frame ends at this mark.
    Queued(u64),
    Done,
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
            used: None,
            away: None,
            may_have_run: false,
            stage: Stage::Unsent { ticket: None, room: None },
            deadline: None,
            watched: None,
        }
    }

    /// Makes a call that fails at its first poll.
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

    /// Sets whether the call may run twice, and so is retried if its connection is lost.
    pub(crate) fn set_idempotent(&mut self, idempotent: bool) {
        self.repeats = if idempotent { Repeats::WhenLost } else { Repeats::Never };
    }

    /// Makes this a call that reopens a subscription after its connection was lost. It waits for
    /// the next connection even if other calls don't. It is also retried if the other side refuses
    /// it because it is about to close the connection.
    pub(crate) fn set_reopening(&mut self) {
        self.insists = true;
        self.repeats = Repeats::UntilServed;
        // On the connection that was lost.
        self.may_have_run = true;
    }

    /// Says that the versions of this interface may differ: then the call fails, unsent, unless its
    /// method fits.
    pub(crate) fn set_used(&mut self, interface: &'static InterfaceInfo) {
        self.used = Some(interface);
    }

    /// As [`set_used`](Self::set_used) had it.
    pub(crate) fn used(&self) -> Option<&'static InterfaceInfo> {
        self.used
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
            // Items that were sent can't be sent again.
            self.repeats = Repeats::Never;
        }
        self.streams = streams;
    }

    /// Takes the stream arguments out, so that they outlive the call.
    pub(crate) fn take_uploads(&mut self) -> Uploads {
        std::mem::take(&mut self.uploads)
    }

    /// Makes the call use this connection, whichever one its session has.
    pub(crate) fn set_connection(&mut self, connection: Arc<Connection>) {
        self.connection = Some(connection);
    }

    /// The connection that was chosen for the call.
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
                        // The request was queued with this waker, so the reply wakes the task.
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

    /// Like `poll_reply`, and returns the progress reports that came before the reply.
    pub(crate) fn poll_progress(
        &mut self,
        cx: &mut Context<'_>,
    ) -> (RawReports, Poll<Result<Answer, IpcError>>) {
        let mut reports = RawReports::new();
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
            // RawReports and reply are taken together: taking the reply frees the slot that holds the
            // reports.
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
            // Polled after completion, where a future may return anything.
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

    /// Ends the call: leaves the wait queues, and reports the outcome to the middleware.
    fn finish(&mut self, outcome: &CallOutcome<'_>) {
        self.leave_line();
        self.stage = Stage::Done;
        // The timer holds the task's waker.
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

    /// Leaves the wait queues, so that no place is granted to a call that is gone.
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
