//! What a client's packets say, as messages of our own.

use bytes::Bytes;
use rmp::encode;

use crate::{
    codec::Encoding,
    message::{
        encoded,
        error_object::{ErrorObject, code},
        id::Id,
        is_reserved,
    },
    socket_io::{
        event_name,
        from_json::{JsonReader, Untranslatable, sure},
        namespace::Namespace,
        packet::{Breach, SocketPacket},
    },
};

/// Why a packet becomes no message.
#[derive(Debug)]
pub(crate) enum NoMessage {
    /// The client can't be understood any further.
    Breach(Breach),
    /// Only this one is refused.
    Refused(ErrorObject),
}

impl From<Breach> for NoMessage {
    fn from(breach: Breach) -> Self {
        Self::Breach(breach)
    }
}

impl From<Untranslatable> for NoMessage {
    fn from(unfit: Untranslatable) -> Self {
        match unfit {
            Untranslatable::Broken(breach) => Self::Breach(breach),
            Untranslatable::TooDeep => {
                let why = "a packet is nested deeper than max_json_depth of this side allows";
                Self::Refused(ErrorObject::new(code::INVALID_REQUEST, why))
            }
        }
    }
}

/// The levels of a message around each of its params.
const OUTER_LEVELS: usize = 2;

/// Appends the message that an event stands for: a request if it has an id.
pub(crate) fn event(
    packet: &SocketPacket<'_>,
    attachments: &[Bytes],
    namespace: &Namespace,
    max_depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), NoMessage> {
    let depth = max_depth.saturating_sub(OUTER_LEVELS);
    let mut reader = JsonReader::new(packet.data, attachments, depth);
    if !reader.begin_array()? {
        return Err(Breach("an event has no name").into());
    }
    let event = reader.name().map_err(|_| Breach("an event has no name"))?;
    if event_name::is_socket_ios(&event) {
        return Err(Breach("an event has a name that Socket.IO keeps for itself").into());
    }
    if is_reserved(&event) && !(packet.id.is_some() && event_name::is_clients(&event)) {
        let why = format!("there is no method `{event}`: rpc.* and $/* are reserved");
        return Err(NoMessage::Refused(ErrorObject::new(code::METHOD_NOT_FOUND, why)));
    }
    head(out, if packet.id.is_some() { 4 } else { 3 }, packet.id);
    out.extend_from_slice(b"\xa6method");
    sure(encode::write_str(out, &namespace.method(&event)));
    out.extend_from_slice(b"\xa6params");
    let goes_on = reader.goes_on()?;
    reader.rest_of_array(out, goes_on)?;
    Ok(reader.end()?)
}

/// Appends the response that an acknowledgement stands for.
pub(crate) fn acknowledgement(
    packet: &SocketPacket<'_>,
    id: u64,
    attachments: &[Bytes],
    max_depth: usize,
    out: &mut Vec<u8>,
) -> Result<(), Breach> {
    let depth = max_depth.saturating_sub(OUTER_LEVELS);
    let mut reader = JsonReader::new(packet.data, attachments, depth);
    head(out, 3, Some(id));
    out.extend_from_slice(b"\xa6result");
    let value = out.len();
    let read = reader.begin_array().and_then(|goes_on| reader.rest_of_array(out, goes_on));
    match read.and_then(|count| reader.end().map(|()| count)) {
        Ok(0) => {
            out.truncate(value);
            out.push(0xc0);
        }
        Ok(1) => {
            // The head of an array of one.
            out.remove(value);
            if let Some(error) = error_of(&out[value..]) {
                out.clear();
                encoded::error_response(Encoding::MessagePack, out, &Id::Number(id), &error);
            }
        }
        Ok(_) => {}
        Err(Untranslatable::Broken(breach)) => return Err(breach),
        Err(Untranslatable::TooDeep) => {
            let why =
                "the acknowledgement is nested deeper than max_json_depth of this side allows";
            let error = ErrorObject::new(code::INVALID_REQUEST, why);
            out.clear();
            encoded::error_response(Encoding::MessagePack, out, &Id::Number(id), &error);
        }
    }
    Ok(())
}

/// The beginning of a message of so many members.
fn head(out: &mut Vec<u8>, members: u8, id: Option<u64>) {
    out.push(0x80 | members);
    out.extend_from_slice(b"\xa7jsonrpc\xa32.0");
    if let Some(id) = id {
        out.extend_from_slice(b"\xa2id");
        sure(encode::write_uint(out, id));
    }
}

/// The error that the only argument of an acknowledgement is, if it is `{ error: { code, … } }`.
fn error_of(argument: &[u8]) -> Option<ErrorObject> {
    let error = argument.strip_prefix(b"\x81\xa5error")?;
    ErrorObject::decode(Encoding::MessagePack, error).ok()
}
