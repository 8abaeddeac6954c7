//! What the peer sees of a connection: frames.

use std::{
    future::poll_fn,
    io,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use crate::{
    codec::Encoding,
    framing::{StreamFraming, step::InputEnd},
    support::rt::timeout,
};

/// A connection that carries frames in both directions.
pub(crate) trait Carrier: Send {
    /// Reads once. What came in is handed out by [`next_frame`](Self::next_frame).
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Input>>;

    /// The next frame of what was read, if there is a whole one.
    fn next_frame(&mut self) -> Option<Frame<'_>>;

    /// How many bytes have come in since the beginning, if they end amid a frame.
    fn unfinished(&self) -> Option<u64>;

    /// Whether it keeps memory for more large messages.
    fn has_spare(&self) -> bool {
        false
    }

    /// Gives that back, if nothing large is under way.
    fn give_back(&mut self) {}

    /// How large a message may be from now on, in bytes. What was read already may be measured by the
    /// limit before.
    fn limit_messages(&mut self, bytes: usize);

    /// How the bytes of [`Outgoing`] are to be framed.
    fn framing(&self) -> StreamFraming;

    /// Writes all of `out` and flushes it. `out` advances as bytes are taken, also when this
    /// isn't ready yet.
    fn poll_write(&mut self, cx: &mut Context<'_>, out: &mut Outgoing) -> Poll<io::Result<()>>;

    /// Whether bytes by which `out` has advanced may still be in this process while
    /// [`poll_write`](Self::poll_write) isn't ready.
    fn keeps_back(&self) -> bool {
        true
    }

    /// Says goodbye, as far as the carrier has a way to.
    fn poll_close(&mut self, cx: &mut Context<'_>, why: CloseKind) -> Poll<io::Result<()>>;

    /// How messages are encoded in its frames.
    fn encoding(&self) -> Encoding;

    /// Whether whoever is at the other end has shown that it knows this protocol, so that a
    /// handshake is to be expected.
    fn knows_protocol(&self) -> bool;

    /// Whether the other side has shown a token already when the carrier was opened.
    fn showed_token(&self) -> bool {
        false
    }

    /// Whether the carrier has a question of its own whether the other side is there, which every
    /// other side answers.
    fn has_pings(&self) -> bool {
        false
    }

    /// Queues that question; the next [`poll_write`](Self::poll_write) sends it.
    fn ping(&mut self) {}

    /// How much has moved so far, where that isn't told by each read and by how `out` advances: of a
    /// carrier that takes in and gives out whole messages.
    fn traffic(&self) -> Traffic {
        Traffic::default()
    }

    /// A way to write without the task that owns the carrier, where there is one. It must not be
    /// used while a [`poll_write`](Self::poll_write) is under way.
    fn try_writer(&self) -> Option<Arc<dyn TryWrite>> {
        None
    }
}

/// Writes what can be written at once.
pub(crate) trait TryWrite: Send + Sync {
    /// Gives how much was taken; `WouldBlock` where nothing was.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;
}

/// How many bytes have moved in each direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Traffic {
    pub(crate) read: u64,
    pub(crate) written: u64,
}

/// What a read brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    More,
    End(InputEnd),
}

/// One unit of what was read.
#[derive(Debug)]
pub(crate) enum Frame<'a> {
    Message(&'a [u8]),
    /// A message over the limit, and its beginning. `fatal`: the connection can't go on.
    TooLarge {
        prefix: &'a [u8],
        size: u64,
        fatal: bool,
    },
    /// Bytes that are no message. `fatal`: the connection can't go on.
    Broken {
        why: &'static str,
        fatal: bool,
    },
}

impl Frame<'_> {
    /// How many bytes of it are there.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Message(bytes) | Self::TooLarge { prefix: bytes, .. } => bytes.len(),
            Self::Broken { .. } => 0,
        }
    }
}

/// Why the connection is closed, as far as a carrier has words for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseKind {
    Normal,
    /// The peer has sent a message that is too large.
    TooLarge,
    /// The peer has done something else that isn't put up with.
    Refused,
    /// There is no place for the peer now.
    Full,
}

/// How long somebody may take to close who has been told that they aren't talked to.
const GOODBYE: Duration = Duration::from_secs(1);

/// Tells somebody that they aren't talked to, whatever they have to say, and closes. `message` is in words
/// of the protocol, which isn't known here.
pub(crate) async fn dismiss(
    mut carrier: Box<dyn Carrier>,
    why: CloseKind,
    message: impl FnOnce(Encoding) -> Vec<u8>,
) -> io::Result<()> {
    let (mut frame, message) = (Vec::new(), message(carrier.encoding()));
    carrier.framing().write(&mut frame, |out| out.extend(message));
    let mut outgoing = Outgoing::default();
    outgoing.swap(&mut frame);
    poll_fn(|cx| carrier.poll_write(cx, &mut outgoing)).await?;
    let closing = poll_fn(|cx| carrier.poll_close(cx, why));
    timeout(GOODBYE, closing).await.unwrap_or(Ok(()))
}

/// A buffer that a large message has left is given back above this size.
const KEPT: usize = 256 * 1024;

/// Frames on their way out.
#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    bytes: Vec<u8>,
    written: usize,
}

impl Outgoing {
    pub(crate) fn is_empty(&self) -> bool {
        self.unwritten().is_empty()
    }

    pub(crate) fn unwritten(&self) -> &[u8] {
        &self.bytes[self.written..]
    }

    pub(crate) fn advance(&mut self, bytes: usize) {
        self.written += bytes;
    }

    /// How much was written since the last [`swap`](Self::swap).
    pub(crate) fn written(&self) -> usize {
        self.written
    }

    /// Takes new bytes, and leaves the emptied buffer to be filled again.
    pub(crate) fn swap(&mut self, bytes: &mut Vec<u8>) {
        self.bytes.clear();
        if self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
        self.written = 0;
        std::mem::swap(&mut self.bytes, bytes);
    }
}
