//! The futures that a client's methods return.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    sync::atomic::Ordering,
    task::{Context, Poll, ready},
    time::Duration,
};

use serde::de::DeserializeOwned;

use crate::support::warnings::warn_rarely;
use crate::{
    error::{call_error::Failure, ipc_error::IpcError},
    interface::Timeout,
    peer::{
        outgoing::raw_call::{Answer, RawCall},
        state::progress_reports::NoProgress,
    },
};

/// A call of a method, which gives the method's result when awaited.
///
/// The arguments were serialized when it was made, so it borrows nothing: it can be spawned. It is
/// sent at its first poll, and calls are sent in the order of their first polls, unless one has to
/// wait: while the other side has as many requests as it takes, or while so many bytes are queued
/// that a large one has to let smaller ones pass.
///
/// **Deadline.** [`Limits::call_timeout`](crate::Limits::call_timeout) (60 seconds) from the first
/// poll on, unless [`timeout`](Self::timeout) or the method's `#[ipc(timeout = "…")]` says
/// otherwise. Then it fails with [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded), and the handler is told to stop.
///
/// **Dropping it cancels the call.** If it was sent, the handler's future is dropped, unless the
/// method is `#[ipc(no_cancel)]` or `#[ipc(blocking)]`.
///
/// **A lost connection** fails it at once with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected), which tells whether the
/// method may have run.
#[must_use = "a call is sent when it is awaited or polled"]
pub struct Call<T, E, P = NoProgress> {
    raw: RawCall,
    types: PhantomData<Given<T, E, P>>,
}

/// What a call gives: it holds none of these, and is `Send` whatever they are.
type Given<T, E, P> = fn() -> (T, E, P);

/// A [`Call`] whose progress is told to a callback, by [`Call::with_progress`]. It holds what the
/// callback borrows; where that is nothing, it can be spawned as any call.
#[must_use = "a call is sent when it is awaited or polled"]
pub struct CallWithProgress<'a, T, E, P> {
    call: Call<T, E, P>,
    on_progress: Box<dyn FnMut(P) + Send + 'a>,
}

impl<T, E, P> Call<T, E, P> {
    pub(crate) fn new(raw: RawCall) -> Self {
        Self { raw, types: PhantomData }
    }

    /// Sets the deadline of this call, counted from its first poll.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.raw.set_timeout(Timeout::After(timeout));
        self
    }

    /// Lets this call take as long as it likes.
    pub fn no_timeout(mut self) -> Self {
        self.raw.set_timeout(Timeout::Never);
        self
    }
}

impl<T, E, P: DeserializeOwned> Call<T, E, P> {
    /// Calls this with each report of the handler's progress
    /// ([`CallContext::progress`](crate::CallContext::progress)), in their order, before the
    /// result is given. It is called where the call is polled, so it may borrow what the caller
    /// has there; if the call is polled seldom, only the last 64 reports and 256 KiB of them are
    /// kept. One that isn't what the interface says is skipped, and logged.
    pub fn with_progress<'a>(
        mut self,
        on_progress: impl FnMut(P) + Send + 'a,
    ) -> CallWithProgress<'a, T, E, P> {
        self.raw.set_progress();
        CallWithProgress { call: self, on_progress: Box::new(on_progress) }
    }
}

impl<T: DeserializeOwned, E: Failure, P> Call<T, E, P> {
    fn result_of(&self, reply: Result<Answer, IpcError>) -> Result<T, E> {
        let raw = &self.raw;
        let encoding = raw.link().session().encoding();
        let result = raw.decode_answer::<E>(reply?)?;
        result.decode(encoding).map_err(|why| raw.decode(format!("the result: {why}")).into())
    }
}

impl<T: DeserializeOwned, E: Failure, P> Future for Call<T, E, P> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        let reply = ready!(self.raw.poll_reply(cx));
        Poll::Ready(self.result_of(reply))
    }
}

impl<T, E, P> CallWithProgress<'_, T, E, P> {
    /// Sets the deadline of this call, as [`Call::timeout`] does.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.call = self.call.timeout(timeout);
        self
    }

    /// Lets this call take as long as it likes.
    pub fn no_timeout(mut self) -> Self {
        self.call = self.call.no_timeout();
        self
    }
}

impl<T, E, P> Future for CallWithProgress<'_, T, E, P>
where
    T: DeserializeOwned,
    E: Failure,
    P: DeserializeOwned,
{
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        let Self { call, on_progress } = &mut *self;
        let (reports, reply) = call.raw.poll_progress(cx);
        for report in reports {
            match call.raw.link().session().encoding().decode(&report) {
                Ok(report) => on_progress(report),
                Err(why) => {
                    let method = &**call.raw.method();
                    let warnings = call.raw.link().session().warnings();
                    warn_rarely!(
                        warnings,
                        UnreadableProgress,
                        method,
                        why,
                        "a report of progress can't be read"
                    );
                }
            }
        }
        Poll::Ready(call.result_of(ready!(reply)))
    }
}

impl<T, E, P> fmt::Debug for CallWithProgress<'_, T, E, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = self.call.raw.method();
        f.debug_struct("CallWithProgress").field("method", method).finish_non_exhaustive()
    }
}

impl<T, E, P> fmt::Debug for Call<T, E, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", self.raw.method()).finish_non_exhaustive()
    }
}

/// A notification of a method: nobody answers it. It is ready when the operating system has taken
/// it, by the socket, the pipe or the WebSocket's socket: a process may end right behind it. That it
/// was read, or handled, is known of a [`Call`] alone.
///
/// It is queued at its first poll, and what one peer is told keeps the order of that. It waits while
/// too many bytes are queued already, and then until it is written. A loop that awaits one after
/// another writes each by itself; of several that are awaited at once (`join_all`, tasks) those that
/// wait leave together.
///
/// **Deadline.** That of a [`Call`]; then it fails with [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded). One that was
/// queued by then is written all the same, when the other side reads.
///
/// **Dropping it** takes it back if it isn't queued yet. Else it is sent.
///
/// **A lost connection** fails it with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected) if it was not handed over, which
/// tells whether it may have arrived. It isn't sent again on the next connection.
#[must_use = "a notification is sent when it is awaited or polled"]
pub struct Notification {
    raw: RawCall,
}

impl Notification {
    pub(crate) fn new(raw: RawCall) -> Self {
        raw.link().session().notifications().fetch_add(1, Ordering::Relaxed);
        Self { raw }
    }

    /// Makes it ready as soon as it is queued, which is several times faster in a loop: what is
    /// queued leaves in few writes. Then `Ok` says neither that the operating system has it, nor
    /// that the connection outlives it: before the process ends, await a last call, or close the frontend,
    /// which goes on writing for two seconds.
    ///
    /// ```no_run
    /// # use ipc_runtime::{Frontend, IpcError};
    /// # async fn example(frontend: Frontend) -> Result<(), IpcError> {
    /// for position in 0..100_000_u32 {
    ///     frontend.notify("mouse.moved", &[position]).queued().await?;
    /// }
    /// frontend.close().await;
    /// # Ok(())
    /// # }
    /// ```
    pub fn queued(mut self) -> Self {
        self.raw.set_only_queued();
        self
    }

    /// Sets how long it may wait until it is handed over, counted from its first poll.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.raw.set_timeout(Timeout::After(timeout));
        self
    }

    /// Lets it wait as long as it takes.
    pub fn no_timeout(mut self) -> Self {
        self.raw.set_timeout(Timeout::Never);
        self
    }
}

impl Future for Notification {
    type Output = Result<(), IpcError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<(), IpcError>> {
        self.raw.poll_departure(cx)
    }
}

impl Drop for Notification {
    fn drop(&mut self) {
        self.raw.link().session().notifications().fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification").field("method", self.raw.method()).finish_non_exhaustive()
    }
}
