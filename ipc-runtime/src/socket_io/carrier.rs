//! A namespace that a client has joined, as a carrier.

use std::{
    io,
    sync::Arc,
    task::{Context, Poll, ready},
};

use crate::{
    codec::Encoding,
    framing::{StreamFraming, step::InputEnd},
    socket_io::{seat::SeatNews, seat_link::SeatLink},
    transport::carrier::{Carrier, CloseKind, Frame, Input, Outgoing},
};

/// The size in bytes above which the memory of a large message is freed when it isn't needed.
const KEPT: usize = 256 * 1024;

/// How many bytes of a message that is too large are shown.
const PREFIX: usize = 4 * 1024;

/// A namespace that a client has joined. As long as the client has a session, whoever polls it has
/// to be the task that serves the session.
pub(crate) struct NamespaceCarrier {
    link: Arc<SeatLink>,
    /// The message that was read last.
    message: Vec<u8>,
    is_new: bool,
    limit: usize,
    showed_token: bool,
}

impl NamespaceCarrier {
    pub(crate) fn new(link: Arc<SeatLink>, limit: usize, showed_token: bool) -> Self {
        Self { link, message: Vec::new(), is_new: false, limit, showed_token }
    }

    pub(crate) fn link(&self) -> &Arc<SeatLink> {
        &self.link
    }
}

impl Carrier for NamespaceCarrier {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Input>> {
        let received = ready!(self.link.poll_next(cx, &mut self.message))?;
        self.is_new = received == SeatNews::Message;
        Poll::Ready(Ok(match received {
            SeatNews::Message => Input::More,
            SeatNews::Interrupted => Input::Interrupted,
            SeatNews::End => Input::End(InputEnd::Closed),
        }))
    }

    fn next_frame(&mut self) -> Option<Frame<'_>> {
        if !std::mem::take(&mut self.is_new) {
            return None;
        }
        let size = self.message.len();
        if size > self.limit {
            let prefix = &self.message[..size.min(PREFIX)];
            return Some(Frame::TooLarge { prefix, size: size as u64, fatal: false });
        }
        Some(Frame::Message(&self.message))
    }

    /// The hub itself sees to packets that have begun to come in.
    fn unfinished(&self) -> Option<u64> {
        None
    }

    fn has_spare(&self) -> bool {
        self.message.capacity() > KEPT
    }

    fn give_back(&mut self) {
        if !self.is_new {
            self.message = Vec::new();
        }
    }

    fn limit_messages(&mut self, bytes: usize) {
        self.limit = bytes;
    }

    /// Queued messages have a length prefix, which tells `poll_write` where to split them.
    fn framing(&self) -> StreamFraming {
        StreamFraming::Native
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, out: &mut Outgoing) -> Poll<io::Result<()>> {
        self.link.poll_write(cx, out)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, _: CloseKind) -> Poll<io::Result<()>> {
        self.link.poll_close(cx)
    }

    fn encoding(&self) -> Encoding {
        Encoding::MessagePack
    }

    fn knows_protocol(&self) -> bool {
        true
    }

    fn promises_handshake(&self) -> bool {
        true
    }

    fn showed_token(&self) -> bool {
        self.showed_token
    }
}

impl Drop for NamespaceCarrier {
    fn drop(&mut self) {
        self.link.vacate();
    }
}
