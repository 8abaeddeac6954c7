//! Engine.IO packets, and the payloads of several packets that HTTP carries.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

use crate::transport::engine_io::message::{EngineMessage, EngineText};

/// What stands between the packets of a payload.
const SEPARATOR: char = '\x1e';

/// What a binary message begins with where only text travels.
const BINARY: char = 'b';

/// One packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Packet {
    /// What the client gets first, in JSON.
    Open(String),
    Close,
    /// `probe`: the first packet on a WebSocket that a session is upgraded to.
    Ping {
        probe: bool,
    },
    Pong {
        probe: bool,
    },
    Message(EngineMessage),
    /// The client goes on with the WebSocket.
    Upgrade,
    /// Only ends a request that waits.
    Noop,
}

const PROBE: &str = "probe";

impl Packet {
    /// Reads a packet. `None` if it isn't one.
    pub(super) fn parse(text: Utf8Bytes) -> Option<Self> {
        let mut rest = text.chars();
        let is_probe = |rest: &str| rest == PROBE;
        match rest.next()? {
            '1' => Some(Self::Close),
            '2' => Some(Self::Ping { probe: is_probe(rest.as_str()) }),
            '3' => Some(Self::Pong { probe: is_probe(rest.as_str()) }),
            '4' => EngineText::of_packet(text).map(|text| Self::Message(EngineMessage::Text(text))),
            '5' => Some(Self::Upgrade),
            '6' => Some(Self::Noop),
            BINARY => {
                let bytes = STANDARD.decode(rest.as_str()).ok()?;
                Some(Self::Message(EngineMessage::Binary(bytes.into())))
            }
            _ => None,
        }
    }

    /// The packet as text. Binary messages are in base64.
    pub(super) fn into_text(self) -> Utf8Bytes {
        match self {
            Self::Open(data) => format!("0{data}").into(),
            Self::Close => Utf8Bytes::from_static("1"),
            Self::Ping { .. } => Utf8Bytes::from_static("2"),
            Self::Pong { probe: false } => Utf8Bytes::from_static("3"),
            Self::Pong { probe: true } => Utf8Bytes::from_static("3probe"),
            Self::Message(EngineMessage::Text(text)) => text.into_packet(),
            Self::Message(EngineMessage::Binary(bytes)) => binary(&bytes).into(),
            Self::Upgrade => Utf8Bytes::from_static("5"),
            Self::Noop => Utf8Bytes::from_static("6"),
        }
    }

    /// How many bytes it counts for in limits.
    pub(super) fn length(&self) -> usize {
        match self {
            Self::Message(message) => message.length(),
            _ => 1,
        }
    }
}

fn binary(bytes: &Bytes) -> String {
    let mut text = String::with_capacity(1 + bytes.len().div_ceil(3) * 4);
    text.push(BINARY);
    STANDARD.encode_string(bytes, &mut text);
    text
}

/// The body of an HTTP answer or request that carries these packets.
pub(super) fn write_payload(packets: impl IntoIterator<Item = Packet>) -> String {
    let mut payload = String::new();
    for packet in packets {
        if !payload.is_empty() {
            payload.push(SEPARATOR);
        }
        payload.push_str(&packet.into_text());
    }
    payload
}

/// The packets of a body that begin at `at` or behind, each with where it ends. `None`: it is none.
pub(super) fn packets(
    body: &str,
    mut at: usize,
) -> impl Iterator<Item = (Option<Packet>, usize)> + '_ {
    body.get(at..).unwrap_or_default().split(SEPARATOR).map(move |packet| {
        let end = at + packet.len();
        at = end + SEPARATOR.len_utf8();
        (Packet::parse(packet.into()), end)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_payload(payload: &str) -> Option<Vec<Packet>> {
        packets(payload, 0).map(|(packet, _)| packet).collect()
    }

    fn message() -> impl Strategy<Value = Packet> {
        let text = "[^\x1e]{0,40}".prop_map(|text| EngineMessage::from(&*text));
        let binary = proptest::collection::vec(any::<u8>(), 0..40);
        let binary = binary.prop_map(|bytes| EngineMessage::Binary(bytes.into()));
        prop_oneof![text, binary].prop_map(Packet::Message)
    }

    fn packet() -> impl Strategy<Value = Packet> {
        prop_oneof![
            4 => message(),
            1 => Just(Packet::Close),
            1 => Just(Packet::Ping { probe: false }),
            1 => Just(Packet::Pong { probe: false }),
            1 => Just(Packet::Upgrade),
            1 => Just(Packet::Noop),
        ]
    }

    proptest! {
        #[test]
        fn a_payload_holds_what_was_put_in(packets in proptest::collection::vec(packet(), 1..8)) {
            let payload = write_payload(packets.clone());
            prop_assert_eq!(read_payload(&payload), Some(packets));
        }

        #[test]
        fn any_body_is_packets_or_is_not(body in ".{0,60}") {
            let _ = read_payload(&body);
        }
    }

    #[test]
    fn packets_are_written_as_the_protocol_has_them() {
        let packets = [
            Packet::Message("hello".into()),
            Packet::Message(EngineMessage::Binary(Bytes::from_static(&[1, 2, 3, 4]))),
            Packet::Ping { probe: false },
        ];
        assert_eq!(write_payload(packets), "4hello\x1ebAQIDBA==\x1e2");
    }

    #[test]
    fn what_is_no_packet_spoils_the_payload() {
        for body in ["", "abc", "4a\x1e", "b!", "7", "4a\x1ex"] {
            assert_eq!(read_payload(body), None, "{body:?}");
        }
    }
}
