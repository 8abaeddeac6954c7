//! The messages that one request of polling has brought, until they are received.

use crate::transport::engine_io::{
    message::EngineMessage,
    packet::{Packet, packets},
};

/// The messages of a body, which stay as they came until each is received. Read at once, many short
/// ones would take tens of times the memory of the body.
#[derive(Debug, Default)]
pub(super) struct PostedBody {
    body: String,
    /// Where the next packet begins.
    at: usize,
    /// Where the last message ends.
    end: usize,
}

/// What a body says besides its messages.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct PayloadSigns {
    pub(super) pongs: bool,
    /// It breaks the protocol: only the server pings.
    pub(super) pings: bool,
    /// The session ends behind the messages.
    pub(super) closes: bool,
}

impl PostedBody {
    /// Checks a body. `None`: it is anything else than packets.
    pub(super) fn read(body: Vec<u8>) -> Option<(Self, PayloadSigns)> {
        let body = String::from_utf8(body).ok()?;
        let (mut end, mut signs) = (0, PayloadSigns::default());
        for (packet, behind) in packets(&body, 0) {
            let packet = packet?;
            if signs.closes {
                continue;
            }
            match packet {
                Packet::Message(_) => end = behind,
                Packet::Pong { .. } => signs.pongs = true,
                Packet::Ping { .. } => signs.pings = true,
                Packet::Close => signs.closes = true,
                Packet::Open(_) | Packet::Upgrade | Packet::Noop => {}
            }
        }
        Some((Self { body, at: 0, end }, signs))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at >= self.end
    }

    /// Takes the next message.
    pub(super) fn pop(&mut self) -> Option<EngineMessage> {
        while self.at < self.end {
            let (packet, behind) = packets(&self.body, self.at).next()?;
            self.at = behind + 1;
            if self.is_empty() {
                self.body = String::new();
            }
            if let Some(Packet::Message(message)) = packet {
                return Some(message);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Option<(Vec<EngineMessage>, PayloadSigns)> {
        let (mut payload, signs) = PostedBody::read(body.into())?;
        let messages: Vec<_> = std::iter::from_fn(|| payload.pop()).collect();
        assert!(payload.is_empty());
        Some((messages, signs))
    }

    #[test]
    fn messages_come_in_order_up_to_the_close() {
        let (messages, signs) = read("6\x1e4a\x1e3\x1ebAQI=\x1e4\x1e1\x1e4z").unwrap();
        let binary = EngineMessage::Binary(bytes::Bytes::from_static(&[1, 2]));
        assert_eq!(messages, ["a".into(), binary, "".into()]);
        assert_eq!(signs, PayloadSigns { pongs: true, pings: false, closes: true });
    }

    #[test]
    fn a_body_without_messages_is_empty_from_the_beginning() {
        for (body, signs) in [
            ("6", PayloadSigns::default()),
            ("3", PayloadSigns { pongs: true, ..PayloadSigns::default() }),
            ("2", PayloadSigns { pings: true, ..PayloadSigns::default() }),
            ("1\x1e4a", PayloadSigns { closes: true, ..PayloadSigns::default() }),
        ] {
            assert!(PostedBody::read(body.into()).unwrap().0.is_empty(), "{body:?}");
            assert_eq!(read(body), Some((Vec::new(), signs)), "{body:?}");
        }
    }

    #[test]
    fn what_is_no_packet_spoils_the_body_wherever_it_stands() {
        for body in ["", "abc", "4a\x1e", "4a\x1ex", "1\x1ex"] {
            assert!(read(body).is_none(), "{body:?}");
        }
        assert!(PostedBody::read(vec![b'4', 0xff]).is_none());
    }
}
