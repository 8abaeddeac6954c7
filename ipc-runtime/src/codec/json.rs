//! JSON.

pub(crate) mod finite;
pub(crate) mod key_hint;
pub(crate) mod params;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use crate::{
    codec::{
        extent::Extent,
        json::{finite::Finite, key_hint::with_hint},
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

/// JSON: text that everybody can read.
pub(crate) enum Json {}

/// How many bytes at the beginning of a message show whether it is one.
const BEGINNING: usize = 16;

impl ValueCodec for Json {
    const PREFACE_BYTE: u8 = 0;

    const SUBPROTOCOL: &'static str = "ipc.v1.json";

    const TEXT_REFUSAL: Option<&'static str> = None;

    const NULL: &'static [u8] = b"null";

    const EMPTY_ARRAY: &'static [u8] = b"[]";

    const EMPTY_MAP: &'static [u8] = b"{}";

    type Untyped = Box<RawValue>;

    /// Returns the JSON as it was written.
    fn untyped_json(value: Box<RawValue>) -> Result<Box<RawValue>, String> {
        Ok(value)
    }

    /// Returns whether an object, or an array of objects, may begin like this.
    fn may_begin(bytes: &[u8]) -> bool {
        let beginning = &bytes[..bytes.len().min(BEGINNING)];
        let mut signs = beginning.iter().filter(|byte| !byte.is_ascii_whitespace());
        let brackets = matches!(
            (signs.next(), signs.next()),
            (None | Some(b'{' | b'['), None)
                | (Some(b'{'), Some(b'"' | b'}'))
                | (Some(b'['), Some(b'{' | b']'))
        );
        // JSON contains no other control characters. The length of a native frame below 16 MiB
        // contains a zero byte, so the header of a frame isn't taken for JSON.
        brackets
            && !beginning.iter().any(|byte| byte.is_ascii_control() && !b"\t\r\n".contains(byte))
    }

    #[inline]
    fn is_array(value: &[u8]) -> bool {
        value.first() == Some(&b'[')
    }

    #[inline]
    fn is_map(value: &[u8]) -> bool {
        value.first() == Some(&b'{')
    }

    fn check(value: &[u8]) -> Result<(), String> {
        serde_json::from_slice::<&RawValue>(value).map(drop).map_err(|error| error.to_string())
    }

    /// NaN and infinities are errors: JSON can't represent them, and the `null` that serde_json
    /// would write is another value.
    #[inline]
    fn encode<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), String> {
        let mut serializer = serde_json::Serializer::new(out);
        value.serialize(Finite(&mut serializer)).map_err(|error| error.to_string())
    }

    /// serde_json always checks that the value fills the payload.
    #[inline]
    fn decode<T: DeserializeOwned>(payload: &[u8], _: Extent) -> Result<T, String> {
        serde_json::from_slice(payload).map_err(|error| {
            let text = error.to_string();
            with_hint(&text, payload).unwrap_or(text)
        })
    }

    /// With serde_json's feature `arbitrary_precision`, numbers keep their text.
    fn decode_any(payload: &[u8]) -> Result<Value, String> {
        Self::decode(payload, Extent::Stepped)
    }

    /// NaN and infinities are errors, as in other values.
    #[inline]
    fn encode_arguments<A: EncodeArguments>(
        out: &mut Vec<u8>,
        arguments: &A,
        names: &'static [ArgumentInfo],
    ) -> Result<(), ArgumentError> {
        let mut serializer = serde_json::Serializer::new(out);
        encode::encode(arguments, names, Finite(&mut serializer))
    }

    #[inline]
    fn decode_arguments<A: DecodeArguments>(
        params: Option<&[u8]>,
        names: &'static [ArgumentInfo],
        _: Extent,
    ) -> Result<A, ArgumentError> {
        params::decode_arguments(params, names)
    }

    #[inline]
    fn decode_params<T: DeserializeOwned>(
        params: Option<&[u8]>,
        _: Extent,
    ) -> Result<T, ArgumentError> {
        params::decode_params(params)
    }
}

/// Returns a value without its type. NaN and infinities are errors, as in every encoding.
pub(crate) fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value, String> {
    value.serialize(Finite(serde_json::value::Serializer)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Serialize, de::DeserializeOwned};

    use crate::codec::{
        extent::Extent,
        json::{BEGINNING, Json},
        value_codec::ValueCodec,
    };

    #[test]
    fn a_message_begins_with_a_bracket_and_what_may_follow_it() {
        for text in
            ["", "{", "[", " ", "{}", "[]", "{\"a\":1}", " [ {\"a\":1}]", "\r\n\t{ \"a\":\"ß\"}"]
        {
            for length in 0..=text.len() {
                assert!(Json::may_begin(&text.as_bytes()[..length]), "{text}: {length}");
            }
        }
        for text in ["a", "\"a\"", "{a", "[1", "[\"a", "{{", "{\"a\0", "\0{", "{\"\x07"] {
            assert!(!Json::may_begin(text.as_bytes()), "{text:?}");
        }
        assert!(
            Json::may_begin(format!("{{\"{}\0", "x".repeat(BEGINNING)).as_bytes()),
            "not looked at"
        );
    }

    #[derive(Serialize)]
    enum Shape {
        Unit,
        New(f64),
        Tuple(u8, f32),
        Struct { side: f64 },
    }

    fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
        let mut out = Vec::new();
        Json::encode(&mut out, value).map(|()| String::from_utf8_lossy(&out).into_owned())
    }

    #[test]
    fn values_are_written_as_serde_json_writes_them() {
        let map = BTreeMap::from([(1, Some("x")), (2, None)]);
        let value = (
            (true, -1_i8, u64::MAX, i128::MIN, 0.1_f32, 0.1_f64, 'c'),
            map,
            [Shape::Unit, Shape::New(1.0), Shape::Tuple(1, 2.0), Shape::Struct { side: 1e300 }],
            (),
        );
        assert_eq!(json(&value), Ok(serde_json::to_string(&value).unwrap()));
    }

    #[test]
    fn what_is_not_finite_is_an_error_at_any_depth() {
        assert!(json(&f64::NAN).is_err());
        assert!(json(&f32::INFINITY).is_err());
        assert!(json(&vec![Some(f64::NEG_INFINITY)]).is_err());
        assert!(json(&BTreeMap::from([("a", f32::NAN)])).is_err());
        assert!(json(&Shape::New(f64::NAN)).is_err());
        assert!(json(&Shape::Tuple(1, f32::NAN)).is_err());
        assert!(json(&Shape::Struct { side: f64::NAN }).is_err());
    }

    fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<T, String> {
        Json::decode(payload, Extent::Stepped)
    }

    #[test]
    fn a_value_fills_its_payload() {
        assert_eq!(decode::<u8>(b" 5 "), Ok(5));
        assert!(decode::<u8>(b"5 5").is_err());
    }
}
