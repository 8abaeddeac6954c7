//! Queues outgoing requests and notifications in the outbox.

use std::{
    borrow::Cow,
    sync::Arc,
    task::{Context, Waker},
};

use crate::{
    error::disconnect_reason::DisconnectReason,
    message::{encoded, extension::Extension, is_of_runtime},
    peer::{
        connection::{Connection, ConnectionCore, Phase},
        state::{call_id::CallId, inbox::Inbox, outbox::RoomTicket, wait_queue::WaitTicket},
        streams::uploads::Streams,
    },
    support::rt::Instant,
};

/// Whether a message gets an answer.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Request,
    Notification,
}

/// How far a request or notification has come.
pub(crate) enum Sending {
    Sent(CallId),
    /// A notification is queued, and its frame ends at `mark`. `is_done`: it doesn't wait for more.
    Queued {
        mark: u64,
        is_done: bool,
    },
    Waiting,
    Ended(DisconnectReason),
    /// The message's size, and the waker of the call that gets its place.
    TooLarge(usize, Option<Waker>),
}

/// A request or notification that is about to be queued.
pub(crate) struct OutgoingMessage<'a> {
    pub(crate) method: &'a Cow<'static, str>,
    pub(crate) params: &'a [u8],
    pub(crate) extension: Extension,
    pub(crate) deadline: Option<Instant>,
    pub(crate) inbox: Option<&'a Arc<Inbox>>,
    pub(crate) streams: &'a Streams,
    /// For a notification: it completes as soon as it is queued.
    pub(crate) only_queued: bool,
    /// No other notification is in flight.
    pub(crate) is_alone: bool,
}

impl OutgoingMessage<'_> {
    /// Queues the message as a request, or waits until there is a place for it.
    pub(crate) fn send(
        &self,
        connection: &Connection,
        state: &mut ConnectionCore,
        ticket: &mut Option<WaitTicket>,
        room: &mut Option<RoomTicket>,
        cx: &mut Context<'_>,
    ) -> Sending {
        if let Some(reason) = has_ended(state).or_else(|| state.silent.clone()) {
            return Sending::Ended(reason);
        }
        if !self.finds_room(state, room, cx) {
            return Sending::Waiting;
        }
        // The runtime's own requests have no limit, and don't wait for the app's.
        let depth = self.extension.depth;
        let admitted = is_of_runtime(self.method) || state.calls.admit(ticket, depth, cx.waker());
        if !admitted {
            return Sending::Waiting;
        }
        let greeted = connection.is_greeted();
        let extension = if greeted { self.extension } else { Extension::default() };
        let encoding = connection.encoding();
        let (id, sooner) = state.calls.begin(self.deadline, cx.waker());
        let queued = state.outbox.push(connection.peer_max_message(), |out| {
            encoded::request(encoding, out, id.number(), self.method, self.params, extension);
        });
        if let Err(size) = queued {
            return Sending::TooLarge(size, state.calls.unbegin(id));
        }
        state.calls.queued(id, state.outbox.mark());
        if let Some(inbox) = self.inbox {
            state.calls.subscribes(id, self.method.clone(), inbox.clone());
        }
        if extension.progress {
            state.calls.wants_progress(id);
        }
        state.calls.uploads(id, self.streams.open(&mut state.flows));
        connection.write_inline(state);
        if sooner {
            // The driver's timer is set for a later time.
            state.outbox.nudge();
        }
        Sending::Sent(id)
    }

    /// Queues the message as a notification, or waits until there is room for it. Writes it at once
    /// if no other messages are in flight that could share the write.
    pub(crate) fn notify(
        &self,
        connection: &Connection,
        state: &mut ConnectionCore,
        room: &mut Option<RoomTicket>,
        cx: &mut Context<'_>,
    ) -> Sending {
        if let Some(reason) = has_ended(state) {
            return Sending::Ended(reason);
        }
        if !self.finds_room(state, room, cx) {
            return Sending::Waiting;
        }
        let queued = state.outbox.push(connection.peer_max_message(), |out| {
            encoded::notification(connection.encoding(), out, self.method, self.params);
        });
        if let Err(size) = queued {
            return Sending::TooLarge(size, None);
        }
        let mark = state.outbox.mark();
        if self.only_queued {
            return Sending::Queued { mark, is_done: true };
        }
        connection.write_notification_inline(state, self.is_alone, cx.waker());
        let is_done = state.outbox.has_departed(mark);
        if !is_done {
            state.outbox.wait_for_departure(mark, self.deadline, cx.waker());
        }
        Sending::Queued { mark, is_done }
    }

    fn finds_room(
        &self,
        state: &mut ConnectionCore,
        room: &mut Option<RoomTicket>,
        cx: &mut Context<'_>,
    ) -> bool {
        let there_is_room = state.outbox.has_room_for(self.params.len());
        if !there_is_room {
            state.outbox.wait_for_room(room, cx.waker());
        } else if let Some(room) = room.take() {
            state.outbox.leave_room(room);
        }
        there_is_room
    }
}

fn has_ended(state: &ConnectionCore) -> Option<DisconnectReason> {
    match &state.phase {
        Phase::Closing(reason) | Phase::Ended(reason) => Some(reason.clone()),
        Phase::Open | Phase::Draining => None,
    }
}
