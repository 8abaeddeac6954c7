//! What an Engine.IO session carries.

use std::{fmt, ops::Deref};

use bytes::Bytes;
use tokio_tungstenite::tungstenite::Utf8Bytes;

/// One message of an Engine.IO session.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum EngineMessage {
    Text(EngineText),
    Binary(Bytes),
}

impl EngineMessage {
    /// How many bytes it counts for in limits.
    pub(crate) fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.packet.len(),
            Self::Binary(bytes) => bytes.len(),
        }
    }
}

impl From<&str> for EngineMessage {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

/// The text may be a secret.
impl fmt::Debug for EngineMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Text(_) => "Text",
            Self::Binary(_) => "Binary",
        };
        write!(f, "{kind}({} bytes)", self.length())
    }
}

/// The first character of the packet of a message.
pub(super) const MESSAGE: char = '4';

/// Text, held with the digit that its packet begins with, so that nothing is copied between a
/// WebSocket and the reader or writer.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct EngineText {
    packet: Utf8Bytes,
}

impl EngineText {
    /// Makes the text that `write` appends to what it gets, which isn't empty.
    pub(crate) fn build(write: impl FnOnce(&mut String)) -> Self {
        let mut packet = String::from(MESSAGE);
        write(&mut packet);
        Self { packet: packet.into() }
    }

    /// The text in the packet of a message. `None`: that is another packet.
    pub(super) fn of_packet(packet: Utf8Bytes) -> Option<Self> {
        packet.starts_with(MESSAGE).then_some(Self { packet })
    }

    pub(super) fn into_packet(self) -> Utf8Bytes {
        self.packet
    }
}

impl Deref for EngineText {
    type Target = str;

    fn deref(&self) -> &str {
        &self.packet[MESSAGE.len_utf8()..]
    }
}

impl From<&str> for EngineText {
    fn from(text: &str) -> Self {
        Self::build(|packet| packet.push_str(text))
    }
}
