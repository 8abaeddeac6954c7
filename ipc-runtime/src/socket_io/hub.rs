//! One session with all its namespaces: it reads and writes for each of them, on the task that
//! serves them all.

use std::{
    collections::{BTreeSet, VecDeque},
    io,
    sync::Arc,
    task::{Context, Poll, ready},
};

use crate::{
    message::error_object::{ErrorObject, code},
    socket_io::{
        acknowledgement::Acknowledgement,
        attachments::{Gathering, GatheringStage, WholePacket},
        connect::{self, Wish},
        incoming::{self, NoMessage},
        namespace::Namespace,
        options::SocketOptions,
        outgoing::{OutgoingPacket, PacketWriter, Translated},
        packet::{Breach, PacketKind, SocketPacket},
    },
    transport::engine_io::socket::EngineSocket,
};

/// How the session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// The client is gone.
    Over,
    /// The client has broken the protocol, or is too slow.
    Breach(Breach),
}

/// How far a client has come in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SeatStanding {
    /// Its CONNECT has yet to be answered. Nothing else is read until then.
    Asking,
    Joined,
    /// It has been told that it isn't in there, or has said so itself.
    Out,
}

/// A namespace that a client has asked for, as long as its peer is served.
struct Seat {
    key: u64,
    name: Arc<str>,
    namespace: Namespace,
    standing: SeatStanding,
    /// The message that came in last, until its peer takes it.
    inbox: Vec<u8>,
    is_full: bool,
    /// Answers that the client isn't asked for.
    answers: VecDeque<Vec<u8>>,
    /// Whether the client may come back after the end of its peer. Stock clients do so by
    /// themselves when the session has ended, and never after a DISCONNECT.
    may_return: bool,
}

impl Seat {
    fn is_open(&self) -> bool {
        self.standing != SeatStanding::Out
    }
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
    acknowledgement: Acknowledgement,
    max_attachments: usize,
    max_depth: usize,
}

impl Hub {
    pub(crate) fn new(
        engine: EngineSocket,
        options: &SocketOptions,
        max_message_bytes: usize,
        max_depth: usize,
    ) -> Self {
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
            acknowledgement: options.acknowledgement,
            max_attachments: options.max_attachments,
            max_depth,
        }
    }

    pub(crate) fn showed_token(&self) -> bool {
        self.engine.showed_token()
    }

    pub(crate) fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// Ends the session, unless it is ending already.
    pub(crate) fn end(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
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

    /// Takes a seat for a new peer, whose first message `write` appends. Returns its key. Until
    /// [`begin`](Self::begin), the client is told nothing.
    pub(crate) fn seat(
        &mut self,
        name: Arc<str>,
        namespace: Namespace,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> u64 {
        let key = self.next_key;
        self.next_key += 1;
        let mut inbox = Vec::new();
        write(&mut inbox);
        self.former.insert(name.clone());
        self.seats.push(Seat {
            key,
            name,
            namespace,
            standing: SeatStanding::Out,
            inbox,
            is_full: true,
            answers: VecDeque::new(),
            may_return: false,
        });
        key
    }

    /// Called when the peer of a seat is about to be served.
    pub(crate) fn begin(&mut self, key: u64) {
        if let Some(index) = self.find(key) {
            self.seats[index].standing = SeatStanding::Asking;
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

    /// Reads until there is news: a message for a peer, a CONNECT, or the end.
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
                    let may_attach = self.seats.iter().any(Seat::is_open);
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
            if self.is_held_back() {
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
        let writer = PacketWriter {
            name: &seat.name,
            namespace: &seat.namespace,
            acknowledgement: self.acknowledgement,
            max_attachments: self.max_attachments,
        };
        if let Translated::Packet(packet) = writer.refusal(id, error) {
            self.own.push_back(packet);
        }
    }

    /// The next message for a peer, in `message`. `false`: none comes any more.
    pub(crate) fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        key: u64,
        message: &mut Vec<u8>,
    ) -> Poll<io::Result<bool>> {
        loop {
            let Some(index) = self.find(key) else { return Poll::Ready(Ok(false)) };
            let seat = &mut self.seats[index];
            if let Some(answer) = seat.answers.pop_front() {
                *message = answer;
                return Poll::Ready(Ok(true));
            }
            if std::mem::take(&mut seat.is_full) {
                std::mem::swap(message, &mut seat.inbox);
                return Poll::Ready(Ok(true));
            }
            if !seat.is_open() {
                return Poll::Ready(Ok(false));
            }
            match self.ending {
                Some(Ending::Over) => return Poll::Ready(Ok(false)),
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
    pub(crate) fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.ending.is_some() || !ready!(self.engine.poll_ready(cx)) {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Poll::Ready(Ok(()))
    }

    /// Sends a message of a peer.
    pub(crate) fn send(&mut self, cx: &mut Context<'_>, key: u64, message: &[u8]) {
        let Some(index) = self.find(key) else { return };
        let seat = &mut self.seats[index];
        let writer = PacketWriter {
            name: &seat.name,
            namespace: &seat.namespace,
            acknowledgement: self.acknowledgement,
            max_attachments: self.max_attachments,
        };
        match writer.translate(message) {
            Translated::Nothing => {}
            Translated::Answer(answer) => {
                seat.answers.push_back(answer);
                cx.waker().wake_by_ref();
            }
            Translated::Packet(packet) if seat.standing == SeatStanding::Joined => {
                self.engine.send(packet.messages());
            }
            Translated::Packet(_) => {}
            Translated::Closing { may_return } => seat.may_return = may_return,
            Translated::Joined(_) if seat.standing != SeatStanding::Asking => {}
            Translated::Joined(Ok(())) => {
                seat.standing = SeatStanding::Joined;
                self.has_joined = true;
                self.engine.send(OutgoingPacket::from(connect::joined(&seat.name)).messages());
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

    pub(crate) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if ready!(self.engine.poll_flush(cx)) {
            Poll::Ready(Ok(()))
        } else {
            Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()))
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
        self.poll_flush(cx)
    }

    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        ready!(self.poll_say(cx));
        self.engine.poll_close(cx)
    }
}

/// Why a namespace isn't joined whose peer has ended before that.
fn closing() -> ErrorObject {
    ErrorObject::new(code::CLOSING, "this backend is closing the connection")
}
