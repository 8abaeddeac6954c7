//! Ids in JSON.

use serde_json::value::RawValue;

use crate::message::{
    id::{Id, NotAnId},
    json::value,
};

/// Reads an id from the bytes of one value.
#[inline]
pub(crate) fn read(value: &[u8]) -> Result<Id, NotAnId> {
    match value {
        b"null" => return Ok(Id::Null),
        [b'0'] => return Ok(Id::Number(0)),
        // 18 digits can't overflow. A leading zero would not be echoed as it was received.
        [b'1'..=b'9', rest @ ..] if rest.len() < 18 && rest.iter().all(u8::is_ascii_digit) => {
            let digits = value.iter().map(|digit| u64::from(digit - b'0'));
            return Ok(Id::Number(digits.fold(0, |number, digit| number * 10 + digit)));
        }
        _ if value.len() > Id::MAX_BYTES => return Err(NotAnId::TooLong),
        _ => {}
    }
    let raw: &RawValue =
        serde_json::from_slice(value).map_err(|error| NotAnId::Syntax(error.to_string()))?;
    match raw.get().as_bytes().first() {
        Some(b'"' | b'-' | b'0'..=b'9') => Ok(Id::Verbatim(raw.get().into())),
        _ => Err(NotAnId::Kind),
    }
}

/// Appends an id.
#[inline]
pub(crate) fn write(out: &mut Vec<u8>, id: &Id) {
    match id {
        Id::Null => out.extend_from_slice(b"null"),
        Id::Number(number) => value::integer(out, *number),
        Id::Verbatim(json) => out.extend_from_slice(json.as_bytes()),
    }
}
