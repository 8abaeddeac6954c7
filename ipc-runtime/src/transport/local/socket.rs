//! A Unix socket that is waited for in one direction at a time.
//!
//! tokio's own `UnixStream` is registered for reading and writing. Each read by the peer frees
//! space in the send buffer, which wakes the sender for nothing: one bare wake-up a call and side.
//! So here the socket is registered for reading alone, and a duplicate of it for writing only
//! while the send buffer is full.

use std::{
    io::{self, Read, Write},
    net::Shutdown,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::net::UnixStream,
    },
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, unix::AsyncFd};

use crate::transport::{TryWrite, byte_stream::Io};

pub(super) struct Socket {
    stream: AsyncFd<Arc<UnixStream>>,
    /// There only while a write waits: kept, it would bring the wake-ups back.
    writable: Option<AsyncFd<OwnedFd>>,
}

impl Socket {
    pub(super) fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let stream = register(Arc::new(stream), Interest::READABLE)?;
        Ok(Self { stream, writable: None })
    }
}

/// tokio deprecated the safe constructor because a user's `AsRawFd` could give another descriptor
/// at each call, or one that is closed too early. Those of std can't: they own theirs until they
/// are dropped, so what the `unsafe` replacement asks for holds here without it.
#[expect(deprecated, reason = "the replacement is unsafe, and its conditions are met")]
fn register<T: AsRawFd>(socket: T, interest: Interest) -> io::Result<AsyncFd<T>> {
    AsyncFd::with_interest(socket, interest)
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining();
        loop {
            let mut ready = ready!(self.stream.poll_read_ready(cx))?;
            match (&**self.stream.get_ref()).read(buffer.initialize_unfilled()) {
                Ok(read) => {
                    // A short read has emptied the socket: the next edge wakes, and asking once
                    // more is saved. The end of the input keeps its readiness.
                    if read > 0 && read < room {
                        ready.clear_ready();
                    }
                    buffer.advance(read);
                    return Poll::Ready(Ok(()));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => ready.clear_ready(),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        loop {
            match this.stream.get_ref().try_write(bytes) {
                Ok(written) => {
                    this.writable = None;
                    return Poll::Ready(Ok(written));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    let writable = match &mut this.writable {
                        Some(writable) => writable,
                        empty => {
                            let duplicate = OwnedFd::from(this.stream.get_ref().try_clone()?);
                            empty.insert(register(duplicate, Interest::WRITABLE)?)
                        }
                    };
                    ready!(writable.poll_write_ready(cx))?.clear_ready();
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream.get_ref().shutdown(Shutdown::Write) {
            Err(error) if error.kind() != io::ErrorKind::NotConnected => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl Io for Socket {
    fn try_writer(&self) -> Option<Arc<dyn TryWrite>> {
        Some(Arc::<UnixStream>::clone(self.stream.get_ref()))
    }
}

impl TryWrite for UnixStream {
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut stream = self;
        loop {
            match stream.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => return written,
            }
        }
    }
}
