//! MessagePack.

pub(crate) mod any;
pub(crate) mod packed;
pub(crate) mod params;
pub(crate) mod reader;
mod scalar;
mod text_keys;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};

use crate::{
    codec::{
        extent::Extent,
        msgpack::{any::AnyValue, packed::Packed},
        value_codec::ValueCodec,
    },
    interface::{
        ArgumentInfo,
        arguments::{
            ArgumentError,
            decode::DecodeArguments,
            encode::{self, EncodeArguments},
        },
    },
};

/// [MessagePack](https://msgpack.org), with structs as maps with the names of their fields.
pub(crate) enum MessagePack {}

impl ValueCodec for MessagePack {
    const PREFACE_BYTE: u8 = 1;

    const SUBPROTOCOL: &'static str = "ipc.v1.msgpack";

    const TEXT_REFUSAL: Option<&'static str> =
        Some("text is JSON, which isn't spoken here: send MessagePack as binary messages");

    const NULL: &'static [u8] = b"\xc0";

    const EMPTY_ARRAY: &'static [u8] = b"\x90";

    const EMPTY_MAP: &'static [u8] = b"\x80";

    type Untyped = AnyValue;

    fn untyped_json(AnyValue(value): AnyValue) -> Result<Box<RawValue>, String> {
        to_raw_value(&value).map_err(|error| error.to_string())
    }

    /// Returns whether a map with text as its first key may begin like this.
    fn may_begin(bytes: &[u8]) -> bool {
        let is_text = |marker: &u8| matches!(marker, 0xa0..=0xbf | 0xd9..=0xdb);
        match bytes {
            [] | [0x80, ..] | [0xde | 0xdf, ..] => true,
            [0x81..=0x8f, rest @ ..] => rest.first().is_none_or(is_text),
            _ => false,
        }
    }

    #[inline]
    fn is_array(value: &[u8]) -> bool {
        matches!(value.first(), Some(0x90..=0x9f | 0xdc | 0xdd))
    }

    #[inline]
    fn is_map(value: &[u8]) -> bool {
        reader::is_map(value)
    }

    /// Values are cut out of a message only by stepping over them one by one, so there is nothing
    /// to check.
    fn check(_: &[u8]) -> Result<(), String> {
        Ok(())
    }

    #[inline]
    fn encode<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), String> {
        let mut serializer = rmp_serde::Serializer::new(out).with_struct_map();
        value.serialize(Packed(&mut serializer)).map_err(|error| error.to_string())
    }

    #[inline]
    fn decode<T: DeserializeOwned>(payload: &[u8], extent: Extent) -> Result<T, String> {
        reader::decode(payload, extent)
    }

    fn decode_any(payload: &[u8]) -> Result<Value, String> {
        Self::decode(payload, Extent::Stepped).map(|AnyValue(value)| value)
    }

    #[inline]
    fn encode_arguments<A: EncodeArguments>(
        out: &mut Vec<u8>,
        arguments: &A,
        names: &'static [ArgumentInfo],
    ) -> Result<(), ArgumentError> {
        let mut serializer = rmp_serde::Serializer::new(out).with_struct_map();
        encode::encode(arguments, names, Packed(&mut serializer))
    }

    #[inline]
    fn decode_arguments<A: DecodeArguments>(
        params: Option<&[u8]>,
        names: &'static [ArgumentInfo],
        extent: Extent,
    ) -> Result<A, ArgumentError> {
        params::decode_arguments(params, names, extent)
    }

    #[inline]
    fn decode_params<T: DeserializeOwned>(
        params: Option<&[u8]>,
        extent: Extent,
    ) -> Result<T, ArgumentError> {
        params::decode_params(params, extent)
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize, de::DeserializeOwned};

    use crate::codec::{
        bytes::Bytes,
        extent::Extent,
        msgpack::{MessagePack, any::AnyValue},
        value_codec::ValueCodec,
    };

    fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<T, String> {
        MessagePack::decode(payload, Extent::Rest)
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
        MessagePack::encode(&mut out, value).unwrap();
        out
    }

    #[test]
    fn structs_are_maps_with_names() {
        let bytes = packed(&Point { x: 1, y: None });
        assert_eq!(bytes, b"\x82\xa1x\x01\xa1y\xc0");
        // One more field, and in another order.
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
