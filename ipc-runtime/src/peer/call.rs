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

use super::RawCall;
use crate::{IpcError, Timeout, error::Failure};

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
pub struct Call<T, E> {
    raw: RawCall,
    types: PhantomData<fn() -> Result<T, E>>,
}

impl<T, E> Call<T, E> {
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

impl<T: DeserializeOwned, E: Failure> Future for Call<T, E> {
    type Output = Result<T, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<T, E>> {
        let raw = &mut self.raw;
        let reply = match ready!(raw.poll_reply(cx)) {
            Ok(reply) => reply,
            Err(error) => return Poll::Ready(Err(error.into())),
        };
        Poll::Ready(match reply {
            Ok(result) => {
                let decoded = raw.connection().encoding().decode(&result);
                decoded.map_err(|why| raw.decode(format!("the result: {why}")).into())
            }
            Err(error) => Err(match E::from_method_error(&error) {
                Some(Ok(error)) => error,
                Some(Err(why)) => raw.decode(why).into(),
                None => IpcError::from_object(raw.method().clone(), raw.endpoint(), error).into(),
            }),
        })
    }
}

impl<T, E> fmt::Debug for Call<T, E> {
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
