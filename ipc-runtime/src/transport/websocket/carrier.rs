//! WebSockets as carriers. Each WebSocket message is one frame; the protocol's pings and close
//! frames are handled here.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{Sink, Stream};
use tokio::io::AsyncWrite;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        error::{CapacityError, ProtocolError},
        protocol::{CloseFrame, frame::coding::CloseCode},
    },
};

use crate::{
    codec::Encoding,
    framing::{StreamFraming, step::InputEnd},
    transport::{
        carrier::{Carrier, CloseKind, Frame, Input, Outgoing, Traffic},
        config::CarrierConfig,
        refusal::Refusal,
        websocket::{io_error::into_io, local_page, metered::Metered},
    },
};

/// What the peer has shown when the WebSocket was opened.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shown {
    /// The encoding that it asked for by name, which shows that it knows the protocol.
    pub(super) encoding: Option<Encoding>,
    /// Whether it has promised that its first message is a handshake.
    pub(super) promise: bool,
    pub(super) token: bool,
}

pub(super) struct WebSocket {
    stream: WebSocketStream<Metered>,
    received: Option<Received>,
    /// Whether a ping has to be sent.
    ping_due: bool,
    /// Whether the closing handshake has begun.
    closing: bool,
    /// The close code, if the peer has broken the WebSocket protocol. Nothing more is read from it
    /// then.
    breach: Option<CloseCode>,
    shown: Shown,
}

enum Received {
    Message(tungstenite::Bytes),
    MessageTaken(tungstenite::Bytes),
    TooLarge(u64),
    /// Text from a peer whose messages must be binary, and the answer to it.
    RefusedText(&'static str),
}

impl WebSocket {
    pub(super) fn new(
        stream: WebSocketStream<Metered>,
        shown: Shown,
        config: &CarrierConfig,
    ) -> Self {
        let mut carrier =
            Self { stream, received: None, ping_due: false, closing: false, breach: None, shown };
        carrier.limit_messages(config.max_message_bytes);
        carrier
    }
}

impl Carrier for WebSocket {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Input>> {
        loop {
            let next = Pin::new(&mut self.stream).poll_next(cx);
            if let Poll::Ready(Some(Err(error))) = &next {
                self.breach = breach(error);
            }
            if !matches!(next, Poll::Ready(Some(Ok(_)))) && self.breach.is_none() {
                // All messages before the refused one were returned by now.
                if let Some(size) = self.stream.get_mut().refused.take() {
                    self.received = Some(Received::TooLarge(size));
                    return Poll::Ready(Ok(Input::More));
                }
            }
            let received = match ready!(next) {
                None => return Poll::Ready(Ok(Input::End(InputEnd::Closed))),
                Some(Ok(Message::Text(text))) => match self.encoding().text_refusal() {
                    Some(why) => Received::RefusedText(why),
                    None => Received::Message(text.into()),
                },
                // Many libraries send all bytes as binary messages, even JSON.
                Some(Ok(Message::Binary(bytes))) => Received::Message(bytes),
                // A proxy in between may show an origin, as browsers do.
                Some(Ok(Message::Close(Some(frame)))) if frame.code == local_page::CODE.into() => {
                    return Poll::Ready(Err(Refusal::new(&frame.reason).into()));
                }
                Some(Ok(_)) => continue,
                Some(Err(tungstenite::Error::Capacity(CapacityError::MessageTooLong {
                    size,
                    ..
                }))) => Received::TooLarge(size as u64),
                Some(Err(
                    tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed,
                )) => return Poll::Ready(Ok(Input::End(InputEnd::Closed))),
                Some(Err(error)) => return Poll::Ready(Err(into_io(error))),
            };
            self.received = Some(received);
            return Poll::Ready(Ok(Input::More));
        }
    }

    fn next_frame(&mut self) -> Option<Frame<'_>> {
        match self.received.take()? {
            Received::Message(bytes) => {
                // Kept so that the frame can borrow from it.
                match self.received.insert(Received::MessageTaken(bytes)) {
                    Received::MessageTaken(bytes) => Some(Frame::Message(bytes)),
                    _ => None,
                }
            }
            Received::MessageTaken(_) => None,
            Received::TooLarge(size) => Some(Frame::TooLarge { prefix: &[], size, fatal: true }),
            Received::RefusedText(why) => Some(Frame::Broken { why, fatal: false }),
        }
    }

    fn unfinished(&self) -> Option<u64> {
        let frames = &self.stream.get_ref().frames;
        frames.is_mid_message().then_some(frames.read)
    }

    fn limit_messages(&mut self, bytes: usize) {
        self.stream.get_mut().limit = bytes as u64;
    }

    /// Queued messages have a length prefix, which tells `poll_write` where to split them.
    fn framing(&self) -> StreamFraming {
        StreamFraming::Native
    }

    fn encoding(&self) -> Encoding {
        self.shown.encoding.unwrap_or_default()
    }

    fn knows_protocol(&self) -> bool {
        self.shown.encoding.is_some()
    }

    fn promises_handshake(&self) -> bool {
        self.shown.encoding.is_some() && self.shown.promise
    }

    fn showed_token(&self) -> bool {
        self.shown.token
    }

    fn has_pings(&self) -> bool {
        true
    }

    fn ping(&mut self) {
        self.ping_due = true;
    }

    fn traffic(&self) -> Traffic {
        self.stream.get_ref().traffic
    }

    fn poll_write(&mut self, cx: &mut Context<'_>, out: &mut Outgoing) -> Poll<io::Result<()>> {
        if self.ping_due {
            ready!(Pin::new(&mut self.stream).poll_ready(cx)).map_err(into_io)?;
            let ping = Message::Ping(tungstenite::Bytes::new());
            Pin::new(&mut self.stream).start_send(ping).map_err(into_io)?;
            self.ping_due = false;
        }
        while let Some((header, rest)) = out.unwritten().split_first_chunk::<4>() {
            ready!(Pin::new(&mut self.stream).poll_ready(cx)).map_err(into_io)?;
            let length = u32::from_le_bytes(*header) as usize;
            let payload = &rest[..length];
            let message = if self.encoding().text_refusal().is_none() {
                let text = std::str::from_utf8(payload)
                    .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
                Message::Text(text.into())
            } else {
                Message::Binary(payload.to_vec().into())
            };
            Pin::new(&mut self.stream).start_send(message).map_err(into_io)?;
            out.advance(header.len() + length);
        }
        Pin::new(&mut self.stream).poll_flush(cx).map_err(into_io)
    }

    fn poll_close(&mut self, cx: &mut Context<'_>, why: CloseKind) -> Poll<io::Result<()>> {
        if !self.closing {
            ready!(Pin::new(&mut self.stream).poll_ready(cx)).map_err(into_io)?;
            let code = self.breach.unwrap_or(match why {
                CloseKind::Normal => CloseCode::Away,
                CloseKind::TooLarge => CloseCode::Size,
                CloseKind::Refused => CloseCode::Policy,
                CloseKind::Full => CloseCode::Again,
            });
            let frame = CloseFrame { code, reason: "".into() };
            Pin::new(&mut self.stream).start_send(Message::Close(Some(frame))).map_err(into_io)?;
            self.closing = true;
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx)).map_err(into_io)?;
        if self.breach.is_some() {
            // What follows can't be split into frames any more. It is discarded, since closing a
            // connection with unread input may lose the close frame.
            let socket = self.stream.get_mut();
            ready!(Pin::new(&mut *socket).poll_shutdown(cx))?;
            return socket.poll_drain(cx);
        }
        // Wait for the peer's close frame: the peer has read everything by then, and the socket can
        // close.
        loop {
            match ready!(Pin::new(&mut self.stream).poll_next(cx)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(Ok(())),
            }
        }
    }
}

/// The close code for an error that the peer has caused: RFC 6455, 7.4.1.
fn breach(error: &tungstenite::Error) -> Option<CloseCode> {
    match error {
        tungstenite::Error::Utf8(_) => Some(CloseCode::Invalid),
        // A process that has ended sends no close frame.
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => None,
        tungstenite::Error::Protocol(_) => Some(CloseCode::Protocol),
        _ => None,
    }
}
