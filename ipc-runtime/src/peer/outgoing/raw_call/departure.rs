//! Waits until a notification has left this process.

use std::task::{Context, Poll, ready};

use tokio::task::coop;

use crate::{
    error::{disconnect_reason::DisconnectReason, ipc_error::IpcError},
    peer::{
        connection::Phase,
        outgoing::{
            raw_call::{RawCall, Stage},
            send::Kind,
        },
        session::hooks::CallOutcome,
    },
    support::{deadline::Deadline, rt::Instant},
};

/// What happened to a notification's frame.
enum Departure {
    Departed,
    /// The connection has ended first. `may_have_run`: the carrier had accepted the whole frame.
    Ended {
        reason: DisconnectReason,
        may_have_run: bool,
    },
    Waits,
}

impl RawCall {
    /// Sends a notification. Ready when it was handed to the operating system.
    pub(crate) fn poll_departure(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), IpcError>> {
        let departed = match self.stage {
            Stage::Failed(_) | Stage::Done => return self.poll_failed(),
            Stage::Unsent { .. } | Stage::Sent(_) => ready!(self.poll_send(cx, Kind::Notification)),
            Stage::Queued(mark) => ready!(self.poll_departed(cx, mark)),
        };
        if departed.is_ok() {
            // A notification that is written at once never waits, so a loop of them would starve
            // other tasks. It has been sent: if this yields, the next poll finds that.
            ready!(coop::poll_proceed(cx)).made_progress();
            self.stage = Stage::Done;
        }
        self.finish(&match &departed {
            Ok(()) => CallOutcome::Done { bytes: 0 },
            Err(error) => CallOutcome::Failed(error),
        });
        Poll::Ready(departed)
    }

    fn poll_departed(&self, cx: &mut Context<'_>, mark: u64) -> Poll<Result<(), IpcError>> {
        let Some(connection) = &self.connection else { return Poll::Pending };
        let deadline = self.deadline.as_ref().and_then(Deadline::at);
        let overdue = deadline.is_some_and(|deadline| deadline <= Instant::now());
        let departure = connection.with_state(|state| {
            if self.only_queued || state.outbox.has_departed(mark) {
                return Departure::Departed;
            }
            if let Phase::Ended(reason) = &state.phase {
                let (reason, may_have_run) = (reason.clone(), state.outbox.has_left(mark));
                return Departure::Ended { reason, may_have_run };
            }
            if !overdue {
                state.outbox.wait_for_departure(mark, deadline, cx.waker());
            }
            Departure::Waits
        });
        match departure {
            Departure::Departed => Poll::Ready(Ok(())),
            Departure::Ended { reason, may_have_run } => {
                Poll::Ready(Err(self.disconnected(reason, may_have_run)))
            }
            Departure::Waits if overdue => Poll::Ready(Err(self.deadline_exceeded())),
            Departure::Waits => Poll::Pending,
        }
    }
}
