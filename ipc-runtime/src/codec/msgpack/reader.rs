//! Reads MessagePack values.

use std::fmt;

use rmp_serde::{
    config::{DefaultConfig, HumanReadableConfig},
    decode::ReadRefReader,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Visitor},
};

use crate::codec::{extent::Extent, msgpack::text_keys::TextKeys};

/// Reads a value.
pub(crate) fn decode<T: DeserializeOwned>(payload: &[u8], extent: Extent) -> Result<T, String> {
    let mut reader = reader(payload);
    let value = T::deserialize(TextKeys(&mut reader)).map_err(|error| error.to_string())?;
    if fills(&mut reader, extent) { Ok(value) } else { Err(MORE.to_owned()) }
}

/// Returns whether a value is a map, judging by its first byte.
#[inline]
pub(crate) fn is_map(value: &[u8]) -> bool {
    matches!(value.first(), Some(0x80..=0x8f | 0xde | 0xdf))
}

pub(crate) type PackedReader<'a> =
    rmp_serde::Deserializer<ReadRefReader<'a, [u8]>, HumanReadableConfig<DefaultConfig>>;

/// Returns a reader for what [`MessagePack`](crate::codec::msgpack::MessagePack) has written.
pub(crate) fn reader(payload: &[u8]) -> PackedReader<'_> {
    rmp_serde::Deserializer::from_read_ref(payload).with_human_readable()
}

/// The error if something follows the value in a payload.
pub(crate) const MORE: &str = "there is more behind the value";

/// Returns whether the value that was read is all of the payload.
pub(crate) fn fills(reader: &mut PackedReader<'_>, extent: Extent) -> bool {
    use rmp_serde::decode::Error::InvalidMarkerRead;

    match extent {
        Extent::Stepped => true,
        // A reader doesn't say where it is. But if we ask for another value, it finds either the
        // first byte of one, or the end.
        Extent::Rest => matches!(AnotherValue::deserialize(reader), Err(InvalidMarkerRead(_))),
    }
}

/// A value that is always refused, as soon as its first byte was read.
struct AnotherValue;

impl<'de> Deserialize<'de> for AnotherValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl Visitor<'_> for AnotherValue {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the end")
    }
}
