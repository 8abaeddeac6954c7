//! CONNECT packets: they are handshakes.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    codec::{Encoding, raw_json::JsonValue},
    message::{encoded, error_object::ErrorObject, extension::Extension},
    socket_io::{
        packet::{Breach, MAX_ID, PacketKind, write_head},
        to_json::string,
    },
    support::random::random,
    transport::engine_io::message::EngineText,
};

/// The id of the handshake that stands for a CONNECT. No acknowledgement has it.
pub(crate) const HANDSHAKE_ID: u64 = MAX_ID + 1;

/// The largest content of a CONNECT packet, in bytes: its sender may be a stranger.
const MAX_AUTH: usize = 64 * 1024;

/// What a peer is called that doesn't say how it is called.
const CLIENT: &str = "socket.io";

/// A client's wish to join a namespace.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) namespace: String,
    auth: Map<String, Value>,
}

impl Wish {
    /// Reads the content of a CONNECT packet.
    pub(crate) fn parse(namespace: &str, auth: &str) -> Result<Self, Breach> {
        if auth.len() > MAX_AUTH {
            return Err(Breach("the content of a CONNECT packet is too large"));
        }
        let auth = if auth.is_empty() { Ok(Map::new()) } else { serde_json::from_str(auth) };
        let auth = auth.map_err(|_| Breach("the content of a CONNECT packet is no object"))?;
        Ok(Self { namespace: namespace.to_owned(), auth })
    }

    /// Takes out what a client tells that wants its peer back: the secret, and the offset of the
    /// last event that it got.
    pub(crate) fn take_returning(&mut self) -> Option<(String, Option<String>)> {
        let mut text = |name| match self.auth.remove(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        };
        let (pid, offset) = (text("pid"), text("offset"));
        pid.map(|pid| (pid, offset))
    }

    /// What the app may see of it, if it asks for that.
    pub(crate) fn auth(&self) -> &Map<String, Value> {
        &self.auth
    }

    /// Leaves out the token, which nobody asks for: the app may mean something else by it.
    pub(crate) fn without_token(&mut self) {
        self.auth.remove("token");
    }

    /// The token that the client shows.
    pub(crate) fn token(&self) -> Option<&str> {
        self.auth.get("token").and_then(Value::as_str)
    }

    /// Appends the handshake that it stands for.
    pub(crate) fn handshake(mut self, protocol: u32, out: &mut Vec<u8>) {
        let uses = self.auth.remove("uses").map(asked);
        let mut hello = json!({ "protocol": protocol, "client": CLIENT });
        for (name, value) in [("uses", uses), ("token", self.auth.remove("token"))] {
            if let Some(value) = value {
                hello[name] = value;
            }
        }
        let encoding = Encoding::MessagePack;
        let params = encoding.own(&JsonValue(&hello));
        let extension = Extension::default();
        encoded::request(encoding, out, HANDSHAKE_ID, "rpc.handshake", &params, extension);
    }
}

/// What a client uses, as a handshake asks for it: in `auth`, `{ channel: version }` is enough, or
/// `{ channel: { version, fingerprint } }`. Whatever has another form is refused by the handshake.
fn asked(uses: Value) -> Value {
    let Value::Object(uses) = uses else { return uses };
    let interface = |(channel, used): (String, Value)| match used {
        Value::Object(mut used) => {
            used.insert("channel".to_owned(), channel.into());
            used.into()
        }
        version => json!({ "channel": channel, "version": version }),
    };
    uses.into_iter().map(interface).collect()
}

/// The part of a handshake's answer that says what doesn't fit.
#[derive(Deserialize)]
struct HandshakeAnswer {
    #[serde(default)]
    uses: Vec<Judged>,
}

#[derive(Deserialize)]
struct Judged {
    error: Option<ErrorObject>,
}

/// Why the handshake's answer keeps a client from joining, if it does.
pub(crate) fn misfit(answer: &[u8]) -> Option<ErrorObject> {
    let answer: HandshakeAnswer = Encoding::MessagePack.decode(answer).ok()?;
    answer.uses.into_iter().find_map(|judged| judged.error)
}

/// What a new peer's client is to call `socket.id`.
pub(crate) fn new_sid() -> Box<str> {
    format!("{:016x}{:016x}", random(), random()).into()
}

/// The packet that lets a client into a namespace.
pub(crate) fn joined(namespace: &str, sid: &str, pid: Option<&str>) -> EngineText {
    EngineText::build(|out| {
        write_head(out, PacketKind::Connect, 0, namespace, None);
        out.push_str("{\"sid\":");
        string(out, sid);
        if let Some(pid) = pid {
            out.push_str(",\"pid\":");
            string(out, pid);
        }
        out.push('}');
    })
}

/// The packet that keeps a client out of a namespace.
pub(crate) fn refused(namespace: &str, error: &ErrorObject) -> EngineText {
    let told = error.data.as_ref().and_then(|data| serde_json::from_str(data.get()).ok());
    let mut data = match told {
        Some(Value::Object(members)) => members,
        Some(other) => Map::from_iter([("data".to_owned(), other)]),
        None => Map::new(),
    };
    data.insert("code".to_owned(), error.code.into());
    refusal(namespace, &json!({ "message": error.message, "data": data }))
}

/// The packet for a namespace that isn't there.
pub(crate) fn unknown(namespace: &str) -> EngineText {
    refusal(namespace, &json!({ "message": "Invalid namespace" }))
}

fn refusal(namespace: &str, content: &Value) -> EngineText {
    EngineText::build(|out| {
        write_head(out, PacketKind::ConnectError, 0, namespace, None);
        out.push_str(&content.to_string());
    })
}

/// The packet that ends a namespace.
pub(crate) fn left(namespace: &str) -> EngineText {
    EngineText::build(|out| write_head(out, PacketKind::Disconnect, 0, namespace, None))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::{Message, envelope};

    fn hello(auth: &str) -> Value {
        let mut message = Vec::new();
        Wish::parse("/", auth).unwrap().handshake(1, &mut message);
        let parsed = envelope::parse(Encoding::MessagePack, &message, 128);
        let Ok(Message::Request { call, .. }) = parsed else { panic!("{parsed:?}") };
        Encoding::MessagePack.decode_any(call.params.unwrap()).unwrap()
    }

    #[test]
    fn auth_is_a_handshake() {
        assert_eq!(hello(""), json!({ "protocol": 1, "client": "socket.io" }));
        let auth = r#"{"token":"abc","uses":{"a.b":"1.2.3","c":{"version":"2.0.0","fingerprint":"2:0"}},"more":1}"#;
        let uses = json!([
            { "channel": "a.b", "version": "1.2.3" },
            { "channel": "c", "version": "2.0.0", "fingerprint": "2:0" },
        ]);
        let expected =
            json!({ "protocol": 1, "client": "socket.io", "token": "abc", "uses": uses });
        assert_eq!(hello(auth), expected);
        for auth in ["7", "null", "[]", "{", "\"a\""] {
            assert!(Wish::parse("/", auth).is_err(), "{auth}");
        }
    }

    #[test]
    fn an_error_is_told_with_its_code_and_data() {
        let error = ErrorObject::new(-32003, "no").with_data(&json!({ "version": "1.0.0" }));
        let text = refused("/a", &error).to_string();
        let (head, content) = text.split_at(4);
        assert_eq!(head, "4/a,");
        let content: Value = serde_json::from_str(content).unwrap();
        let expected = json!({ "message": "no", "data": { "code": -32003, "version": "1.0.0" } });
        assert_eq!(content, expected);
        assert_eq!(&*unknown("/a"), "4/a,{\"message\":\"Invalid namespace\"}");
        assert_eq!((&*left("/"), &*left("/a")), ("1", "1/a,"));
    }
}
