//! Items in MessagePack, in the form that this project writes.

use crate::message::{
    item::FormedItem,
    msgpack::{read::MAX_DEPTH, scan::PackedScanner, write},
};

/// Appends what follows an item: its position. The params begin at `params` in `out`.
#[inline]
pub(crate) fn end_item(out: &mut Vec<u8>, params: usize, seq: Option<u64>, epoch: Option<u64>) {
    // The count in the head covers only the id and the item.
    out[params] += write::place(out, seq, epoch);
}

/// Reads a message that begins with `head`, up to its item; the params begin at `params`. Only
/// their count may differ from `head`: it includes the item's position.
pub(crate) fn formed_item(
    head: &[u8],
    params: usize,
    message: &[u8],
    max_depth: usize,
) -> Option<FormedItem> {
    let (known, rest) = message.split_at_checked(head.len())?;
    let more = known[params].checked_sub(head[params]).filter(|more| *more <= 2)?;
    if known[params + 1..] != head[params + 1..] || known[..params] != head[..params] {
        return None;
    }
    let (length, seq, epoch) = item_and_place(rest, more, max_depth)?;
    Some(FormedItem { item: head.len()..head.len() + length, seq, epoch })
}

/// The length of an item and its position, which has `members` members after the item. `None` if
/// anything is written otherwise than this project writes it.
fn item_and_place(
    bytes: &[u8],
    members: u8,
    max_depth: usize,
) -> Option<(usize, Option<u64>, Option<u64>)> {
    let length = match *bytes.first()? {
        // Scalars need no walk.
        0..=0x7f | 0xc0 | 0xc2 | 0xc3 | 0xe0..=0xff => 1,
        0xcc | 0xd0 => 2,
        0xcd | 0xd1 => 3,
        0xca | 0xce | 0xd2 => 5,
        0xcb | 0xcf | 0xd3 => 9,
        // The full parser counts the message and its params as two of its `MAX_DEPTH` levels.
        _ => PackedScanner::new(bytes, max_depth.min(MAX_DEPTH - 2)).value().ok()?.len(),
    };
    let mut rest = bytes.get(length..)?;
    let (mut seq, mut epoch) = (None, None);
    if members > 0 {
        let (number, behind) = unsigned(rest.strip_prefix(b"\xa3seq")?)?;
        (seq, rest) = (Some(number), behind);
    }
    if members > 1 {
        let (number, behind) = unsigned(rest.strip_prefix(b"\xa5epoch")?)?;
        (epoch, rest) = (Some(number), behind);
    }
    rest.is_empty().then_some((length, seq, epoch))
}

/// An unsigned number as this project writes it, and the bytes after it.
fn unsigned(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    Some(match *first {
        number @ 0..=0x7f => (number.into(), rest),
        0xcc => rest.split_first().map(|(number, rest)| (u64::from(*number), rest))?,
        0xcd => {
            let (number, rest) = rest.split_first_chunk()?;
            (u16::from_be_bytes(*number).into(), rest)
        }
        0xce => {
            let (number, rest) = rest.split_first_chunk()?;
            (u32::from_be_bytes(*number).into(), rest)
        }
        0xcf => {
            let (number, rest) = rest.split_first_chunk()?;
            (u64::from_be_bytes(*number), rest)
        }
        _ => return None,
    })
}
