//! What the `peer` module sees of a connection: frames.

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
    /// Reads once. [`next_frame`](Self::next_frame) returns what was read.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Input>>;

    /// The next frame of what was read, if one is complete.
    fn next_frame(&mut self) -> Option<Frame<'_>>;

    /// How many bytes were read since the connection opened, if they end in the middle of a frame.
    fn unfinished(&self) -> Option<u64>;

    /// Whether it keeps memory for further large messages.
    fn has_spare(&self) -> bool {
        false
    }

    /// Frees that memory, unless a message is partly read.
    fn give_back(&mut self) {}

    /// Limits messages to this many bytes from now on. What was read already may be measured by the
    /// previous limit.
    fn limit_messages(&mut self, bytes: usize);

    /// How the bytes of [`Outgoing`] have to be framed.
    fn framing(&self) -> StreamFraming;

    /// Writes all of `out` and flushes it. `out` advances as bytes are taken, even while this
    /// returns `Pending`.
    fn poll_write(&mut self, cx: &mut Context<'_>, out: &mut Outgoing) -> Poll<io::Result<()>>;

    /// Whether bytes that `out` has advanced past may still be in this process while
    /// [`poll_write`](Self::poll_write) returns `Pending`.
    fn keeps_back(&self) -> bool {
        true
    }

    /// Closes the connection, with a close message if the carrier has one.
    fn poll_close(&mut self, cx: &mut Context<'_>, why: CloseKind) -> Poll<io::Result<()>>;

    /// How messages in its frames are encoded.
    fn encoding(&self) -> Encoding;

    /// Whether the peer has shown that it knows this protocol, so that a handshake is expected from
    /// it.
    fn knows_protocol(&self) -> bool;

    /// Whether the peer has promised that its first message is a handshake, however long that takes
    /// it.
    fn promises_handshake(&self) -> bool {
        false
    }

    /// Whether the peer already showed a token when the carrier was opened.
    fn showed_token(&self) -> bool {
        false
    }

    /// Whether the carrier has pings of its own, which every peer answers.
    fn has_pings(&self) -> bool {
        false
    }

    /// Queues a ping. The next [`poll_write`](Self::poll_write) sends it.
    fn ping(&mut self) {}

    /// How many bytes have moved so far, on carriers where reads and the advance of `out` don't
    /// show it because they take and return whole messages.
    fn traffic(&self) -> Traffic {
        Traffic::default()
    }

    /// A way to write without the task that owns the carrier, if there is one. It must not be used
    /// while a [`poll_write`](Self::poll_write) is in progress.
    fn try_writer(&self) -> Option<Arc<dyn TryWrite>> {
        None
    }
}

/// Writes without waiting.
pub(crate) trait TryWrite: Send + Sync {
    /// Returns how many bytes were taken. Fails with `WouldBlock` if none could be.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize>;
}

/// How many bytes have moved in each direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Traffic {
    pub(crate) read: u64,
    pub(crate) written: u64,
}

/// The outcome of a read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    More,
    /// The peer has lost what was under way to it, and won't answer the calls that it got. The
    /// connection goes on.
    #[cfg(feature = "socket-io")]
    Interrupted,
    End(InputEnd),
}

/// One unit of what was read.
#[derive(Debug)]
pub(crate) enum Frame<'a> {
    Message(&'a [u8]),
    /// A message over the limit, with its first bytes. `fatal`: the connection has to close.
    TooLarge {
        prefix: &'a [u8],
        size: u64,
        fatal: bool,
    },
    /// Bytes that aren't a message. `fatal`: the connection has to close.
    Broken {
        why: &'static str,
        fatal: bool,
    },
}

impl Frame<'_> {
    /// How many bytes of the message are there.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Message(bytes) | Self::TooLarge { prefix: bytes, .. } => bytes.len(),
            Self::Broken { .. } => 0,
        }
    }
}

/// Why the connection is closed, as far as carriers can say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CloseKind {
    Normal,
    /// The peer sent a message that is too large.
    TooLarge,
    /// The peer did something else that isn't allowed.
    Refused,
    /// The limit on connections is reached.
    Full,
}

/// How long a refused peer may take to close after it got the answer.
const GOODBYE: Duration = Duration::from_secs(1);

/// Refuses a peer: sends it a message without handling what it sends, and closes. `message` builds
/// the message, since this module doesn't know the protocol.
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

/// The size in bytes above which a buffer that a large message has left is freed.
const KEPT: usize = 256 * 1024;

/// Outgoing frames.
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

    /// How many bytes were written since the last [`swap`](Self::swap).
    pub(crate) fn written(&self) -> usize {
        self.written
    }

    /// Takes new bytes, and leaves an empty buffer to fill again.
    pub(crate) fn swap(&mut self, bytes: &mut Vec<u8>) {
        self.bytes.clear();
        if self.bytes.capacity() > KEPT {
            self.bytes = Vec::new();
        }
        self.written = 0;
        std::mem::swap(&mut self.bytes, bytes);
    }
}
