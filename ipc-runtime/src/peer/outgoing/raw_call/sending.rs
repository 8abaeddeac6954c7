//! Takes a call from its first poll to the outbox.

use std::{
    sync::{Arc, atomic::Ordering},
    task::{Context, Poll, ready},
};

use crate::{
    error::ipc_error::{IpcError, MessagePart},
    interface::Timeout,
    message::{extension::Extension, is_of_runtime},
    peer::{
        connection::Connection,
        outgoing::{
            raw_call::{RawCall, Repeats, Stage},
            send::{Kind, OutgoingMessage, Sending},
        },
        state::{call_depth, call_id::CallId},
    },
    support::{deadline::Deadline, rt::Instant},
};

impl RawCall {
    /// Sends the call. Ready when a request is in the outbox. For a notification, ready when it was
    /// handed to the operating system, or is in the outbox if that is enough.
    pub(super) fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        kind: Kind,
    ) -> Poll<Result<(), IpcError>> {
        self.begin(kind);
        loop {
            ready!(self.poll_connection(cx))?;
            ready!(self.poll_gate(cx))?;
            let Some(connection) = self.settle() else {
                if self.begins_anew() {
                    continue;
                }
                return Poll::Ready(Err(self.unavailable()));
            };
            if let Some(error) = self.refusal(&connection) {
                return Poll::Ready(Err(error));
            }
            match self.queue(&connection, cx, kind) {
                None => return Poll::Ready(Ok(())),
                Some(Sending::Sent(id)) => {
                    self.was_sent(id, &connection);
                    return Poll::Ready(Ok(()));
                }
                Some(Sending::Queued { mark, is_done }) => {
                    self.params = Vec::new();
                    self.stage = Stage::Queued(mark);
                    self.rest_deadline();
                    return if is_done { Poll::Ready(Ok(())) } else { Poll::Pending };
                }
                Some(Sending::Waiting) => return self.poll_deadline(cx),
                // The message was never sent, so nothing can run twice.
                Some(Sending::Ended(reason)) => {
                    if is_of_runtime(&self.method) || !self.begins_anew() {
                        return Poll::Ready(Err(self.disconnected(reason, false)));
                    }
                }
                Some(Sending::TooLarge(size, next)) => {
                    if let Some(next) = next {
                        next.wake();
                    }
                    let limit = connection.peer_max_message();
                    return Poll::Ready(Err(self.too_large(
                        MessagePart::Request,
                        size as u64,
                        limit as u64,
                    )));
                }
            }
        }
    }

    /// At the first poll: starts the deadline, and calls the middleware.
    fn begin(&mut self, kind: Kind) {
        if self.deadline.is_some() {
            return;
        }
        // The call may have been made outside of handlers and be awaited inside of one.
        self.depth = self.depth.max(call_depth::depth());
        let session = self.link.session();
        let is_watched = session.hooks().is_some() && !is_of_runtime(&self.method);
        let timeout = session.limits().deadline(self.timeout);
        if is_watched {
            self.watched = Some((Instant::now(), kind));
            self.with_info(kind, Some(&self.params), |hooks, call| hooks.outgoing(call));
        }
        // A deadline beyond the clock's range never passes.
        let at = timeout.and_then(|timeout| Instant::now().checked_add(timeout));
        self.deadline = Some(Deadline::new(at));
    }

    /// Ready when there is a connection. A call with a gate chooses its connection after the gate.
    fn poll_connection(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), IpcError>> {
        loop {
            if let Some(away) = &mut self.away {
                if away.as_mut().poll(cx).is_pending() {
                    return self.poll_deadline(cx);
                }
                self.away = None;
            }
            if self.connection.is_some() {
                return Poll::Ready(Ok(()));
            }
            match self.link.session().connectivity().connection() {
                Some(connection) => {
                    if self.gate.is_none() {
                        self.connection = Some(connection);
                    }
                    return Poll::Ready(Ok(()));
                }
                // Calls wait here and not at the gate, which many calls share: waiting calls are
                // counted here.
                None if self.begins_anew() => {}
                None => return Poll::Ready(Err(self.unavailable())),
            }
        }
    }

    /// Ready when the gate is.
    fn poll_gate(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), IpcError>> {
        let Some(gate) = &mut self.gate else { return Poll::Ready(Ok(())) };
        match gate.as_mut().poll(cx) {
            Poll::Ready(Ok(())) => {
                self.gate = None;
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(self.named(error))),
            Poll::Pending => self.poll_deadline(cx),
        }
    }

    /// Chooses the current connection, if none was chosen. `None`: there is no connection.
    fn settle(&mut self) -> Option<Arc<Connection>> {
        if self.connection.is_none() {
            self.connection = self.link.session().connectivity().connection();
        }
        self.connection.clone()
    }

    /// Why the method can't be called on this connection, if it can't.
    fn refusal(&self, connection: &Connection) -> Option<IpcError> {
        connection.partly_served(self.used?)?.refusal(&self.method)
    }

    /// Queues the message, or waits in the wait queue. `None`: it was queued before.
    fn queue(
        &mut self,
        connection: &Connection,
        cx: &mut Context<'_>,
        kind: Kind,
    ) -> Option<Sending> {
        let Stage::Unsent { ticket, room } = &mut self.stage else { return None };
        let timeout_ms = match self.timeout {
            // The runtime's own requests may come before the handshake has agreed on extensions.
            Timeout::After(duration) if !is_of_runtime(&self.method) => {
                Some(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
            }
            _ => None,
        };
        let message = OutgoingMessage {
            method: &self.method,
            params: &self.params,
            extension: Extension {
                timeout_ms,
                progress: self.progress,
                depth: self.depth,
                window: self.window,
                resume: self.resume,
            },
            deadline: self.deadline.as_ref().and_then(Deadline::at),
            inbox: self.inbox.as_ref(),
            streams: &self.streams,
            only_queued: self.only_queued,
            is_alone: self.link.session().notifications().load(Ordering::Relaxed) <= 1,
        };
        Some(connection.with_state(|state| match kind {
            Kind::Request => message.send(connection, state, ticket, room, cx),
            Kind::Notification => message.notify(connection, state, room, cx),
        }))
    }

    fn was_sent(&mut self, id: CallId, connection: &Arc<Connection>) {
        // A retry needs the params again.
        let keeps = self.repeats != Repeats::Never || self.inbox.is_some();
        if !keeps || !self.link.session().connectivity().comes_back() {
            self.params = Vec::new();
        }
        self.uploads = std::mem::take(&mut self.streams).start(connection);
        self.stage = Stage::Sent(id);
        self.rest_deadline();
    }

    /// Ready with the error when the deadline passes while the call waits.
    fn poll_deadline(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), IpcError>> {
        let runtime = self.link.session().runtime();
        let deadline = self.deadline.as_mut();
        let overdue = deadline.map_or(Poll::Pending, |deadline| deadline.poll(cx, runtime));
        overdue.map(|()| Err(self.deadline_exceeded()))
    }

    /// From now on, the connection's driver watches the deadline.
    fn rest_deadline(&mut self) {
        if let Some(deadline) = &mut self.deadline {
            deadline.rest();
        }
    }

    fn unavailable(&self) -> IpcError {
        self.link.session().unavailable(self.method.clone())
    }
}
