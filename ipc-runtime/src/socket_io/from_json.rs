//! Turns JSON text into MessagePack, without values in between.
//!
//! Integers stay exact up to 64 bits, and floats stay floats: `1.0` is one.

use std::borrow::Cow;

use bytes::Bytes;
use rmp::encode;

use crate::socket_io::packet::Breach;

/// Why JSON isn't turned into MessagePack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untranslatable {
    /// It isn't JSON, or names an attachment that isn't there.
    Broken(Breach),
    /// It is nested deeper than is accepted here.
    TooDeep,
}

const BROKEN: Untranslatable = Untranslatable::Broken(Breach("the content of a packet isn't JSON"));

const NO_ATTACHMENT: Untranslatable =
    Untranslatable::Broken(Breach("a packet names an attachment that it doesn't have"));

/// The member that marks an object as the place of an attachment.
const PLACEHOLDER: &str = "_placeholder";

/// Reads JSON text from front to back.
pub(crate) struct JsonReader<'a> {
    text: &'a str,
    at: usize,
    /// The attachments that placeholders stand for.
    attachments: &'a [Bytes],
    /// How deep values may still be nested.
    depth: usize,
}

impl<'a> JsonReader<'a> {
    pub(crate) fn new(text: &'a str, attachments: &'a [Bytes], max_depth: usize) -> Self {
        Self { text, at: 0, attachments, depth: max_depth }
    }

    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(self.at) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// Takes this character, if it is next.
    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8) -> Result<(), Untranslatable> {
        if self.takes(byte) { Ok(()) } else { Err(BROKEN) }
    }

    /// Begins an array whose values the caller reads. Returns whether it has any.
    pub(crate) fn begin_array(&mut self) -> Result<bool, Untranslatable> {
        self.expect(b'[')?;
        Ok(!self.takes(b']'))
    }

    /// Called after each value of such an array. Returns whether there is another one.
    pub(crate) fn goes_on(&mut self) -> Result<bool, Untranslatable> {
        if self.takes(b',') {
            return Ok(true);
        }
        self.expect(b']').map(|()| false)
    }

    /// Checks that nothing follows.
    pub(crate) fn end(&mut self) -> Result<(), Untranslatable> {
        if self.peek().is_none() { Ok(()) } else { Err(BROKEN) }
    }

    /// The rest of an array, up to its end, appended as an array of its own. `goes_on`: there is at
    /// least one value. Returns how many values there are.
    pub(crate) fn rest_of_array(
        &mut self,
        out: &mut Vec<u8>,
        mut goes_on: bool,
    ) -> Result<usize, Untranslatable> {
        let head = out.len();
        out.push(0x90);
        let mut count = 0;
        while goes_on {
            self.value(out)?;
            count += 1;
            goes_on = self.goes_on()?;
        }
        counted(out, head, count, 0x90, 0xdc)?;
        Ok(count)
    }

    /// Appends the next value.
    pub(crate) fn value(&mut self, out: &mut Vec<u8>) -> Result<(), Untranslatable> {
        match self.peek().ok_or(BROKEN)? {
            b'"' => {
                let text = self.string()?;
                sure(encode::write_str(out, &text));
                Ok(())
            }
            b'{' => {
                if let Some(bytes) = self.placeholder()? {
                    sure(encode::write_bin(out, bytes));
                    return Ok(());
                }
                self.nested(|this| this.object(out))
            }
            b'[' => self.nested(|this| {
                let goes_on = this.begin_array()?;
                this.rest_of_array(out, goes_on).map(drop)
            }),
            b'-' | b'0'..=b'9' => self.number(out),
            b't' => self.word("true", out, 0xc3),
            b'f' => self.word("false", out, 0xc2),
            b'n' => self.word("null", out, 0xc0),
            _ => Err(BROKEN),
        }
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<(), Untranslatable>,
    ) -> Result<(), Untranslatable> {
        self.depth = self.depth.checked_sub(1).ok_or(Untranslatable::TooDeep)?;
        read(self)?;
        self.depth += 1;
        Ok(())
    }

    fn word(&mut self, word: &str, out: &mut Vec<u8>, marker: u8) -> Result<(), Untranslatable> {
        if !self.text[self.at..].starts_with(word) {
            return Err(BROKEN);
        }
        self.at += word.len();
        out.push(marker);
        Ok(())
    }

    fn object(&mut self, out: &mut Vec<u8>) -> Result<(), Untranslatable> {
        self.expect(b'{')?;
        let head = out.len();
        out.push(0x80);
        let mut count = 0;
        let mut goes_on = !self.takes(b'}');
        while goes_on {
            let key = self.string()?;
            sure(encode::write_str(out, &key));
            self.expect(b':')?;
            self.value(out)?;
            count += 1;
            goes_on = self.takes(b',');
            if !goes_on {
                self.expect(b'}')?;
            }
        }
        counted(out, head, count, 0x80, 0xde)
    }

    /// The attachment that the next object stands for, if it stands for one.
    fn placeholder(&mut self) -> Result<Option<&'a Bytes>, Untranslatable> {
        if self.attachments.is_empty() {
            return Ok(None);
        }
        let before = self.at;
        let Some(number) = self.placeholder_number()? else {
            self.at = before;
            return Ok(None);
        };
        let index = usize::try_from(number).map_err(|_| NO_ATTACHMENT)?;
        self.attachments.get(index).map(Some).ok_or(NO_ATTACHMENT)
    }

    /// `Err` if the next object says that it is a placeholder, and isn't a whole one.
    fn placeholder_number(&mut self) -> Result<Option<u64>, Untranslatable> {
        let mut is_placeholder = false;
        match self.members_of_placeholder(&mut is_placeholder) {
            None if is_placeholder => Err(NO_ATTACHMENT),
            number => Ok(number.filter(|_| is_placeholder)),
        }
    }

    fn members_of_placeholder(&mut self, is_placeholder: &mut bool) -> Option<u64> {
        let mut number = None;
        self.expect(b'{').ok()?;
        for last in [false, true] {
            let key = self.string().ok()?;
            self.expect(b':').ok()?;
            self.peek()?;
            let rest = &self.text[self.at..];
            match &*key {
                PLACEHOLDER if rest.starts_with("true") => {
                    *is_placeholder = true;
                    self.at += 4;
                }
                "num" => {
                    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
                    number = Some(rest[..digits].parse().ok()?);
                    self.at += digits;
                }
                _ => return None,
            }
            self.expect(if last { b'}' } else { b',' }).ok()?;
        }
        number
    }

    /// The name of an event, which is a string or a number.
    pub(crate) fn name(&mut self) -> Result<Cow<'a, str>, Untranslatable> {
        match self.peek() {
            Some(b'-' | b'0'..=b'9') => self.digits().map(|(number, _)| Cow::Borrowed(number)),
            _ => self.string(),
        }
    }

    /// The next value, which has to be a string.
    pub(crate) fn string(&mut self) -> Result<Cow<'a, str>, Untranslatable> {
        self.expect(b'"')?;
        let rest = &self.text[self.at..];
        let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
        let plain = plain.ok_or(BROKEN)?;
        let text = &rest[..plain];
        self.at += plain;
        if self.text.as_bytes()[self.at] == b'"' {
            self.at += 1;
            return Ok(Cow::Borrowed(text));
        }
        self.escaped(text.to_owned()).map(Cow::Owned)
    }

    /// The rest of a string that begins with `text`, and has an escape now.
    fn escaped(&mut self, mut text: String) -> Result<String, Untranslatable> {
        loop {
            let rest = &self.text[self.at..];
            let plain = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
            let plain = plain.ok_or(BROKEN)?;
            text.push_str(&rest[..plain]);
            self.at += plain + 1;
            match rest.as_bytes()[plain] {
                b'"' => return Ok(text),
                b'\\' => text.push(self.escape()?),
                _ => return Err(BROKEN),
            }
        }
    }

    /// The character of an escape, behind its backslash.
    fn escape(&mut self) -> Result<char, Untranslatable> {
        let escaped = *self.text.as_bytes().get(self.at).ok_or(BROKEN)?;
        self.at += 1;
        Ok(match escaped {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.four_digits()?;
                let mut unit = Ok(u32::from(first));
                if (0xd800..0xdc00).contains(&first) {
                    unit = self.second_half(first).ok_or(first);
                }
                // Strings of JavaScript may have half a pair. Rust has no text for that.
                unit.ok().and_then(char::from_u32).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(BROKEN),
        })
    }

    fn four_digits(&mut self) -> Result<u16, Untranslatable> {
        let digits = self.text.get(self.at..self.at + 4).ok_or(BROKEN)?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(BROKEN);
        }
        self.at += 4;
        u16::from_str_radix(digits, 16).map_err(|_| BROKEN)
    }

    /// The character of a surrogate pair, if its second half follows.
    fn second_half(&mut self, first: u16) -> Option<u32> {
        let before = self.at;
        if self.text[self.at..].starts_with("\\u") {
            self.at += 2;
            if let Ok(second @ 0xdc00..=0xdfff) = self.four_digits() {
                let (high, low) = (u32::from(first) - 0xd800, u32::from(second) - 0xdc00);
                return Some(0x10000 + (high << 10) + low);
            }
        }
        self.at = before;
        None
    }

    /// The text of the next value, which has to be a number, and whether it is an integer.
    fn digits(&mut self) -> Result<(&'a str, bool), Untranslatable> {
        let rest = &self.text[self.at..];
        let length = rest
            .bytes()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
            .count();
        let number = &rest[..length];
        let is_integer = is_number(number).ok_or(BROKEN)?;
        self.at += length;
        Ok((number, is_integer))
    }

    fn number(&mut self, out: &mut Vec<u8>) -> Result<(), Untranslatable> {
        let (number, is_integer) = self.digits()?;
        if is_integer {
            if let Ok(number) = number.parse::<u64>() {
                sure(encode::write_uint(out, number));
                return Ok(());
            }
            if let Ok(number) = number.parse::<i64>() {
                sure(encode::write_sint(out, number));
                return Ok(());
            }
        }
        let number: f64 = number.parse().map_err(|_| BROKEN)?;
        sure(encode::write_f64(out, number));
        Ok(())
    }
}

/// Whether this is an integer; `None` if it is no number by JSON's grammar.
fn is_number(text: &str) -> Option<bool> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut rest = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with('0')) {
        return None;
    }
    rest = &rest[whole..];
    let mut is_integer = true;
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        rest = fraction.get(count..).filter(|_| count > 0)?;
        is_integer = false;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let count = digits(exponent);
        rest = exponent.get(count..).filter(|_| count > 0)?;
        is_integer = false;
    }
    rest.is_empty().then_some(is_integer)
}

/// Writes the count of an array or a map whose content follows `head`, where one byte is reserved.
/// `small` is the marker for few values, `large` that for a count of two bytes; the one for four
/// bytes is next to that.
fn counted(
    out: &mut Vec<u8>,
    head: usize,
    count: usize,
    small: u8,
    large: u8,
) -> Result<(), Untranslatable> {
    if count < 16 {
        out[head] = small | count as u8;
    } else if let Ok(count) = u16::try_from(count) {
        out[head] = large;
        out.splice(head + 1..head + 1, count.to_be_bytes());
    } else {
        let count = u32::try_from(count).map_err(|_| BROKEN)?;
        out[head] = large + 1;
        out.splice(head + 1..head + 1, count.to_be_bytes());
    }
    Ok(())
}

/// Asserts that a write to a vector succeeded: it can't fail.
pub(crate) fn sure<T, E>(written: Result<T, E>) {
    debug_assert!(written.is_ok());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(text: &str, attachments: &[Bytes]) -> Result<Vec<u8>, Untranslatable> {
        let mut out = Vec::new();
        let mut reader = JsonReader::new(text, attachments, 5);
        reader.value(&mut out)?;
        reader.end()?;
        Ok(out)
    }

    #[test]
    fn numbers_keep_their_kind_and_their_digits() {
        for (text, bytes) in [
            ("0", &b"\x00"[..]),
            ("-1", b"\xff"),
            ("18446744073709551615", b"\xcf\xff\xff\xff\xff\xff\xff\xff\xff"),
            ("-9223372036854775808", b"\xd3\x80\0\0\0\0\0\0\0"),
            ("1.0", b"\xcb\x3f\xf0\0\0\0\0\0\0"),
            ("1e0", b"\xcb\x3f\xf0\0\0\0\0\0\0"),
            ("18446744073709551616", b"\xcb\x43\xf0\0\0\0\0\0\0"),
        ] {
            assert_eq!(packed(text, &[]).as_deref(), Ok(bytes), "{text}");
        }
        for text in ["01", "-", "1.", ".5", "1e", "+1", "1e+", "--1", "1-1", "NaN"] {
            assert_eq!(packed(text, &[]), Err(BROKEN), "{text}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_is_replaced() {
        let text = |json| String::from_utf8(packed(json, &[]).unwrap().split_off(1)).unwrap();
        assert_eq!(text(r#""\ud83d\ude00""#), "😀");
        assert_eq!(text(r#""a\ud83d""#), "a\u{fffd}");
        assert_eq!(text(r#""\ud83d\u0041""#), "\u{fffd}A");
        assert_eq!(text(r#""\ude00b""#), "\u{fffd}b");
        assert_eq!(text(r#""\"\\\/\b\f\n\r\t\u00e9""#), "\"\\/\u{8}\u{c}\n\r\té");
    }

    #[test]
    fn attachments_stand_where_their_placeholders_are() {
        let attachments = [Bytes::from_static(b"ab"), Bytes::from_static(b"c")];
        let text = r#"[{"_placeholder":true,"num":1},{"x":{ "num" : 0 , "_placeholder" : true }}]"#;
        let expected = b"\x92\xc4\x01c\x81\xa1x\xc4\x02ab";
        assert_eq!(packed(text, &attachments).as_deref(), Ok(&expected[..]));
        for text in [r#"{"_placeholder":false,"num":1}"#, r#"{"num":1,"a":true}"#] {
            assert_eq!(packed(text, &attachments), packed(text, &[]), "{text}");
        }
        for rest in [r#""num":2"#, r#""num":-1"#, r#""num":"0""#, r#""num":1,"a":2"#, r#""a":1"#] {
            let wrong = format!("{{\"_placeholder\":true,{rest}}}");
            assert_eq!(packed(&wrong, &attachments), Err(NO_ATTACHMENT), "{wrong}");
        }
    }

    #[test]
    fn what_is_too_deep_or_no_json_is_told_apart() {
        assert!(packed("[[[[[1]]]]]", &[]).is_ok());
        assert_eq!(packed("[[[[[[1]]]]]]", &[]), Err(Untranslatable::TooDeep));
        for text in
            ["", "[1", "[1,]", "{\"a\"}", "{\"a\":1,}", "\"a", "\"\n\"", "tru", "[] []", "\"\\x\""]
        {
            assert_eq!(packed(text, &[]), Err(BROKEN), "{text}");
        }
    }

    #[test]
    fn long_arrays_and_objects_have_their_count() {
        for count in [0, 1, 15, 16, 17, 65_535, 65_536] {
            let text = format!("[{}]", vec!["7"; count].join(","));
            let read: Vec<u8> = rmp_serde::from_slice(&packed(&text, &[]).unwrap()).unwrap();
            assert_eq!(read, vec![7; count]);
            let members: Vec<_> = (0..count).map(|index| format!("\"{index}\":0")).collect();
            let text = format!("{{{}}}", members.join(","));
            let read: std::collections::BTreeMap<String, u8> =
                rmp_serde::from_slice(&packed(&text, &[]).unwrap()).unwrap();
            assert_eq!(read.len(), count);
        }
    }
}
