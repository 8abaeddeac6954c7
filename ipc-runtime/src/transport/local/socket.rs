//! A Unix socket that is registered with tokio for one direction only, where that is enough.
//!
//! tokio's own `UnixStream` is registered for reading and writing. Each read by the peer frees
//! space in the send buffer, which wakes the sender for nothing: one needless wake-up for each call
//! and side. This socket is registered for reading only, and for both directions only while the
//! send buffer is full. To change that, the same descriptor is registered anew. It takes no second
//! descriptor, so a process that has none left can still write.

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

/// One task must both read and write it, since a registration remembers only one task.
pub(super) struct Socket {
    stream: Arc<UnixStream>,
    /// `None` if the last attempt to register has failed.
    registered: Option<SocketRegistration>,
    /// The send buffer was full, and not everything has been written since.
    is_full: bool,
}

impl Socket {
    pub(super) fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        let mut socket = Self { stream: Arc::new(stream), registered: None, is_full: false };
        socket.registered()?;
        Ok(socket)
    }

    /// The registration; made if there is none.
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

    /// Registers the socket anew: for both directions if `is_full`, otherwise for reading only.
    fn set_full(&mut self, cx: &mut Context<'_>, is_full: bool) -> io::Result<()> {
        self.is_full = is_full;
        // It can't be registered twice at the same time.
        self.registered = None;
        let readable = self.registered()?.poll_read_ready(cx);
        // The new registration doesn't know yet which task waits for input.
        if readable.is_ready() {
            cx.waker().wake_by_ref();
        }
        Ok(())
    }
}

/// tokio deprecated the safe constructor because a user's `AsRawFd` could return a different
/// descriptor at each call, or one that is closed too early. The sockets of std can't: they own
/// their descriptor until they are dropped. So the requirements of the `unsafe` replacement are met
/// here without it.
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
                    // A short read has emptied the socket, so the next edge wakes the task, and
                    // this saves one more read. The end of the input stays ready.
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
                    // Staying registered for writing any longer would bring the needless wake-ups
                    // back.
                    if self.is_full && written == bytes.len() && self.set_full(cx, false).is_err() {
                        // The bytes were written anyway. Reading reports the error.
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
