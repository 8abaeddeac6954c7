//! The first words on a connection: versions, fingerprints and limits, both ways.

pub(crate) mod differences;
pub(crate) mod hello;

use std::{borrow::Cow, sync::Arc};

use serde::de::DeserializeOwned;

use crate::{
    codec::Encoding,
    error::{DisconnectReason, IpcError},
    interface::{Compat, InterfaceInfo, Timeout},
    message::error_object::{ErrorObject, code},
    peer::{
        connection::Connection,
        handshake::hello::{Described, Exposed, Hello, Opening, PROTOCOL, Verdict},
        incoming::registry::Table,
        outgoing::raw_call::RawCall,
        session::{
            Link,
            id::{Resumption, SessionId},
            resolver::{Refused, SessionResolver},
        },
    },
    token::Token,
    version_mismatch::VersionMismatch,
};

/// How many interfaces one handshake may ask for. The answer to each can be a whole description.
const MAX_USES: usize = 256;

/// What becomes of a frontend that calls without a handshake: a client of JSON-RPC that knows
/// nothing of this project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Handshake {
    /// It is served. Nobody compares versions for it.
    #[default]
    Optional,
    /// Its requests are answered with the error -32002, its notifications are dropped.
    Required,
}

/// Says hello on a new connection: versions of the protocol and limits, and whether everything that
/// was served on an earlier one still is. Gives the id of the session that the other side keeps, if
/// it does. A plain JSON-RPC server is told nothing.
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
    let uses = used.iter().copied().map(Exposed::of).collect();
    let mut hello = Hello::new(connection, uses);
    if session.reconnects() {
        hello.session = Some(session.id().map_or(Resumption::New, Resumption::Of));
        hello.attempt = Some(session.ordinal());
        connection.set_resumable();
    }
    // On this connection nobody asks for it again.
    hello.token = session.own_token().map(Token::show);
    let params = encode(connection, &hello)?;
    connection.set_greeting(Some(&params));
    let answer = shake_hands(link, connection, params).await;
    connection.set_greeting(None);
    let answer = answer.map_err(|error| match error {
        // Refused before it could be asked: as another user of the machine is.
        IpcError::Disconnected {
            method,
            endpoint,
            reason: DisconnectReason::Unauthorized(why),
            ..
        } => IpcError::Unauthorized { method, endpoint, message: why.as_ref().to_owned() },
        error => error,
    })?;
    let id = match answer.session {
        Some(Resumption::Of(id)) if session.reconnects() => Some(id),
        _ => None,
    };
    session.set_id(id);
    let verdicts = answer.uses;
    for interface in used {
        match judge(link, &verdicts, interface) {
            Ok(()) => connection.note_served(interface),
            Err(error @ IpcError::VersionMismatch(_)) => return Err(error),
            // It may be registered later. Whoever calls it is told.
            Err(_) => {}
        }
    }
    Ok(id)
}

/// Asks whether the other side serves an interface, once for each connection; a plain JSON-RPC
/// server isn't asked.
/// Gives the number of that connection.
pub(crate) async fn open(link: &Link, interface: &'static InterfaceInfo) -> Result<u64, IpcError> {
    let session = link.session();
    let mut connections = session.connections();
    let mut connection = session.connection();
    while connection.is_none() {
        let Some(waits) = session.wait() else {
            return Err(session.unavailable(Cow::Borrowed("rpc.handshake")));
        };
        waits.settled().await;
        connections = session.connections();
        connection = session.connection();
    }
    let Some(connection) = connection else {
        return Err(session.unavailable(Cow::Borrowed("rpc.handshake")));
    };
    if connection.serves(interface) || session.is_plain() {
        return Ok(connections);
    }
    let hello = Hello::new(&connection, vec![Exposed::of(interface)]);
    let params = encode(&connection, &hello)?;
    let answer = shake_hands(link, &connection, params).await?;
    judge(link, &answer.uses, interface)?;
    connection.note_served(interface);
    session.uses(interface);
    Ok(connections)
}

/// What the other side has answered for an interface.
fn judge(
    link: &Link,
    verdicts: &[Verdict],
    interface: &'static InterfaceInfo,
) -> Result<(), IpcError> {
    let endpoint = &link.session().info().endpoint;
    let verdict = verdicts.iter().find(|verdict| verdict.channel == interface.channel);
    match verdict.and_then(Verdict::outcome) {
        Some(Ok(served)) => match fits(interface.compat, &Exposed::of(interface), &served) {
            Ok(()) => return Ok(()),
            // The other side follows another rule than we do, and hasn't told details.
            Err(Unfit) => return Err(mismatch(interface, endpoint, served, None)),
        },
        Some(Err(error)) => return Err(refused(interface, endpoint, error)),
        None => {}
    }
    let message = format!("it did not answer for the channel `{}`", interface.channel);
    let (method, endpoint) = (Cow::Borrowed("rpc.handshake"), endpoint.clone());
    Err(IpcError::Decode { method, endpoint, message })
}

fn encode(connection: &Connection, hello: &Hello<Exposed<'static>>) -> Result<Vec<u8>, IpcError> {
    let mut params = Vec::new();
    match connection.encoding().encode(&mut params, hello) {
        Ok(()) => Ok(params),
        Err(message) => Err(IpcError::Encode { method: "rpc.handshake".into(), message }),
    }
}

async fn shake_hands(
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
            tracing::debug!(%endpoint, exposes = hello.exposes.len(), "shook hands");
            Ok(hello)
        }
        Err(error) => Err(match told_protocol(&error) {
            Some(theirs) => another_protocol(endpoint, theirs),
            None => IpcError::from_object(call.method().clone(), endpoint, error),
        }),
    }
}

fn another_protocol(endpoint: &Arc<str>, theirs: u32) -> IpcError {
    IpcError::ProtocolMismatch { endpoint: endpoint.clone(), ours: PROTOCOL, theirs }
}

/// The protocol that is spoken instead of ours, where that is why the handshake was refused.
fn told_protocol(error: &ErrorObject) -> Option<u32> {
    if error.code != code::VERSION_MISMATCH {
        return None;
    }
    error.data_as().map(|Opening { protocol, .. }| protocol)
}

/// Why a handshake isn't answered by what this side tells of itself.
pub(crate) enum Rejection {
    /// By this error instead.
    Error(ErrorObject),
    /// It asks for a session that it can't have.
    Refused(Refused),
}

impl From<ErrorObject> for Rejection {
    fn from(error: ErrorObject) -> Self {
        Self::Error(error)
    }
}

/// Answers the other side's hello. Gives the answer, and the channels that the other side has
/// opened by it. `resolver`: it is the first message on this connection, and may ask for a session.
/// Where a token is asked for, the other side comes to be a peer by this.
pub(crate) fn answer(
    connection: &Arc<Connection>,
    params: Option<&[u8]>,
    resolver: Option<&dyn SessionResolver>,
) -> Result<(Vec<u8>, Vec<&'static str>), Rejection> {
    let encoding = connection.encoding();
    let params = params.unwrap_or(encoding.null());
    let opening: Opening = read(encoding, params)?;
    // First of all: who may not ask isn't told anything.
    connection.check_token(opening.token.as_ref())?;
    if opening.protocol != PROTOCOL {
        let why = format!("protocol {} isn't spoken here: {PROTOCOL} is", opening.protocol);
        let told = serde_json::json!({ "protocol": PROTOCOL });
        return Err(ErrorObject::new(code::VERSION_MISMATCH, why).with_data(&told).into());
    }
    let hello: Hello<Exposed<'static>> = read(encoding, params)?;
    if hello.uses.len() > MAX_USES {
        let why = format!("rpc.handshake: at most {MAX_USES} interfaces can be asked for at once");
        let limit = serde_json::json!({ "limit": "uses", "value": MAX_USES });
        return Err(ErrorObject::new(code::LIMIT_REACHED, why).with_data(&limit).into());
    }
    // Ahead of what it has told of itself, which belongs to who it is.
    let session = match (resolver, hello.session) {
        (Some(resolver), Some(asked)) => {
            let resolved = resolver.resolve(connection, asked, hello.attempt);
            resolved.map_err(Rejection::Refused)?
        }
        _ => None,
    };
    hello.take_limits(connection);
    connection.let_in();
    connection.shook_hands();
    let table = connection.registry().table();
    let mut opened = Vec::new();
    let uses = hello.uses.iter().map(|used| match table.interface(&used.channel) {
        None => {
            let why = no_channel(&used.channel, &table);
            Verdict::refused(&used.channel, ErrorObject::new(code::METHOD_NOT_FOUND, why))
        }
        Some(interface) => match fits(interface.compat, used, &Exposed::of(interface)) {
            Ok(()) => {
                opened.push(interface.channel);
                Verdict::served(interface)
            }
            Err(Unfit) => Verdict::refused(&used.channel, does_not_fit(used, interface)),
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

fn no_channel(channel: &str, table: &Table) -> String {
    let known: Vec<_> = table.interfaces().map(|interface| interface.channel).collect();
    if known.is_empty() {
        format!("there is no channel `{channel}`: nothing is registered")
    } else {
        format!("there is no channel `{channel}`; there are: {}", known.join(", "))
    }
}

fn does_not_fit(used: &Exposed<'_>, interface: &InterfaceInfo) -> ErrorObject {
    let Exposed { channel, version, .. } = used;
    let message = if version == interface.version {
        format!("{channel} {version} is served here too, but it is another interface")
    } else {
        format!("{channel} {} is served here, which doesn't fit {version}", interface.version)
    };
    ErrorObject::new(code::VERSION_MISMATCH, message).with_data(&Described::of(interface))
}

struct Unfit;

/// Whether an interface that is served is one that the user of another can work with.
fn fits(compat: Compat, used: &Exposed<'_>, served: &Exposed<'_>) -> Result<(), Unfit> {
    let parse = |version: &str| semver::Version::parse(version).map_err(|_| Unfit);
    let (wants, has) = (parse(&used.version)?, parse(&served.version)?);
    // Build metadata doesn't count (semver.org, item 10).
    let same = wants.cmp_precedence(&has).is_eq();
    let version_fits = same || (compat == Compat::Semver && caret(&wants).matches(&has));
    // Another version may well have another fingerprint; the same version may not.
    if version_fits && !(same && used.fingerprint.conflicts_with(served.fingerprint)) {
        Ok(())
    } else {
        Err(Unfit)
    }
}

fn caret(version: &semver::Version) -> semver::VersionReq {
    semver::VersionReq {
        comparators: vec![semver::Comparator {
            op: semver::Op::Caret,
            major: version.major,
            minor: Some(version.minor),
            patch: Some(version.patch),
            pre: version.pre.clone(),
        }],
    }
}

fn refused(interface: &'static InterfaceInfo, endpoint: &Arc<str>, error: ErrorObject) -> IpcError {
    if error.code == code::VERSION_MISMATCH {
        if let Some(described) = error.data_as::<Described<'static>>() {
            let theirs = described.interface();
            return mismatch(interface, endpoint, theirs, Some(described));
        }
    }
    IpcError::from_object(Cow::Borrowed(interface.channel), endpoint, error)
}

fn mismatch(
    interface: &'static InterfaceInfo,
    endpoint: &Arc<str>,
    theirs: Exposed<'static>,
    described: Option<Described<'static>>,
) -> IpcError {
    let (their_methods, their_types) =
        described.map_or_else(Default::default, |described| (described.methods, described.types));
    let ours = Described::of(interface);
    let (methods, types) = if their_methods.is_empty() {
        Default::default()
    } else {
        (
            differences::methods(&ours.methods, &their_methods),
            differences::types(&ours.types, &their_types),
        )
    };
    IpcError::VersionMismatch(Box::new(VersionMismatch {
        channel: interface.channel,
        endpoint: endpoint.clone(),
        compat: interface.compat,
        our_version: interface.version,
        our_fingerprint: interface.fingerprint,
        their_version: theirs.version.into_owned(),
        their_fingerprint: theirs.fingerprint,
        methods,
        types,
    }))
}
