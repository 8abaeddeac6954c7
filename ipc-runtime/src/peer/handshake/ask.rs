//! Our handshake.

use std::{borrow::Cow, sync::Arc};

use crate::{
    error::{
        disconnect_reason::DisconnectReason,
        error_kind::ErrorKind,
        ipc_error::{ErrorDetail, IpcError},
        protocol_mismatch::ProtocolMismatch,
    },
    interface::{Compat, InterfaceInfo, Timeout},
    message::error_object::{ErrorObject, code},
    peer::{
        connection::{Connection, partly_served::PartlyServed},
        handshake::{
            fit::{Unfit, fits},
            hello::{Described, Exposed, Hello, MAX_USES, Opening, PROTOCOL, Used, Verdict},
            mismatch::Mismatch,
        },
        outgoing::raw_call::RawCall,
        session::{
            id::{Resumption, SessionId},
            link::Link,
        },
    },
    token::Token,
};

/// Does the handshake on a new connection: the version of the protocol, limits, and whether
/// everything that was served on an earlier connection still is. Returns the id of the session that
/// the other side keeps, if it keeps one. A plain JSON-RPC server gets no handshake.
pub(crate) async fn greet(
    link: &Link,
    connection: &Arc<Connection>,
) -> Result<Option<SessionId>, IpcError> {
    if link.session().is_plain() {
        return Ok(None);
    }
    let mut used = link.session().used();
    // More are asked for when they are called.
    used.truncate(MAX_USES);
    let session = link.session();
    // One that is used by two rules is asked for once.
    let mut asked: Vec<&InterfaceInfo> = Vec::new();
    for (interface, _) in &used {
        if !asked.iter().any(|known| known.is_same(interface)) {
            asked.push(interface);
        }
    }
    let uses = asked.into_iter().map(Exposed::of).collect();
    let mut hello = Hello::new(connection, uses);
    if session.reconnects() {
        hello.session = Some(session.id().map_or(Resumption::New, Resumption::Of));
        hello.attempt = Some(session.connectivity().ordinal());
        connection.set_resumable();
    }
    // Once per connection: later handshakes on it need none.
    hello.token = session.own_token().map(Token::show);
    let params = encode(connection, &hello)?;
    connection.set_greeting(Some(&params));
    let answer = handshake(link, connection, params).await;
    connection.set_greeting(None);
    let answer = answer.map_err(|error| match error.reason() {
        // Refused before the handshake was read, as for another user of the machine.
        Some(DisconnectReason::Unauthorized(why)) => {
            IpcError::unauthorized("rpc.handshake", &session.info().endpoint, why)
        }
        _ => error,
    })?;
    let id = match answer.session {
        Some(Resumption::Of(id)) if session.reconnects() => Some(id),
        _ => None,
    };
    session.set_id(id);
    let verdicts = answer.uses;
    for (interface, compat) in used {
        match judge(link, &verdicts, interface, compat) {
            Ok(served) => served.note(connection, interface),
            Err(error) if error.kind() == ErrorKind::VersionMismatch => return Err(error),
            // It may be registered later. A call before that gets the error.
            Err(_) => {}
        }
    }
    Ok(id)
}

/// Asks whether the other side serves an interface, once per connection. A plain JSON-RPC server
/// isn't asked, and a plain JSON-RPC client, which knows no handshake, is called without a
/// comparison. Returns the number of that connection.
pub(crate) async fn open(
    link: &Link,
    interface: &'static InterfaceInfo,
    compat: Option<Compat>,
) -> Result<u64, IpcError> {
    let session = link.session();
    let mut connections = session.connectivity().connections();
    let mut connection = session.connectivity().connection();
    while connection.is_none() {
        let Some(waits) = session.wait() else {
            return Err(session.unavailable(Cow::Borrowed("rpc.handshake")));
        };
        waits.settled().await;
        connections = session.connectivity().connections();
        connection = session.connectivity().connection();
    }
    let Some(connection) = connection else {
        return Err(session.unavailable(Cow::Borrowed("rpc.handshake")));
    };
    if connection.serves(interface) || session.is_plain() {
        return Ok(connections);
    }
    let hello = Hello::new(&connection, vec![Exposed::of(interface)]);
    let params = encode(&connection, &hello)?;
    let served = match handshake(link, &connection, params).await {
        Ok(answer) => judge(link, &answer.uses, interface, compat)?,
        // Its calls tell which methods it has. A frontend's own handshake is made when it connects,
        // and fails there.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            tracing::debug!(endpoint = %connection.info().endpoint, "the peer knows no handshake");
            ServedPart::Wholly
        }
        Err(error) => return Err(error),
    };
    served.note(&connection, interface);
    session.uses(interface, compat);
    Ok(connections)
}

/// What the other side serves of an interface.
enum ServedPart {
    Wholly,
    Partly(Box<PartlyServed>),
}

impl ServedPart {
    fn note(self, connection: &Connection, interface: &'static InterfaceInfo) {
        match self {
            Self::Wholly => connection.note_served(interface),
            Self::Partly(partly) => connection.note_partly_served(*partly),
        }
    }
}

/// Evaluates the other side's answer for an interface.
fn judge(
    link: &Link,
    verdicts: &[Verdict],
    interface: &'static InterfaceInfo,
    compat: Option<Compat>,
) -> Result<ServedPart, IpcError> {
    let rule = compat.unwrap_or(interface.compat);
    let endpoint = &link.session().info().endpoint;
    let verdict = verdicts.iter().find(|verdict| verdict.channel == interface.channel);
    match verdict.and_then(Verdict::outcome) {
        // Whoever only wants what fits needs no rule of its own.
        Some(Ok(_)) if rule == Compat::Used => return Ok(ServedPart::Wholly),
        Some(Ok(served)) => match fits(rule, &Used::of(interface), &served) {
            Ok(()) => return Ok(ServedPart::Wholly),
            // The other side has another rule than we have, and hasn't sent details.
            Err(Unfit) => {
                let mismatch = Mismatch::new(interface, rule, endpoint, served, None);
                return Err(IpcError::mismatch(mismatch.error));
            }
        },
        Some(Err(error)) => return refused(interface, rule, endpoint, error),
        None => {}
    }
    let message = format!("it did not answer for the channel `{}`", interface.channel);
    Err(IpcError::new("rpc.handshake", endpoint.clone(), ErrorDetail::Decode(message)))
}

fn encode(connection: &Connection, hello: &Hello<Exposed<'static>>) -> Result<Vec<u8>, IpcError> {
    let mut params = Vec::new();
    match connection.encoding().encode(&mut params, hello) {
        Ok(()) => Ok(params),
        Err(message) => {
            let endpoint = connection.info().endpoint.clone();
            Err(IpcError::new("rpc.handshake", endpoint, ErrorDetail::Encode(message)))
        }
    }
}

async fn handshake(
    link: &Link,
    connection: &Arc<Connection>,
    params: Vec<u8>,
) -> Result<Hello<Verdict>, IpcError> {
    let method = Cow::Borrowed("rpc.handshake");
    let encoding = connection.encoding();
    let mut call = RawCall::new(link.clone(), method, params, None);
    call.set_connection(connection.clone());
    call.set_timeout(Timeout::After(connection.limits().handshake_timeout));
    let reply = std::future::poll_fn(|cx| call.poll_reply(cx)).await?;
    let endpoint = &connection.info().endpoint;
    match reply {
        Ok(answer) => {
            let opening: Opening =
                answer.clone().decode(encoding).map_err(|why| call.decode(why))?;
            if opening.protocol != PROTOCOL {
                return Err(another_protocol(endpoint, opening.protocol));
            }
            let hello: Hello<Verdict> = answer.decode(encoding).map_err(|why| call.decode(why))?;
            hello.take_limits(connection);
            connection.was_greeted();
            tracing::debug!(%endpoint, exposes = hello.exposes.len(), "handshake done");
            Ok(hello)
        }
        Err(error) => Err(match told_protocol(&error) {
            Some(theirs) => another_protocol(endpoint, theirs),
            None => IpcError::from_object(call.method().clone(), endpoint, error),
        }),
    }
}

fn another_protocol(endpoint: &Arc<str>, theirs: u32) -> IpcError {
    let mismatch = ProtocolMismatch { ours: PROTOCOL, theirs };
    IpcError::new("rpc.handshake", endpoint.clone(), ErrorDetail::ProtocolMismatch(mismatch))
}

/// Returns the protocol that the other side speaks instead of ours, if that is why it refused the
/// handshake.
fn told_protocol(error: &ErrorObject) -> Option<u32> {
    if error.code != code::VERSION_MISMATCH {
        return None;
    }
    error.data_as().map(|Opening { protocol, .. }| protocol)
}

/// What becomes of a refusal: an error, unless the caller goes on with those methods that fit.
fn refused(
    interface: &'static InterfaceInfo,
    rule: Compat,
    endpoint: &Arc<str>,
    error: ErrorObject,
) -> Result<ServedPart, IpcError> {
    if error.code == code::VERSION_MISMATCH {
        if let Some(described) = error.data_as::<Described<'static>>() {
            let theirs = described.interface();
            let found = Mismatch::new(interface, rule, endpoint, theirs, Some(described));
            if rule == Compat::Used && !found.usable.is_empty() {
                let partly = PartlyServed::new(interface, found.error, found.usable);
                return Ok(ServedPart::Partly(Box::new(partly)));
            }
            return Err(IpcError::mismatch(found.error));
        }
    }
    Err(IpcError::from_object(Cow::Borrowed(interface.channel), endpoint, error))
}
