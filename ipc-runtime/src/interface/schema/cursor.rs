//! A place in a line of a schema's text, and the lengths of what may stand there.

use crate::interface::schema::{parse_error::ParseSchemaError, words::is_shape_word};

/// How deep shapes and groups may be nested.
pub(super) const MAX_DEPTH: usize = 64;

/// A place in a line.
pub(super) struct Cursor<'a> {
    line: &'a str,
    number: usize,
    at: usize,
    /// What was skipped.
    unknown: Vec<String>,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(line: &'a str, number: usize) -> Self {
        let mut cursor = Self { line, number, at: 0, unknown: Vec::new() };
        cursor.skip_blanks();
        cursor
    }

    /// What follows.
    pub(super) fn rest(&self) -> &'a str {
        self.line.get(self.at..).unwrap_or_default()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest().is_empty()
    }

    pub(super) fn error(&self, reason: impl Into<String>) -> ParseSchemaError {
        let before = self.line.get(..self.at).unwrap_or_default();
        ParseSchemaError::new(self.number, before.chars().count() + 1, reason)
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start_matches([' ', '\t']).len();
    }

    /// Takes so many bytes, and the blanks behind.
    pub(super) fn take(&mut self, length: usize) -> &'a str {
        let taken = self.rest().get(..length).unwrap_or_default();
        self.at += taken.len();
        self.skip_blanks();
        taken
    }

    /// Takes a sign, if it is next.
    pub(super) fn sign(&mut self, sign: &str) -> bool {
        let is_next = self.rest().starts_with(sign);
        if is_next {
            self.take(sign.len());
        }
        is_next
    }

    /// Takes a sign, which must be next.
    pub(super) fn expect(&mut self, sign: &str) -> Result<(), ParseSchemaError> {
        if self.sign(sign) { Ok(()) } else { Err(self.error(format!("`{sign}` is missing here"))) }
    }

    /// Takes a word, if it is next.
    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let is_next = self.rest().get(..plain_length(self.rest())) == Some(word);
        if is_next {
            self.take(word.len());
        }
        is_next
    }

    /// Takes a string, if one is next.
    pub(super) fn string(&mut self) -> Result<Option<String>, ParseSchemaError> {
        if !self.rest().starts_with('"') {
            return Ok(None);
        }
        let Some(length) = string_length(self.rest()) else {
            return Err(self.error("a string that doesn't end"));
        };
        let parsed = self.rest().get(..length).map(serde_json::from_str::<String>);
        match parsed {
            Some(Ok(string)) => {
                self.take(length);
                Ok(Some(string))
            }
            _ => Err(self.error("not a string of JSON")),
        }
    }

    /// Takes a string, which must be next.
    pub(super) fn quoted(&mut self) -> Result<String, ParseSchemaError> {
        self.string()?.ok_or_else(|| self.error("a string is missing here"))
    }

    /// Takes a string, or what `length` measures.
    pub(super) fn name(
        &mut self,
        length: fn(&str) -> usize,
        what: &str,
    ) -> Result<String, ParseSchemaError> {
        if let Some(string) = self.string()? {
            return Ok(string);
        }
        match length(self.rest()) {
            0 => Err(self.error(format!("{what} is missing here"))),
            length => Ok(self.take(length).to_owned()),
        }
    }

    /// Takes the strings and groups that follow an unknown word; returns it with all of them.
    pub(super) fn with_groups(&mut self, from: usize) -> Result<String, ParseSchemaError> {
        while let Some(length) = group_length(self.rest()) {
            if length == 0 {
                return Err(self.error("something that doesn't end"));
            }
            self.take(length);
        }
        Ok(self.since(from).to_owned())
    }

    /// What was taken since then.
    pub(super) fn since(&self, from: usize) -> &'a str {
        self.line.get(from..self.at).unwrap_or_default().trim_end()
    }

    /// Takes a word that isn't known, if one is next.
    pub(super) fn word(&mut self) -> Result<bool, ParseSchemaError> {
        let from = self.at;
        let length = plain_length(self.rest());
        if length > 0 {
            self.take(length);
            let unknown = self.with_groups(from)?;
            self.unknown.push(unknown);
        }
        Ok(length > 0)
    }

    /// Takes all words that aren't known.
    pub(super) fn words(&mut self) -> Result<(), ParseSchemaError> {
        while self.word()? {}
        Ok(())
    }

    /// Keeps what was skipped.
    pub(super) fn skip(&mut self, unknown: impl Into<String>) {
        self.unknown.push(unknown.into());
    }

    /// What was skipped.
    pub(super) fn unknown(&mut self) -> &mut Vec<String> {
        &mut self.unknown
    }

    /// Where it is, for [`since`](Self::since).
    pub(super) fn position(&self) -> usize {
        self.at
    }
}

/// How many bytes of a plain name are next.
pub(super) fn plain_length(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return 0;
    }
    run(text, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// How many bytes of a channel or a version are next.
pub(super) fn word_length(text: &str) -> usize {
    run(text, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '+'))
}

/// How many bytes of the bare name of a type are next: it begins with a capital letter, or is a
/// path; the words of shapes do neither.
pub(super) fn reference_length(text: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut length = run(text, is_word);
    let mut is_path = false;
    while length > 0 {
        let Some(rest) = text.get(length..).and_then(|rest| rest.strip_prefix("::")) else { break };
        match run(rest, is_word) {
            0 => break,
            more => length += 2 + more,
        }
        is_path = true;
    }
    if text.starts_with(char::is_numeric) || !(is_path || text.starts_with(char::is_uppercase)) {
        return 0;
    }
    let rest = text.get(length..).unwrap_or_default();
    if rest.starts_with('<') {
        length += angles_length(rest);
    }
    let rest = text.get(length..).unwrap_or_default();
    if let Some(number) = rest.strip_prefix('#') {
        match run(number, |c| c.is_ascii_digit()) {
            0 => {}
            digits => length += 1 + digits,
        }
    }
    length
}

/// How many bytes of generic arguments are next.
fn angles_length(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ if c.is_alphanumeric() || " _:,;-#&()[]…".contains(c) => {}
            _ => return 0,
        }
        if depth == 0 {
            return at + 1;
        }
    }
    0
}

/// Whether the text is a shape's unknown word, with what belongs to it.
pub(super) fn is_unknown_shape(text: &str) -> bool {
    let mut length = plain_length(text);
    if length == 0 || reference_length(text) > 0 || text.contains('\n') {
        return false;
    }
    if text.get(..length).is_none_or(is_shape_word) {
        return false;
    }
    while let Some(rest) = text.get(length..) {
        let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        match rest.get(blanks..).and_then(group_length) {
            None => return blanks == 0 && rest.is_empty(),
            Some(0) => return false,
            Some(more) => length += blanks + more,
        }
    }
    false
}

/// How many bytes of a string or of a group in brackets are next: `None` if neither is, and zero if
/// it doesn't end.
fn group_length(text: &str) -> Option<usize> {
    if text.starts_with('"') {
        return Some(string_length(text).unwrap_or(0));
    }
    if !text.starts_with(['<', '(', '{', '[']) {
        return None;
    }
    let mut open = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        match c {
            '<' => open.push('>'),
            '(' => open.push(')'),
            '{' => open.push('}'),
            '[' => open.push(']'),
            '>' | ')' | '}' | ']' if open.pop() != Some(c) => return Some(0),
            '"' => match text.get(at..).and_then(string_length) {
                Some(length) => at += length - 1,
                None => return Some(0),
            },
            _ => {}
        }
        at += c.len_utf8();
        if open.is_empty() {
            return Some(at);
        }
        if open.len() > MAX_DEPTH {
            return Some(0);
        }
    }
    Some(0)
}

/// How many bytes of a string are next; `None` if it doesn't end.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}
