//! The names of a field or a variant, out of the word that says them in a schema's text.
//!
//! `size read "length" alias "bytes" omitted` is sent as `size`, and read as `length` and `bytes`.

use crate::compatibility::const_text::same_bytes;

/// A name on the wire. Two are compared as they are written, with the escapes of JSON.
pub(crate) type NameBytes<'a> = &'a [u8];

/// The words of a member, one after another.
struct Words<'a> {
    rest: &'a [u8],
}

impl<'a> Words<'a> {
    const fn of(word: &'a str) -> Self {
        Self { rest: word.as_bytes() }
    }

    /// The next word without its quotes, and whether it had some. Empty at the end.
    const fn next(&mut self) -> (&'a [u8], bool) {
        let mut from = 0;
        while from < self.rest.len() && self.rest[from] == b' ' {
            from += 1;
        }
        let (_, rest) = self.rest.split_at(from);
        if rest.is_empty() {
            self.rest = rest;
            return (rest, false);
        }
        let is_quoted = rest[0] == b'"';
        let start = is_quoted as usize;
        let mut end = start;
        while end < rest.len() && rest[end] != if is_quoted { b'"' } else { b' ' } {
            end += if is_quoted && rest[end] == b'\\' { 2 } else { 1 };
        }
        if end > rest.len() {
            end = rest.len();
        }
        let (word, behind) = rest.split_at(end);
        let (_, word) = word.split_at(start);
        let (_, behind) = behind.split_at((is_quoted && !behind.is_empty()) as usize);
        self.rest = behind;
        (word, is_quoted)
    }
}

/// The name under which it is shown: that under which it is sent, or else read.
pub(crate) const fn shown(word: &str) -> NameBytes<'_> {
    if is_plain(word) { word.as_bytes() } else { Words::of(word).next().0 }
}

/// Whether a word is nothing but a name, without quotes: most are.
pub(crate) const fn is_plain(word: &str) -> bool {
    let word = word.as_bytes();
    let mut at = 0;
    while at < word.len() {
        if word[at] == b' ' || word[at] == b'"' {
            return false;
        }
        at += 1;
    }
    true
}

/// Whether it is read under this name, if it is read at all.
pub(crate) const fn is_read_as(word: &str, name: NameBytes<'_>) -> bool {
    if is_plain(word) {
        return same_bytes(word.as_bytes(), name);
    }
    let mut words = Words::of(word);
    let (own, _) = words.next();
    let mut is_own = true;
    loop {
        let (next, is_quoted) = words.next();
        if next.is_empty() && !is_quoted {
            return is_own && same_bytes(own, name);
        }
        let is_read = same_bytes(next, b"read");
        if !is_quoted && (is_read || same_bytes(next, b"alias")) {
            if same_bytes(words.next().0, name) {
                return true;
            }
            is_own &= !is_read;
        }
    }
}

/// Whether one of the words behind the name is this one.
pub(crate) const fn has_word(word: &str, wanted: &str) -> bool {
    if is_plain(word) {
        return false;
    }
    let mut words = Words::of(word);
    words.next();
    loop {
        let (next, is_quoted) = words.next();
        if next.is_empty() && !is_quoted {
            return false;
        }
        if !is_quoted && same_bytes(next, wanted.as_bytes()) {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{has_word, is_read_as, shown};

    #[test]
    fn names_are_found_in_a_word() {
        let word = r#"size read "length" alias "a \"b\"" alias "read" omitted"#;
        assert_eq!(shown(word), b"size");
        assert!(is_read_as(word, b"length") && is_read_as(word, br#"a \"b\""#));
        assert!(is_read_as(word, b"read") && !is_read_as(word, b"size"));
        assert!(has_word(word, "omitted") && !has_word(word, "length") && !has_word(word, "other"));

        assert!(is_read_as("size", b"size") && !is_read_as("size", b"siz"));
        assert!(is_read_as(r#""a b" alias "c""#, b"a b"));
        assert_eq!(shown(r#""a b" other"#), b"a b");
        assert!(has_word(r#""a b" other"#, "other"));
        assert!(is_read_as(r#""" alias "x""#, b"") && is_read_as(r#"x alias """#, b""));
    }
}
