//! Retries calls whose connection was lost, is about to be closed or isn't there yet.

use std::sync::Arc;

use crate::{
    error::ipc_error::IpcError,
    message::error_object::ErrorObject,
    peer::{
        outgoing::raw_call::{Gate, RawCall, Repeats, Stage},
        state::call_reply::Reply,
    },
};

impl RawCall {
    /// What to wait for while there is no connection, or only one that the call can't use. `None`:
    /// the call fails.
    fn next_connection(&self) -> Option<Gate> {
        let session = self.link.session();
        // Read first, so that a connection that comes in between counts as a later one.
        let connections = session.connectivity().connections();
        // Counts the call as waiting, unless it waits regardless of the limit.
        let waits = if self.insists { None } else { Some(session.wait()?) };
        if !session.connectivity().comes_back() {
            return None;
        }
        let of_now = session.connectivity().connection();
        let is_same = match (&self.connection, &of_now) {
            (Some(own), Some(of_now)) => Arc::ptr_eq(own, of_now),
            _ => false,
        };
        // The peer has half-closed this connection, or is about to close it: only a later one will
        // do.
        let after = if is_same { connections } else { 0 };
        let session = session.clone();
        Some(Box::pin(async move {
            session.connectivity().usable_after(after).await;
            drop(waits);
            Ok(())
        }))
    }

    /// Starts the call over on the next connection, because it can't use its present one. `false`:
    /// there is no next connection that it may wait for.
    pub(crate) fn begins_anew(&mut self) -> bool {
        let Some(away) = self.next_connection() else { return false };
        self.leave_line();
        self.connection = None;
        self.stage = Stage::Unsent { ticket: None, room: None };
        self.away = Some(away);
        true
    }

    /// Whether the call is retried after this reply. If so, starts it over.
    pub(crate) fn is_made_again(&mut self, reply: &Reply) -> bool {
        match (self.repeats, reply) {
            (Repeats::WhenLost, Reply::Disconnected { may_have_run }) => {
                self.may_have_run |= may_have_run;
            }
            (Repeats::UntilServed, Reply::Disconnected { .. }) => {}
            (Repeats::UntilServed, Reply::Error(error))
                if ErrorObject::says_closing(self.link.session().encoding(), error) => {}
            _ => return false,
        }
        self.insists = true;
        self.begins_anew()
    }

    /// Makes the error say whether the call may have run, including on an earlier connection.
    pub(crate) fn honest(&self, error: IpcError) -> IpcError {
        error.ran_before(self.may_have_run)
    }
}
