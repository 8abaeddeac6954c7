//! The packets of Socket.IO: what stands before their JSON.

use std::fmt::Write;

/// What a packet is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PacketKind {
    Connect,
    Disconnect,
    Event,
    Ack,
    ConnectError,
}

/// The largest number of attachments of a packet.
pub(crate) const MAX_ATTACHMENTS: usize = 1000;

/// The largest id of an acknowledgement: JavaScript has no larger exact integers.
pub(crate) const MAX_ID: u64 = (1 << 53) - 1;

/// The name of the namespace that every client begins with.
pub(crate) const ROOT: &str = "/";

/// A packet whose JSON is still text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SocketPacket<'a> {
    pub(crate) kind: PacketKind,
    /// How many messages with attachments follow.
    pub(crate) attachments: usize,
    pub(crate) namespace: &'a str,
    pub(crate) id: Option<u64>,
    /// JSON, which hasn't been looked at, or nothing.
    pub(crate) data: &'a str,
}

/// Why a client's messages aren't packets: it can't be understood any further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Breach(pub(crate) &'static str);

impl<'a> SocketPacket<'a> {
    pub(crate) fn parse(text: &'a str) -> Result<Self, Breach> {
        let Some((&first, _)) = text.as_bytes().split_first() else {
            return Err(Breach("a packet is empty"));
        };
        let (kind, is_binary) = match first {
            b'0' => (PacketKind::Connect, false),
            b'1' => (PacketKind::Disconnect, false),
            b'2' => (PacketKind::Event, false),
            b'3' => (PacketKind::Ack, false),
            b'4' => (PacketKind::ConnectError, false),
            b'5' => (PacketKind::Event, true),
            b'6' => (PacketKind::Ack, true),
            _ => return Err(Breach("a packet has an unknown type")),
        };
        let mut rest = &text[1..];
        let mut attachments = 0;
        if is_binary {
            let (count, behind) =
                rest.split_once('-').ok_or(Breach("a packet doesn't tell its attachments"))?;
            let count = number(count).ok_or(Breach("a packet doesn't tell its attachments"))?;
            attachments = usize::try_from(count).unwrap_or(usize::MAX);
            if attachments > MAX_ATTACHMENTS {
                return Err(Breach("a packet has too many attachments"));
            }
            rest = behind;
        }
        let mut namespace = ROOT;
        if rest.starts_with('/') {
            (namespace, rest) = rest.split_once(',').unwrap_or((rest, ""));
            // Clients send what follows a `?` in the namespace's name, which isn't part of it.
            namespace = namespace.split_once('?').map_or(namespace, |(name, _)| name);
        }
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (id, data) = rest.split_at(digits);
        let id = match (id, kind) {
            ("", PacketKind::Ack) => return Err(Breach("an acknowledgement has no id")),
            ("", _) => None,
            (id, _) => match number(id) {
                Some(id) if id <= MAX_ID => Some(id),
                _ => return Err(Breach("the id of a packet is too large")),
            },
        };
        Ok(Self { kind, attachments, namespace, id, data })
    }
}

/// The number of these digits, of which there is at least one.
fn number(digits: &str) -> Option<u64> {
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { digits.parse().ok() } else { None }
}

/// Appends what stands before the JSON of a packet.
pub(crate) fn write_head(
    out: &mut String,
    kind: PacketKind,
    attachments: usize,
    namespace: &str,
    id: Option<u64>,
) {
    out.push(match (kind, attachments) {
        (PacketKind::Connect, _) => '0',
        (PacketKind::Disconnect, _) => '1',
        (PacketKind::Event, 0) => '2',
        (PacketKind::Ack, 0) => '3',
        (PacketKind::ConnectError, _) => '4',
        (PacketKind::Event, _) => '5',
        (PacketKind::Ack, _) => '6',
    });
    // Writing to a string can't fail.
    if attachments > 0 {
        let _ = write!(out, "{attachments}-");
    }
    if namespace != ROOT {
        out.push_str(namespace);
        out.push(',');
    }
    if let Some(id) = id {
        let _ = write!(out, "{id}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (PacketKind, usize, &str, Option<u64>, &str) {
        let SocketPacket { kind, attachments, namespace, id, data } =
            SocketPacket::parse(text).unwrap();
        (kind, attachments, namespace, id, data)
    }

    #[test]
    fn packets_are_read_up_to_their_json() {
        assert_eq!(parsed("0"), (PacketKind::Connect, 0, "/", None, ""));
        assert_eq!(parsed("0/a"), (PacketKind::Connect, 0, "/a", None, ""));
        assert_eq!(parsed("0/a,"), (PacketKind::Connect, 0, "/a", None, ""));
        assert_eq!(parsed("0/a?b=c,{}"), (PacketKind::Connect, 0, "/a", None, "{}"));
        assert_eq!(parsed("2[\"a\"]"), (PacketKind::Event, 0, "/", None, "[\"a\"]"));
        assert_eq!(parsed("212[\"a\"]"), (PacketKind::Event, 0, "/", Some(12), "[\"a\"]"));
        assert_eq!(parsed("52-/a,7[]"), (PacketKind::Event, 2, "/a", Some(7), "[]"));
        assert_eq!(parsed("60-3[]"), (PacketKind::Ack, 0, "/", Some(3), "[]"));
    }

    #[test]
    fn what_is_no_packet_is_refused() {
        for text in ["", "7", "abc", "5[]", "5-[]", "5x-[]", "5+1-[]", "51001-[]", "3[]"] {
            assert!(SocketPacket::parse(text).is_err(), "{text}");
        }
        assert!(SocketPacket::parse("29007199254740991[]").is_ok());
        for text in ["29007199254740992[]", "299999999999999999999999[]"] {
            assert!(SocketPacket::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn heads_are_read_as_they_were_written() {
        for (attachments, namespace, id) in [(0, "/", None), (3, "/a", Some(5)), (0, "/b", Some(0))]
        {
            for kind in [PacketKind::Event, PacketKind::Ack] {
                let id = if kind == PacketKind::Ack { Some(id.unwrap_or(1)) } else { id };
                let mut text = String::new();
                write_head(&mut text, kind, attachments, namespace, id);
                assert_eq!(parsed(&text), (kind, attachments, namespace, id, ""));
            }
        }
    }
}
