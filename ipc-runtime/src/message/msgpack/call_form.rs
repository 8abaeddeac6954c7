//! Requests and results in the form that this project writes.

use crate::message::{Invocation, call_form::CallForm, id::Id, msgpack::scan::Scanner};

/// Reads one, if the frame has that form. The count at its beginning says that the payload is the
/// last member.
pub(in crate::message) fn call_form(frame: &[u8]) -> Option<CallForm<'_>> {
    // Nothing nested is stepped over here but `ipc`, which has few levels.
    let mut scanner = Scanner::new(frame, 4);
    let members = scanner.map().ok()??;
    scanner.skip_bytes(b"\xa7jsonrpc\xa32.0\xa2id")?;
    let id = scanner.integer().ok()?.filter(|id| *id < Id::FIRST_LARGE)?;
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
