//! The server's end of an Engine.IO session.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use tokio_tungstenite::tungstenite::http;

use crate::transport::engine_io::message::EngineMessage;
#[cfg(test)]
use crate::transport::engine_io::socket::in_memory::Pipe;

#[cfg(test)]
pub(crate) mod in_memory;

/// The server's end of one Engine.IO session. One task owns it and polls it.
pub(crate) struct EngineSocket {
    head: Arc<http::request::Parts>,
    showed_token: bool,
    #[cfg(test)]
    pipe: Arc<Pipe>,
}

/// How the packets of a session travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransportName {
    Polling,
    WebSocket,
}

#[cfg(test)]
impl EngineSocket {
    /// Returns the next message. `None`: the session is over. While nobody asks, nothing more is
    /// read from a WebSocket, and no POST is answered.
    pub(crate) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<EngineMessage>> {
        self.pipe.poll_receive(cx)
    }

    /// Waits until few enough bytes are unsent that more may be queued. `false`: the session is
    /// over.
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        self.pipe.poll_ready(cx)
    }

    /// Queues messages that belong together, such as a packet and its attachments. Nothing comes
    /// between them. Once the session is over, they are dropped.
    pub(crate) fn send(&mut self, messages: impl IntoIterator<Item = EngineMessage>) {
        self.pipe.send(messages);
    }

    /// Sends what is queued. In polling, the requests of the client take it. `false`: the session
    /// is over.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        self.pipe.poll_flush(cx)
    }

    /// Tells the client that the session is over, after what is queued, and ends it. That takes a
    /// bounded time.
    pub(crate) fn poll_close(&mut self, _cx: &mut Context<'_>) -> Poll<()> {
        self.pipe.close();
        Poll::Ready(())
    }
}

impl EngineSocket {
    /// The head of the first request of the session.
    pub(crate) fn head(&self) -> &http::request::Parts {
        &self.head
    }

    /// Whether the first request showed the token, in a cookie.
    pub(crate) fn showed_token(&self) -> bool {
        self.showed_token
    }

    /// How packets travel at the moment.
    pub(crate) fn transport_name(&self) -> TransportName {
        TransportName::WebSocket
    }
}
