//! Writing, from the outbox to the carrier.

use std::{
    sync::Arc,
    task::{Context, Poll, Waker},
    time::Duration,
};

use crate::peer::driver::{Driver, GOODBYE, ending::is_the_peers, term::Term, writer::Flush};

impl Driver {
    /// Writes everything that is queued. A failure doesn't end the connection yet: what the peer
    /// has sent before may still be there to be read.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.writer.cannot_write.is_none() {
            if self.writer.outgoing.is_empty() {
                let is_told = self.writer.outgoing.written() == self.writer.told;
                let is_idle = is_told && self.writer.flush == Flush::Done;
                if is_idle && self.connection.unwritten() == 0 {
                    // What is queued at this moment is noticed before this task falls asleep.
                    return Poll::Ready(());
                }
                let is_flushed = self.writer.is_flushed();
                let outgoing = &mut self.writer.outgoing;
                let delta = outgoing.written() - self.writer.told;
                let (wakers, more) = self.connection.with_state(|state| {
                    let wakers = state.outbox.advance(delta as u64, is_flushed);
                    (wakers, state.outbox.take(|queued| outgoing.swap(queued)))
                });
                if self.writer.flush == Flush::Untold {
                    self.writer.flush = Flush::Done;
                }
                self.note_written(delta, wakers);
                if !more && self.writer.is_flushed() {
                    return Poll::Ready(());
                }
            }
            let written = self.carrier.poll_write(cx, &mut self.writer.outgoing);
            self.writer.flush = match written {
                Poll::Pending => Flush::Pending,
                Poll::Ready(Ok(())) => {
                    self.writer.flush = Flush::Untold;
                    continue;
                }
                Poll::Ready(Err(_)) => Flush::Done,
            };
            let delta = self.writer.outgoing.written() - self.writer.told;
            let keeps_nothing = !self.carrier.keeps_back();
            let wakers = self.connection.with_state(|state| {
                if written.is_pending() {
                    state.outbox.block(cx.waker());
                }
                state.outbox.advance(delta as u64, keeps_nothing)
            });
            self.note_written(delta, wakers);
            let Poll::Ready(Err(error)) = written else { return Poll::Pending };
            tracing::debug!(peer = %self.connection.info().id, %error, "can't write any more");
            // A peer that is gone may have sent something before: that is read to its end. If it
            // isn't gone, the fault is on this side, and the peer has no reason to close: don't
            // wait for that.
            let rest = if is_the_peers(&error) { GOODBYE } else { Duration::ZERO };
            self.writer.cannot_write = Some(Arc::new(error));
            self.begin_term(Term::CannotWrite, rest);
        }
        self.connection.with_state(|state| state.outbox.discard());
        Poll::Ready(())
    }

    pub(super) fn note_written(&mut self, bytes: usize, wakers: Vec<Waker>) {
        self.writer.told = self.writer.outgoing.written();
        self.writer.left += bytes as u64;
        wakers.into_iter().for_each(Waker::wake);
        if bytes > 0 && matches!(self.term, Some((_, Term::HalfClosed))) {
            self.begin_half_closed_term();
        }
    }
}
