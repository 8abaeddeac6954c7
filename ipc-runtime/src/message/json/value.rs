//! Values that never fail to be written: integers, strings, raw JSON.

use serde::Serialize;

/// Appends an integer in decimal digits.
pub(crate) fn integer(out: &mut Vec<u8>, number: u64) {
    json(out, &number);
}

/// Appends a value that can't fail to be serialized: integers, strings and raw JSON.
pub(crate) fn json(out: &mut Vec<u8>, value: &impl Serialize) {
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok());
}
