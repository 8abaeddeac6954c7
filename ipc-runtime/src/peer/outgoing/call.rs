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

/// A call of a method. Awaiting it returns the method's result.
///
/// The arguments are serialized when the call is made, so it borrows nothing and can be spawned.
/// The call is sent at its first poll. Calls are sent in the order of their first polls, unless one
/// has to wait: because the other side has as many requests as it accepts, or because so many bytes
/// are queued that a large call has to let smaller ones pass.
///
/// **Deadline.** [`Limits::call_timeout`](crate::Limits::call_timeout) (60 seconds by default),
/// counted from the first poll, unless [`timeout`](Self::timeout) or the method's
/// `#[ipc(timeout = "…")]` sets another. When it passes, the call fails with
/// [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded), and the other side is asked
/// to cancel the handler.
///
/// **Dropping it cancels the call.** If the call was sent, the handler's future is dropped, unless
/// the method is `#[ipc(no_cancel)]` or `#[ipc(blocking)]`.
///
/// **If the connection is lost,** the call fails at once with
/// [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected), which says whether the method may
/// have run. If the method is `#[ipc(idempotent)]` and the frontend reconnects, the call is retried
/// instead.
#[must_use = "a call is sent when it is awaited or polled"]
pub struct Call<T, E, P = NoProgress> {
    raw: RawCall,
    types: PhantomData<Given<T, E, P>>,
}

/// The types that a call returns. The call holds no value of them, so it is `Send` whatever they
/// are.
type Given<T, E, P> = fn() -> (T, E, P);

/// A [`Call`] that passes the handler's progress reports to a callback. [`Call::with_progress`]
/// returns it.
///
/// It holds what the callback borrows. If that is nothing, it can be spawned like any call.
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

    /// Removes the deadline of this call: it may take as long as it likes.
    pub fn no_timeout(mut self) -> Self {
        self.raw.set_timeout(Timeout::Never);
        self
    }
}

impl<T, E, P: DeserializeOwned> Call<T, E, P> {
    /// Calls `on_progress` with each progress report of the handler
    /// ([`CallContext::progress`](crate::CallContext::progress)), in order, before the result is
    /// returned.
    ///
    /// The callback runs where the call is polled, so it may borrow what the caller has there. If
    /// the call is polled rarely, only the last 64 reports are kept, and at most 256 KiB of them. A
    /// report that doesn't match the interface is skipped and logged.
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

    /// Removes the deadline of this call: it may take as long as it likes.
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

/// A notification to a method, which doesn't answer it.
///
/// The notification completes when the operating system has accepted it on the socket or pipe (for
/// a WebSocket, on its socket). The process may exit right after that. If you need to know whether
/// it was read or handled, use a [`Call`] instead.
///
/// It is queued at its first poll, and the notifications to one peer keep the order in which they
/// were queued. It waits while too many bytes are queued, and then until it is written. A loop that
/// awaits one notification after another writes each by itself. If several are awaited at once
/// (`join_all`, tasks), those that wait are written together.
///
/// **Deadline.** The same as for a [`Call`]. When it passes, the notification fails with
/// [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded). If it was queued by then,
/// it is still written as soon as the other side reads.
///
/// **Dropping it** takes it back if it isn't queued yet. Otherwise it is sent.
///
/// **If the connection is lost** before the notification was handed over, it fails with
/// [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected), which says whether it may have
/// arrived. It isn't sent again on the next connection.
#[must_use = "a notification is sent when it is awaited or polled"]
pub struct Notification {
    raw: RawCall,
}

impl Notification {
    pub(crate) fn new(raw: RawCall) -> Self {
        raw.link().session().notifications().fetch_add(1, Ordering::Relaxed);
        Self { raw }
    }

    /// Makes the notification complete as soon as it is queued.
    ///
    /// In a loop this is several times faster, because queued notifications leave in few writes.
    /// But then `Ok` doesn't say that the operating system has the notification, nor that the
    /// connection lives until it is written. Before the process exits, await a last call, or close
    /// the frontend, which keeps writing for two seconds.
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

    /// Sets how long the notification may wait until it is handed over, counted from its first
    /// poll.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.raw.set_timeout(Timeout::After(timeout));
        self
    }

    /// Removes the deadline of the notification: it waits as long as it takes.
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
