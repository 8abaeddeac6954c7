//! What our messages say, as packets.

use std::fmt::Write;

use serde::Deserialize;

use crate::{
    codec::Encoding,
    message::{
        Invocation, Malformed, Message, ReplyOutcome,
        call_form::CallForm,
        encoded, envelope,
        error_object::{ErrorObject, code},
        id::Id,
        is_of_runtime,
        response_body::ResponseBody,
    },
    socket_io::{
        acknowledgement::Acknowledgement,
        connect::{HANDSHAKE_ID, misfit},
        event_log::Offset,
        namespace::Namespace,
        outgoing_packet::OutgoingPacket,
        packet::{PacketKind, write_head},
        to_json::{JsonWriter, NotMessagePack, string},
    },
    transport::engine_io::message::EngineText,
};

/// Whether the client must not come back after this `rpc.closing`.
fn is_final(params: Option<&[u8]>) -> bool {
    #[derive(Deserialize)]
    struct Closing {
        #[serde(default, rename = "final")]
        is_final: bool,
    }
    let closing = params.map(|params| Encoding::MessagePack.decode::<Closing>(params));
    closing.is_some_and(|closing| closing.is_ok_and(|closing| closing.is_final))
}

/// How deep messages of our own may be nested: as deep as any are read.
const MAX_DEPTH: usize = 128;

/// What becomes of a message of ours.
pub(crate) enum Translated {
    /// An event that is nothing but that.
    Event(OutgoingPacket),
    /// An event that the client has to acknowledge.
    Call(OutgoingPacket),
    /// An acknowledgement.
    Reply(OutgoingPacket),
    /// The client isn't asked: this is the answer.
    Answer(Vec<u8>),
    /// The handshake was answered: the client has joined, or why it can't.
    Joined(Result<(), ErrorObject>),
    /// The connection is about to end. Whether the client may come back.
    Closing { may_return: bool },
    /// Nothing that a client has to know now.
    Nothing,
}

/// Writes packets of one namespace.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PacketWriter<'a> {
    pub(crate) name: &'a str,
    pub(crate) namespace: &'a Namespace,
    pub(crate) acknowledgement: Acknowledgement,
    /// How many attachments a packet may have.
    pub(crate) max_attachments: usize,
    /// What the next event ends with, if it is kept.
    pub(crate) offset: Option<Offset<'a>>,
}

/// Why a message becomes no packet.
#[derive(Debug)]
struct Unsendable(String);

impl From<NotMessagePack> for Unsendable {
    fn from(NotMessagePack: NotMessagePack) -> Self {
        Self("it is no MessagePack".to_owned())
    }
}

impl PacketWriter<'_> {
    /// Translates a message.
    pub(crate) fn translate(&self, message: &[u8]) -> Translated {
        let encoding = Encoding::MessagePack;
        let form = match encoded::call_form(encoding, message, MAX_DEPTH) {
            Some(CallForm::Request { id, call }) => {
                Ok(Message::Request { id: Id::Number(id), call })
            }
            Some(CallForm::Result { id, result }) => Ok(Message::Response {
                id: Id::Number(id),
                outcome: Ok(ReplyOutcome::Result(result)),
            }),
            None => envelope::parse(encoding, message, MAX_DEPTH),
        };
        match form {
            Ok(Message::Request { id: Id::Number(id), call }) => self.request(id, &call),
            Ok(Message::Notification(call)) => self.notification(&call),
            Ok(Message::Response { id: Id::Number(id), outcome: Ok(outcome) }) => {
                self.response(id, outcome)
            }
            Err(Malformed::TooDeep { id: Some(Id::Number(id)), is_reply, .. }) => {
                let why = "it is nested too deep for Socket.IO";
                let error = ErrorObject::new(code::INTERNAL_ERROR, why);
                if is_reply { self.refusal(id, &error) } else { unanswered(id, &error) }
            }
            other => {
                // Errors about messages without an id, for example.
                tracing::debug!(namespace = self.name, message = ?other, "not told to the client");
                Translated::Nothing
            }
        }
    }

    fn request(&self, id: u64, call: &Invocation<'_>) -> Translated {
        let method = &*call.method;
        if is_of_runtime(method) {
            if method == "rpc.ping" {
                return Translated::Answer(answer(id, Encoding::MessagePack.null()));
            }
            let why = format!("a socket.io client has no method `{method}`");
            return unanswered(id, &ErrorObject::new(code::METHOD_NOT_FOUND, why));
        }
        match self.event(Some(id), call) {
            Ok(packet) => Translated::Call(packet),
            Err(Unsendable(why)) => {
                let why = format!("{method} was not sent: {why}");
                unanswered(id, &ErrorObject::new(code::INTERNAL_ERROR, why))
            }
        }
    }

    fn notification(&self, call: &Invocation<'_>) -> Translated {
        let method = &*call.method;
        // What the client is told of the connection's end is a packet of its own.
        if method == "rpc.closing" {
            return Translated::Closing { may_return: !is_final(call.params) };
        }
        if is_of_runtime(method) && method != "rpc.dropped" {
            return Translated::Nothing;
        }
        match self.event(None, call) {
            Ok(packet) => Translated::Event(packet),
            Err(Unsendable(why)) => {
                tracing::warn!(namespace = self.name, method, why, "an event could not be sent");
                Translated::Nothing
            }
        }
    }

    fn event(&self, id: Option<u64>, call: &Invocation<'_>) -> Result<OutgoingPacket, Unsendable> {
        let params = call.params.unwrap_or(Encoding::MessagePack.no_params());
        self.packet(PacketKind::Event, id, params.len(), |writer| {
            writer.out.push('[');
            string(writer.out, self.namespace.event(&call.method));
            if Encoding::MessagePack.is_array(params) {
                writer.elements(params)?;
            } else {
                writer.out.push(',');
                whole(writer, params)?;
            }
            if let (None, Some(offset)) = (id, self.offset) {
                let _ = write!(writer.out, ",\"{offset}\"");
            }
            writer.out.push(']');
            Ok(())
        })
    }

    fn response(&self, id: u64, outcome: ReplyOutcome<'_>) -> Translated {
        if id == HANDSHAKE_ID {
            return Translated::Joined(match outcome {
                ReplyOutcome::Result(answer) => misfit(answer).map_or(Ok(()), Err),
                ReplyOutcome::Error(error) => Err(decoded(error)),
            });
        }
        let (around, value) = match (outcome, self.acknowledgement) {
            (ReplyOutcome::Result(result), Acknowledgement::ResultOrError) => (["[", "]"], result),
            (ReplyOutcome::Error(error), Acknowledgement::ResultOrError) => {
                (["[{\"error\":", "}]"], error)
            }
            (ReplyOutcome::Result(result), Acknowledgement::NodeStyle) => (["[null,", "]"], result),
            (ReplyOutcome::Error(error), Acknowledgement::NodeStyle) => (["[", "]"], error),
        };
        let packet = self.packet(PacketKind::Ack, Some(id), value.len(), |writer| {
            writer.out.push_str(around[0]);
            whole(writer, value)?;
            writer.out.push_str(around[1]);
            Ok(())
        });
        match packet {
            Ok(packet) => Translated::Reply(packet),
            Err(Unsendable(why)) => {
                let why = format!("the result can't be sent: {why}");
                self.refusal(id, &ErrorObject::new(code::INTERNAL_ERROR, why))
            }
        }
    }

    /// The acknowledgement with an error.
    pub(crate) fn refusal(&self, id: u64, error: &ErrorObject) -> Translated {
        let error = Encoding::MessagePack.own(error);
        match self.response(id, ReplyOutcome::Error(&error)) {
            Translated::Reply(packet) => Translated::Reply(packet),
            _ => Translated::Nothing,
        }
    }

    /// A packet whose content `write` appends. `size`: about how many bytes that takes.
    fn packet(
        &self,
        kind: PacketKind,
        id: Option<u64>,
        size: usize,
        write: impl FnOnce(&mut JsonWriter<'_>) -> Result<(), NotMessagePack>,
    ) -> Result<OutgoingPacket, Unsendable> {
        let (mut attachments, mut head) = (Vec::new(), 0);
        let mut written = Ok(());
        let mut text = EngineText::build(|out| {
            out.reserve(self.name.len() + size + 32);
            let before = out.len();
            write_head(out, kind, 0, self.name, id);
            head = out.len() - before;
            written = write(&mut JsonWriter { out, attachments: &mut attachments });
        });
        written?;
        let (count, most) = (attachments.len(), self.max_attachments);
        if count > most {
            let why = format!(
                "it holds {count} Bytes, and socket.io clients take {most} in a message \
                 (SocketIo::max_attachments)"
            );
            return Err(Unsendable(why));
        }
        if !attachments.is_empty() {
            // The head tells how many there are, which only the content shows.
            let content = &text[head..];
            text = EngineText::build(|out| {
                out.reserve(content.len() + self.name.len() + 32);
                write_head(out, kind, attachments.len(), self.name, id);
                out.push_str(content);
            });
        }
        Ok(OutgoingPacket::new(text, attachments))
    }
}

/// Appends the value that fills `bytes`.
fn whole(writer: &mut JsonWriter<'_>, bytes: &[u8]) -> Result<(), NotMessagePack> {
    if writer.value(bytes)?.is_empty() { Ok(()) } else { Err(NotMessagePack) }
}

fn decoded(error: &[u8]) -> ErrorObject {
    ErrorObject::decode(Encoding::MessagePack, error)
        .unwrap_or_else(|why| ErrorObject::new(code::INTERNAL_ERROR, why))
}

/// A response to a request of ours.
fn answer(id: u64, result: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    let body = ResponseBody::Result(result);
    encoded::response(Encoding::MessagePack, &mut message, &Id::Number(id), body);
    message
}

/// A request of ours that the client isn't asked.
fn unanswered(id: u64, error: &ErrorObject) -> Translated {
    let mut message = Vec::new();
    encoded::error_response(Encoding::MessagePack, &mut message, &Id::Number(id), error);
    Translated::Answer(message)
}
