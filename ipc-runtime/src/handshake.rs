//! The first words on a connection: versions, fingerprints and limits, both ways.

mod mismatch;

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

pub use mismatch::{MethodDifference, TypeDifference, VersionMismatch};

use crate::{
    Fingerprint, InterfaceInfo, IpcError, Timeout, TypeShapes,
    interface::Compat,
    message::{ErrorObject, code},
    peer::{Connection, ConnectionHandle, RawCall},
    registry::Table,
};

/// The protocol's version. Another one is another protocol.
const PROTOCOL: u32 = 1;

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

/// What both sides say in a handshake.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Hello<U> {
    protocol: u32,
    #[serde(default = "Vec::new")]
    uses: Vec<U>,
    #[serde(default = "Vec::new")]
    exposes: Vec<Exposed<'static>>,
    #[serde(default)]
    limits: Option<ToldLimits>,
    /// Who says it, for the other side's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct ToldLimits {
    max_message_bytes: u64,
    max_in_flight: u64,
}

/// An interface by what is compared of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Exposed<'a> {
    channel: Cow<'a, str>,
    version: Cow<'a, str>,
    fingerprint: Fingerprint,
}

/// What becomes of an interface that the other side uses.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged, try_from = "VerdictMembers")]
enum Verdict {
    Refused { channel: String, error: ErrorObject },
    Served(Exposed<'static>),
}

/// All members that a [`Verdict`] can have. Read as `untagged`, it would be buffered first, and an
/// error's raw data can't be had from serde's buffer.
#[derive(Debug, Deserialize)]
struct VerdictMembers {
    channel: String,
    version: Option<String>,
    fingerprint: Option<Fingerprint>,
    error: Option<ErrorObject>,
}

impl TryFrom<VerdictMembers> for Verdict {
    type Error = &'static str;

    fn try_from(members: VerdictMembers) -> Result<Self, Self::Error> {
        let VerdictMembers { channel, version, fingerprint, error } = members;
        match (error, version, fingerprint) {
            (Some(error), _, _) => Ok(Self::Refused { channel, error }),
            (None, Some(version), Some(fingerprint)) => Ok(Self::Served(Exposed {
                channel: channel.into(),
                version: version.into(),
                fingerprint,
            })),
            _ => Err("a channel is answered by its version and fingerprint, or by an error"),
        }
    }
}

/// The data of -32003: enough to name what differs.
#[derive(Debug, Serialize, Deserialize)]
struct Described<'a> {
    #[serde(flatten)]
    interface: Exposed<'a>,
    methods: BTreeMap<Cow<'a, str>, DescribedMethod<'a>>,
    types: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct DescribedMethod<'a> {
    signature: Cow<'a, str>,
    fingerprint: Fingerprint,
}

impl Exposed<'static> {
    fn of(interface: &InterfaceInfo) -> Self {
        Self {
            channel: interface.channel.into(),
            version: interface.version.into(),
            fingerprint: interface.fingerprint,
        }
    }
}

impl<'a> Described<'a> {
    fn of(interface: &InterfaceInfo, types: &'a TypeShapes) -> Self {
        let methods = interface.methods.iter().map(|method| {
            let described = DescribedMethod {
                signature: method.signature.into(),
                fingerprint: method.fingerprint,
            };
            (Cow::Borrowed(method.name), described)
        });
        let types = types.iter().map(|(name, shape)| (name.into(), shape.into()));
        Self {
            interface: Exposed::of(interface),
            methods: methods.collect(),
            types: types.collect(),
        }
    }
}

impl<U> Hello<U> {
    fn new(connection: &Connection, uses: Vec<U>) -> Self {
        let limits = connection.limits();
        Self {
            protocol: PROTOCOL,
            uses,
            exposes: connection.registry().table().interfaces().map(Exposed::of).collect(),
            limits: Some(ToldLimits {
                max_message_bytes: limits.message_bytes() as u64,
                max_in_flight: limits.max_in_flight as u64,
            }),
            client: Some(concat!("ipc-runtime ", env!("CARGO_PKG_VERSION")).to_owned()),
        }
    }

    /// Keeps to what the other side has told of itself.
    fn take_limits(&self, connection: &Connection) {
        if let Some(limits) = &self.limits {
            let fit =
                |told: u64| usize::try_from(told).unwrap_or(usize::MAX).min(u32::MAX as usize);
            connection.set_peer_limits(fit(limits.max_message_bytes), fit(limits.max_in_flight));
        }
    }
}

/// Says hello, without using anything yet: versions of the protocol, and limits.
pub(crate) async fn greet(handle: &ConnectionHandle) -> Result<(), IpcError> {
    shake_hands(handle, Vec::new()).await.map(|_| ())
}

/// Asks whether the other side serves an interface.
pub(crate) async fn open(
    handle: &ConnectionHandle,
    interface: &'static InterfaceInfo,
) -> Result<(), IpcError> {
    let verdicts = shake_hands(handle, vec![Exposed::of(interface)]).await?;
    let endpoint = &handle.connection().info().endpoint;
    for verdict in verdicts {
        match verdict {
            Verdict::Served(served) if served.channel == interface.channel => {
                return match fits(interface.compat, &Exposed::of(interface), &served) {
                    Ok(()) => Ok(()),
                    // The other side follows another rule than we do, and hasn't told details.
                    Err(Unfit) => Err(mismatch(interface, endpoint, served, None)),
                };
            }
            Verdict::Refused { channel, error } if channel == interface.channel => {
                return Err(refused(interface, endpoint, error));
            }
            Verdict::Served(_) | Verdict::Refused { .. } => {}
        }
    }
    let message = format!("it did not answer for the channel `{}`", interface.channel);
    let (method, endpoint) = (Cow::Borrowed("rpc.handshake"), endpoint.clone());
    Err(IpcError::Decode { method, endpoint, message })
}

async fn shake_hands(
    handle: &ConnectionHandle,
    uses: Vec<Exposed<'static>>,
) -> Result<Vec<Verdict>, IpcError> {
    let connection = handle.connection();
    let encoding = connection.encoding();
    let method = Cow::Borrowed("rpc.handshake");
    let mut params = Vec::new();
    if let Err(message) = encoding.encode(&mut params, &Hello::new(connection, uses)) {
        return Err(IpcError::Encode { method, message });
    }
    let mut call = RawCall::new(handle.clone(), method, params, None);
    call.set_timeout(Timeout::After(connection.limits().handshake_timeout));
    let reply = std::future::poll_fn(|cx| call.poll_reply(cx)).await?;
    let endpoint = &connection.info().endpoint;
    match reply {
        Ok(answer) => {
            let hello: Hello<Verdict> = encoding.decode(&answer).map_err(|why| call.decode(why))?;
            hello.take_limits(connection);
            tracing::debug!(%endpoint, exposes = hello.exposes.len(), "shook hands");
            Ok(hello.uses)
        }
        Err(error) => Err(IpcError::from_object(call.method().clone(), endpoint, error)),
    }
}

/// Answers the other side's hello.
pub(crate) fn answer(
    connection: &Connection,
    params: Option<&[u8]>,
) -> Result<Vec<u8>, ErrorObject> {
    let encoding = connection.encoding();
    let hello: Hello<Exposed<'static>> = encoding
        .decode(params.unwrap_or(b"null"))
        .map_err(|why| ErrorObject::new(code::INVALID_PARAMS, format!("rpc.handshake: {why}")))?;
    if hello.protocol != PROTOCOL {
        let why = format!("protocol {} isn't spoken here: {PROTOCOL} is", hello.protocol);
        let told = serde_json::json!({ "protocol": PROTOCOL });
        return Err(ErrorObject::new(code::VERSION_MISMATCH, why).with_data(&told));
    }
    hello.take_limits(connection);
    connection.shook_hands();
    let table = connection.registry().table();
    let uses = hello.uses.iter().map(|used| match table.interface(&used.channel) {
        None => Verdict::Refused {
            channel: used.channel.clone().into_owned(),
            error: ErrorObject::new(code::METHOD_NOT_FOUND, no_channel(&used.channel, &table)),
        },
        Some(interface) => match fits(interface.compat, used, &Exposed::of(interface)) {
            Ok(()) => Verdict::Served(Exposed::of(interface)),
            Err(Unfit) => Verdict::Refused {
                channel: used.channel.clone().into_owned(),
                error: does_not_fit(used, interface),
            },
        },
    });
    let hello = Hello::new(connection, uses.collect());
    let mut answer = Vec::new();
    match encoding.encode(&mut answer, &hello) {
        Ok(()) => Ok(answer),
        Err(why) => Err(ErrorObject::new(code::INTERNAL_ERROR, why)),
    }
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
    let message = format!(
        "{} {} is served here, which doesn't fit {}",
        interface.channel, interface.version, used.version
    );
    ErrorObject::new(code::VERSION_MISMATCH, message)
        .with_data(&Described::of(interface, &interface.types()))
}

struct Unfit;

/// Whether an interface that is served is one that the user of another can work with.
fn fits(compat: Compat, used: &Exposed<'_>, served: &Exposed<'_>) -> Result<(), Unfit> {
    let parse = |version: &str| semver::Version::parse(version).map_err(|_| Unfit);
    let (wants, has) = (parse(&used.version)?, parse(&served.version)?);
    let version_fits = match compat {
        Compat::Exact => wants == has,
        Compat::Semver if wants == has => true,
        Compat::Semver => caret(&wants).matches(&has),
    };
    // Another version may well have another fingerprint; the same version may not.
    if version_fits && !(wants == has && used.fingerprint.conflicts_with(served.fingerprint)) {
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
            let theirs = described.interface.clone();
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
    let types = interface.types();
    let ours = Described::of(interface, &types);
    let (methods, types) = if their_methods.is_empty() {
        Default::default()
    } else {
        (
            mismatch::methods(&ours.methods, &their_methods),
            mismatch::types(&ours.types, &their_types),
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
