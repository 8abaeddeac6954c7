//! What a session, or the time after it, knows of one peer.

use std::{collections::VecDeque, sync::Arc};

use crate::{
    socket_io::{
        acknowledgement::Acknowledgement,
        connect,
        event_log::EventLog,
        namespace::Namespace,
        options::SocketOptions,
        outgoing::{PacketWriter, Translated},
    },
    transport::engine_io::message::EngineText,
};

/// How far a client has come in a namespace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeatStanding {
    /// Its CONNECT has yet to be answered. Nothing else is read until then.
    Asking,
    Joined,
    /// It has been told that it isn't in there, or has said so itself.
    Out,
}

/// How packets to a client are written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PacketStyle {
    acknowledgement: Acknowledgement,
    max_attachments: usize,
}

impl PacketStyle {
    pub(crate) fn new(options: &SocketOptions) -> Self {
        let SocketOptions { acknowledgement, max_attachments, .. } = *options;
        Self { acknowledgement, max_attachments }
    }
}

/// What lets a client have its peer back after it has lost its session.
pub(crate) struct SeatRecovery {
    /// By which the client proves that the peer is its own: a secret.
    pub(crate) pid: Arc<str>,
    pub(crate) log: EventLog,
}

/// A namespace that a client has asked for, as long as its peer is served.
pub(crate) struct Seat {
    /// By which its session finds it.
    pub(crate) key: u64,
    pub(crate) name: Arc<str>,
    pub(crate) namespace: Namespace,
    style: PacketStyle,
    pub(crate) standing: SeatStanding,
    /// The message that came in last, until its peer takes it.
    pub(crate) inbox: Vec<u8>,
    pub(crate) is_full: bool,
    /// Answers that the client isn't asked for.
    answers: VecDeque<Vec<u8>>,
    /// Whether calls that the client has yet to answer, and won't any more, wait for answers.
    is_interrupted: bool,
    /// Whether the client may come back after the end of its peer. Stock clients do so by
    /// themselves when the session has ended, and never after a DISCONNECT.
    pub(crate) may_return: bool,
    /// What the client calls `socket.id`. It is no secret, and nobody is found by it.
    pub(crate) sid: Box<str>,
    pub(crate) recovery: Option<SeatRecovery>,
}

/// What a peer reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SeatNews {
    Message,
    /// The client lost its session, and with it the answers that it owes.
    Interrupted,
    /// Nothing comes in any more.
    End,
}

impl Seat {
    /// A seat for a new peer, whose first message is `hello`.
    pub(crate) fn new(
        name: Arc<str>,
        namespace: Namespace,
        style: PacketStyle,
        sid: Box<str>,
        recovery: Option<SeatRecovery>,
        hello: Vec<u8>,
    ) -> Self {
        Self {
            key: 0,
            name,
            namespace,
            style,
            standing: SeatStanding::Out,
            inbox: hello,
            is_full: true,
            answers: VecDeque::new(),
            is_interrupted: false,
            may_return: false,
            sid,
            recovery,
        }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.standing != SeatStanding::Out
    }

    /// Whether the client may have this very peer back after the session.
    pub(crate) fn is_recoverable(&self) -> bool {
        self.recovery.is_some() && self.standing == SeatStanding::Joined
    }

    /// What has come in for the peer, in `message`. `None`: nothing yet.
    pub(crate) fn next(&mut self, message: &mut Vec<u8>) -> Option<SeatNews> {
        if let Some(answer) = self.answers.pop_front() {
            *message = answer;
            return Some(SeatNews::Message);
        }
        if std::mem::take(&mut self.is_full) {
            std::mem::swap(message, &mut self.inbox);
            return Some(SeatNews::Message);
        }
        // Behind the answers that have come in.
        if std::mem::take(&mut self.is_interrupted) {
            return Some(SeatNews::Interrupted);
        }
        (!self.is_open()).then_some(SeatNews::End)
    }

    /// Has the peer read a message that the client didn't send.
    pub(crate) fn answer(&mut self, answer: Vec<u8>) {
        self.answers.push_back(answer);
    }

    /// Has the peer take its calls for lost.
    pub(crate) fn interrupt(&mut self) {
        self.is_interrupted = true;
    }

    pub(crate) fn writer(&self) -> PacketWriter<'_> {
        PacketWriter {
            name: &self.name,
            namespace: &self.namespace,
            acknowledgement: self.style.acknowledgement,
            max_attachments: self.style.max_attachments,
            offset: self.recovery.as_ref().map(|recovery| recovery.log.next_offset()),
        }
    }

    /// Whether a message may be sent while there is no session.
    pub(crate) fn has_room(&self) -> bool {
        self.recovery.as_ref().is_none_or(|recovery| recovery.log.has_room())
    }

    /// The packet that lets the client in.
    pub(crate) fn joined(&self) -> EngineText {
        let pid = self.recovery.as_ref().map(|recovery| &*recovery.pid);
        connect::joined(&self.name, &self.sid, pid)
    }

    /// Sends a message while there is no session. Returns whether the peer has something to read
    /// now.
    pub(crate) fn send_later(&mut self, message: &[u8]) -> bool {
        match self.writer().translate(message) {
            Translated::Event(packet) => {
                if let Some(recovery) = &mut self.recovery {
                    recovery.log.push_unsent(packet);
                }
            }
            Translated::Call(_) => self.is_interrupted = true,
            Translated::Answer(answer) => self.answers.push_back(answer),
            Translated::Closing { may_return } => self.may_return = may_return,
            // The client has forgotten its calls.
            Translated::Reply(_) | Translated::Joined(_) | Translated::Nothing => {}
        }
        self.is_interrupted || !self.answers.is_empty()
    }
}
