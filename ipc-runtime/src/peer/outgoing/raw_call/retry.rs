//! How a call begins anew when its connection is lost, about to be closed, or isn't there yet.

use std::sync::Arc;

use crate::{
    error::{
        disconnect_reason::DisconnectReason,
        ipc_error::{ErrorDetail, IpcError},
    },
    message::error_object::ErrorObject,
    peer::{
        outgoing::raw_call::{Gate, RawCall, Repeats, Stage},
        state::call_reply::Reply,
    },
};

impl RawCall {
    /// What to wait for while there is no connection but one that it can't go by; `None`: it fails.
    fn next_connection(&self) -> Option<Gate> {
        let session = self.link.session();
        // Counted first: one that comes in between is a later one.
        let connections = session.connectivity().connections();
        // Counted as long as it waits, unless it waits whatever others do.
        let waits = if self.insists { None } else { Some(session.wait()?) };
        if !session.connectivity().comes_back() {
            return None;
        }
        let of_now = session.connectivity().connection();
        let is_same = match (&self.connection, &of_now) {
            (Some(own), Some(of_now)) => Arc::ptr_eq(own, of_now),
            _ => false,
        };
        // The peer says nothing more on it, or is about to close it.
        let after = if is_same { connections } else { 0 };
        let session = session.clone();
        Some(Box::pin(async move {
            session.connectivity().usable_after(after).await;
            drop(waits);
            Ok(())
        }))
    }

    /// It can't go by its connection: it begins anew on the next one, if it may.
    pub(crate) fn begins_anew(&mut self) -> bool {
        let Some(away) = self.next_connection() else { return false };
        self.leave_line();
        self.connection = None;
        self.stage = Stage::Unsent { ticket: None, room: None };
        self.away = Some(away);
        true
    }

    /// Whether the answer says that it is to be made again, and it may be.
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

    /// What it fails with says whether it may have run, also on an earlier connection.
    pub(crate) fn honest(&self, error: IpcError) -> IpcError {
        if !self.may_have_run || error.may_have_run() {
            return error;
        }
        let reason = match error.into_detail() {
            ErrorDetail::Disconnected { reason, .. } => reason,
            ErrorDetail::VersionMismatch(mismatch) => DisconnectReason::VersionMismatch(mismatch),
            ErrorDetail::ProtocolMismatch(mismatch) => DisconnectReason::ProtocolMismatch(mismatch),
            _ => DisconnectReason::ClosedByPeer(None),
        };
        self.disconnected(reason, true)
    }
}
