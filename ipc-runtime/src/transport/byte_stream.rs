//! The carrier over anything that reads and writes bytes.

use std::{
    future::poll_fn,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};

use crate::{
    codec::Encoding,
    framing::{
        FrameDecoder, StreamFraming, plain,
        sniffing::{MAGIC, PREFACE, Sniffed, preface, sniff},
        step::FrameStep,
    },
    support::rt::timeout,
    transport::{
        carrier::{Carrier, CloseKind, Frame, Input, Outgoing, Traffic, TryWrite},
        config::CarrierConfig,
        connected::not_spoken,
        quote::{self, quote},
        read_buffer::ReadBuffer,
        stray_output::StrayOutput,
    },
};

/// How long to wait for the rest of what a peer that isn't a backend sends.
const PAUSE: Duration = Duration::from_millis(100);

/// Any byte stream in both directions.
pub(crate) trait Io: AsyncRead + AsyncWrite + Send + Unpin {
    /// Whether, at the end of the input, the peer may have closed only its own direction.
    fn half_closes(&self) -> bool {
        true
    }

    /// Whether closing this with unread input resets the connection, as with sockets. The peer may
    /// then lose what was written last.
    fn resets(&self) -> bool {
        true
    }

    /// Whether this reads the standard output of a process. Any code in that process may write
    /// there, between or inside the backend's messages.
    fn is_standard_output(&self) -> bool {
        false
    }

    /// How many bytes have left, for a stream that takes more than it can send at once.
    /// Otherwise 0.
    fn written(&self) -> u64 {
        0
    }

    /// See [`Carrier::keeps_back`].
    fn keeps_back(&self) -> bool {
        true
    }

    /// See [`Carrier::try_writer`].
    fn try_writer(&self) -> Option<Arc<dyn TryWrite>> {
        None
    }
}

impl Io for tokio::io::DuplexStream {
    fn resets(&self) -> bool {
        false
    }
}

/// A stream of a type that isn't this crate's, such as one that the app supplies.
pub(crate) struct Foreign<T>(pub(crate) T);

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Io for Foreign<T> {}

impl<T: AsyncRead + Unpin> AsyncRead for Foreign<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Foreign<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// Opens the connecting side: sends the native framing's preface, which the peer must echo, or
/// nothing if the peer is known to be a plain JSON-RPC server.
pub(crate) async fn connect(
    mut io: Box<dyn Io>,
    config: &CarrierConfig,
) -> io::Result<Box<dyn Carrier>> {
    if let Some(plain) = config.plain {
        return connect_plainly(io, plain, config);
    }
    let encoding = config.encoding;
    let sent = send(&mut *io, &preface(encoding)).await;
    let mut buffer = ReadBuffer::default();
    while buffer.unread().len() < PREFACE {
        // A peer that has reset the connection may have sent something before, which explains more
        // than the reset.
        let read = match read(&mut *io, &mut buffer).await {
            Err(error) if error.kind() != io::ErrorKind::ConnectionReset => return Err(error),
            read => read.unwrap_or(0),
        };
        let said = buffer.unread();
        let is_echo = said.iter().zip(MAGIC).all(|(theirs, ours)| theirs == ours);
        if !is_echo || read == 0 && !said.is_empty() {
            return Err(no_backend(&mut *io, buffer).await);
        }
        if read == 0 {
            return Err(match sent {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => error,
                _ => io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the other side closed the connection before it said anything",
                ),
            });
        }
    }
    if buffer.unread()[MAGIC.len()] != encoding.byte() {
        return Err(not_spoken(encoding));
    }
    buffer.consume(PREFACE);
    Ok(Box::new(ByteStream::new(io, buffer, StreamFraming::Native, encoding, config)))
}

/// Opens the connecting side to a plain JSON-RPC server, without negotiating anything.
fn connect_plainly(
    io: Box<dyn Io>,
    plain: plain::Framing,
    config: &CarrierConfig,
) -> io::Result<Box<dyn Carrier>> {
    // The frontend's builder has already refused `Framing::WebSocket`.
    let framing = plain.of_stream().ok_or(io::ErrorKind::InvalidInput)?;
    let mut stream = ByteStream::new(io, ReadBuffer::default(), framing, Encoding::Json, config);
    // A server that sends nothing more answers nothing more.
    stream.half_closes = false;
    Ok(Box::new(stream))
}

async fn send(io: &mut dyn Io, bytes: &[u8]) -> io::Result<()> {
    io.write_all(bytes).await?;
    io.flush().await
}

/// The error for a peer that sent something other than the echo of the preface. Quotes what it
/// sent.
async fn no_backend(io: &mut dyn Io, mut buffer: ReadBuffer) -> io::Error {
    let rest = async {
        while buffer.unread().len() <= quote::ENOUGH
            && !buffer.unread().contains(&b'\n')
            && matches!(read(io, &mut buffer).await, Ok(1..))
        {}
    };
    // What has arrived by then is enough.
    let _ = timeout(PAUSE, rest).await;
    let said = buffer.unread();
    if io.is_standard_output() {
        return StrayOutput::new(said).into();
    }
    let why = format!(
        "something else than an ipc-runtime backend listens there: it said `{}`",
        quote(said)
    );
    io::Error::new(io::ErrorKind::InvalidData, why)
}

/// Opens the listening side: finds out from the first bytes what the peer speaks.
pub(crate) async fn accept(
    mut io: Box<dyn Io>,
    config: &CarrierConfig,
) -> io::Result<Box<dyn Carrier>> {
    let mut buffer = ReadBuffer::default();
    let (framing, encoding) = agree(&mut *io, &mut buffer, config).await?;
    Ok(Box::new(ByteStream::new(io, buffer, framing, encoding, config)))
}

/// Finds out which framing and encoding the peer uses.
async fn agree(
    io: &mut dyn Io,
    buffer: &mut ReadBuffer,
    config: &CarrierConfig,
) -> io::Result<(StreamFraming, Encoding)> {
    loop {
        match sniff(buffer.unread()) {
            Sniffed::Undecided => {
                if read(io, buffer).await? == 0 {
                    return Err(io::Error::new(
                        io::ErrorKind::UnexpectedEof,
                        "the other side left before it said anything",
                    ));
                }
            }
            Sniffed::Native(encoding) => {
                buffer.consume(PREFACE);
                send(io, &preface(encoding)).await?;
                return Ok((StreamFraming::Native, encoding));
            }
            Sniffed::Framing(framing) => return Ok((framing, Encoding::Json)),
            Sniffed::Unknown(why) => {
                // Whatever the peer is, it can most likely read a line.
                io.write_all(&(config.not_understood)(why)).await?;
                linger(io).await?;
                return Err(io::Error::new(io::ErrorKind::InvalidData, why));
            }
        }
    }
}

async fn read(io: &mut dyn Io, buffer: &mut ReadBuffer) -> io::Result<usize> {
    poll_fn(|cx| buffer.poll_fill(io, cx, PREFACE)).await
}

/// How many bytes that the peer still sends after this side's last message are discarded.
const MOST_DRAINED: usize = 16 * 1024 * 1024;

/// How long the peer may take to close after that message.
const LINGER: Duration = Duration::from_secs(1);

/// Closes a stream so that the last message arrives, even if the peer is still sending something
/// itself.
async fn linger(io: &mut dyn Io) -> io::Result<()> {
    io.shutdown().await?;
    if io.resets() {
        let mut drain = Drain::default();
        let drained = poll_fn(|cx| drain.poll(&mut *io, cx));
        // A peer that hasn't closed by then has had the time to read the message.
        let _ = timeout(LINGER, drained).await;
    }
    Ok(())
}

/// Discards input.
#[derive(Debug, Default)]
struct Drain {
    bytes: usize,
}

impl Drain {
    /// Ready at the end of the input, or after `MOST_DRAINED` bytes.
    fn poll(&mut self, io: &mut dyn Io, cx: &mut Context<'_>) -> Poll<()> {
        let mut bytes = [0; 8 * 1024];
        while self.bytes < MOST_DRAINED {
            let mut buffer = ReadBuf::new(&mut bytes);
            match ready!(Pin::new(&mut *io).poll_read(cx, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => self.bytes += buffer.filled().len(),
                _ => break,
            }
        }
        Poll::Ready(())
    }
}

struct ByteStream {
    io: Box<dyn Io>,
    buffer: ReadBuffer,
    decoder: FrameDecoder,
    encoding: Encoding,
    limit: usize,
    /// Whether the end of the input may close only that direction.
    half_closes: bool,
    /// How many unread bytes the decoder needs.
    needs: usize,
    /// How many bytes were read so far.
    read: u64,
    /// Set once this side has closed its own direction.
    drain: Option<Drain>,
    /// Set once bytes that other code has written arrive. Nothing after them is read.
    stray: Option<StrayOutput>,
}

impl ByteStream {
    fn new(
        io: Box<dyn Io>,
        buffer: ReadBuffer,
        framing: StreamFraming,
        encoding: Encoding,
        config: &CarrierConfig,
    ) -> Self {
        let decoder = FrameDecoder::new(framing);
        let (limit, half_closes) = (config.max_message_bytes, io.half_closes());
        Self {
            io,
            buffer,
            decoder,
            encoding,
            limit,
            half_closes,
            needs: 0,
            read: 0,
            drain: None,
            stray: None,
        }
    }

    /// Whether other code has written the next bytes, as far as that shows.
    fn is_stray(&mut self) -> bool {
        if self.stray.is_none()
            && self.io.is_standard_output()
            && self.decoder.is_no_message(self.buffer.unread(), self.limit, self.encoding)
        {
            self.stray = Some(StrayOutput::new(self.buffer.unread()));
        }
        self.stray.is_some()
    }
}

impl Carrier for ByteStream {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Input>> {
        if let Some(stray) = &self.stray {
            return Poll::Ready(Err(stray.clone().into()));
        }
        match self.buffer.poll_fill(&mut *self.io, cx, self.needs) {
            Poll::Ready(Ok(0)) => {
                let end = self.decoder.end(self.buffer.unread());
                let end = if self.half_closes { end } else { end.of_all() };
                Poll::Ready(Ok(Input::End(end)))
            }
            Poll::Ready(Ok(read)) => {
                self.read += read as u64;
                Poll::Ready(Ok(Input::More))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                self.buffer.rest();
                Poll::Pending
            }
        }
    }

    fn next_frame(&mut self) -> Option<Frame<'_>> {
        if self.is_stray() {
            return None;
        }
        loop {
            match self.decoder.step(self.buffer.unread(), self.limit) {
                FrameStep::Incomplete { needs } => {
                    self.needs = needs;
                    return None;
                }
                FrameStep::Skip { consumed } => self.buffer.consume(consumed),
                FrameStep::Message { payload, consumed } => {
                    return Some(Frame::Message(self.buffer.consume_with(consumed, payload)));
                }
                FrameStep::TooLarge { prefix, size, fatal, consumed } => {
                    let prefix = self.buffer.consume_with(consumed, prefix);
                    return Some(Frame::TooLarge { prefix, size, fatal });
                }
                FrameStep::Broken { why, fatal, consumed } => {
                    self.buffer.consume(consumed);
                    return Some(Frame::Broken { why, fatal });
                }
            }
        }
    }

    fn has_spare(&self) -> bool {
        self.buffer.has_spare()
    }

    fn give_back(&mut self) {
        self.buffer.give_back();
    }

    fn unfinished(&self) -> Option<u64> {
        self.decoder.is_mid_message(self.buffer.unread()).then_some(self.read)
    }

    fn limit_messages(&mut self, bytes: usize) {
        self.limit = bytes;
    }

    fn framing(&self) -> StreamFraming {
        self.decoder.framing()
    }

    fn traffic(&self) -> Traffic {
        Traffic { read: self.read, written: self.io.written() }
    }

    fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Nobody else uses this framing.
    fn knows_protocol(&self) -> bool {
        self.framing() == StreamFraming::Native
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, out: &mut Outgoing) -> Poll<io::Result<()>> {
        while !out.is_empty() {
            let written = ready!(Pin::new(&mut *self.io).poll_write(cx, out.unwritten()))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            out.advance(written);
        }
        Pin::new(&mut *self.io).poll_flush(cx)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, why: CloseKind) -> Poll<io::Result<()>> {
        if self.drain.is_none() {
            ready!(Pin::new(&mut *self.io).poll_shutdown(cx))?;
            self.drain = Some(Drain::default());
        }
        if self.io.resets() {
            let drained = self.drain.get_or_insert_default().poll(&mut *self.io, cx);
            // A peer that is being refused may still be sending. Other peers aren't waited for: it
            // is enough to discard what has arrived by now.
            if why != CloseKind::Normal {
                ready!(drained);
            }
        }
        Poll::Ready(Ok(()))
    }

    fn keeps_back(&self) -> bool {
        self.io.keeps_back()
    }

    fn try_writer(&self) -> Option<Arc<dyn TryWrite>> {
        self.io.try_writer()
    }
}
