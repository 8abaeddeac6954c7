//! Requests and results in MessagePack, in the form that this project writes.

use crate::message::{
    Invocation,
    call_form::{CallForm, has_at_most},
    msgpack::{id::FIRST_LARGE, scan::PackedScanner},
};

/// Above this size in bytes, messages go to the full parser, which skips the long values that make
/// them large, instead of counting through every byte.
const COUNTED: usize = 4 * 1024;

/// Reads one. `None` if the frame has another form or may be nested deeper than `max_depth`.
#[inline]
pub(crate) fn call_form(frame: &[u8], max_depth: usize) -> Option<CallForm<'_>> {
    if frame.len() > COUNTED {
        return None;
    }
    let form = formed(frame)?;
    let opens = |byte| matches!(byte, 0x80..=0x9f | 0xdc..=0xdf);
    has_at_most(max_depth, frame, opens).then_some(form)
}

/// Reads the form. The count at the beginning shows that the payload is the last member.
#[inline]
fn formed(frame: &[u8]) -> Option<CallForm<'_>> {
    // The only nested value that is skipped here is `ipc`, which has few levels.
    let mut scanner = PackedScanner::new(frame, 4);
    let members = scanner.map().ok()??;
    scanner.skip_bytes(b"\xa7jsonrpc\xa32.0\xa2id")?;
    let id = scanner.integer().ok()?.filter(|id| *id < FIRST_LARGE)?;
    if members == 3 {
        scanner.skip_bytes(b"\xa6result")?;
        return Some(CallForm::Result { id, result: scanner.rest() });
    }
    scanner.skip_bytes(b"\xa6method")?;
    let method = std::str::from_utf8(scanner.string().ok()??).ok()?.into();
    let extension = match members {
        4 => None,
        5 => {
            scanner.skip_bytes(b"\xa3ipc")?;
            Some(scanner.value().ok()?)
        }
        _ => return None,
    };
    scanner.skip_bytes(b"\xa6params")?;
    let params = scanner.rest();
    let call = Invocation { method, params: Some(params), extension };
    let is_list = matches!(params.first(), Some(0x80..=0x9f | 0xdc..=0xdf));
    is_list.then_some(CallForm::Request { id, call })
}
