//! Requests and results in the form that this project writes. Such a message is recognized by its
//! first bytes, and its payload is the rest of it, so nothing has to be scanned to find where the
//! payload ends.

use crate::message::{Invocation, id::Id};

/// A message in that form.
///
/// Whether the payload is exactly one value shows only when it is decoded. If it isn't, the message
/// has to go through [`parse`](crate::message::envelope::parse): other implementations may write
/// members after the payload.
#[derive(Debug, PartialEq)]
pub(crate) enum CallForm<'a> {
    Request { id: u64, call: Invocation<'a> },
    Result { id: u64, result: &'a [u8] },
}

impl CallForm<'_> {
    /// Whether it is the same request as one that `parse` has read.
    pub(crate) fn is_request(&self, id: &Id, call: &Invocation<'_>) -> bool {
        matches!(self, Self::Request { id: formed, call: begun } if Id::Number(*formed) == *id && begun == call)
    }
}

/// Whether at most `most` bytes could open an array or object. Then the frame isn't nested deeper
/// than that. Bytes within strings and numbers count too, which costs less than telling them apart.
pub(crate) fn has_at_most(most: usize, frame: &[u8], opens: impl Fn(u8) -> bool) -> bool {
    // A chunk's count fits a byte, so that a vector register holds many counts.
    const CHUNK: usize = u8::MAX as usize;

    let mut count = 0;
    frame.chunks(CHUNK).all(|chunk| {
        count += usize::from(chunk.iter().fold(0, |sum, byte| sum + u8::from(opens(*byte))));
        count <= most
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Encoding;
    use crate::message::{
        encoded::{call_form, request, response},
        extension::Extension,
        response_body::ResponseBody,
    };

    fn read(text: &str) -> Option<CallForm<'_>> {
        call_form(Encoding::Json, text.as_bytes(), 128)
    }

    #[test]
    fn what_this_project_writes_is_known() {
        for &encoding in Encoding::ALL {
            let payload = encoding.own(&[1, 2]);
            for timeout_ms in [None, Some(60_000)] {
                let extension = Extension { timeout_ms, depth: 2, ..Extension::default() };
                let mut frame = Vec::new();
                request(encoding, &mut frame, 1 << 24, "a.b", &payload, extension);
                let Some(CallForm::Request { id, call }) = call_form(encoding, &frame, 128) else {
                    panic!("{encoding:?}: {frame:02x?}");
                };
                assert_eq!((id, &*call.method, call.params), (1 << 24, "a.b", Some(&*payload)));
                assert!(call.extension.is_some());
            }
            let mut frame = Vec::new();
            response(encoding, &mut frame, &Id::Number(7), ResponseBody::Result(&payload));
            let form = call_form(encoding, &frame, 128);
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
