//! The server's end of an Engine.IO session.

use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

#[cfg(test)]
use crate::transport::engine_io::socket::in_memory::Pipe;
use crate::{
    support::rt::{Instant, Sleep, sleep},
    transport::engine_io::{
        message::EngineMessage,
        opening::OpeningRequest,
        packet::Packet,
        payload::PostedBody,
        ping_timer::{Beat, PingTimer},
        server::EngineServer,
        session::{EngineSession, News, SessionEnd, Upgraded},
        web_socket::{LinkEnd, WebSocketLink},
    },
};

#[cfg(test)]
pub(crate) mod in_memory;

/// How long a client may take to hear that its session is over.
const GOODBYE: Duration = Duration::from_secs(2);

/// The server's end of one Engine.IO session. One task owns it and polls it. Dropping it ends the
/// session at once.
pub(crate) struct EngineSocket {
    session: Arc<EngineSession>,
    server: Arc<EngineServer>,
    link: EngineLink,
    /// What came in by polling before the session went on with a WebSocket.
    backlog: PostedBody,
    ping_timer: PingTimer,
    is_over: bool,
    /// How many messages were sent, and how many of them before the last ping and before the last
    /// ping that was answered.
    sent: u64,
    pinged: u64,
    received: u64,
    /// The time that is left for the client to hear that its session is over.
    goodbye: Option<Pin<Box<Sleep>>>,
}

enum EngineLink {
    Polling,
    WebSocket(Box<WebSocketLink>),
    #[cfg(test)]
    InMemory(Arc<Pipe>),
}

/// How the packets of a session travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TransportName {
    Polling,
    WebSocket,
}

impl EngineSocket {
    /// A session whose requests have only begun.
    pub(super) fn polling(session: Arc<EngineSession>, server: Arc<EngineServer>) -> Self {
        Self::on(EngineLink::Polling, session, server)
    }

    /// A session that is on a WebSocket from the beginning.
    pub(super) fn web_socket(
        session: Arc<EngineSession>,
        server: Arc<EngineServer>,
        link: WebSocketLink,
    ) -> Self {
        Self::on(EngineLink::WebSocket(Box::new(link)), session, server)
    }

    fn on(link: EngineLink, session: Arc<EngineSession>, server: Arc<EngineServer>) -> Self {
        Self {
            ping_timer: PingTimer::new(server.config()),
            session,
            server,
            link,
            backlog: PostedBody::default(),
            is_over: false,
            sent: 0,
            pinged: 0,
            received: 0,
            goodbye: None,
        }
    }

    /// Returns the next message. `None`: the session is over. While nobody asks, nothing more is
    /// read from a WebSocket, and no POST is answered.
    ///
    /// This also sends pings and what is queued, and notices when the client is gone. So the owner
    /// has to ask again when it is woken, unless it can take nothing at the moment.
    pub(crate) fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<Option<EngineMessage>> {
        loop {
            if self.is_over {
                return Poll::Ready(None);
            }
            if let Some(message) = self.backlog.pop() {
                return Poll::Ready(Some(message));
            }
            let received = match &mut self.link {
                EngineLink::Polling => self.poll_polling(cx),
                EngineLink::WebSocket(_) => self.poll_web_socket(cx),
                #[cfg(test)]
                EngineLink::InMemory(pipe) => return pipe.poll_receive(cx),
            };
            match received {
                Poll::Ready(Some(message)) => return Poll::Ready(Some(message)),
                Poll::Ready(None) => {}
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// `None`: something has changed.
    fn poll_polling(&mut self, cx: &mut Context<'_>) -> Poll<Option<EngineMessage>> {
        match self.session.poll_news(cx) {
            Poll::Ready(News::Message(message)) => {
                if let Some(beat) = self.ping_timer.look() {
                    self.beat(beat);
                }
                return Poll::Ready(Some(message));
            }
            Poll::Ready(News::Pong(at)) => self.pong(at),
            Poll::Ready(News::Upgraded(upgraded)) => self.adopt(upgraded),
            Poll::Ready(News::Over) => self.is_over = true,
            Poll::Pending => match self.ping_timer.poll(cx) {
                Poll::Ready(beat) => self.beat(beat),
                Poll::Pending => return Poll::Pending,
            },
        }
        Poll::Ready(None)
    }

    fn poll_web_socket(&mut self, cx: &mut Context<'_>) -> Poll<Option<EngineMessage>> {
        let EngineLink::WebSocket(link) = &mut self.link else { return Poll::Ready(None) };
        match link.poll_packet(cx) {
            Poll::Ready(Ok(Packet::Message(message))) => {
                if let Some(beat) = self.ping_timer.look() {
                    self.beat(beat);
                }
                return Poll::Ready(Some(message));
            }
            Poll::Ready(Ok(Packet::Pong { .. })) => {
                self.pong(Instant::now());
            }
            Poll::Ready(Ok(Packet::Close)) => self.over(SessionEnd::ByClient),
            // Only the server pings.
            Poll::Ready(Ok(Packet::Ping { .. })) => {
                link.broken(LinkEnd::Broken);
                self.over(SessionEnd::Lost);
            }
            Poll::Ready(Ok(Packet::Open(_) | Packet::Upgrade | Packet::Noop)) => {}
            Poll::Ready(Err(LinkEnd::Closed)) => self.over(SessionEnd::ByClient),
            Poll::Ready(Err(LinkEnd::Broken | LinkEnd::TooLarge)) => self.over(SessionEnd::Lost),
            Poll::Pending => {
                if link.is_unflushed() && matches!(link.poll_flush(cx), Poll::Ready(Err(_))) {
                    self.over(SessionEnd::Lost);
                    return Poll::Ready(None);
                }
                match self.ping_timer.poll(cx) {
                    Poll::Ready(beat) => self.beat(beat),
                    // Also those that stopped this session from elsewhere wake its task.
                    Poll::Pending if !self.session.poll_stopped(cx) => return Poll::Pending,
                    Poll::Pending => self.is_over = true,
                }
            }
        }
        Poll::Ready(None)
    }

    fn pong(&mut self, at: Instant) {
        if self.ping_timer.pong(at) {
            self.received = self.pinged;
        }
    }

    fn beat(&mut self, beat: Beat) {
        if beat == Beat::Ping {
            self.pinged = self.sent;
        }
        match (beat, &mut self.link) {
            (Beat::Ping, EngineLink::Polling) => self.session.ping(),
            (Beat::Ping, EngineLink::WebSocket(link)) => link.ping(),
            (Beat::TimedOut, EngineLink::WebSocket(link)) => match link.makes_progress() {
                true => self.ping_timer.excuse(),
                false => self.over(SessionEnd::Lost),
            },
            (Beat::TimedOut, EngineLink::Polling) => match self.session.makes_progress() {
                true => self.ping_timer.excuse(),
                false => self.over(SessionEnd::Lost),
            },
            #[cfg(test)]
            (Beat::TimedOut, EngineLink::InMemory(_)) => self.over(SessionEnd::Lost),
            #[cfg(test)]
            (Beat::Ping, EngineLink::InMemory(_)) => {}
        }
    }

    fn over(&mut self, end: SessionEnd) {
        self.is_over = true;
        self.session.finish(end);
    }

    /// Goes on with the WebSocket that the session was upgraded to.
    fn adopt(&mut self, upgraded: Upgraded) {
        // Nothing looks for it in the session any more.
        if let Some(at) = self.session.pong() {
            self.ping_timer.pong(at);
        }
        let Upgraded { mut link, incoming, outgoing } = upgraded;
        outgoing.into_iter().for_each(|packet| link.queue(packet));
        self.backlog = incoming;
        self.link = EngineLink::WebSocket(link);
    }

    fn adopt_upgraded(&mut self) {
        if let EngineLink::Polling = self.link {
            if let Some(upgraded) = self.session.upgraded() {
                self.adopt(upgraded);
            }
        }
    }

    /// Waits until few enough bytes are unsent that more may be queued. `false`: the session is
    /// over.
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let room = self.server.config().queued_bytes;
        self.poll_drained(cx, room)
    }

    fn poll_drained(&mut self, cx: &mut Context<'_>, bytes: usize) -> Poll<bool> {
        self.adopt_upgraded();
        if self.is_over {
            return Poll::Ready(false);
        }
        match &mut self.link {
            EngineLink::Polling => self.poll_taken(cx, bytes),
            EngineLink::WebSocket(link) if link.queued_bytes() <= bytes => Poll::Ready(true),
            EngineLink::WebSocket(link) => match link.poll_flush(cx) {
                Poll::Ready(Ok(())) => Poll::Ready(true),
                Poll::Ready(Err(_)) => {
                    self.over(SessionEnd::Lost);
                    Poll::Ready(false)
                }
                Poll::Pending if link.queued_bytes() <= bytes => Poll::Ready(true),
                Poll::Pending => Poll::Pending,
            },
            #[cfg(test)]
            EngineLink::InMemory(pipe) => pipe.poll_ready(cx),
        }
    }

    /// Waits until the client's requests have taken enough. Nothing else would notice that it sends
    /// none.
    fn poll_taken(&mut self, cx: &mut Context<'_>, bytes: usize) -> Poll<bool> {
        loop {
            if self.is_over {
                return Poll::Ready(false);
            }
            if let Poll::Ready(goes_on) = self.session.poll_drained(cx, bytes) {
                return Poll::Ready(goes_on);
            }
            if let Some(at) = self.session.pong() {
                self.pong(at);
            }
            match self.ping_timer.poll(cx) {
                Poll::Ready(beat) => self.beat(beat),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Queues messages that belong together, such as a packet and its attachments. Nothing comes
    /// between them. Once the session is over, they are dropped.
    pub(crate) fn send(&mut self, messages: impl IntoIterator<Item = EngineMessage>) {
        self.adopt_upgraded();
        if self.is_over {
            return;
        }
        let sent = &mut self.sent;
        let messages = messages.into_iter().inspect(|_| *sent += 1);
        match &mut self.link {
            EngineLink::Polling => self.session.queue(messages.map(Packet::Message)),
            EngineLink::WebSocket(link) => {
                messages.for_each(|message| link.queue(Packet::Message(message)));
            }
            #[cfg(test)]
            EngineLink::InMemory(pipe) => pipe.send(messages),
        }
    }

    /// How many messages were sent so far.
    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// How many of these the client has certainly received: it answered a ping that was sent behind
    /// them.
    pub(crate) fn received(&self) -> u64 {
        self.received
    }

    /// Sends what is queued. In polling, the requests of the client take it, and this is ready at
    /// once. `false`: the session is over.
    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        self.adopt_upgraded();
        if self.is_over {
            return Poll::Ready(false);
        }
        match &mut self.link {
            EngineLink::Polling => {
                self.is_over = self.session.is_over();
                Poll::Ready(!self.is_over)
            }
            EngineLink::WebSocket(link) => match link.poll_flush(cx) {
                Poll::Ready(Ok(())) => Poll::Ready(true),
                Poll::Ready(Err(_)) => {
                    self.over(SessionEnd::Lost);
                    Poll::Ready(false)
                }
                Poll::Pending => Poll::Pending,
            },
            #[cfg(test)]
            EngineLink::InMemory(pipe) => pipe.poll_flush(cx),
        }
    }

    /// Sends what is queued, tells the client that the session is over, and ends it. That takes two
    /// seconds at most.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.adopt_upgraded();
        if self.goodbye.is_none() {
            self.goodbye = Some(Box::pin(sleep(GOODBYE)));
            match &mut self.link {
                _ if self.is_over => {}
                EngineLink::Polling => self.session.queue([Packet::Close]),
                EngineLink::WebSocket(link) => link.queue(Packet::Close),
                #[cfg(test)]
                EngineLink::InMemory(_) => {}
            }
        }
        let told = match &mut self.link {
            EngineLink::Polling => self.session.poll_drained(cx, 0).map(drop),
            EngineLink::WebSocket(link) => link.poll_close(cx).map(drop),
            #[cfg(test)]
            EngineLink::InMemory(pipe) => {
                pipe.close();
                Poll::Ready(())
            }
        };
        let is_late = match &mut self.goodbye {
            Some(goodbye) => goodbye.as_mut().poll(cx).is_ready(),
            None => true,
        };
        if told.is_pending() && !is_late {
            return Poll::Pending;
        }
        self.over(SessionEnd::ByServer);
        Poll::Ready(())
    }

    /// Whether the first request showed the token, in a cookie.
    pub(crate) fn showed_token(&self) -> bool {
        self.session.opening.showed_token
    }

    /// The request that has opened the session, if that is kept.
    pub(crate) fn opening_request(&self) -> Option<&Arc<OpeningRequest>> {
        self.session.opening.request.as_ref()
    }

    /// How packets travel at the moment.
    pub(crate) fn transport_name(&self) -> TransportName {
        match &self.link {
            EngineLink::Polling => TransportName::Polling,
            _ => TransportName::WebSocket,
        }
    }
}

impl Drop for EngineSocket {
    fn drop(&mut self) {
        self.session.abandon();
        self.server.forget(&self.session);
    }
}
