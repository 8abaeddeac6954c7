//! How a call begins anew when its connection is lost, or isn't there yet.

use crate::{
    error::{DisconnectReason, IpcError},
    peer::{
        outgoing::raw_call::{Gate, RawCall, Stage},
        state::pending_calls::Reply,
    },
};

impl RawCall {
    /// What to wait for while there is no connection; `None`: it fails.
    fn wait(&self) -> Option<Gate> {
        let session = self.link.session();
        // Counted as long as it waits, unless it waits whatever others do.
        let waits = if self.insists { None } else { Some(session.wait()?) };
        if !session.comes_back() {
            return None;
        }
        let session = session.clone();
        Some(Box::pin(async move {
            session.settled().await;
            drop(waits);
            Ok(())
        }))
    }

    /// Goes by another connection than the first so many, also if the last of those is still there.
    pub(crate) fn wait_for_next(&mut self, connections: u64) {
        let session = self.link.session().clone();
        self.away = Some(Box::pin(async move {
            session.settled_after(connections).await;
            Ok(())
        }));
    }

    /// Its connection is lost: it begins anew on the next one, if it may.
    pub(crate) fn begins_anew(&mut self) -> bool {
        let Some(away) = self.wait() else { return false };
        self.leave_line();
        self.connection = None;
        self.stage = Stage::Unsent { ticket: None, room: None };
        self.away = Some(away);
        true
    }

    /// Whether the answer says that it was lost, and it may be made again.
    pub(crate) fn is_made_again(&mut self, reply: &Reply) -> bool {
        let Reply::Disconnected { may_have_run } = reply else { return false };
        if !self.idempotent {
            return false;
        }
        self.may_have_run |= may_have_run;
        self.insists = true;
        self.begins_anew()
    }

    /// What it fails with says whether it may have run, also on an earlier connection.
    pub(crate) fn honest(&self, error: IpcError) -> IpcError {
        if !self.may_have_run || error.may_have_run() {
            return error;
        }
        let reason = match error {
            IpcError::Disconnected { reason, .. } => reason,
            IpcError::VersionMismatch(mismatch) => DisconnectReason::VersionMismatch(mismatch),
            IpcError::ProtocolMismatch { ours, theirs, .. } => {
                DisconnectReason::ProtocolMismatch { ours, theirs }
            }
            _ => DisconnectReason::ClosedByPeer(None),
        };
        self.disconnected(reason, true)
    }
}
