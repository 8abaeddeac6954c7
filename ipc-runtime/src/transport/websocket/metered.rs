//! The layer below a WebSocket. It refuses frames that claim more than the limit, and counts bytes.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::transport::{
    byte_stream::Io,
    carrier::Traffic,
    websocket::frames::{Frames, TooLong},
};

/// How many bytes are discarded after the peer broke the protocol.
const MOST_DRAINED: u64 = 16 * 1024 * 1024;

/// Tracks the frames that are read, and counts bytes.
pub(in crate::transport) struct Metered {
    io: Box<dyn Io>,
    pub(in crate::transport) traffic: Traffic,
    pub(in crate::transport) frames: Frames,
    /// The largest accepted message, in bytes.
    pub(in crate::transport) limit: u64,
    /// Whether a message was over the limit: everything after it is discarded.
    is_over: bool,
    /// The size of that message, until it was reported.
    pub(in crate::transport) refused: Option<u64>,
    /// How many bytes were discarded.
    drained: u64,
}

impl Metered {
    pub(in crate::transport) fn new(io: Box<dyn Io>) -> Self {
        let frames = Frames::behind_head();
        let traffic = Traffic::default();
        Self { io, traffic, frames, limit: u64::MAX, is_over: false, refused: None, drained: 0 }
    }

    /// Discards input until it ends, or until `MOST_DRAINED` bytes.
    pub(in crate::transport) fn poll_drain(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let mut scratch = [0; 4096];
        while self.drained < MOST_DRAINED {
            let mut buffer = ReadBuf::new(&mut scratch);
            ready!(Pin::new(&mut *self.io).poll_read(cx, &mut buffer))?;
            if buffer.filled().is_empty() {
                break;
            }
            self.drained += buffer.filled().len() as u64;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buffer.filled().len();
        ready!(Pin::new(&mut *this.io).poll_read(cx, buffer))?;
        let read = &buffer.filled()[before..];
        this.traffic.read += read.len() as u64;
        if read.is_empty() {
            return Poll::Ready(Ok(()));
        }
        let mut kept = 0;
        if !this.is_over {
            match this.frames.follow(read, this.limit) {
                Ok(()) => return Poll::Ready(Ok(())),
                Err(TooLong { size, ahead }) => {
                    (this.is_over, this.refused, kept) = (true, Some(size), ahead);
                }
            }
        }
        buffer.set_filled(before + kept);
        if kept > 0 {
            return Poll::Ready(Ok(()));
        }
        // Zero bytes would look like the end of the input. Keep reading, so that the peer isn't cut
        // off before it has read why.
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut *self.io).poll_write(cx, bytes))?;
        self.traffic.written += written as u64;
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.io).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut *self.io).poll_write_vectored(cx, buffers))?;
        self.traffic.written += written as u64;
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}
