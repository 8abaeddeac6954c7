//! Writes values that can always be written: integers, strings, raw JSON.

use serde::Serialize;

/// Appends an integer in decimal digits.
pub(crate) fn integer(out: &mut Vec<u8>, number: u64) {
    json(out, &number);
}

/// Appends a value whose serialization can't fail: an integer, a string or raw JSON.
pub(crate) fn json(out: &mut Vec<u8>, value: &impl Serialize) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok());
}
