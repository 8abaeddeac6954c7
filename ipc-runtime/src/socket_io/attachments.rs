//! Gathers packets whose attachments come in behind them.

use bytes::Bytes;

use crate::{
    socket_io::packet::{Breach, SocketPacket},
    transport::engine_io::message::{EngineMessage, EngineText},
};

/// A packet with all its attachments.
pub(crate) struct WholePacket {
    pub(crate) text: EngineText,
    pub(crate) attachments: Vec<Bytes>,
}

/// A packet whose attachments are coming in.
struct BegunPacket {
    packet: WholePacket,
    missing: usize,
    /// How many bytes it has so far.
    bytes: usize,
}

/// Gathers packets from the messages of a session.
pub(crate) struct Gathering {
    /// The largest packet with its attachments, in bytes.
    most: usize,
    begun: Option<BegunPacket>,
    /// How many packets with attachments have begun.
    count: u64,
}

/// How far a packet has come whose rest has yet to come. Its time begins anew with each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GatheringStage {
    packet: u64,
    pieces: usize,
}

/// The size in bytes of the pieces for each of which a client has the time of a begun message.
const PIECE: usize = 256 * 1024;

impl Gathering {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, begun: None, count: 0 }
    }

    /// How many bytes a packet has whose rest has yet to come.
    pub(crate) fn unfinished(&self) -> Option<usize> {
        self.begun.as_ref().map(|begun| begun.bytes)
    }

    pub(crate) fn stage(&self) -> Option<GatheringStage> {
        let pieces = self.unfinished()? / PIECE;
        Some(GatheringStage { packet: self.count, pieces })
    }

    /// Takes a message. Returns the packet that it completes. `may_attach`: packets may have
    /// attachments at all.
    pub(crate) fn take(
        &mut self,
        message: EngineMessage,
        may_attach: bool,
    ) -> Result<Option<WholePacket>, Breach> {
        let length = message.length();
        match (message, &mut self.begun) {
            (EngineMessage::Text(_), Some(_)) => {
                Err(Breach("text came in where an attachment was due"))
            }
            (EngineMessage::Binary(_), None) => {
                Err(Breach("an attachment came in that no packet has told of"))
            }
            (EngineMessage::Text(text), None) => {
                let missing = match text.as_bytes().first() {
                    Some(b'5' | b'6') => SocketPacket::parse(&text)?.attachments,
                    _ => 0,
                };
                let packet = WholePacket { text, attachments: Vec::new() };
                if missing == 0 {
                    return Ok(Some(packet));
                }
                if !may_attach {
                    return Err(Breach("attachments are due for a namespace that wasn't joined"));
                }
                self.begun = Some(BegunPacket { packet, missing, bytes: length });
                self.count += 1;
                Ok(None)
            }
            (EngineMessage::Binary(bytes), Some(begun)) => {
                begun.bytes = begun.bytes.saturating_add(length);
                if begun.bytes > self.most {
                    return Err(Breach("a packet and its attachments are too large"));
                }
                begun.packet.attachments.push(bytes);
                begun.missing -= 1;
                let is_whole = begun.missing == 0;
                Ok(if is_whole { self.begun.take().map(|begun| begun.packet) } else { None })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binary(length: usize) -> EngineMessage {
        EngineMessage::Binary(Bytes::from(vec![0; length]))
    }

    #[test]
    fn a_packet_is_whole_with_its_last_attachment() {
        let mut gathering = Gathering::new(100);
        assert!(gathering.take("2[\"a\"]".into(), true).unwrap().is_some());
        assert!(gathering.take("50-[\"a\"]".into(), true).unwrap().is_some());
        assert!(gathering.take("52-[\"a\"]".into(), true).unwrap().is_none());
        assert!(gathering.take(binary(1), true).unwrap().is_none());
        assert!(gathering.unfinished().is_some());
        assert_eq!(gathering.take(binary(2), true).unwrap().unwrap().attachments.len(), 2);
        assert_eq!(gathering.unfinished(), None);
    }

    #[test]
    fn attachments_that_nobody_told_of_and_those_that_dont_come_are_a_breach() {
        assert!(Gathering::new(100).take(binary(1), true).is_err());
        let mut gathering = Gathering::new(100);
        assert!(gathering.take("51-[\"a\"]".into(), true).unwrap().is_none());
        assert!(gathering.take("2[\"a\"]".into(), true).is_err());
        let mut gathering = Gathering::new(100);
        assert!(gathering.take("52-[\"a\"]".into(), true).unwrap().is_none());
        assert!(gathering.take(binary(50), true).unwrap().is_none());
        assert!(gathering.take(binary(50), true).is_err());
    }
}
