//! One session with all its namespaces: it reads and writes for each of them, on the task that
//! serves them all.

use std::{
    collections::{BTreeSet, VecDeque},
    io,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use crate::{
    message::error_object::{ErrorObject, code},
    socket_io::{
        attachments::{Gathering, GatheringStage, WholePacket},
        connect::{self, Wish},
        incoming::{self, NoMessage},
        outgoing::Translated,
        outgoing_packet::OutgoingPacket,
        packet::{Breach, PacketKind, SocketPacket},
        seat::{Seat, SeatNews, SeatStanding},
    },
    transport::engine_io::{opening::OpeningRequest, socket::EngineSocket},
};

/// How the session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The client is gone.
    Over,
    /// The client has broken the protocol, or is too slow.
    Breach(Breach),
}

/// One session with all its namespaces.
pub(crate) struct Hub {
    engine: EngineSocket,
    gathering: Gathering,
    seats: Vec<Seat>,
    next_key: u64,
    /// The names of namespaces that were left, in which packets may still be on their way.
    former: BTreeSet<Arc<str>>,
    /// A CONNECT that has come in.
    wish: Option<Wish>,
    /// Packets of no peer. Nothing more is read until they are sent.
    own: VecDeque<OutgoingPacket>,
    ending: Option<Ending>,
    /// Whether a namespace was joined since this was last asked for.
    has_joined: bool,
    /// Whether the client has ever joined a namespace.
    was_joined: bool,
    /// Whether a client has left a namespace, whose peer has yet to learn it.
    has_left: bool,
    max_depth: usize,
    /// The task that serves the session.
    owner: Option<Waker>,
}

impl Hub {
    pub(crate) fn new(engine: EngineSocket, max_message_bytes: usize, max_depth: usize) -> Self {
        Self {
            engine,
            gathering: Gathering::new(max_message_bytes),
            seats: Vec::new(),
            next_key: 0,
            former: BTreeSet::new(),
            wish: None,
            own: VecDeque::new(),
            ending: None,
            has_joined: false,
            was_joined: false,
            has_left: false,
            max_depth,
            owner: None,
        }
    }

    pub(crate) fn showed_token(&self) -> bool {
        self.engine.showed_token()
    }

    /// The request that has opened the session, if that is kept.
    pub(crate) fn opening_request(&self) -> Option<Arc<OpeningRequest>> {
        self.engine.opening_request().cloned()
    }

    pub(crate) fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// Ends the session, unless it is ending already.
    pub(crate) fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }

    /// The same, by another task.
    pub(crate) fn end_from_elsewhere(&mut self) {
        self.end(Ending::Over);
        if let Some(owner) = self.owner.take() {
            owner.wake();
        }
    }

    /// Notes the task that serves the session.
    pub(crate) fn owned_by(&mut self, cx: &Context<'_>) {
        if !self.owner.as_ref().is_some_and(|owner| owner.will_wake(cx.waker())) {
            self.owner = Some(cx.waker().clone());
        }
    }

    pub(crate) fn take_wish(&mut self) -> Option<Wish> {
        self.wish.take()
    }

    /// Whether a namespace was joined since the last call of this.
    pub(crate) fn take_joined(&mut self) -> bool {
        std::mem::take(&mut self.has_joined)
    }

    /// Whether no namespace is joined or asked for.
    pub(crate) fn is_empty(&self) -> bool {
        self.seats.is_empty()
    }

    /// How far a packet has come that waits for its attachments, and for nothing else.
    pub(crate) fn waits_for_attachments(&self) -> Option<GatheringStage> {
        self.gathering.stage().filter(|_| !self.is_held_back())
    }

    /// Sends a packet of no peer.
    pub(crate) fn say(&mut self, packet: impl Into<OutgoingPacket>) {
        self.own.push_back(packet.into());
    }

    /// Takes in the seat of a new peer. Returns its key. Until [`begin`](Self::begin), the client
    /// is told nothing.
    pub(crate) fn seat(&mut self, mut seat: Seat) -> u64 {
        seat.key = self.next_key;
        self.next_key += 1;
        self.former.insert(seat.name.clone());
        self.seats.push(seat);
        self.next_key - 1
    }

    /// Called when the peer of a seat is about to be served.
    pub(crate) fn begin(&mut self, key: u64) {
        if let Some(index) = self.find(key) {
            self.seats[index].standing = SeatStanding::Asking;
        }
    }

    /// Keeps out a client that has yet to be let in.
    pub(crate) fn refuse_seat(&mut self, key: u64, error: &ErrorObject) {
        let Some(index) = self.find(key) else { return };
        let seat = &mut self.seats[index];
        if seat.standing == SeatStanding::Asking {
            seat.standing = SeatStanding::Out;
            let refusal = connect::refused(&seat.name, error);
            self.say(refusal);
        }
    }

    fn find(&self, key: u64) -> Option<usize> {
        self.seats.iter().position(|seat| seat.key == key)
    }

    /// Whether something that came in has to be dealt with before more is read: backpressure.
    fn is_held_back(&self) -> bool {
        let waits = |seat: &Seat| seat.is_full || seat.standing == SeatStanding::Asking;
        self.wish.is_some() || self.seats.iter().any(waits)
    }

    fn poll_say(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.own.is_empty() {
            if ready!(self.engine.poll_ready(cx)) {
                self.engine
                    .send(self.own.pop_front().into_iter().flat_map(OutgoingPacket::messages));
            } else {
                self.own.clear();
            }
        }
        Poll::Ready(())
    }

    /// Reads until there is news: a message for a peer, a CONNECT, a DISCONNECT, or the end.
    pub(crate) fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if self.ending.is_some() {
                return Poll::Pending;
            }
            ready!(self.poll_say(cx));
            if self.is_held_back() {
                return Poll::Pending;
            }
            let taken = match ready!(self.engine.poll_receive(cx)) {
                Some(message) => {
                    // Who has joined nothing may be a stranger, for whom nothing is kept.
                    let may_attach = self.was_joined || self.seats.iter().any(Seat::is_open);
                    self.gathering.take(message, may_attach).and_then(|whole| match whole {
                        Some(whole) => self.packet(&whole),
                        None => Ok(()),
                    })
                }
                None => {
                    self.end(Ending::Over);
                    return Poll::Ready(());
                }
            };
            if let Err(breach) = taken {
                tracing::debug!(why = breach.0, "a socket.io client has broken the protocol");
                self.end(Ending::Breach(breach));
                return Poll::Ready(());
            }
            if self.is_held_back() || std::mem::take(&mut self.has_left) {
                return Poll::Ready(());
            }
        }
    }

    fn packet(&mut self, whole: &WholePacket) -> Result<(), Breach> {
        let packet = SocketPacket::parse(&whole.text)?;
        let seat =
            self.seats.iter().position(|seat| seat.is_open() && *seat.name == *packet.namespace);
        let Some(index) = seat else {
            return match packet.kind {
                PacketKind::Connect => {
                    self.wish = Some(Wish::parse(packet.namespace, packet.data)?);
                    Ok(())
                }
                // It was sent before the client knew.
                _ if self.former.contains(packet.namespace) => Ok(()),
                _ => Err(Breach("a packet came in for a namespace that wasn't joined")),
            };
        };
        let seat = &mut self.seats[index];
        seat.inbox.clear();
        let attachments = &whole.attachments;
        match packet.kind {
            PacketKind::Event => {
                let (namespace, out) = (&seat.namespace, &mut seat.inbox);
                match incoming::event(&packet, attachments, namespace, self.max_depth, out) {
                    Ok(()) => seat.is_full = true,
                    Err(NoMessage::Breach(breach)) => return Err(breach),
                    Err(NoMessage::Refused(error)) => self.refuse(index, packet.id, &error),
                }
            }
            PacketKind::Ack => {
                let Some(id) = packet.id else { return Ok(()) };
                let out = &mut seat.inbox;
                incoming::acknowledgement(&packet, id, attachments, self.max_depth, out)?;
                seat.is_full = true;
            }
            PacketKind::Disconnect => {
                if !packet.data.is_empty() {
                    return Err(Breach("a DISCONNECT packet has a content"));
                }
                seat.standing = SeatStanding::Out;
                self.has_left = true;
            }
            PacketKind::Connect => return Err(Breach("a namespace was joined twice")),
            PacketKind::ConnectError => return Err(Breach("a client can't refuse a namespace")),
        }
        Ok(())
    }

    /// Refuses an event, whose sender is only told if it waits for an acknowledgement.
    fn refuse(&mut self, index: usize, id: Option<u64>, error: &ErrorObject) {
        let seat = &self.seats[index];
        let Some(id) = id else {
            tracing::debug!(namespace = %seat.name, why = error.message, "ignored an event");
            return;
        };
        if let Translated::Reply(packet) = seat.writer().refusal(id, error) {
            self.own.push_back(packet);
        }
    }

    /// What a peer reads next, in `message`.
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        key: u64,
        message: &mut Vec<u8>,
    ) -> Poll<io::Result<SeatNews>> {
        loop {
            let Some(index) = self.find(key) else { return Poll::Ready(Ok(SeatNews::End)) };
            let seat = &mut self.seats[index];
            if let Some(received) = seat.next(message) {
                return Poll::Ready(Ok(received));
            }
            match self.ending {
                // The session's task sees to it.
                Some(Ending::Over) if seat.is_recoverable() => return Poll::Pending,
                Some(Ending::Over) => return Poll::Ready(Ok(SeatNews::End)),
                Some(Ending::Breach(Breach(why))) => {
                    return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, why)));
                }
                None => {}
            }
            ready!(self.poll_read(cx));
            let is_its = self.find(key).is_some_and(|index| self.seats[index].is_full);
            if !is_its {
                // It may concern somebody else of this task.
                cx.waker().wake_by_ref();
            }
        }
    }

    /// Waits until a peer may send.
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>, key: u64) -> Poll<io::Result<()>> {
        if self.ending.is_some() || !ready!(self.engine.poll_ready(cx)) {
            return self.poll_broken(cx, key);
        }
        Poll::Ready(Ok(()))
    }

    /// What a peer is told that can't send any more: nothing, if it outlives the session.
    fn poll_broken(&mut self, cx: &mut Context<'_>, key: u64) -> Poll<io::Result<()>> {
        if !self.stays(key) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if self.ending.is_none() {
            self.end(Ending::Over);
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }

    /// Sends a message of a peer.
    pub(crate) fn send(&mut self, cx: &mut Context<'_>, key: u64, message: &[u8]) {
        let Some(index) = self.find(key) else { return };
        let seat = &mut self.seats[index];
        let is_joined = seat.standing == SeatStanding::Joined;
        match seat.writer().translate(message) {
            Translated::Nothing => {}
            Translated::Answer(answer) => {
                seat.answer(answer);
                cx.waker().wake_by_ref();
            }
            Translated::Event(packet) if is_joined => {
                if let Some(recovery) = &mut seat.recovery {
                    recovery.log.received(self.engine.received());
                    self.engine.send(packet.clone().messages());
                    recovery.log.push_sent(packet, self.engine.sent());
                    recovery.log.trim();
                } else {
                    self.engine.send(packet.messages());
                }
            }
            Translated::Call(packet) | Translated::Reply(packet) if is_joined => {
                self.engine.send(packet.messages());
            }
            Translated::Event(_) | Translated::Call(_) | Translated::Reply(_) => {}
            Translated::Closing { may_return } => seat.may_return = may_return,
            Translated::Joined(_) if seat.standing != SeatStanding::Asking => {}
            Translated::Joined(Ok(())) => {
                seat.standing = SeatStanding::Joined;
                (self.has_joined, self.was_joined) = (true, true);
                self.engine.send(OutgoingPacket::from(seat.joined()).messages());
                // What came in behind the CONNECT can be read now.
                cx.waker().wake_by_ref();
            }
            Translated::Joined(Err(error)) => {
                seat.standing = SeatStanding::Out;
                let refusal = connect::refused(&seat.name, &error);
                self.engine.send(OutgoingPacket::from(refusal).messages());
                cx.waker().wake_by_ref();
            }
        }
    }

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>, key: u64) -> Poll<io::Result<()>> {
        if ready!(self.engine.poll_flush(cx)) {
            Poll::Ready(Ok(()))
        } else {
            self.poll_broken(cx, key)
        }
    }

    /// Tells a client that a namespace has no peer any more, unless it knows.
    pub(crate) fn leave(&mut self, key: u64) {
        let Some(index) = self.find(key) else { return };
        let seat = &mut self.seats[index];
        let told = match std::mem::replace(&mut seat.standing, SeatStanding::Out) {
            SeatStanding::Asking => Some(connect::refused(&seat.name, &closing())),
            SeatStanding::Joined if !seat.may_return => Some(connect::left(&seat.name)),
            // The session ends next.
            SeatStanding::Joined | SeatStanding::Out => None,
        };
        if let (Some(packet), None) = (told, self.ending) {
            self.say(packet);
        }
    }

    /// Called when the peer of a seat is gone.
    pub(crate) fn vacate(&mut self, key: u64) {
        self.leave(key);
        self.seats.retain(|seat| seat.key != key);
    }

    /// Sends the packets of no peer, and waits until the client has taken them.
    pub(crate) fn poll_told(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_say(cx));
        if ready!(self.engine.poll_flush(cx)) {
            Poll::Ready(Ok(()))
        } else {
            Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
        }
    }

    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.poll_say(cx));
        self.engine.poll_close(cx)
    }
}

/// For clients that come back.
impl Hub {
    /// Whether a client has yet to be let into a namespace.
    pub(crate) fn is_asking(&self, key: u64) -> bool {
        let index = self.find(key);
        index.is_some_and(|index| self.seats[index].standing == SeatStanding::Asking)
    }

    /// Whether the peer of a seat stays when this session ends, since its client may come back.
    pub(crate) fn stays(&self, key: u64) -> bool {
        let is_breach = matches!(self.ending, Some(Ending::Breach(_)));
        let index = self.find(key).filter(|_| !is_breach);
        index.is_some_and(|index| self.seats[index].is_recoverable())
    }

    /// Gives away the seat of a peer that stays.
    pub(crate) fn surrender(&mut self, key: u64) -> Option<Seat> {
        let index = self.find(key).filter(|_| self.stays(key))?;
        let mut seat = self.seats.swap_remove(index);
        seat.interrupt();
        Some(seat)
    }

    /// Goes on with a peer whose client has come back, and tells it what it has missed since the
    /// event with this offset. Returns the key of its seat. `None`: that isn't there any more.
    pub(crate) fn resume(&mut self, mut seat: Seat, offset: Option<&str>) -> Option<u64> {
        let joined = seat.joined();
        let missed = seat.recovery.as_mut()?.log.missed(offset)?;
        self.engine.send(OutgoingPacket::from(joined).messages());
        for (packet, sent) in missed {
            self.engine.send(packet.clone().messages());
            *sent = self.engine.sent();
        }
        (self.has_joined, self.was_joined) = (true, true);
        Some(self.seat(seat))
    }
}

/// Why a namespace isn't joined whose peer has ended before that.
fn closing() -> ErrorObject {
    ErrorObject::new(code::CLOSING, "this backend is closing the connection")
}
