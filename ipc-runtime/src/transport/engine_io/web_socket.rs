//! A WebSocket that carries the packets of an Engine.IO session.

use std::{
    collections::VecDeque,
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_util::{Sink, Stream};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        self, Message,
        error::CapacityError,
        protocol::{CloseFrame, Role, frame::coding::CloseCode},
    },
};

use crate::transport::{
    byte_stream::Io,
    carrier::Traffic,
    engine_io::{
        config::EngineConfig, message::EngineMessage, packet::Packet, stall_guard::StallGuard,
    },
    websocket::{io_error::into_io, metered::Metered, web_socket_config},
};

/// A message that has grown by so many bytes has made progress.
const PROGRESS: u64 = 256 * 1024;

/// Why nothing more comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkEnd {
    /// The client has closed the WebSocket, or is gone.
    Closed,
    /// It sent more than it may.
    TooLarge,
    /// It sent what isn't a packet.
    Broken,
}

pub(super) struct WebSocketLink {
    stream: WebSocketStream<Metered>,
    queue: VecDeque<Message>,
    queued_bytes: usize,
    /// Whether something was written that may not have left yet.
    is_unflushed: bool,
    /// Whether binary messages have to be sent as text.
    base64: bool,
    /// The close code to send, if the client broke a rule.
    code: CloseCode,
    is_closing: bool,
    /// How far both directions had come when the client was last excused for its silence.
    excused: Traffic,
}

impl WebSocketLink {
    /// Takes over a stream whose upgrade was answered.
    pub(super) async fn new(io: Box<dyn Io>, base64: bool, config: &EngineConfig) -> Self {
        let guarded = Box::new(StallGuard::new(io, config.stall_time));
        let mut io = Metered::new(guarded);
        io.frames.begin();
        io.limit = config.max_payload as u64;
        let socket = Some(web_socket_config(config.max_payload));
        Self {
            stream: WebSocketStream::from_raw_socket(io, Role::Server, socket).await,
            queue: VecDeque::new(),
            queued_bytes: 0,
            is_unflushed: false,
            base64,
            code: CloseCode::Normal,
            is_closing: false,
            excused: Traffic::default(),
        }
    }

    pub(super) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Result<Packet, LinkEnd>> {
        loop {
            let next = Pin::new(&mut self.stream).poll_next(cx);
            if !matches!(next, Poll::Ready(Some(Ok(_)))) && self.stream.get_ref().refused.is_some()
            {
                return Poll::Ready(Err(self.broken(LinkEnd::TooLarge)));
            }
            let packet = match ready!(next) {
                Some(Ok(Message::Text(text))) => Packet::parse(text),
                Some(Ok(Message::Binary(bytes))) => {
                    Some(Packet::Message(EngineMessage::Binary(bytes)))
                }
                Some(Ok(Message::Close(_))) | None => return Poll::Ready(Err(LinkEnd::Closed)),
                Some(Ok(_)) => continue,
                Some(Err(tungstenite::Error::Capacity(CapacityError::MessageTooLong {
                    ..
                }))) => return Poll::Ready(Err(self.broken(LinkEnd::TooLarge))),
                Some(Err(tungstenite::Error::Utf8(_) | tungstenite::Error::Protocol(_))) => {
                    return Poll::Ready(Err(self.broken(LinkEnd::Broken)));
                }
                Some(Err(_)) => return Poll::Ready(Err(LinkEnd::Closed)),
            };
            return Poll::Ready(packet.ok_or_else(|| self.broken(LinkEnd::Broken)));
        }
    }

    /// Notes the close code for the end that the client has caused.
    pub(super) fn broken(&mut self, end: LinkEnd) -> LinkEnd {
        self.code = match end {
            LinkEnd::TooLarge => CloseCode::Size,
            LinkEnd::Broken => CloseCode::Policy,
            LinkEnd::Closed => CloseCode::Normal,
        };
        end
    }

    pub(super) fn queue(&mut self, packet: Packet) {
        let message = match packet {
            Packet::Message(EngineMessage::Binary(bytes)) if !self.base64 => Message::Binary(bytes),
            packet => Message::Text(packet.into_text()),
        };
        self.queued_bytes += message.len();
        self.queue.push_back(message);
    }

    /// Queues a ping. What leaves from now on is a sign of life.
    pub(super) fn ping(&mut self) {
        self.excused.written = self.stream.get_ref().traffic.written;
        self.queue(Packet::Ping { probe: false });
    }

    pub(super) fn queued_bytes(&self) -> usize {
        self.queued_bytes
    }

    pub(super) fn is_unflushed(&self) -> bool {
        self.is_unflushed || !self.queue.is_empty()
    }

    /// Whether the client has a reason to have answered no ping since this was last asked: it has
    /// sent a good part of a message, or has read some of what is ahead of the ping.
    pub(super) fn makes_progress(&mut self) -> bool {
        let Metered { frames, traffic, .. } = self.stream.get_ref();
        let sends = frames.is_mid_message() && frames.read - self.excused.read >= PROGRESS;
        let reads = self.is_unflushed() && traffic.written > self.excused.written;
        self.excused = Traffic { read: frames.read, written: traffic.written };
        sends || reads
    }

    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.queue.is_empty() {
            ready!(Pin::new(&mut self.stream).poll_ready(cx)).map_err(into_io)?;
            if let Some(message) = self.queue.pop_front() {
                self.queued_bytes -= message.len();
                self.is_unflushed = true;
                Pin::new(&mut self.stream).start_send(message).map_err(into_io)?;
            }
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx)).map_err(into_io)?;
        self.is_unflushed = false;
        Poll::Ready(Ok(()))
    }

    /// Sends what is queued and a close frame, and waits for that of the client.
    pub(super) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_closing {
            ready!(self.poll_flush(cx))?;
            ready!(Pin::new(&mut self.stream).poll_ready(cx)).map_err(into_io)?;
            let frame = CloseFrame { code: self.code, reason: "".into() };
            let close = Message::Close(Some(frame));
            Pin::new(&mut self.stream).start_send(close).map_err(into_io)?;
            self.is_closing = true;
        }
        ready!(Pin::new(&mut self.stream).poll_flush(cx)).map_err(into_io)?;
        loop {
            if self.stream.get_ref().refused.is_some() {
                // What follows isn't split into frames.
                return self.stream.get_mut().poll_drain(cx);
            }
            match ready!(Pin::new(&mut self.stream).poll_next(cx)) {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Poll::Ready(Ok(())),
            }
        }
    }
}
