//! The framing of the Language Server Protocol's base protocol: HTTP-like headers, whose
//! `Content-Length` counts the bytes of the payload, then the payload.
//!
//! All header lines of a message end with `\r\n`, as that protocol requires, or all with `\n`
//! alone, as some programs write them. Headers that mix the two are an error: a stricter reader
//! would find other messages in the same bytes.

use crate::framing::{payload::Payloads, step::FrameStep};

/// The largest size of one message's headers, in bytes.
const MAX_HEADERS: usize = 4096;

/// Appends one frame. Returns the payload's length.
pub(crate) fn write(out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>)) -> usize {
    let start = out.len();
    payload(out);
    let length = out.len() - start;
    // The header comes first but needs the length, which is known only now.
    out.splice(start..start, format!("Content-Length: {length}\r\n\r\n").into_bytes());
    length
}

/// Decodes this framing.
#[derive(Debug, Default)]
pub(crate) struct ContentLengthDecoder {
    payloads: Payloads,
}

impl ContentLengthDecoder {
    /// Whether the rest of a message over the limit is still to be skipped.
    pub(crate) fn skips(&self) -> bool {
        self.payloads.skips()
    }

    pub(crate) fn step(&mut self, unread: &[u8], limit: usize) -> FrameStep {
        if let Some(step) = self.payloads.rest(unread) {
            return step;
        }
        let beginning = &unread[..unread.len().min(MAX_HEADERS)];
        match headers(beginning) {
            Ok(Some(Headers { lines, end })) => match content_length(lines) {
                Ok(length) => self.payloads.payload(unread, end, length, limit),
                // Fatal: without a length, the beginning of the next message is unknown.
                Err(why) => fatal(why),
            },
            Ok(None) if unread.len() < MAX_HEADERS => FrameStep::Incomplete { needs: 0 },
            Ok(None) => fatal("headers of more than 4096 bytes"),
            Err(why) => fatal(why),
        }
    }
}

/// The headers of one message.
struct Headers<'a> {
    /// The header lines, without the empty line.
    lines: &'a [u8],
    /// Where the payload begins.
    end: usize,
}

/// Finds the empty line that ends the headers. `None` if it hasn't arrived yet.
fn headers(bytes: &[u8]) -> Result<Option<Headers<'_>>, &'static str> {
    let (mut start, mut ending) = (0, None);
    while let Some(length) = bytes[start..].iter().position(|byte| *byte == b'\n') {
        let line = &bytes[start..start + length];
        let stripped = line.strip_suffix(b"\r");
        let (line, has_return) = (stripped.unwrap_or(line), stripped.is_some());
        if *ending.get_or_insert(has_return) != has_return {
            return Err("headers whose lines end with \\r\\n and with \\n");
        }
        if line.contains(&b'\r') {
            return Err("a carriage return inside a header");
        }
        let end = start + length + 1;
        if line.is_empty() {
            return Ok(Some(Headers { lines: &bytes[..start], end }));
        }
        start = end;
    }
    Ok(None)
}

fn fatal(why: &'static str) -> FrameStep {
    FrameStep::Broken { why, fatal: true, consumed: 0 }
}

/// The value of `Content-Length`. Other headers are ignored.
fn content_length(headers: &[u8]) -> Result<u64, &'static str> {
    let headers = std::str::from_utf8(headers).map_err(|_| "headers that aren't text")?;
    let mut found = None;
    for line in headers.lines() {
        let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
        if name.trim().eq_ignore_ascii_case("Content-Length") {
            let value = value.trim();
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let length = value.parse().ok().filter(|_| digits);
            let length = length.ok_or("a Content-Length that is no number of bytes")?;
            if found.replace(length).is_some_and(|earlier| earlier != length) {
                return Err("two Content-Lengths");
            }
        }
    }
    found.ok_or("headers without a Content-Length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut bytes = b"before".to_vec();
        assert_eq!(write(&mut bytes, |out| out.extend_from_slice(b"hello")), 5);
        assert_eq!(bytes, b"beforeContent-Length: 5\r\n\r\nhello");
        let step = ContentLengthDecoder::default().step(&bytes[6..], 10);
        assert_eq!(step, FrameStep::Message { payload: 21..26, consumed: 26 });
    }

    #[test]
    fn names_are_case_insensitive_and_other_headers_ignored() {
        let bytes = b"content-type: x; charset=utf-8\r\ncontent-LENGTH:2\r\n\r\n{}";
        let step = ContentLengthDecoder::default().step(bytes, 10);
        assert_eq!(step, FrameStep::Message { payload: 52..54, consumed: 54 });
    }

    #[test]
    fn lines_end_with_or_without_a_carriage_return() {
        let step = ContentLengthDecoder::default().step(b"X: y\nContent-Length: 2\n\n{}", 10);
        assert_eq!(step, FrameStep::Message { payload: 24..26, consumed: 26 });
    }

    /// That is so even if a reader that knows only one of the line endings would find no message in
    /// them.
    #[test]
    fn line_endings_that_are_mixed_are_fatal_as_soon_as_they_are_seen() {
        for headers in ["A: b\r\nC: d\n", "A: b\nC: d\r\n", "A: b\n\r\n", "A: b\r\n\n", "A:\rb\n"] {
            let step = ContentLengthDecoder::default().step(headers.as_bytes(), 10);
            assert!(matches!(step, FrameStep::Broken { fatal: true, .. }), "{headers:?}");
        }
    }

    #[test]
    fn headers_that_make_no_sense_are_fatal() {
        for headers in [
            "Content-Length: x",
            "Content-Length: -1",
            "Content-Length: +1",
            "Content-Length: 99999999999999999999999",
            "Content-Type: x",
            "Content-Length",
            "Content-Length: 1\r\nContent-Length: 2",
            "",
        ] {
            let bytes = format!("{headers}\r\n\r\n{{}}");
            let step = ContentLengthDecoder::default().step(bytes.as_bytes(), 10);
            assert!(matches!(step, FrameStep::Broken { fatal: true, .. }), "{headers}");
        }
        let endless = format!("X: {}", "x".repeat(MAX_HEADERS));
        let step = ContentLengthDecoder::default().step(endless.as_bytes(), 10);
        assert!(matches!(step, FrameStep::Broken { fatal: true, .. }));
    }

    #[test]
    fn a_large_message_is_skipped_and_the_next_one_read() {
        let mut bytes = Vec::new();
        write(&mut bytes, |out| out.resize(out.len() + 5000, b'x'));
        let large = bytes.len();
        write(&mut bytes, |out| out.push(b'y'));
        let mut decoder = ContentLengthDecoder::default();
        let FrameStep::TooLarge { consumed, size: 5000, fatal: false, .. } =
            decoder.step(&bytes, 1000)
        else {
            panic!("not found to be too large");
        };
        let skip = FrameStep::Skip { consumed: large - consumed };
        assert_eq!(decoder.step(&bytes[consumed..], 1000), skip);
        assert!(matches!(decoder.step(&bytes[large..], 1000), FrameStep::Message { .. }));
    }
}
