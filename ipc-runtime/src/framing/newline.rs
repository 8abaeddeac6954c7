//! Newline-delimited JSON, as people type it. A value ends where its brackets close, so newlines
//! between values are allowed but not required.
//!
//! The decoder follows the skeleton of the grammar (brackets, keys, colons, commas), but not the
//! inside of numbers and strings. That is enough to see at once that a value is malformed, and to
//! go on after the next newline.

use crate::framing::step::{FrameStep, InputEnd};

/// Appends one frame. Returns the payload's length.
pub(crate) fn write(out: &mut Vec<u8>, payload: impl FnOnce(&mut Vec<u8>)) -> usize {
    let start = out.len();
    payload(out);
    let length = out.len() - start;
    out.push(b'\n');
    length
}

/// How many nesting levels one `u128` holds.
const LEVELS: usize = u128::BITS as usize;

/// Decodes this framing.
#[derive(Debug, Default)]
pub(crate) struct NewlineDecoder {
    /// How many of the unread bytes were already scanned.
    scanned: usize,
    value: OpenValue,
    /// After a syntax error: everything is skipped up to the next newline.
    skipping: bool,
}

/// The state of the scan inside a value.
#[derive(Debug, Default)]
struct OpenValue {
    expect: Expect,
    depth: usize,
    /// One bit for each open bracket, the innermost lowest: 1 for an object, 0 for an array.
    objects: u128,
    /// The bits of the brackets further out, 128 in each entry. The limit on depth is checked once
    /// the message is whole, since its id is needed for that. Until then these bits take at most an
    /// eighth of the message's size.
    outer: Vec<u128>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Expect {
    #[default]
    Start,
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    /// In a literal or number.
    Scalar,
    String {
        key: bool,
        escaped: bool,
    },
}

enum ScanProgress {
    Inside,
    Ended,
    Broken(&'static str),
}

impl NewlineDecoder {
    pub(crate) fn step(&mut self, unread: &[u8], limit: usize) -> FrameStep {
        if self.skipping {
            return self.skip_line(unread);
        }
        if self.value.expect == Expect::Start {
            let blank = unread.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if blank > 0 {
                return FrameStep::Skip { consumed: blank };
            }
        }
        // Scans no further than the limit, so that the result doesn't depend on how the bytes are
        // split.
        while self.scanned <= limit {
            let Some(&byte) = unread.get(self.scanned) else {
                return FrameStep::Incomplete { needs: 0 };
            };
            self.scanned += 1;
            match self.value.take(byte) {
                ScanProgress::Inside => {}
                ScanProgress::Ended => {
                    let length = self.scanned;
                    self.restart();
                    return if length > limit {
                        too_large(length)
                    } else {
                        FrameStep::Message { payload: 0..length, consumed: length }
                    };
                }
                ScanProgress::Broken(why) => {
                    // Doesn't consume the offending byte: it may be the newline that ends the
                    // skipped line.
                    let consumed = self.scanned - 1;
                    self.restart();
                    self.skipping = true;
                    return FrameStep::Broken { why, fatal: false, consumed };
                }
            }
        }
        let size = self.scanned;
        self.restart();
        self.skipping = true;
        too_large(size)
    }

    /// In this framing the end of the input is a half-close.
    pub(crate) fn end(&self, unread: &[u8]) -> InputEnd {
        if self.skipping || unread.iter().all(u8::is_ascii_whitespace) {
            InputEnd::HalfClosed
        } else {
            InputEnd::HalfClosedTruncated
        }
    }

    fn skip_line(&mut self, unread: &[u8]) -> FrameStep {
        match unread.iter().position(|&byte| byte == b'\n') {
            Some(newline) => {
                self.skipping = false;
                FrameStep::Skip { consumed: newline + 1 }
            }
            None if unread.is_empty() => FrameStep::Incomplete { needs: 0 },
            None => FrameStep::Skip { consumed: unread.len() },
        }
    }

    fn restart(&mut self) {
        self.scanned = 0;
        self.value = OpenValue::default();
    }
}

/// Always fatal: without a length before the value, its end is unknown.
fn too_large(size: usize) -> FrameStep {
    FrameStep::TooLarge { prefix: 0..0, size: size as u64, fatal: true, consumed: size }
}

impl OpenValue {
    fn take(&mut self, byte: u8) -> ScanProgress {
        match self.expect {
            Expect::String { key, escaped } => return self.in_string(byte, key, escaped),
            Expect::Scalar
                if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-') =>
            {
                return ScanProgress::Inside;
            }
            Expect::Scalar => self.expect = Expect::CommaOrEnd,
            _ => {}
        }
        if matches!(byte, b' ' | b'\t' | b'\r' | b'\n') {
            return ScanProgress::Inside;
        }
        match (self.expect, byte) {
            (Expect::Start | Expect::Value | Expect::ValueOrEnd, b'{') => self.open(true),
            (Expect::Start | Expect::Value | Expect::ValueOrEnd, b'[') => self.open(false),
            (Expect::ValueOrEnd, b']') | (Expect::KeyOrEnd, b'}') => self.close(),
            (Expect::CommaOrEnd, b']') if !self.in_object() => self.close(),
            (Expect::CommaOrEnd, b'}') if self.in_object() => self.close(),
            (Expect::Value | Expect::ValueOrEnd, b'"') => {
                self.goto(Expect::String { key: false, escaped: false })
            }
            (Expect::Key | Expect::KeyOrEnd, b'"') => {
                self.goto(Expect::String { key: true, escaped: false })
            }
            (Expect::Value | Expect::ValueOrEnd, b'-' | b'0'..=b'9' | b't' | b'f' | b'n') => {
                self.goto(Expect::Scalar)
            }
            (Expect::Colon, b':') => self.goto(Expect::Value),
            (Expect::CommaOrEnd, b',') => {
                let next = if self.in_object() { Expect::Key } else { Expect::Value };
                self.goto(next)
            }
            (Expect::Start, _) => ScanProgress::Broken("a message begins with { or ["),
            (Expect::Key | Expect::KeyOrEnd, _) => {
                ScanProgress::Broken("a key in quotes was expected")
            }
            (Expect::Colon, _) => ScanProgress::Broken("a colon was expected"),
            (Expect::CommaOrEnd, _) => {
                ScanProgress::Broken("a comma or a closing bracket was expected")
            }
            _ => ScanProgress::Broken("a value was expected"),
        }
    }

    fn in_string(&mut self, byte: u8, key: bool, escaped: bool) -> ScanProgress {
        match byte {
            0..=0x1f => return ScanProgress::Broken("a control character in a string"),
            _ if escaped => self.expect = Expect::String { key, escaped: false },
            b'\\' => self.expect = Expect::String { key, escaped: true },
            b'"' => self.expect = if key { Expect::Colon } else { Expect::CommaOrEnd },
            _ => {}
        }
        ScanProgress::Inside
    }

    fn goto(&mut self, expect: Expect) -> ScanProgress {
        self.expect = expect;
        ScanProgress::Inside
    }

    fn open(&mut self, object: bool) -> ScanProgress {
        if self.depth > 0 && self.depth % LEVELS == 0 {
            self.outer.push(self.objects);
        }
        self.depth += 1;
        self.objects = self.objects << 1 | u128::from(object);
        self.goto(if object { Expect::KeyOrEnd } else { Expect::ValueOrEnd })
    }

    fn close(&mut self) -> ScanProgress {
        self.depth -= 1;
        self.objects >>= 1;
        if self.depth % LEVELS == 0 {
            self.objects = self.outer.pop().unwrap_or_default();
        }
        if self.depth == 0 { ScanProgress::Ended } else { self.goto(Expect::CommaOrEnd) }
    }

    fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Everything that a decoder finds when the bytes come in pieces of this size.
    fn frames(text: &str, piece: usize) -> Vec<Result<String, &'static str>> {
        frames_up_to(text, piece, 1000)
    }

    /// Like `frames`, with this limit.
    fn frames_up_to(text: &str, piece: usize, limit: usize) -> Vec<Result<String, &'static str>> {
        let (mut decoder, mut buffer, mut found) =
            (NewlineDecoder::default(), Vec::new(), Vec::new());
        for bytes in text.as_bytes().chunks(piece) {
            buffer.extend_from_slice(bytes);
            loop {
                let consumed = match decoder.step(&buffer, limit) {
                    FrameStep::Incomplete { .. } => break,
                    FrameStep::Skip { consumed } => consumed,
                    FrameStep::Message { payload, consumed } => {
                        found.push(Ok(String::from_utf8_lossy(&buffer[payload]).into_owned()));
                        consumed
                    }
                    FrameStep::Broken { why, consumed, .. } => {
                        found.push(Err(why));
                        consumed
                    }
                    FrameStep::TooLarge { consumed, .. } => {
                        found.push(Err("too large"));
                        consumed
                    }
                };
                buffer.drain(..consumed);
            }
        }
        found
    }

    #[test]
    fn values_end_where_their_braces_close() {
        let text =
            "{\"a\":1}{\"b\":[{},[],\"}\\\"\",null,-1.5e3]}\n\n  [1 , 2]\r\n{\n\"c\" : {}\n}\n";
        for piece in [1, 2, 3, 7, text.len()] {
            assert_eq!(
                frames(text, piece),
                [
                    Ok("{\"a\":1}".into()),
                    Ok("{\"b\":[{},[],\"}\\\"\",null,-1.5e3]}".into()),
                    Ok("[1 , 2]".into()),
                    Ok("{\n\"c\" : {}\n}".into()),
                ]
            );
        }
    }

    #[test]
    fn after_a_syntax_error_the_next_line_is_read() {
        for broken in [
            "nonsense",
            "5",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1,}",
            "[1,]",
            "[1 2]",
            "{]",
            "[}",
            "{\"a\":1]",
            "{\"unfinished",
            "{a:1}",
            "]",
        ] {
            let text = format!("{broken}\n{{\"good\":1}}\n");
            for piece in [1, 4, text.len()] {
                let found = frames(&text, piece);
                assert_eq!(found.len(), 2, "{broken}: {found:?}");
                assert!(found[0].is_err());
                assert_eq!(found[1], Ok("{\"good\":1}".into()));
            }
        }
    }

    #[test]
    fn brackets_are_followed_to_any_depth() {
        for levels in [1, 2, 126, 127, 128, 129, 130, 255, 256, 257, 400] {
            for (open, close) in [("[", "]"), ("{\"\":", "}"), ("[[],{\"\":", "}]")] {
                let inside = if open.ends_with(':') { "0" } else { "" };
                let levels = if open.len() > 5 { levels / 2 } else { levels };
                let deep = format!("{}{inside}{}", open.repeat(levels), close.repeat(levels));
                let text = format!("{deep}{deep}\n");
                if text.len() > 4000 || levels == 0 {
                    continue;
                }
                let found = frames_up_to(&text, 64, 4000);
                assert_eq!(found, [Ok(deep.clone()), Ok(deep.clone())], "{levels} of {open}");
                // A bracket of the wrong kind is detected at every depth.
                let other = if close == "]" { "}" } else { "]" };
                for at in 0..levels {
                    let mut wrong = format!("{}{inside}", open.repeat(levels));
                    wrong.push_str(&close.repeat(at));
                    wrong.push_str(other);
                    let found = frames_up_to(&format!("{wrong}\n"), 64, 4000);
                    assert!(found[0].is_err(), "{at} of {levels} of {open}");
                }
            }
        }
    }

    #[test]
    fn a_value_that_does_not_end_is_too_large_at_the_limit() {
        let text = format!("{{\"a\":\"{}", "x".repeat(2000));
        assert_eq!(frames(&text, 100)[0], Err("too large"));
    }

    #[test]
    fn what_is_beyond_the_limit_counts_for_nothing_in_whatever_pieces_it_comes() {
        let text = format!("{{\"a\":\"{}\"]\n{{}}\n", "x".repeat(2000));
        for piece in [1, 100, text.len()] {
            assert_eq!(frames(&text, piece)[0], Err("too large"));
        }
    }

    #[test]
    fn the_end_of_the_input_is_a_half_close() {
        let mut decoder = NewlineDecoder::default();
        assert_eq!(decoder.end(b" \n"), InputEnd::HalfClosed);
        assert_eq!(decoder.step(b"{\"a\":", 100), FrameStep::Incomplete { needs: 0 });
        assert_eq!(decoder.end(b"{\"a\":"), InputEnd::HalfClosedTruncated);
    }
}
