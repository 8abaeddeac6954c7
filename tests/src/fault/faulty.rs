//! A stream of bytes that goes by a plan.

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll, Waker, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    lane::Lane,
    plan::{Direction, Ending, Plan},
};

/// Any stream of bytes, which goes by a plan.
///
/// Everything happens where it is polled: there is no task, and no chance but the plan's.
#[derive(Debug)]
pub struct Faulty<Io> {
    /// `None`: it was cut.
    io: Option<Io>,
    sent: Lane,
    received: Lane,
    /// The sending direction has been ended by the plan.
    finished: bool,
    reader: Option<Waker>,
    traffic: Traffic,
}

/// What has gone through a [`Faulty`], in both directions. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct Traffic(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    bytes: [Vec<u8>; 2],
    struck: bool,
}

impl Traffic {
    /// The bytes of one direction, as they came in.
    pub fn bytes(&self, direction: Direction) -> Vec<u8> {
        self.0.lock().unwrap().bytes[direction as usize].clone()
    }

    /// How many they are, of each direction.
    pub fn lengths(&self) -> [u64; 2] {
        self.0.lock().unwrap().bytes.each_ref().map(|bytes| bytes.len() as u64)
    }

    /// Whether the plan's end was met.
    pub fn was_struck(&self) -> bool {
        self.0.lock().unwrap().struck
    }

    fn record(&self, direction: Direction, bytes: &[u8]) {
        self.0.lock().unwrap().bytes[direction as usize].extend_from_slice(bytes);
    }

    fn strike(&self) {
        self.0.lock().unwrap().struck = true;
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> Faulty<Io> {
    /// Has it go by this plan from now on.
    pub fn new(io: Io, plan: Plan) -> Self {
        let (sent, received) = (Lane::new(plan.sent), Lane::new(plan.received));
        let traffic = Traffic::default();
        Self { io: Some(io), sent, received, finished: false, reader: None, traffic }
    }

    /// What goes through it, as long as one likes to look.
    pub fn traffic(&self) -> Traffic {
        self.traffic.clone()
    }

    /// The connection breaks: the other side finds its input ended, this one an error.
    fn cut(&mut self) -> io::Error {
        self.io = None;
        self.traffic.strike();
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        io::Error::new(io::ErrorKind::ConnectionReset, "cut by the plan")
    }

    /// Cuts as soon as a direction has come to where that is planned.
    fn check(&mut self) -> Option<io::Error> {
        if self.io.is_none() {
            return Some(io::ErrorKind::ConnectionReset.into());
        }
        let sent = self.sent.room() == Err(Ending::Cut) && self.sent.out().is_empty();
        let received = self.received.room() == Err(Ending::Cut);
        (sent || received).then(|| self.cut())
    }

    /// Hands on what was taken.
    fn poll_out(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.sent.out().is_empty() {
            let Some(io) = &mut self.io else { return Poll::Ready(Ok(())) };
            let piece = self.sent.piece();
            let bytes = self.sent.out().as_slices().0;
            let written = ready!(Pin::new(io).poll_write(cx, &bytes[..bytes.len().min(piece)]))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent.out().drain(..written);
        }
        // Cut right behind the last byte, whether or not more is to come.
        let _ = self.check();
        Poll::Ready(Ok(()))
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> AsyncRead for Faulty<Io> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            if !this.received.out().is_empty() {
                let piece = this.received.piece().min(buffer.remaining());
                let out = this.received.out();
                let bytes = out.as_slices().0;
                let count = bytes.len().min(piece);
                buffer.put_slice(&bytes[..count]);
                out.drain(..count);
                return Poll::Ready(Ok(()));
            }
            if let Some(error) = this.check() {
                return Poll::Ready(Err(error));
            }
            let room = match this.received.room() {
                Ok(room) => room,
                Err(Ending::Cut) => return Poll::Ready(Err(this.cut())),
                Err(Ending::HalfClose) => {
                    this.traffic.strike();
                    return Poll::Ready(Ok(()));
                }
                Err(Ending::Stall) => {
                    this.traffic.strike();
                    // Woken when the other direction is cut.
                    this.reader = Some(cx.waker().clone());
                    return Poll::Pending;
                }
            };
            ready!(this.received.poll_delay(cx));
            let mut bytes = [0; 8 * 1024];
            let room = room.min(bytes.len());
            let mut read = ReadBuf::new(&mut bytes[..room]);
            let Some(io) = &mut this.io else { continue };
            if Pin::new(io).poll_read(cx, &mut read)?.is_pending() {
                this.reader = Some(cx.waker().clone());
                return Poll::Pending;
            }
            if read.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            this.traffic.record(Direction::Received, read.filled());
            this.received.pass(read.filled());
            // What has passed is handed out, whatever becomes of the connection.
            let _ = this.check();
        }
    }
}

impl<Io: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Faulty<Io> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        ready!(this.poll_out(cx))?;
        if let Some(error) = this.check() {
            return Poll::Ready(Err(error));
        }
        let room = match this.sent.room() {
            Ok(room) => room,
            Err(Ending::Cut) => return Poll::Ready(Err(this.cut())),
            // What is written into nothing seems to be written, as it does to a socket.
            Err(Ending::HalfClose) => {
                if !this.finished {
                    if let Some(io) = &mut this.io {
                        ready!(Pin::new(io).poll_shutdown(cx))?;
                    }
                    this.traffic.strike();
                    this.finished = true;
                }
                return Poll::Ready(Ok(bytes.len()));
            }
            Err(Ending::Stall) => {
                this.traffic.strike();
                return Poll::Pending;
            }
        };
        ready!(this.sent.poll_delay(cx));
        let some = &bytes[..bytes.len().min(room)];
        this.traffic.record(Direction::Sent, some);
        this.sent.pass(some);
        match this.poll_out(cx) {
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            _ => Poll::Ready(Ok(some.len())),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_out(cx))?;
        match &mut self.io {
            Some(io) => Pin::new(io).poll_flush(cx),
            None => Poll::Ready(Ok(())),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_out(cx))?;
        match &mut self.io {
            Some(io) => Pin::new(io).poll_shutdown(cx),
            None => Poll::Ready(Ok(())),
        }
    }
}
