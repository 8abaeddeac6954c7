//! Batches: messages in an array. Only JSON has them.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    codec::{Encoding, by_encoding},
    message::message_codec::MessageCodec,
};

/// Why a batch is refused.
#[derive(Debug, PartialEq)]
pub(crate) enum NoBatch {
    /// It isn't JSON.
    Syntax(String),
    /// It holds this many messages, more than allowed.
    TooLong(usize),
}

/// Whether a frame holds a batch rather than a single message.
pub(crate) fn is_batch(encoding: Encoding, frame: &[u8]) -> bool {
    by_encoding!(encoding, E => E::is_batch(frame))
}

/// Splits a batch into its messages, as raw bytes.
pub(crate) fn split_batch(frame: &[u8], max_length: usize) -> Result<Vec<&[u8]>, NoBatch> {
    let syntax = |error: serde_json::Error| NoBatch::Syntax(error.to_string());
    let mut json = serde_json::Deserializer::from_slice(frame);
    let split = Split { max_length }.deserialize(&mut json).map_err(syntax)?;
    json.end().map_err(syntax)?;
    split
}

/// Splits the array. Keeps at most `max_length` messages, since each takes memory beside its text.
struct Split {
    max_length: usize,
}

impl<'de> DeserializeSeed<'de> for Split {
    type Value = Result<Vec<&'de [u8]>, NoBatch>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Split {
    type Value = Result<Vec<&'de [u8]>, NoBatch>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of messages")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut array: A) -> Result<Self::Value, A::Error> {
        let mut messages = Vec::new();
        while messages.len() < self.max_length {
            match array.next_element::<&RawValue>()? {
                Some(message) => messages.push(message.get().as_bytes()),
                None => return Ok(Ok(messages)),
            }
        }
        let mut length = messages.len();
        while array.next_element::<IgnoredAny>()?.is_some() {
            length += 1;
        }
        Ok(if length == messages.len() { Ok(messages) } else { Err(NoBatch::TooLong(length)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_stand_as_they_were_written() {
        let messages = split_batch(br#" [ {"a": 1} , 2,[ ]] "#, 3).unwrap();
        assert_eq!(messages, [&br#"{"a": 1}"#[..], b"2", b"[ ]"]);
        assert_eq!(split_batch(b"[]", 0).unwrap().len(), 0);
    }

    #[test]
    fn a_batch_that_is_too_long_is_told_with_its_length() {
        assert_eq!(split_batch(b"[1,2,3]", 2), Err(NoBatch::TooLong(3)));
        assert_eq!(split_batch(b"[1]", 0), Err(NoBatch::TooLong(1)));
    }

    #[test]
    fn what_is_no_json_is_told_wherever_it_stands() {
        for text in ["[", "[1", "[1,]", "[1 2]", "[1,2,3", "[1,2,x]", "[1] x", "{}"] {
            let split = split_batch(text.as_bytes(), 2);
            assert!(matches!(split, Err(NoBatch::Syntax(_))), "{text}: {split:?}");
        }
    }
}
