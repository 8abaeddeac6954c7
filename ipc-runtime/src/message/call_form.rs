//! Requests and results in the form that this project writes: it is known by its beginning, and
//! the payload is what is left, so nothing has to be stepped over to find where that ends.

use crate::message::{Invocation, id::Id, json::scan};

/// A message in that form.
///
/// Whether the payload is one value and no more shows when it is decoded. If it isn't, the message
/// is one for [`parse`](super::parse): others may write members behind.
#[derive(Debug, PartialEq)]
pub(crate) enum CallForm<'a> {
    Request { id: u64, call: Invocation<'a> },
    Result { id: u64, result: &'a [u8] },
}

impl CallForm<'_> {
    /// Whether it is this request, which was read as a whole.
    pub(crate) fn is_request(&self, id: &Id, call: &Invocation<'_>) -> bool {
        matches!(self, Self::Request { id: formed, call: begun } if Id::Number(*formed) == *id && begun == call)
    }
}

/// Larger messages of MessagePack aren't counted through.
#[cfg(feature = "msgpack")]
pub(crate) const COUNTED: usize = 4 * 1024;

/// Whether no more bytes than this could begin something nested: then it isn't deeper, either.
/// Those within strings and numbers count, too, which costs less than telling them apart.
pub(crate) fn has_at_most(most: usize, frame: &[u8], opens: impl Fn(u8) -> bool) -> bool {
    // Counted in bytes, so that a vector register holds many counts.
    const CHUNK: usize = u8::MAX as usize;

    let mut count = 0;
    frame.chunks(CHUNK).all(|chunk| {
        count += usize::from(chunk.iter().fold(0, |sum, byte| sum + u8::from(opens(*byte))));
        count <= most
    })
}

pub(crate) fn json(frame: &[u8]) -> Option<CallForm<'_>> {
    let rest = frame.strip_prefix(b"{\"jsonrpc\":\"2.0\",\"id\":")?.strip_suffix(b"}")?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (id, rest) = rest.split_at(digits);
    let Ok(Id::Number(id)) = Id::of_json(id) else { return None };
    if let Some(result) = rest.strip_prefix(b",\"result\":") {
        return Some(CallForm::Result { id, result });
    }
    let rest = rest.strip_prefix(b",\"method\":\"")?;
    let (method, rest) = rest.split_at(scan::plain_bytes(rest));
    let method = std::str::from_utf8(method).ok()?.into();
    let mut rest = rest.strip_prefix(b"\"")?;
    let mut extension = None;
    if let Some(value) = rest.strip_prefix(b",\"ipc\":") {
        // How deep it may be is seen by the brackets of all.
        let (value, behind) = value.split_at(scan::value_length(value, usize::MAX)?);
        (extension, rest) = (Some(value), behind);
    }
    let params = rest.strip_prefix(b",\"params\":")?;
    let call = Invocation { method, params: Some(params), extension };
    matches!(params, [b'[' | b'{', ..]).then_some(CallForm::Request { id, call })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Encoding;
    use crate::message::{
        encoded::{request, response},
        json::write::{Extension, ResponseBody},
    };

    fn read(text: &str) -> Option<CallForm<'_>> {
        CallForm::read(Encoding::Json, text.as_bytes(), 128)
    }

    #[test]
    fn what_this_project_writes_is_known() {
        for encoding in [
            Encoding::Json,
            #[cfg(feature = "msgpack")]
            Encoding::MessagePack,
        ] {
            let payload = encoding.own(&[1, 2]);
            for timeout_ms in [None, Some(60_000)] {
                let extension = Extension { timeout_ms, depth: 2, ..Extension::default() };
                let mut frame = Vec::new();
                request(encoding, &mut frame, 1 << 24, "a.b", &payload, extension);
                let Some(CallForm::Request { id, call }) = CallForm::read(encoding, &frame, 128)
                else {
                    panic!("{encoding:?}: {frame:02x?}");
                };
                assert_eq!((id, &*call.method, call.params), (1 << 24, "a.b", Some(&*payload)));
                assert!(call.extension.is_some());
            }
            let mut frame = Vec::new();
            response(encoding, &mut frame, &Id::Number(7), ResponseBody::Result(&payload));
            let form = CallForm::read(encoding, &frame, 128);
            assert_eq!(form, Some(CallForm::Result { id: 7, result: &payload }));
        }
    }

    #[test]
    fn what_others_write_is_left_to_parse() {
        for text in [
            r#"{"jsonrpc":"2.0","id":1,"method":"a.b","params":[1]"#,
            r#"{"jsonrpc":"2.0","id":01,"method":"a.b","params":[1]}"#,
            r#"{"jsonrpc":"2.0","id":"1","method":"a.b","params":[1]}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"a\u002eb","params":[1]}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"a.b","params":null}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"a.b","params": [1]}"#,
            r#"{"jsonrpc":"2.0","id":1,"method":"a.b"}"#,
            r#"{"jsonrpc":"2.0","method":"a.b","params":[1]}"#,
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#,
            r#"{"id":1,"jsonrpc":"2.0","result":1}"#,
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn what_may_be_too_deep_is_left_to_parse() {
        let text = |depth: usize| {
            let (open, close) = ("[".repeat(depth), "]".repeat(depth));
            format!(r#"{{"jsonrpc":"2.0","id":1,"result":{open}{close}}}"#)
        };
        assert!(read(&text(127)).is_some());
        assert!(read(&text(128)).is_none());
        let long = format!("{}{}", "x".repeat(5000), "[".repeat(200));
        assert!(read(&format!(r#"{{"jsonrpc":"2.0","id":1,"result":"{long}"}}"#)).is_none());
    }
}
