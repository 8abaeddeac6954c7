//! What an Engine.IO session shares between its [`socket`](super::socket) and the requests that
//! belong to it.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use tokio_tungstenite::tungstenite::http::HeaderValue;

use crate::{
    support::{lock::Lock, rt::Instant},
    transport::engine_io::{
        message::EngineMessage,
        opening::SessionOpening,
        packet::{Packet, write_payload},
        payload::{PayloadSigns, PostedBody},
        refusal::EngineRefusal,
        web_socket::WebSocketLink,
    },
};

/// About how many bytes one answer carries. What waits beyond that goes into the next one.
const ANSWER: usize = 1024 * 1024;

/// One session. Its id is a secret: who knows it takes part.
pub(super) struct EngineSession {
    pub(super) id: Box<str>,
    pub(super) opening: SessionOpening,
    state: Lock<State>,
}

#[derive(Default)]
struct State {
    /// The origin of the page, as soon as a request has told it.
    origin: Option<HeaderValue>,
    /// Whether the first request told it. Browsers leave it out of a GET of the same origin, and of
    /// nothing else, so all requests tell it then.
    tells_origin: bool,
    incoming: PostedBody,
    outgoing: VecDeque<Packet>,
    outgoing_bytes: usize,
    /// Whether requests took some of that since the last ping, or since somebody last asked.
    was_taken: bool,
    stage: TransportStage,
    /// The WebSocket that the session was upgraded to, until the socket takes it over.
    link: Option<Box<WebSocketLink>>,
    end: Option<SessionEnd>,
    /// When the last pong came in.
    pong: Option<Instant>,
    get: Waiting,
    post: Waiting,
    /// The task that serves the session.
    owner: Option<Waker>,
}

/// How packets travel.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum TransportStage {
    #[default]
    Polling,
    /// A WebSocket is there which may take over. `probed`: it works.
    Upgrading {
        probed: bool,
    },
    WebSocket,
}

/// Whether a request of one kind is being answered, and whom to wake for it.
#[derive(Default)]
struct Waiting {
    is_there: bool,
    waker: Option<Waker>,
}

/// Why a session has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SessionEnd {
    /// The client has said so.
    ByClient,
    /// The client broke a rule, has vanished, or its connection broke.
    Lost,
    /// This side has closed it.
    ByServer,
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}

fn wait(waker: &mut Option<Waker>, cx: &Context<'_>) {
    match waker {
        Some(known) if known.will_wake(cx.waker()) => {}
        waker => *waker = Some(cx.waker().clone()),
    }
}

impl State {
    fn wake_all(&mut self) {
        wake(&mut self.owner);
        wake(&mut self.get.waker);
        wake(&mut self.post.waker);
    }

    fn finish(&mut self, end: SessionEnd) {
        if self.end.is_some() {
            return;
        }
        self.end = Some(end);
        if end != SessionEnd::ByServer {
            self.outgoing.clear();
            self.outgoing_bytes = 0;
        }
        self.wake_all();
    }

    fn take_outgoing(&mut self, at_most: usize) -> Vec<Packet> {
        let mut taken = Vec::new();
        let mut bytes = 0;
        while bytes < at_most {
            let Some(packet) = self.outgoing.pop_front() else { break };
            bytes += packet.length();
            taken.push(packet);
        }
        self.outgoing_bytes -= bytes;
        self.was_taken |= bytes > 0;
        taken
    }
}

/// What the socket learns of a session that polls.
pub(super) enum News {
    Message(EngineMessage),
    Pong(Instant),
    Upgraded(Upgraded),
    Over,
}

/// What the socket takes over from polling.
pub(super) struct Upgraded {
    pub(super) link: Box<WebSocketLink>,
    pub(super) incoming: PostedBody,
    pub(super) outgoing: Vec<Packet>,
}

/// For the socket.
impl EngineSession {
    pub(super) fn new(id: Box<str>, opening: SessionOpening) -> Arc<Self> {
        let state = Lock::default();
        Arc::new(Self { id, opening, state })
    }

    /// Puts the session on a WebSocket from the beginning.
    pub(super) fn begin_on_web_socket(&self) {
        self.state.lock().stage = TransportStage::WebSocket;
    }

    pub(super) fn poll_news(&self, cx: &mut Context<'_>) -> Poll<News> {
        let mut state = self.state.lock();
        if let Some(upgraded) = take_upgraded(&mut state) {
            return Poll::Ready(News::Upgraded(upgraded));
        }
        // Before the messages: the reader may take its time for these.
        if let Some(at) = state.pong.take() {
            return Poll::Ready(News::Pong(at));
        }
        if let Some(message) = state.incoming.pop() {
            if state.incoming.is_empty() {
                wake(&mut state.post.waker);
            }
            return Poll::Ready(News::Message(message));
        }
        if state.end.is_some() {
            return Poll::Ready(News::Over);
        }
        wait(&mut state.owner, cx);
        Poll::Pending
    }

    /// Whether the client has a reason to have answered no ping since this was last asked: the ping
    /// has yet to leave, and some of what is ahead of it has left.
    pub(super) fn makes_progress(&self) -> bool {
        let mut state = self.state.lock();
        let is_ahead = state.outgoing.iter().any(|packet| matches!(packet, Packet::Ping { .. }));
        std::mem::take(&mut state.was_taken) && is_ahead
    }

    /// When the last pong came in, if that is news.
    pub(super) fn pong(&self) -> Option<Instant> {
        self.state.lock().pong.take()
    }

    /// The WebSocket that has taken over, if there is one.
    pub(super) fn upgraded(&self) -> Option<Upgraded> {
        take_upgraded(&mut self.state.lock())
    }

    pub(super) fn queue(&self, packets: impl IntoIterator<Item = Packet>) {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return;
        }
        for packet in packets {
            state.outgoing_bytes += packet.length();
            state.outgoing.push_back(packet);
        }
        wake(&mut state.get.waker);
    }

    /// Queues a ping. What leaves from now on is a sign of life.
    pub(super) fn ping(&self) {
        self.state.lock().was_taken = false;
        self.queue([Packet::Ping { probe: false }]);
    }

    /// Waits until at most so many bytes wait. `false`: the session is over.
    pub(super) fn poll_drained(&self, cx: &mut Context<'_>, bytes: usize) -> Poll<bool> {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return Poll::Ready(false);
        }
        // The socket looks whether it was upgraded.
        if state.outgoing_bytes <= bytes || state.link.is_some() {
            return Poll::Ready(true);
        }
        wait(&mut state.owner, cx);
        Poll::Pending
    }

    pub(super) fn finish(&self, end: SessionEnd) {
        self.state.lock().finish(end);
    }

    /// Ends the session, unless requests don't count any more.
    pub(super) fn finish_unless_upgraded(&self, end: SessionEnd) {
        let mut state = self.state.lock();
        if state.stage != TransportStage::WebSocket {
            state.finish(end);
        }
    }

    /// Ends the session for the requests too. What waits to be sent is dropped.
    pub(super) fn abandon(&self) {
        let mut state = self.state.lock();
        state.finish(SessionEnd::Lost);
        state.link = None;
    }

    /// Whether the session was ended from elsewhere. If not, the task that asks is woken when it
    /// is.
    pub(super) fn poll_stopped(&self, cx: &mut Context<'_>) -> bool {
        let mut state = self.state.lock();
        wait(&mut state.owner, cx);
        state.end.is_some()
    }

    /// Whether the session is over and its client needn't hear anything more.
    pub(super) fn is_over_for_good(&self) -> bool {
        let state = self.state.lock();
        match state.end {
            Some(SessionEnd::ByServer) => state.outgoing.is_empty(),
            end => end.is_some(),
        }
    }

    pub(super) fn is_over(&self) -> bool {
        self.state.lock().end.is_some()
    }
}

fn take_upgraded(state: &mut State) -> Option<Upgraded> {
    let link = state.link.take()?;
    let outgoing = state.take_outgoing(usize::MAX);
    let incoming = std::mem::take(&mut state.incoming);
    wake(&mut state.post.waker);
    Some(Upgraded { link, incoming, outgoing })
}

/// For requests.
impl EngineSession {
    /// Notes the origin of the request that opens the session.
    pub(super) fn opened_from(&self, origin: Option<&HeaderValue>) {
        let mut state = self.state.lock();
        state.origin = origin.cloned();
        state.tells_origin = origin.is_some();
    }

    /// Whether a request of this origin may take part. The first origin that is told counts.
    pub(super) fn is_of(&self, origin: Option<&HeaderValue>, showed_token: bool) -> bool {
        if self.opening.showed_token && !showed_token {
            return false;
        }
        let mut state = self.state.lock();
        let Some(origin) = origin else { return !state.tells_origin };
        state.origin.get_or_insert_with(|| origin.clone()) == origin
    }

    #[cfg(test)]
    pub(super) fn has_get(&self) -> bool {
        self.state.lock().get.waker.is_some()
    }

    #[cfg(test)]
    pub(super) fn has_post(&self) -> bool {
        self.state.lock().post.is_there
    }

    /// Begins a GET. If another one waits, the session ends.
    pub(super) fn begin_get(self: &Arc<Self>) -> Result<Request, EngineRefusal> {
        let mut state = self.state.lock();
        let is_emptied = state.outgoing.is_empty() || state.end != Some(SessionEnd::ByServer);
        if state.end.is_some() && is_emptied {
            return Err(EngineRefusal::UNKNOWN_SID);
        }
        if state.stage == TransportStage::WebSocket {
            return Err(EngineRefusal::BAD_REQUEST);
        }
        if state.get.is_there {
            state.finish(SessionEnd::Lost);
            return Err(EngineRefusal::BAD_REQUEST);
        }
        state.get.is_there = true;
        Ok(Request { session: self.clone(), is_get: true, is_answered: false })
    }

    /// Begins a POST. If another one isn't answered yet, the session ends.
    pub(super) fn begin_post(self: &Arc<Self>) -> Result<Request, EngineRefusal> {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return Err(EngineRefusal::UNKNOWN_SID);
        }
        if state.stage == TransportStage::WebSocket {
            return Err(EngineRefusal::BAD_REQUEST);
        }
        if state.post.is_there {
            state.finish(SessionEnd::Lost);
            return Err(EngineRefusal::BAD_REQUEST);
        }
        state.post.is_there = true;
        Ok(Request { session: self.clone(), is_get: false, is_answered: false })
    }

    /// Begins an upgrade to a WebSocket.
    pub(super) fn begin_upgrade(self: &Arc<Self>) -> Result<UpgradeClaim, EngineRefusal> {
        let mut state = self.state.lock();
        if state.end.is_some() {
            return Err(EngineRefusal::UNKNOWN_SID);
        }
        if state.stage != TransportStage::Polling {
            return Err(EngineRefusal::BAD_REQUEST);
        }
        state.stage = TransportStage::Upgrading { probed: false };
        Ok(UpgradeClaim { session: self.clone() })
    }
}

/// A GET or POST that is being answered. If it is dropped before, its client is gone, and the
/// session ends.
pub(super) struct Request {
    session: Arc<EngineSession>,
    is_get: bool,
    is_answered: bool,
}

/// What a GET finds.
pub(super) enum PollOutcome {
    Payload(String),
    /// Nothing: the client is about to go on with a WebSocket.
    Upgrading,
    /// It has gone on already.
    Upgraded,
}

impl Request {
    /// Waits for what a GET is answered with.
    pub(super) fn poll_payload(&mut self, cx: &mut Context<'_>) -> Poll<PollOutcome> {
        let mut state = self.session.state.lock();
        let found = if state.stage == TransportStage::WebSocket {
            PollOutcome::Upgraded
        } else if !state.outgoing.is_empty() {
            let packets = state.take_outgoing(ANSWER);
            wake(&mut state.owner);
            PollOutcome::Payload(write_payload(packets))
        } else if let Some(end) = state.end {
            let last = if end == SessionEnd::ByClient { Packet::Noop } else { Packet::Close };
            PollOutcome::Payload(write_payload([last]))
        } else if state.stage == (TransportStage::Upgrading { probed: true }) {
            PollOutcome::Upgrading
        } else {
            wait(&mut state.get.waker, cx);
            return Poll::Pending;
        };
        wait(&mut state.get.waker, cx);
        Poll::Ready(found)
    }

    /// Takes what a POST brought. If that breaks the protocol, the session ends.
    pub(super) fn deliver(
        &self,
        payload: PostedBody,
        signs: PayloadSigns,
    ) -> Result<(), EngineRefusal> {
        let mut state = self.session.state.lock();
        if state.end.is_some() {
            return Err(EngineRefusal::UNKNOWN_SID);
        }
        if state.stage == TransportStage::WebSocket {
            return Err(EngineRefusal::BAD_REQUEST);
        }
        if signs.pings {
            state.finish(SessionEnd::Lost);
            return Err(EngineRefusal::BAD_REQUEST);
        }
        let is_ping = |packet: &Packet| matches!(packet, Packet::Ping { .. });
        // A pong to a ping that has yet to leave answers nothing.
        if signs.pongs && !state.outgoing.iter().any(is_ping) {
            state.pong = Some(Instant::now());
        }
        // What the last POST brought was received before it was answered.
        state.incoming = payload;
        if signs.closes {
            state.finish(SessionEnd::ByClient);
        }
        wake(&mut state.owner);
        Ok(())
    }

    /// Waits until what a POST brought was received, or never will be.
    pub(super) fn poll_received(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let mut state = self.session.state.lock();
        if state.incoming.is_empty() || state.end.is_some() {
            return Poll::Ready(());
        }
        wait(&mut state.post.waker, cx);
        Poll::Pending
    }

    pub(super) fn answered(mut self) {
        self.is_answered = true;
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let mut state = self.session.state.lock();
        let waiting = if self.is_get { &mut state.get } else { &mut state.post };
        *waiting = Waiting::default();
        if !self.is_answered && state.stage != TransportStage::WebSocket {
            state.finish(SessionEnd::Lost);
        }
    }
}

/// The right to upgrade a session. If it is dropped before the upgrade is complete, polling goes
/// on.
pub(crate) struct UpgradeClaim {
    session: Arc<EngineSession>,
}

impl UpgradeClaim {
    /// The WebSocket works: a GET that waits has to end.
    pub(super) fn probed(&self) {
        let mut state = self.session.state.lock();
        state.stage = TransportStage::Upgrading { probed: true };
        wake(&mut state.get.waker);
    }

    /// The client goes on with the WebSocket. Returns it if the session is over.
    pub(super) fn complete(self, link: Box<WebSocketLink>) -> Result<(), Box<WebSocketLink>> {
        let mut state = self.session.state.lock();
        if state.end.is_some() {
            return Err(link);
        }
        state.stage = TransportStage::WebSocket;
        state.link = Some(link);
        state.wake_all();
        Ok(())
    }
}

impl Drop for UpgradeClaim {
    fn drop(&mut self) {
        let mut state = self.session.state.lock();
        if let TransportStage::Upgrading { .. } = state.stage {
            state.stage = TransportStage::Polling;
        }
    }
}
