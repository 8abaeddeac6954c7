//! How a peer is recognized when it comes back.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of a session, by which a peer is recognized when it comes back: 128 random bits, on the
/// wire 32 hexadecimal digits. Anyone who has it can come back as that peer, so it is never shown.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SessionId(u128);

impl SessionId {
    /// Returns an id that nobody can guess; `None` if the system has no random numbers.
    pub(crate) fn random() -> Option<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(u128::from_le_bytes(bytes)))
    }
}

impl FromStr for SessionId {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let is_hex = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let id = is_hex.then(|| u128::from_str_radix(text, 16).ok()).flatten();
        id.map(Self).ok_or(())
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionId(..)")
    }
}

/// The session that a handshake asks for, or names in its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resumption {
    /// None yet: the empty text.
    New,
    /// This session.
    Of(SessionId),
}

impl Serialize for Resumption {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::New => serializer.serialize_str(""),
            Self::Of(SessionId(id)) => serializer.collect_str(&format_args!("{id:032x}")),
        }
    }
}

impl<'de> Deserialize<'de> for Resumption {
    /// A text that isn't an id counts as one that nobody knows: its sender gets a new session.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Ok(text.parse().map_or(Self::New, Self::Of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_as_it_was_written() {
        let id = SessionId::random().unwrap();
        let written = serde_json::to_string(&Resumption::Of(id)).unwrap();
        assert_eq!(written.len(), 34);
        assert_eq!(serde_json::from_str::<Resumption>(&written).unwrap(), Resumption::Of(id));
    }

    #[test]
    fn what_is_no_id_asks_for_a_new_one() {
        for text in ["", "f", "+0000000000000000000000000000000", "ééééééééééééééé"]
        {
            let written = serde_json::to_string(text).unwrap();
            assert_eq!(serde_json::from_str::<Resumption>(&written).unwrap(), Resumption::New);
        }
    }

    #[test]
    fn an_id_is_not_shown() {
        let id = SessionId(0x1234_5678_9abc_def0);
        assert!(!format!("{:?}", Resumption::Of(id)).contains("1234"));
    }
}
