//! Requests and results in JSON, in the form that this project writes.

use crate::message::{
    Invocation,
    call_form::{CallForm, has_at_most},
    id::Id,
    json::{id, scan},
};

/// Reads one. `None` if the frame has another form or may be nested deeper than `max_depth`.
#[inline]
pub(crate) fn call_form(frame: &[u8], max_depth: usize) -> Option<CallForm<'_>> {
    let form = formed(frame)?;
    // `[` and `{` differ by one bit.
    has_at_most(max_depth, frame, |byte| byte | 0x20 == b'{').then_some(form)
}

#[inline]
fn formed(frame: &[u8]) -> Option<CallForm<'_>> {
    let rest = frame.strip_prefix(b"{\"jsonrpc\":\"2.0\",\"id\":")?.strip_suffix(b"}")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (id, rest) = rest.split_at(digits);
    let Ok(Id::Number(id)) = id::read(id) else { return None };
    if let Some(result) = rest.strip_prefix(b",\"result\":") {
        return Some(CallForm::Result { id, result });
    }
    let rest = rest.strip_prefix(b",\"method\":\"")?;
    let (method, rest) = rest.split_at(scan::plain_bytes(rest));
    let method = std::str::from_utf8(method).ok()?.into();
    let mut rest = rest.strip_prefix(b"\"")?;
    let mut extension = None;
    if let Some(value) = rest.strip_prefix(b",\"ipc\":") {
        // The depth is checked later, with the brackets of the whole frame.
        let (value, behind) = value.split_at(scan::value_length(value, usize::MAX)?);
        (extension, rest) = (Some(value), behind);
    }
    let params = rest.strip_prefix(b",\"params\":")?;
    let call = Invocation { method, params: Some(params), extension };
    matches!(params, [b'[' | b'{', ..]).then_some(CallForm::Request { id, call })
}
