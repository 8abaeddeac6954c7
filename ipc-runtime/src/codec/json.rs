//! JSON.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    codec::finite::Finite,
    interface::{
        ArgumentInfo,
        arguments::{
            ArgumentError,
            encode::{self, EncodeArguments},
        },
    },
};

/// Appends a value. NaN and infinities are errors: JSON has no word for them, and the `null` that
/// serde_json would write is another value.
pub(super) fn encode<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) -> Result<(), String> {
    let mut serializer = serde_json::Serializer::new(out);
    value.serialize(Finite(&mut serializer)).map_err(|error| error.to_string())
}

/// Appends arguments by position, under the same rule.
pub(super) fn encode_arguments<A: EncodeArguments>(
    out: &mut Vec<u8>,
    arguments: &A,
    names: &'static [ArgumentInfo],
) -> Result<(), ArgumentError> {
    let mut serializer = serde_json::Serializer::new(out);
    encode::encode(arguments, names, Finite(&mut serializer))
}

/// Reads a value, which must fill the payload.
pub(super) fn decode<T: DeserializeOwned>(payload: &[u8]) -> Result<T, String> {
    serde_json::from_slice(payload).map_err(|error| {
        let text = error.to_string();
        with_hint(&text, payload).unwrap_or(text)
    })
}

/// An error of a key that is a number in the type and was read as text, with what to do. Keys are
/// text in JSON, and where serde gathers a value first, it doesn't read a number from them.
#[cold]
pub(crate) fn with_hint(error: &str, payload: &[u8]) -> Option<String> {
    let (key, _) = error.strip_prefix("invalid type: string \"")?.split_once("\", expected ")?;
    key.parse::<i128>().ok()?;
    // The same text as a value is another mistake.
    let quoted = format!("\"{key}\"");
    let is_key = payload.windows(quoted.len()).enumerate().any(|(at, text)| {
        let behind = &payload[at + quoted.len()..];
        text == quoted.as_bytes() && behind.trim_ascii_start().first() == Some(&b':')
    });
    is_key.then(|| {
        format!(
            "{error}: the key {quoted} of a map is text in JSON, and inside of what is `flatten`, \
             `untagged` or has a `tag`, serde reads no number from it; give that map keys of type \
             String, or its number keys a `Deserialize` that takes text"
        )
    })
}

/// So many of the first bytes tell whether it is a message.
const BEGINNING: usize = 16;

/// Whether an object, or an array of objects, may begin like this.
pub(super) fn may_begin(bytes: &[u8]) -> bool {
    let beginning = &bytes[..bytes.len().min(BEGINNING)];
    let mut signs = beginning.iter().filter(|byte| !byte.is_ascii_whitespace());
    let brackets = matches!(
        (signs.next(), signs.next()),
        (None | Some(b'{' | b'['), None)
            | (Some(b'{'), Some(b'"' | b'}'))
            | (Some(b'['), Some(b'{' | b']'))
    );
    // None of these stands anywhere in JSON, and one does in every length of less than 16 MiB.
    brackets && !beginning.iter().any(|byte| byte.is_ascii_control() && !b"\t\r\n".contains(byte))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use crate::codec::json::{BEGINNING, decode, encode, may_begin};

    #[test]
    fn a_message_begins_with_a_bracket_and_what_may_follow_it() {
        for text in
            ["", "{", "[", " ", "{}", "[]", "{\"a\":1}", " [ {\"a\":1}]", "\r\n\t{ \"a\":\"ß\"}"]
        {
            for length in 0..=text.len() {
                assert!(may_begin(&text.as_bytes()[..length]), "{text}: {length}");
            }
        }
        for text in ["a", "\"a\"", "{a", "[1", "[\"a", "{{", "{\"a\0", "\0{", "{\"\x07"] {
            assert!(!may_begin(text.as_bytes()), "{text:?}");
        }
        assert!(may_begin(format!("{{\"{}\0", "x".repeat(BEGINNING)).as_bytes()), "not looked at");
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
        encode(&mut out, value).map(|()| String::from_utf8_lossy(&out).into_owned())
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

    #[test]
    fn a_value_fills_its_payload() {
        assert_eq!(decode::<u8>(b" 5 "), Ok(5));
        assert!(decode::<u8>(b"5 5").is_err());
    }
}
