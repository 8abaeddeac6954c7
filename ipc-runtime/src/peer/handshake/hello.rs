//! The messages of the handshake, as they stand on the wire.

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::{
    interface::InterfaceInfo,
    limits::Window,
    message::error_object::ErrorObject,
    peer::{connection::Connection, session::id::Resumption},
    shape::fingerprint::Fingerprint,
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

/// What is compared of an interface that the other side is going to use. A client that can't
/// compute the fingerprint asks without it.
#[derive(Debug, Deserialize)]
#[serde(expecting = "an object")]
pub(crate) struct Used {
    pub(crate) channel: String,
    pub(crate) version: String,
    #[serde(default)]
    pub(crate) fingerprint: Option<Fingerprint>,
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
    /// Short texts of the types, for peers that know no `shapes`.
    pub(crate) types: BTreeMap<String, String>,
    /// The text of the [`Schema`](crate::interface::Schema), unless it is too long.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "lenient")]
    pub(crate) shapes: Option<String>,
}

/// Whatever isn't text counts as left out: the rest is worth being told.
fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct DescribedMethod<'a> {
    pub(crate) signature: Cow<'a, str>,
    pub(crate) fingerprint: Fingerprint,
    /// Names that it had before, by which it is called too.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) aliases: Vec<Cow<'a, str>>,
}

impl Exposed<'static> {
    pub(crate) fn of(interface: &InterfaceInfo) -> Self {
        Self {
            channel: interface.channel.into(),
            version: interface.version.into(),
            fingerprint: interface.fingerprint(),
        }
    }
}

impl Used {
    pub(crate) fn of(interface: &InterfaceInfo) -> Self {
        Self {
            channel: interface.channel.to_owned(),
            version: interface.version.to_owned(),
            fingerprint: Some(interface.fingerprint()),
        }
    }
}

impl Verdict {
    pub(crate) fn served(interface: &InterfaceInfo) -> Self {
        Self {
            channel: interface.channel.to_owned(),
            version: Some(interface.version.to_owned()),
            fingerprint: Some(interface.fingerprint()),
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
    /// Describes an interface, with as much as there is room for.
    pub(crate) fn of(interface: &InterfaceInfo, room: &mut DescriptionRoom) -> Self {
        let description = interface.description();
        let methods = DescribedMethod::all(interface);
        let length = methods.iter().map(|(name, one)| name.len() + one.signature.len() + MARKS);
        let methods = if room.takes(length.sum()) { methods } else { BTreeMap::new() };
        let shapes = &description.shapes;
        let shapes = room.takes(shapes.len()).then(|| shapes.clone());
        let types = &description.types;
        let length = types.iter().map(|(name, text)| name.len() + text.len() + MARKS);
        let mut told = BTreeMap::new();
        if room.takes(length.sum()) {
            for (name, text) in types {
                told.insert(name.clone(), text.clone());
            }
        }
        let Exposed { channel, version, fingerprint } = Exposed::of(interface);
        Self { channel, version, fingerprint, methods, types: told, shapes }
    }

    pub(crate) fn interface(&self) -> Exposed<'a> {
        let (channel, version) = (self.channel.clone(), self.version.clone());
        Exposed { channel, version, fingerprint: self.fingerprint }
    }
}

impl DescribedMethod<'static> {
    /// Describes all methods of an interface.
    pub(crate) fn all(interface: &InterfaceInfo) -> BTreeMap<String, Self> {
        let fingerprints = interface.fingerprints();
        let mut all = BTreeMap::new();
        for (method, fingerprint) in interface.methods.iter().zip(&fingerprints.methods) {
            let (signature, fingerprint) = (method.signature.into(), *fingerprint);
            let aliases = method.aliases.iter().map(|alias| alias.name.into()).collect();
            all.insert(method.name.to_owned(), Self { signature, fingerprint, aliases });
        }
        all
    }
}

/// How many bytes of descriptions one answer may still have.
pub(crate) struct DescriptionRoom(usize);

/// How many bytes stand between the texts of a description, at most.
const MARKS: usize = 64;

impl DescriptionRoom {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(bytes)
    }

    /// Takes so many bytes, if they are left.
    fn takes(&mut self, bytes: usize) -> bool {
        let left = self.0.checked_sub(bytes);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ipc_interface, ipc_type, peer::client::caller::Client};

    #[ipc_type]
    struct Entry {
        size: u64,
    }

    #[ipc_interface(channel = "demo.small", version = "1.0.0")]
    trait Small {
        async fn list(&self, of: u32) -> Entry;
    }

    #[test]
    fn what_has_no_room_is_left_out() {
        let all = usize::MAX;
        let mut room = DescriptionRoom::new(all);
        let whole = Described::of(SmallClient::INTERFACE, &mut room);
        assert!(whole.shapes.is_some() && whole.methods.len() == 1 && whole.types.len() == 1);
        let needed = all - room.0;
        let json = serde_json::to_string(&whole).unwrap();
        assert!(json.len() < needed + 200, "{json}");
        for bytes in 0..needed {
            let mut room = DescriptionRoom::new(bytes);
            let part = Described::of(SmallClient::INTERFACE, &mut room);
            assert!(part.shapes.is_none() || part.types.is_empty() || part.methods.is_empty());
        }
        assert!(
            Described::of(SmallClient::INTERFACE, &mut DescriptionRoom::new(0)).methods.is_empty()
        );
    }

    #[test]
    fn shapes_of_another_form_count_as_left_out() {
        for (shapes, expected) in [("\"a\"", Some("a")), ("7", None), ("{\"a\":[]}", None)] {
            let text = format!(
                r#"{{"channel":"a","version":"1.0.0","fingerprint":"2:0000000000000000","methods":{{}},"types":{{}},"shapes":{shapes}}}"#
            );
            let described: Described<'_> = serde_json::from_str(&text).unwrap();
            assert_eq!(described.shapes.as_deref(), expected);
        }
    }
}
