//! Replies to our calls.

use std::task::Waker;

use futures_util::future::AbortHandle;

use crate::{
    codec::extent::Extent,
    error::disconnect_reason::DisconnectReason,
    message::{
        ReplyOutcome,
        error_object::{ErrorObject, code},
        id::Id,
    },
    peer::{
        incoming::dispatch::{Dispatch, fatal_input::FatalInput},
        state::{call_id::CallId, call_reply::Reply, inbox::StreamFailure, raw_result::Payload},
    },
    transport::carrier::CloseKind,
};

impl Dispatch {
    pub(crate) fn reply(
        &mut self,
        id: &Id,
        outcome: Result<ReplyOutcome<'_>, &'static str>,
    ) -> Result<(), FatalInput> {
        let refused = match &outcome {
            Ok(ReplyOutcome::Error(error)) => self.refused(error),
            _ => None,
        };
        let reply = match outcome {
            Ok(ReplyOutcome::Result(result)) => {
                Reply::Result(Payload::new(result, Extent::Stepped))
            }
            Ok(ReplyOutcome::Error(error)) => Reply::Error(error.into()),
            Err(why) => Reply::Malformed(why),
        };
        match id {
            Id::Number(id) => self.complete(*id, reply),
            Id::Null | Id::Verbatim(_) => self.stray(),
        }
        refused.map_or(Ok(()), Err)
    }

    /// Checks an error that comes before this side is let in. It may say that this side isn't
    /// authorized, in answer to the handshake or before it, or that there is no place for it.
    fn refused(&self, error: &[u8]) -> Option<FatalInput> {
        if !self.is_established() || self.connection.session().connectivity().connection().is_some()
        {
            return None;
        }
        let error = ErrorObject::decode(self.connection.encoding(), error).ok()?;
        let reason = if error.code == code::UNAUTHORIZED {
            DisconnectReason::Unauthorized(error.message.into())
        } else if error.is_no_place() {
            DisconnectReason::ClosedByPeer(Some(error.message.into()))
        } else {
            return None;
        };
        Some(FatalInput { reason, kind: CloseKind::Normal })
    }

    pub(crate) fn complete(&mut self, id: u64, reply: Reply) {
        if !self.completes(id, reply) {
            self.stray();
        }
    }

    /// Passes a reply to the call that waits for it. Returns `false` if there is none, or if the
    /// reply has to be read as a whole first.
    pub(crate) fn completes(&mut self, id: u64, reply: Reply) -> bool {
        let encoding = self.encoding();
        let completed = self.connection.with_state(|state| {
            let id = CallId::from_wire(id).ok_or(())?;
            // Items may follow right behind, before the caller has looked at the answer.
            let method = state.calls.method(id);
            let subscription = match (&reply, &method) {
                // First read the message as a whole, and with it the id.
                (Reply::Result(result), Some(_)) if !result.is_settled() => return Err(()),
                (Reply::Result(result), Some(_)) => result.subscription(encoding),
                _ => None,
            };
            let completed = state.calls.complete(id, reply)?;
            let mut replaced = None;
            if let (Some(id), Some(method)) = (subscription, method) {
                if let Some(inbox) = completed.opened {
                    replaced = state.inboxes.subscribed(id, method, inbox);
                } else if completed.unwanted {
                    self.connection.send_unsubscribe(state, &id);
                }
            }
            Ok((completed.wakers, completed.uploads, replaced))
        });
        let Ok((wakers, uploads, replaced)): Result<_, ()> = completed else { return false };
        uploads.iter().for_each(AbortHandle::abort);
        if let Some(inbox) = replaced {
            // Nothing could tell their items apart.
            inbox.end(Err(StreamFailure::Broken(
                "another subscription was opened with the same id",
            )));
        }
        self.replies += 1;
        wakers.into_iter().flatten().for_each(Waker::wake);
        true
    }

    pub(crate) fn stray(&self) {
        let count = self.connection.with_state(|state| {
            state.stray_replies += 1;
            state.stray_replies
        });
        tracing::debug!(peer = %self.connection.info().id, count, "a reply that nobody waits for");
    }
}
