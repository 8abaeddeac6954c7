//! Packets to a client.

use std::iter;

use bytes::Bytes;

use crate::transport::engine_io::message::{EngineMessage, EngineText};

/// A packet with its attachments.
#[derive(Clone)]
pub(crate) struct OutgoingPacket {
    text: EngineText,
    attachments: Vec<Bytes>,
}

impl From<EngineText> for OutgoingPacket {
    fn from(text: EngineText) -> Self {
        Self { text, attachments: Vec::new() }
    }
}

impl OutgoingPacket {
    pub(crate) fn new(text: EngineText, attachments: Vec<Bytes>) -> Self {
        Self { text, attachments }
    }

    /// How many bytes it has.
    pub(crate) fn length(&self) -> usize {
        self.text.len() + self.attachments.iter().map(Bytes::len).sum::<usize>()
    }

    /// Its messages, in order.
    pub(crate) fn messages(self) -> impl Iterator<Item = EngineMessage> {
        let attachments = self.attachments.into_iter().map(EngineMessage::Binary);
        iter::once(EngineMessage::Text(self.text)).chain(attachments)
    }
}
