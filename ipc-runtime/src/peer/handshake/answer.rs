//! The answer to the other side's handshake.

use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::{
    codec::Encoding,
    interface::{InterfaceInfo, schema::Schema},
    message::error_object::{ErrorObject, code},
    peer::{
        connection::Connection,
        handshake::{
            fit::{Unfit, fits},
            hello::{
                Described, DescriptionRoom, Exposed, Hello, MAX_USES, Opening, PROTOCOL, Used,
                Verdict,
            },
        },
        session::{
            id::Resumption,
            resolver::{Refused, SessionResolver},
        },
    },
};

/// Why a handshake is refused.
pub(crate) enum Rejection {
    /// It is answered with this error.
    Error(ErrorObject),
    /// It asks for a session that it can't have.
    Refused(Refused),
}

impl From<ErrorObject> for Rejection {
    fn from(error: ErrorObject) -> Self {
        Self::Error(error)
    }
}

/// Answers the other side's hello. Returns the answer, and the channels that the hello has opened.
/// `resolver` is there for the first message on this connection, which may ask for a session. If a
/// token is required, the other side becomes a peer here.
pub(crate) fn answer(
    connection: &Arc<Connection>,
    params: Option<&[u8]>,
    resolver: Option<&dyn SessionResolver>,
) -> Result<(Vec<u8>, Vec<&'static str>), Rejection> {
    let encoding = connection.encoding();
    let params = params.unwrap_or(encoding.null());
    let opening: Opening = read(encoding, params)?;
    // First of all: without the token, the other side learns nothing.
    connection.check_token(opening.token.as_ref())?;
    if opening.protocol != PROTOCOL {
        let why = format!("protocol {} isn't spoken here: {PROTOCOL} is", opening.protocol);
        let told = serde_json::json!({ "protocol": PROTOCOL });
        return Err(ErrorObject::new(code::VERSION_MISMATCH, why).with_data(&told).into());
    }
    let hello: Hello<Used> = read(encoding, params)?;
    if hello.uses.len() > MAX_USES {
        let why = format!("rpc.handshake: at most {MAX_USES} interfaces can be asked for at once");
        let limit = serde_json::json!({ "limit": "uses", "value": MAX_USES });
        return Err(ErrorObject::new(code::LIMIT_REACHED, why).with_data(&limit).into());
    }
    // Before anything is stored that the other side has said about itself: it belongs to the
    // session.
    let session = match (resolver, hello.session) {
        (Some(resolver), Some(asked)) => {
            let resolved = resolver.resolve(connection, asked, hello.attempt);
            resolved.map_err(Rejection::Refused)?
        }
        _ => None,
    };
    hello.take_limits(connection);
    connection.let_in();
    connection.finished_handshake();
    let served = connection.session().served().interfaces();
    let serves = |channel: &str| served.iter().copied().find(|known| known.channel == channel);
    let mut opened = Vec::new();
    // One answer may be about many interfaces, and has to fit into a message.
    let mut room = DescriptionRoom::new(Schema::MAX_TEXT.min(connection.peer_max_message() / 2));
    let mut described = Vec::new();
    let uses = hello.uses.iter().map(|used| match serves(&used.channel) {
        None => {
            let why = no_channel(&used.channel, &served);
            Verdict::refused(&used.channel, ErrorObject::new(code::METHOD_NOT_FOUND, why))
        }
        Some(interface) => match fits(interface.compat, used, &Exposed::of(interface)) {
            Ok(()) => {
                opened.push(interface.channel);
                Verdict::served(interface)
            }
            Err(Unfit) => {
                let mut error = does_not_fit(used, interface);
                // Once, however often it is asked for.
                if !described.contains(&interface.channel) {
                    described.push(interface.channel);
                    error = error.with_data(&Described::of(interface, &mut room));
                }
                Verdict::refused(&used.channel, error)
            }
        },
    });
    let mut hello = Hello::new(connection, uses.collect());
    hello.session = session.map(Resumption::Of);
    let mut answer = Vec::new();
    match encoding.encode(&mut answer, &hello) {
        Ok(()) => Ok((answer, opened)),
        Err(why) => Err(ErrorObject::new(code::INTERNAL_ERROR, why).into()),
    }
}

/// Reads the params of a handshake.
fn read<T: DeserializeOwned>(encoding: Encoding, params: &[u8]) -> Result<T, ErrorObject> {
    // A method with one argument may be called by position, too.
    let read = if encoding.is_array(params) {
        encoding.decode(params).map(|(hello,)| hello)
    } else {
        encoding.decode(params)
    };
    read.map_err(|why| ErrorObject::new(code::INVALID_PARAMS, format!("rpc.handshake: {why}")))
}

fn no_channel(channel: &str, served: &[&InterfaceInfo]) -> String {
    let known: Vec<_> = served.iter().map(|interface| interface.channel).collect();
    if known.is_empty() {
        format!("there is no channel `{channel}`: nothing is registered")
    } else {
        format!("there is no channel `{channel}`; there are: {}", known.join(", "))
    }
}

fn does_not_fit(used: &Used, interface: &InterfaceInfo) -> ErrorObject {
    let Used { channel, version, .. } = used;
    let message = if version == interface.version {
        format!("{channel} {version} is served here too, but it is another interface")
    } else {
        format!("{channel} {} is served here, which doesn't fit {version}", interface.version)
    };
    ErrorObject::new(code::VERSION_MISMATCH, message)
}
