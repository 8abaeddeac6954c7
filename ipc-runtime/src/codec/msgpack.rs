//! MessagePack.

use std::fmt;

use rmp_serde::{
    config::{DefaultConfig, HumanReadableConfig},
    decode::ReadRefReader,
};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{DeserializeOwned, Visitor},
};

use crate::{
    codec::{extent::Extent, packed::Packed},
    interface::{
        ArgumentInfo,
        arguments::{
            ArgumentError,
            encode::{self, EncodeArguments},
        },
    },
};

/// Appends a value: structs as maps with the names of their fields.
pub(super) fn encode<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), String> {
    let mut serializer = rmp_serde::Serializer::new(out).with_struct_map();
    value.serialize(Packed(&mut serializer)).map_err(|error| error.to_string())
}

/// Appends arguments by position.
pub(super) fn encode_arguments<A: EncodeArguments>(
    out: &mut Vec<u8>,
    arguments: &A,
    names: &'static [ArgumentInfo],
) -> Result<(), ArgumentError> {
    let mut serializer = rmp_serde::Serializer::new(out).with_struct_map();
    encode::encode(arguments, names, Packed(&mut serializer))
}

pub(crate) type Reader<'a> =
    rmp_serde::Deserializer<ReadRefReader<'a, [u8]>, HumanReadableConfig<DefaultConfig>>;

/// Whether a map with text as its first key may begin like this.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    let is_text = |marker: &u8| matches!(marker, 0xa0..=0xbf | 0xd9..=0xdb);
    match bytes {
        [] | [0x80, ..] | [0xde | 0xdf, ..] => true,
        [0x81..=0x8f, rest @ ..] => rest.first().is_none_or(is_text),
        _ => false,
    }
}

/// Reads what [`encode`] has written.
pub(crate) fn reader(payload: &[u8]) -> Reader<'_> {
    rmp_serde::Deserializer::from_read_ref(payload).with_human_readable()
}

/// Reads a value.
pub(super) fn decode<T: DeserializeOwned>(payload: &[u8], extent: Extent) -> Result<T, String> {
    let mut reader = reader(payload);
    let value = T::deserialize(&mut reader).map_err(|error| error.to_string())?;
    if fills(&mut reader, extent) { Ok(value) } else { Err(MORE.to_owned()) }
}

/// What is said of a payload that isn't one value alone.
pub(crate) const MORE: &str = "there is more behind the value";

/// Whether what was read is all of the payload.
pub(crate) fn fills(reader: &mut Reader<'_>, extent: Extent) -> bool {
    use rmp_serde::decode::Error::InvalidMarkerRead;

    match extent {
        Extent::Stepped => true,
        // A reader doesn't tell where it is. But asked for one value more it either finds the first byte
        // of one, or the end.
        Extent::Rest => matches!(Refused::deserialize(reader), Err(InvalidMarkerRead(_))),
    }
}

/// A value that is refused whatever it is, as soon as its first byte was read.
struct Refused;

impl<'de> Deserialize<'de> for Refused {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl Visitor<'_> for Refused {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the end")
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize, de::DeserializeOwned};

    use crate::codec::{any::AnyValue, bytes::Bytes, extent::Extent, msgpack::encode};

    fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<T, String> {
        super::decode(payload, Extent::Rest)
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Point {
        x: i32,
        y: Option<f64>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Empty,
        Dot(Point),
        Line { from: Point, to: Point },
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Flat {
        name: String,
        #[serde(flatten)]
        more: More,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct More {
        block: Bytes,
    }

    fn packed<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
        let mut out = Vec::new();
        encode(&mut out, value).unwrap();
        out
    }

    #[test]
    fn structs_are_maps_with_names() {
        let bytes = packed(&Point { x: 1, y: None });
        assert_eq!(bytes, b"\x82\xa1x\x01\xa1y\xc0");
        // A field more, and in another order.
        let newer = b"\x83\xa1z\x05\xa1y\xc0\xa1x\x01";
        assert_eq!(decode::<Point>(newer), Ok(Point { x: 1, y: None }));
    }

    #[test]
    fn values_are_read_as_they_were_written() {
        let shapes = [
            Shape::Empty,
            Shape::Dot(Point { x: -5, y: Some(f64::NEG_INFINITY) }),
            Shape::Line { from: Point { x: 1, y: None }, to: Point { x: i32::MAX, y: Some(0.1) } },
        ];
        assert_eq!(decode::<Vec<Shape>>(&packed(&shapes)).unwrap(), shapes);
        let numbers = (u64::MAX, i64::MIN, 0.1_f32, 'c', true, ());
        assert_eq!(decode(&packed(&numbers)), Ok(numbers));
    }

    #[test]
    fn bytes_are_raw_also_where_a_type_is_flattened() {
        let block = Bytes::from(vec![0, 255]);
        assert_eq!(packed(&block), b"\xc4\x02\x00\xff");
        let flat = Flat { name: "a".into(), more: More { block } };
        assert_eq!(decode::<Flat>(&packed(&flat)), Ok(flat));
    }

    #[test]
    fn any_value_is_seen_as_json_has_it() {
        let value = packed(&(Bytes::from(vec![1, 2, 3]), Point { x: 1, y: None }));
        let AnyValue(seen) = decode(&value).unwrap();
        assert_eq!(seen, serde_json::json!(["AQID", { "x": 1, "y": null }]));
    }
}
