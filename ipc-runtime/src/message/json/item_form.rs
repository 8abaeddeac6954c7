//! Items in the form that this project writes.

use crate::{
    codec::{json::Json, value_codec::ValueCodec},
    message::{
        item::FormedItem,
        json::{scan, value},
    },
};

/// Appends what stands behind an item: its place, and the end of the message.
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

/// Reads a message with this ahead of its item.
pub(crate) fn formed_item(head: &[u8], message: &[u8], max_depth: usize) -> Option<FormedItem> {
    let rest = message.strip_prefix(head)?;
    let length = item_length(rest, max_depth)?;
    let (seq, epoch) = place(&rest[length..])?;
    Some(FormedItem { item: head.len()..head.len() + length, seq, epoch })
}

const SEQ: &[u8] = b",\"seq\":";
const EPOCH: &[u8] = b",\"epoch\":";

/// The braces of the params and of the message.
const END: &[u8] = b"}}";

/// How long the value is that this begins with, if it is one and may be nested so deep.
fn item_length(text: &[u8], max_depth: usize) -> Option<usize> {
    // Most numbers need no look at the grammar. None of them ends the text.
    if let [b'1'..=b'9', ..] = text {
        let length = text.iter().position(|byte| !byte.is_ascii_digit())?;
        if matches!(text[length], b',' | b'}') {
            return Some(length);
        }
    }
    let length = scan::value_length(text, max_depth)?;
    // The skeleton was followed, not the grammar.
    Json::check(&text[..length]).ok()?;
    Some(length)
}

/// The place behind an item, and nothing else.
fn place(tail: &[u8]) -> Option<(Option<u64>, Option<u64>)> {
    let (seq, tail) = member(tail, SEQ)?;
    let (epoch, tail) = if seq.is_some() { member(tail, EPOCH)? } else { (None, tail) };
    (tail == END).then_some((seq, epoch))
}

/// The number of a member, if that is next, and what is behind it.
fn member<'a>(tail: &'a [u8], name: &[u8]) -> Option<(Option<u64>, &'a [u8])> {
    let Some(digits) = tail.strip_prefix(name) else { return Some((None, tail)) };
    let length = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    let (digits, tail) = digits.split_at(length);
    // 18 digits can't overflow, and a number has no zeros ahead.
    if length > 18 || matches!(digits, [] | [b'0', _, ..]) {
        return None;
    }
    let number = digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0'));
    Some((Some(number), tail))
}
