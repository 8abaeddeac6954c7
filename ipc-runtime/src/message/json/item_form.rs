//! Items in JSON, in the form that this project writes.

use crate::{
    codec::{json::Json, value_codec::ValueCodec},
    message::{
        item::FormedItem,
        json::{scan, value},
    },
};

/// Appends what follows an item: its position, and the end of the message.
#[inline]
pub(crate) fn end_item(out: &mut Vec<u8>, seq: Option<u64>, epoch: Option<u64>) {
    for (name, value) in [(SEQ, seq), (EPOCH, epoch)] {
        if let Some(value) = value {
            out.extend_from_slice(name);
            value::integer(out, value);
        }
    }
    out.extend_from_slice(END);
}

/// Reads a message that begins with `head`, up to its item.
pub(crate) fn formed_item(head: &[u8], message: &[u8], max_depth: usize) -> Option<FormedItem> {
    let rest = message.strip_prefix(head)?;
    let length = item_length(rest, max_depth)?;
    let (seq, epoch) = place(&rest[length..])?;
    Some(FormedItem { item: head.len()..head.len() + length, seq, epoch })
}

const SEQ: &[u8] = b",\"seq\":";
const EPOCH: &[u8] = b",\"epoch\":";

/// The closing braces of the params and of the message.
const END: &[u8] = b"}}";

/// The length of the value at the beginning of `text`. `None` if that isn't valid JSON or is nested
/// deeper than `max_depth`.
fn item_length(text: &[u8], max_depth: usize) -> Option<usize> {
    // Most numbers need no grammar check. A number never ends the text.
    if let [b'1'..=b'9', ..] = text {
        let length = text.iter().position(|byte| !byte.is_ascii_digit())?;
        if matches!(text[length], b',' | b'}') {
            return Some(length);
        }
    }
    let length = scan::value_length(text, max_depth)?;
    // `value_length` follows the skeleton, not the grammar.
    Json::check(&text[..length]).ok()?;
    Some(length)
}

/// The position after an item. `None` if anything else is there.
fn place(tail: &[u8]) -> Option<(Option<u64>, Option<u64>)> {
    let (seq, tail) = member(tail, SEQ)?;
    let (epoch, tail) = if seq.is_some() { member(tail, EPOCH)? } else { (None, tail) };
    (tail == END).then_some((seq, epoch))
}

/// The number of this member, if it is next, and the rest of the text.
fn member<'a>(tail: &'a [u8], name: &[u8]) -> Option<(Option<u64>, &'a [u8])> {
    let Some(digits) = tail.strip_prefix(name) else { return Some((None, tail)) };
    let length = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    let (digits, tail) = digits.split_at(length);
    // 18 digits can't overflow, and a number has no leading zeros.
    if length > 18 || matches!(digits, [] | [b'0', _, ..]) {
        return None;
    }
    let number = digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    Some((Some(number), tail))
}
