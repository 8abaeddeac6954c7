//! The messages of the handshake, as they stand on the wire.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};

use crate::{
    interface::{
        InterfaceInfo,
        fingerprint::{Fingerprint, shapes::TypeShapes},
    },
    limits::Window,
    message::error_object::ErrorObject,
    peer::{connection::Connection, session::id::Resumption},
    token::ShownToken,
};

/// The version of the wire protocol. Sides with different versions can't talk.
pub(crate) const PROTOCOL: u32 = 1;

/// How many interfaces one handshake may ask for: the answer to each can be a whole description.
pub(crate) const MAX_USES: usize = 256;

/// The hello, which both sides send.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
pub(crate) struct Hello<U> {
    pub(crate) protocol: u32,
    #[serde(default = "Vec::new")]
    pub(crate) uses: Vec<U>,
    #[serde(default = "Vec::new")]
    pub(crate) exposes: Vec<Exposed<'static>>,
    #[serde(default)]
    limits: Option<ToldLimits>,
    /// The window of each subscription: how many items may be sent ahead of the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    window: Option<u64>,
    /// The same window in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    window_bytes: Option<u64>,
    /// The interval of the sender's heartbeat, in milliseconds. A side that has one answers
    /// `rpc.ping`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    heartbeat_ms: Option<u64>,
    /// The session to resume, or a request for a new one; in the answer, the session's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) session: Option<Resumption>,
    /// The number of this attempt to come back: it rises with each.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) attempt: Option<u64>,
    /// The sender's name for itself, for people to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    client: Option<String>,
    /// The token that the other side requires, sent once per connection.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<ShownToken>,
}

/// The part of a hello that is read first: in another version of the protocol, the rest may be
/// anything.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Opening {
    pub(crate) protocol: u32,
    #[serde(default)]
    pub(crate) token: Option<ShownToken>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", expecting = "an object")]
struct ToldLimits {
    max_message_bytes: Option<u64>,
    max_in_flight: Option<u64>,
}

/// What is compared of an interface.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Exposed<'a> {
    pub(crate) channel: Cow<'a, str>,
    pub(crate) version: Cow<'a, str>,
    pub(crate) fingerprint: Fingerprint,
}

/// The answer for one interface that the other side uses: either an error, or the version and the
/// fingerprint that are served.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Verdict {
    pub(crate) channel: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    fingerprint: Option<Fingerprint>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<ErrorObject>,
}

/// The data of the error -32003: enough to name what differs.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Described<'a> {
    channel: Cow<'a, str>,
    version: Cow<'a, str>,
    fingerprint: Fingerprint,
    pub(crate) methods: BTreeMap<String, DescribedMethod<'a>>,
    pub(crate) types: TypeShapes,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DescribedMethod<'a> {
    pub(crate) signature: Cow<'a, str>,
    pub(crate) fingerprint: Fingerprint,
}

impl Exposed<'static> {
    pub(crate) fn of(interface: &InterfaceInfo) -> Self {
        Self {
            channel: interface.channel.into(),
            version: interface.version.into(),
            fingerprint: interface.fingerprint,
        }
    }
}

impl Verdict {
    pub(crate) fn served(interface: &InterfaceInfo) -> Self {
        Self {
            channel: interface.channel.to_owned(),
            version: Some(interface.version.to_owned()),
            fingerprint: Some(interface.fingerprint),
            error: None,
        }
    }

    pub(crate) fn refused(channel: &str, error: ErrorObject) -> Self {
        Self { channel: channel.to_owned(), version: None, fingerprint: None, error: Some(error) }
    }

    /// Returns what serves the interface, or why nothing does; `None` if the verdict says neither.
    pub(crate) fn outcome(&self) -> Option<Result<Exposed<'static>, ErrorObject>> {
        match (&self.error, &self.version, self.fingerprint) {
            (Some(error), _, _) => Some(Err(error.clone())),
            (None, Some(version), Some(fingerprint)) => Some(Ok(Exposed {
                channel: self.channel.clone().into(),
                version: version.clone().into(),
                fingerprint,
            })),
            _ => None,
        }
    }
}

impl<'a> Described<'a> {
    pub(crate) fn of(interface: &InterfaceInfo) -> Self {
        let methods = interface.methods.iter().map(|method| {
            let described = DescribedMethod {
                signature: method.signature.into(),
                fingerprint: method.fingerprint,
            };
            (method.name.to_owned(), described)
        });
        let Exposed { channel, version, fingerprint } = Exposed::of(interface);
        let (methods, types) = (methods.collect(), interface.types());
        Self { channel, version, fingerprint, methods, types }
    }

    pub(crate) fn interface(&self) -> Exposed<'a> {
        let (channel, version) = (self.channel.clone(), self.version.clone());
        Exposed { channel, version, fingerprint: self.fingerprint }
    }
}

impl<U> Hello<U> {
    pub(crate) fn new(connection: &Connection, uses: Vec<U>) -> Self {
        let limits = connection.limits();
        Self {
            protocol: PROTOCOL,
            uses,
            exposes: connection
                .session()
                .served()
                .interfaces()
                .into_iter()
                .map(Exposed::of)
                .collect(),
            limits: Some(ToldLimits {
                max_message_bytes: Some(limits.message_bytes() as u64),
                max_in_flight: Some(limits.max_in_flight as u64),
            }),
            window: Some(limits.window().items),
            window_bytes: Some(limits.window().bytes),
            heartbeat_ms: limits
                .heartbeat_interval()
                .map(|interval| u64::try_from(interval.as_millis()).unwrap_or(u64::MAX)),
            session: None,
            attempt: None,
            client: connection.session().own_name().map(str::to_owned),
            token: None,
        }
    }

    /// Stores what the other side has said about itself.
    pub(crate) fn take_limits(&self, connection: &Connection) {
        if self.heartbeat_ms.is_some() {
            connection.set_answers_pings();
        }
        if let Some(name) = &self.client {
            connection.session().set_told_name(name);
        }
        let fit = |told: u64| usize::try_from(told).unwrap_or(usize::MAX).min(u32::MAX as usize);
        if let Some(items) = self.window {
            // A side that counts only items has no limit in bytes.
            let bytes = self.window_bytes.unwrap_or(u64::MAX);
            connection.set_peer_window(Window { items, bytes });
        }
        if let Some(limits) = &self.limits {
            if let Some(bytes) = limits.max_message_bytes {
                connection.set_peer_max_message(fit(bytes));
            }
            if let Some(requests) = limits.max_in_flight {
                connection.set_peer_max_in_flight(fit(requests));
            }
        }
    }
}
