//! How the driver ends a connection.

use std::{io, sync::Arc, task::Poll, time::Duration};

use crate::peer::driver::term::Term;
#[cfg(feature = "websocket")]
use crate::transport::refusal::Refusal;
use crate::{
    error::disconnect_reason::DisconnectReason,
    framing::step::InputEnd,
    peer::{
        connection::Phase,
        driver::{Driver, GOODBYE, LOOK},
    },
    support::rt::Instant,
    transport::stray_output::StrayOutput,
};

impl Driver {
    /// Ready when the connection may end. `flushed`: nothing was left to write.
    pub(super) fn poll_closing(&mut self, flushed: bool) -> Poll<DisconnectReason> {
        self.end_idle_subscriptions();
        let closing = self.connection.with_state(|state| match &state.phase {
            // The last handler has answered since the flush: the next round writes that first.
            _ if flushed && !state.outbox.queued().is_empty() => None,
            Phase::Open => None,
            Phase::Draining => {
                let idle = state.running.is_empty()
                    && state.notifications.is_empty()
                    && state.flows.subscription_count() == 0
                    && !self.dispatch.has_batch();
                let reason = || state.silent.clone().unwrap_or(DisconnectReason::ClosedHere);
                (idle && flushed).then(|| (reason(), true))
            }
            Phase::Closing(reason @ DisconnectReason::SlowReader) => Some((reason.clone(), true)),
            Phase::Closing(reason) | Phase::Ended(reason) => {
                Some((reason.clone(), flushed || self.dispatch.is_stranger()))
            }
        });
        match closing {
            None => Poll::Pending,
            Some((reason, true)) => Poll::Ready(reason),
            Some((_, false)) => {
                if !matches!(self.term, Some((_, Term::Closing | Term::CannotWrite))) {
                    self.begin_term(Term::Closing, GOODBYE);
                }
                Poll::Pending
            }
        }
    }

    /// Closes the connection if this side is about to close and only idle subscriptions are left,
    /// which would delay that for nothing.
    pub(super) fn end_idle_subscriptions(&mut self) {
        if self.dispatch.has_batch() {
            return;
        }
        let idle_at = self.connection.with_state(|state| {
            let left_alone = matches!(state.phase, Phase::Draining)
                && state.stopping
                && state.running.is_empty()
                && state.notifications.is_empty()
                && state.flows.subscription_count() > 0;
            left_alone.then(|| state.flows.idle_at(Instant::now())).flatten()
        });
        self.idle_at = idle_at.filter(|at| *at > Instant::now());
        if idle_at.is_some() && self.idle_at.is_none() {
            let silent = self.connection.end_reason();
            self.connection.close(silent.unwrap_or(DisconnectReason::ClosedHere));
        }
    }

    pub(super) fn end_of_input(&mut self, end: InputEnd) -> Option<DisconnectReason> {
        match end {
            InputEnd::Closed | InputEnd::Truncated => Some(self.farewell()),
            InputEnd::HalfClosed | InputEnd::HalfClosedTruncated => {
                if end == InputEnd::HalfClosedTruncated {
                    self.dispatch.truncated();
                }
                self.half_closed = true;
                self.next_look = Instant::now().checked_add(LOOK);
                // A peer that has yet to complete the handshake keeps the deadline for that.
                if !self.connection.must_greet() {
                    self.begin_half_closed_term();
                }
                let reason = self.farewell();
                self.connection.finish_what_runs(reason);
                None
            }
        }
    }

    pub(super) fn farewell(&self) -> DisconnectReason {
        let told = self.connection.with_state(|state| state.farewell.take());
        DisconnectReason::ClosedByPeer(told)
    }

    /// Returns why the connection has ended, after reading or writing has failed with this error.
    pub(super) fn lost(&self, error: Arc<io::Error>) -> DisconnectReason {
        if is_the_peers(&error) {
            return self.farewell();
        }
        #[cfg(feature = "websocket")]
        if let Some(refusal) = Refusal::of(&error) {
            return refusal.reason();
        }
        match error.kind() {
            io::ErrorKind::InvalidData => match StrayOutput::of(&error) {
                Some(stray) => stray.reason(),
                None => DisconnectReason::Protocol(error.to_string().into()),
            },
            _ => DisconnectReason::Io(error),
        }
    }

    /// Returns why a half-closed connection brings nothing more.
    pub(super) fn silent(&self) -> DisconnectReason {
        let silent = self.connection.end_reason();
        silent.unwrap_or(DisconnectReason::ClosedByPeer(None))
    }
}

impl Driver {
    pub(super) fn over(&self, term: Term) -> DisconnectReason {
        match term {
            Term::Greeting => DisconnectReason::Protocol("it did not shake hands in time".into()),
            Term::HalfClosed => self.silent(),
            Term::Closing => DisconnectReason::ClosedHere,
            Term::CannotWrite => match &self.writer.cannot_write {
                Some(error) => self.lost(error.clone()),
                None => self.farewell(),
            },
        }
    }

    pub(super) fn begin_term(&mut self, term: Term, time: Duration) {
        self.term = Instant::now().checked_add(time).map(|at| (at, term));
    }

    /// Limits how long handlers may take after a half-close: as long as a call of ours may.
    pub(super) fn begin_half_closed_term(&mut self) {
        match self.connection.limits().call_timeout {
            Some(time) => self.begin_term(Term::HalfClosed, time),
            None => self.term = None,
        }
    }
}

/// Returns whether an operation failed because the peer has ended the connection.
pub(super) fn is_the_peers(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof
    )
}
