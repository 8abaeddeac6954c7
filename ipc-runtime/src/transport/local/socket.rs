//! A Unix socket that is waited for in one direction, where that is enough.
//!
//! tokio's own `UnixStream` is registered for reading and writing. Each read by the peer frees
//! space in the send buffer, which wakes the sender for nothing: one bare wake-up a call and side.
//! So here the socket is registered for reading alone, and for both directions only while the send
//! buffer is full. It is registered anew for that, which takes no second descriptor: a process that
//! has none left may still write.

use std::{
    io::{self, Read, Write},
    net::Shutdown,
    os::{fd::AsRawFd, unix::net::UnixStream},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, unix::AsyncFd};

use crate::transport::{byte_stream::Io, carrier::TryWrite};

type SocketRegistration = AsyncFd<Arc<UnixStream>>;

/// One task reads it and writes to it: a registration knows one task.
pub(super) struct Socket {
    stream: Arc<UnixStream>,
    /// None where the last attempt has failed.
    registered: Option<SocketRegistration>,
    /// The send buffer was full, and not everything was written since.
    is_full: bool,
}

impl Socket {
    pub(super) fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let mut socket = Self { stream: Arc::new(stream), registered: None, is_full: false };
        socket.registered()?;
        Ok(socket)
    }

    /// The registration, which is made where there is none.
    fn registered(&mut self) -> io::Result<&SocketRegistration> {
        match &mut self.registered {
            Some(registered) => Ok(registered),
            empty => {
                let interest = if self.is_full {
                    Interest::READABLE | Interest::WRITABLE
                } else {
                    Interest::READABLE
                };
                Ok(empty.insert(register(self.stream.clone(), interest)?))
            }
        }
    }

    /// Has the socket waited for in other directions than before.
    fn set_full(&mut self, cx: &mut Context<'_>, is_full: bool) -> io::Result<()> {
        self.is_full = is_full;
        // It can't be registered twice.
        self.registered = None;
        let readable = self.registered()?.poll_read_ready(cx);
        // Whoever waited for the input was known to the registration before.
        if readable.is_ready() {
            cx.waker().wake_by_ref();
        }
        Ok(())
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
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let room = buffer.remaining();
        let registered = self.registered()?;
        loop {
            let mut ready = ready!(registered.poll_read_ready(cx))?;
            match (&**registered.get_ref()).read(buffer.initialize_unfilled()) {
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
        loop {
            match self.stream.try_write(bytes) {
                Ok(written) => {
                    // Kept for longer than it is needed, it would bring the wake-ups back.
                    if self.is_full && written == bytes.len() && self.set_full(cx, false).is_err() {
                        // The bytes are on their way all the same. Reading finds out.
                        cx.waker().wake_by_ref();
                    }
                    return Poll::Ready(Ok(written));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !self.is_full {
                        self.set_full(cx, true)?;
                    }
                    ready!(self.registered()?.poll_write_ready(cx))?.clear_ready();
                }
                Err(error) => return Poll::Ready(Err(error)),
            }
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.stream.shutdown(Shutdown::Write) {
            Err(error) if error.kind() != io::ErrorKind::NotConnected => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(())),
        }
    }
}

impl Io for Socket {
    fn keeps_back(&self) -> bool {
        false
    }

    fn try_writer(&self) -> Option<Arc<dyn TryWrite>> {
        Some(Arc::<UnixStream>::clone(&self.stream))
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
