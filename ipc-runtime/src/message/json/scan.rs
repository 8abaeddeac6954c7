//! Finds the top-level members of a message without decoding them.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::message::members::{EnvelopeMembers, Method, Unusual};

/// The members of a whole message, which may be nested `max_depth` levels deep.
pub(crate) fn members(frame: &[u8], max_depth: usize) -> Result<EnvelopeMembers<'_>, Unusual> {
    let mut members = EnvelopeMembers::default();
    // The message's own braces are one level.
    let inside = max_depth.saturating_sub(1);
    let mut scanner = JsonScanner { text: frame, at: 0, deepest: inside };
    scanner.object(&mut members)?;
    scanner.white_space();
    if scanner.at < frame.len() {
        return Err(Unusual::Syntax("there is more text behind the message"));
    }
    if scanner.deepest > inside {
        members.too_deep = Some(scanner.deepest.saturating_add(1));
    }
    Ok(members)
}

/// The members that are complete in the first bytes of a message.
pub(crate) fn members_of_prefix(prefix: &[u8]) -> EnvelopeMembers<'_> {
    let mut members = EnvelopeMembers::default();
    // However the walk ends, the members found so far are the answer.
    let _ = JsonScanner { text: prefix, at: 0, deepest: usize::MAX }.object(&mut members);
    members
}

/// A string that was skipped.
enum Text<'a> {
    /// It has no escapes, so these bytes are its text.
    Plain(&'a [u8]),
    Escaped,
}

/// The length of the value at the beginning of `text`. `None` if there is none, or if it is nested
/// deeper than `max_depth` or ends the text. Whether the inside is JSON shows when it is decoded.
pub(crate) fn value_length(text: &[u8], max_depth: usize) -> Option<usize> {
    let mut scanner = JsonScanner { text, at: 0, deepest: max_depth };
    scanner.value().ok()?;
    (scanner.deepest == max_depth && scanner.at < text.len()).then_some(scanner.at)
}

struct JsonScanner<'a> {
    text: &'a [u8],
    at: usize,
    /// The depth that members may have, or the greatest depth found if that is more. Nothing here
    /// recurses, so a message that is nested too deep is still read to its end: its id may come
    /// last.
    deepest: usize,
}

impl<'a> JsonScanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn white_space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    /// Walks an object and fills in the members on the way, so that a prefix yields what it holds.
    fn object(&mut self, members: &mut EnvelopeMembers<'a>) -> Result<(), Unusual> {
        self.white_space();
        if self.peek() != Some(b'{') {
            return Err(Unusual::NotAnObject);
        }
        self.at += 1;
        self.white_space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.white_space();
            let start = self.at;
            let key = match self.string()? {
                Text::Plain(key) => Some(Cow::Borrowed(key)),
                Text::Escaped => {
                    unescape(&self.text[start..self.at])?.map(|key| Cow::Owned(key.into_bytes()))
                }
            };
            self.white_space();
            if self.peek() != Some(b':') {
                return Err(Unusual::Syntax("a key must be followed by a colon"));
            }
            self.at += 1;
            self.white_space();
            let start = self.at;
            if let Err(unusual) = self.value() {
                if key.as_deref() == Some(b"params") {
                    members.open_params = self.text.get(start..);
                }
                return Err(unusual);
            }
            let value = &self.text[start..self.at];
            match key.as_deref() {
                Some(b"jsonrpc") => members.version = Some(value),
                Some(b"id") => members.id = Some(value),
                Some(b"method") => members.method = Some(method(value)?),
                Some(b"params") => members.params = Some(value),
                Some(b"result") => members.result = Some(value),
                Some(b"error") => members.error = Some(value),
                Some(b"ipc") => members.extension = Some(value),
                Some(b"subscription") => members.subscription = Some(value),
                Some(b"stream") => members.stream = Some(value),
                _ => {}
            }
            self.white_space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(_) => return Err(Unusual::Syntax("members must be separated by commas")),
                None => return Err(Unusual::Syntax("the message ends before its last brace")),
            }
        }
    }

    /// Skips a string.
    fn string(&mut self) -> Result<Text<'a>, Unusual> {
        if self.peek() != Some(b'"') {
            return Err(Unusual::Syntax("a string was expected"));
        }
        self.at += 1;
        let start = self.at;
        let mut is_plain = true;
        loop {
            self.at += plain_bytes(self.text.get(self.at..).unwrap_or_default());
            match self.peek() {
                Some(b'"') => {
                    let inside = &self.text[start..self.at];
                    self.at += 1;
                    return Ok(if is_plain { Text::Plain(inside) } else { Text::Escaped });
                }
                Some(b'\\') => {
                    is_plain = false;
                    self.at += 2;
                }
                Some(_) => return Err(Unusual::Syntax("a control character in a string")),
                None => return Err(Unusual::Syntax("a string doesn't end")),
            }
        }
    }

    /// Skips one value. Follows only the brackets; whether the inside is JSON shows when it is
    /// decoded.
    fn value(&mut self) -> Result<(), Unusual> {
        match self.peek() {
            Some(b'"') => self.string().map(|_| ()),
            Some(b'[' | b'{') => self.nested(),
            Some(_) => {
                let start = self.at;
                while let Some(byte) = self.peek() {
                    if !(byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.')) {
                        break;
                    }
                    self.at += 1;
                }
                if self.at == start {
                    return Err(Unusual::Syntax("a value was expected"));
                }
                if self.at == self.text.len() {
                    // A number has no end of its own, so a prefix could cut one short.
                    return Err(Unusual::Syntax("the message ends inside a value"));
                }
                Ok(())
            }
            None => Err(Unusual::Syntax("a value was expected")),
        }
    }

    fn nested(&mut self) -> Result<(), Unusual> {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.string()?;
                    continue;
                }
                Some(b'[' | b'{') => {
                    depth += 1;
                    if depth > self.deepest {
                        self.deepest = depth;
                    }
                }
                Some(b']' | b'}') => {
                    depth -= 1;
                    if depth == 0 {
                        self.at += 1;
                        return Ok(());
                    }
                }
                Some(_) => {}
                None => return Err(Unusual::Syntax("an array or object doesn't end")),
            }
            self.at += 1;
        }
    }
}

/// How many bytes at the beginning of a string's inside stand for themselves: up to the end of the
/// string, an escape or a control character. Most of a message is text, so this looks at eight
/// bytes at a time.
pub(crate) fn plain_bytes(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES << 7;

    let mut at = 0;
    while let Some(bytes) = text[at..].first_chunk() {
        let word = u64::from_le_bytes(*bytes);
        // Sets the high bit of each byte that is below `byte`. The subtraction's borrow may set
        // others above the lowest such byte, but only the lowest is used.
        let below = |word: u64, byte: u8| word.wrapping_sub(ONES * u64::from(byte)) & !word & HIGHS;
        let equal = |byte: u8| below(word ^ (ONES * u64::from(byte)), 1);
        let found = below(word, b' ') | equal(b'"') | equal(b'\\');
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let is_plain = |byte: &&u8| !matches!(byte, 0..=0x1f | b'"' | b'\\');
    at + text[at..].iter().take_while(is_plain).count()
}

fn method(value: &[u8]) -> Result<Method<'_>, Unusual> {
    match value {
        [b'"', name @ .., b'"'] => {
            if name.contains(&b'\\') {
                let name = unescape(value)?.map(Cow::Owned);
                return Ok(name.map_or(Method::NotAString, Method::Name));
            }
            match std::str::from_utf8(name) {
                Ok(name) => Ok(Method::Name(name.into())),
                Err(_) => Err(Unusual::Syntax("the method's name is not UTF-8")),
            }
        }
        _ => Ok(Method::NotAString),
    }
}

/// The text of a string in quotes. `None` if it has none, as with half a surrogate pair.
fn unescape(quoted: &[u8]) -> Result<Option<String>, Unusual> {
    match (serde_json::from_slice(quoted), serde_json::from_slice::<&RawValue>(quoted)) {
        (Ok(text), _) => Ok(Some(text)),
        (Err(_), Ok(_)) => Ok(None),
        (Err(_), Err(_)) => Err(Unusual::Syntax("a string holds an escape that is none")),
    }
}

#[cfg(test)]
mod tests {
    use crate::message::json::scan::plain_bytes;

    #[test]
    fn plain_bytes_end_at_the_first_that_is_none() {
        let plain: Vec<u8> = (0x20..=0xff).filter(|byte| !matches!(byte, b'"' | b'\\')).collect();
        assert_eq!(plain_bytes(&plain), plain.len());
        for end in (0..0x20).chain([b'"', b'\\']) {
            for behind in [0, b'"', b'\\', b'!', 0xff] {
                for length in 0..20 {
                    let mut text = vec![b'!'; length];
                    text.extend([end, behind, 0x1f, 0x20]);
                    text.resize(40, behind);
                    assert_eq!(plain_bytes(&text), length, "{end} {behind}");
                    assert_eq!(plain_bytes(&text[..=length]), length, "{end} at the end");
                }
            }
        }
    }
}
