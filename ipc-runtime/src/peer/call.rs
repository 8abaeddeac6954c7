//! The futures that a client's methods return.

use std::{
    fmt,
    future::Future,
    marker::PhantomData,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use serde::de::DeserializeOwned;

use super::{RawCall, raw_call::Answer};
use crate::{IpcError, Timeout, codec::Encoding, error::Failure, warnings::warn_rarely};

/// A call of a method, which gives the method's result when awaited.
///
/// The arguments were serialized when it was made, so it borrows nothing: it can be spawned. It is
/// sent at its first poll, and calls are sent in the order of their first polls, unless one has to
/// wait: while the other side has as many requests as it takes, or while so many bytes are queued
/// that a large one has to let smaller ones pass.
///
/// **Deadline.** [`Limits::call_timeout`](crate::Limits::call_timeout) (60 seconds) from the first
/// poll on, unless [`timeout`](Self::timeout) or the method's `#[ipc(timeout = "…")]` says
/// otherwise. Then it fails with [`IpcError::DeadlineExceeded`], and the handler is told to stop.
///
/// **Dropping it cancels the call.** If it was sent, the handler's future is dropped, unless the
/// method is `#[ipc(no_cancel)]` or `#[ipc(blocking)]`.
///
/// **A lost connection** fails it at once with [`IpcError::Disconnected`], which tells whether the
/// method may have run.
#[must_use = "a call is sent when it is awaited or polled"]
pub struct Call<T, E, P = NoProgress> {
    raw: RawCall,
    on_progress: Option<OnProgress<P>>,
    types: PhantomData<fn() -> Result<T, E>>,
}

/// How a report is decoded, and what becomes of it.
type OnProgress<P> = (fn(Encoding, &[u8]) -> Result<P, String>, Box<dyn FnMut(P) + Send>);

/// The progress of a method that reports none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoProgress {}

impl<T, E, P> Call<T, E, P> {
    pub(crate) fn new(raw: RawCall) -> Self {
        Self { raw, on_progress: None, types: PhantomData }
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
    /// result is given. It is called where the call is polled; if that is seldom, only the last 64
    /// reports and 256 KiB of them are kept. One that isn't what the interface says is skipped, and logged.
    pub fn with_progress(mut self, on_progress: impl FnMut(P) + Send + 'static) -> Self {
        self.raw.set_progress();
        let decode = |encoding: Encoding, report: &[u8]| encoding.decode(report);
        self.on_progress = Some((decode, Box::new(on_progress)));
        self
    }
}

impl<T, E: Failure, P> Call<T, E, P> {
    /// Hands over what the handler has reported. What it can be decoded as was settled by
    /// [`with_progress`](Self::with_progress).
    fn poll_reply(&mut self, cx: &mut Context<'_>) -> Poll<Result<Answer, IpcError>> {
        let Some((decode, on_progress)) = &mut self.on_progress else {
            return self.raw.poll_reply(cx);
        };
        let (reports, reply) = self.raw.poll_progress(cx);
        for report in reports {
            match decode(self.raw.link().session().encoding(), &report) {
                Ok(report) => on_progress(report),
                Err(why) => {
                    let warnings = self.raw.link().session().warnings();
                    let method = &**self.raw.method();
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
        reply
    }
}

impl<T: DeserializeOwned, E: Failure, P> Future for Call<T, E, P> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        let reply = match ready!(self.poll_reply(cx)) {
            Ok(reply) => reply,
            Err(error) => return Poll::Ready(Err(error.into())),
        };
        let raw = &self.raw;
        let encoding = raw.link().session().encoding();
        let result = raw.decode_answer::<E>(reply);
        Poll::Ready(result.and_then(|result| {
            let decoded = result.decode(encoding);
            decoded.map_err(|why| raw.decode(format!("the result: {why}")).into())
        }))
    }
}

impl<T, E, P> fmt::Debug for Call<T, E, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").field("method", self.raw.method()).finish_non_exhaustive()
    }
}

/// A notification of a method, which is ready when it is queued to be sent: nobody answers it.
///
/// It waits while too many bytes are queued already, at most until its deadline, which is that of
/// a [`Call`]. After the connection has ended it fails with [`IpcError::Disconnected`]; what was
/// queued before and not written is lost.
#[must_use = "a notification is sent when it is awaited or polled"]
pub struct Notification {
    raw: RawCall,
}

impl Notification {
    pub(crate) fn new(raw: RawCall) -> Self {
        Self { raw }
    }

    /// Sets how long it may wait until it is queued, counted from its first poll.
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
        self.raw.poll_queued(cx)
    }
}

impl fmt::Debug for Notification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Notification").field("method", self.raw.method()).finish_non_exhaustive()
    }
}
