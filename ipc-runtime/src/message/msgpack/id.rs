//! Ids in MessagePack.

use rmp::Marker;

use crate::message::id::{Id, NotAnId};

/// The first number with more than 18 digits. Those are kept verbatim.
pub(crate) const FIRST_LARGE: u64 = 1_000_000_000_000_000_000;

/// Reads an id from the bytes of one value. What isn't a plain integer is kept as JSON.
pub(crate) fn read(value: &[u8]) -> Result<Id, NotAnId> {
    if value.len() > Id::MAX_BYTES {
        return Err(NotAnId::TooLong);
    }
    let syntax = |why: &str| NotAnId::Syntax(why.to_owned());
    let first = *value.first().ok_or_else(|| syntax("an id was expected"))?;
    let json = match Marker::from_u8(first) {
        Marker::Null => return Ok(Id::Null),
        Marker::FixPos(_) | Marker::U8 | Marker::U16 | Marker::U32 | Marker::U64 => {
            let number: u64 = rmp_serde::from_slice(value).map_err(|e| syntax(&e.to_string()))?;
            if number < FIRST_LARGE {
                return Ok(Id::Number(number));
            }
            number.to_string()
        }
        Marker::FixNeg(_) | Marker::I8 | Marker::I16 | Marker::I32 | Marker::I64 => {
            let number: i64 = rmp_serde::from_slice(value).map_err(|e| syntax(&e.to_string()))?;
            match u64::try_from(number) {
                Ok(number) if number < FIRST_LARGE => return Ok(Id::Number(number)),
                _ => number.to_string(),
            }
        }
        Marker::F32 | Marker::F64 => {
            let number: f64 = rmp_serde::from_slice(value).map_err(|e| syntax(&e.to_string()))?;
            if !number.is_finite() {
                return Err(NotAnId::Kind);
            }
            serde_json::to_string(&number).map_err(|e| syntax(&e.to_string()))?
        }
        Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
            let text: &str = rmp_serde::from_slice(value).map_err(|e| syntax(&e.to_string()))?;
            serde_json::to_string(text).map_err(|e| syntax(&e.to_string()))?
        }
        _ => return Err(NotAnId::Kind),
    };
    Ok(Id::Verbatim(json.into()))
}
