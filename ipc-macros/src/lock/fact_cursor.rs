//! A place in a line of a lock file. Its words are those of a schema's text, for which the guide to
//! the wire protocol has the grammar.

/// A place in a line.
pub(crate) struct FactCursor<'a> {
    rest: &'a str,
}

/// What a lock file's line should be, and isn't.
pub(crate) type FactError = String;

impl<'a> FactCursor<'a> {
    pub(crate) fn new(line: &'a str) -> Self {
        Self { rest: line.trim_start() }
    }

    /// What follows.
    pub(crate) fn rest(&self) -> &'a str {
        self.rest
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn error(&self, what: &str) -> FactError {
        let near: String = self.rest.chars().take(40).collect();
        format!("{what} is missing before `{near}`")
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest.trim_start();
        taken
    }

    /// Takes a sign, if it is next.
    pub(crate) fn sign(&mut self, sign: &str) -> bool {
        let is_next = self.rest.starts_with(sign);
        if is_next {
            self.take(sign.len());
        }
        is_next
    }

    pub(crate) fn expect(&mut self, sign: &str) -> Result<(), FactError> {
        if self.sign(sign) { Ok(()) } else { Err(self.error(&format!("`{sign}`"))) }
    }

    /// The word that is next: empty if none is.
    pub(crate) fn peek(&self) -> &'a str {
        &self.rest[..plain_length(self.rest)]
    }

    pub(crate) fn keyword(&mut self, word: &str) -> bool {
        let is_next = self.peek() == word;
        if is_next {
            self.take(word.len());
        }
        is_next
    }

    pub(crate) fn word(&mut self) -> &'a str {
        self.take(plain_length(self.rest))
    }

    pub(crate) fn number(&mut self) -> Result<u64, FactError> {
        let digits = self.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.rest.len());
        let error = self.error("a number");
        self.take(digits).parse().map_err(|_| error)
    }

    /// Takes a string of JSON, if one is next.
    pub(crate) fn string(&mut self) -> Result<Option<String>, FactError> {
        if !self.rest.starts_with('"') {
            return Ok(None);
        }
        let mut text = String::new();
        let mut letters = self.rest.char_indices().skip(1);
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.take(at + 1);
                    return Ok(Some(text));
                }
                '\\' => match letters.next().map(|(_, letter)| letter) {
                    Some('n') => text.push('\n'),
                    Some('r') => text.push('\r'),
                    Some('t') => text.push('\t'),
                    Some('b') => text.push('\u{8}'),
                    Some('f') => text.push('\u{c}'),
                    Some('u') => {
                        let digits: String =
                            letters.by_ref().take(4).map(|(_, letter)| letter).collect();
                        let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                        text.push(code.ok_or_else(|| self.error("an escape of JSON"))?);
                    }
                    Some(letter @ ('"' | '\\' | '/')) => text.push(letter),
                    _ => return Err(self.error("an escape of JSON")),
                },
                letter => text.push(letter),
            }
        }
        Err(self.error("the end of a string"))
    }

    pub(crate) fn quoted(&mut self) -> Result<String, FactError> {
        self.string()?.ok_or_else(|| self.error("a string"))
    }

    /// Takes a name on the wire.
    pub(crate) fn name(&mut self) -> Result<String, FactError> {
        match self.string()? {
            Some(string) => Ok(string),
            None if self.peek().is_empty() => Err(self.error("a name")),
            None => Ok(self.word().to_owned()),
        }
    }

    /// Takes the bare name of a type, if one is next: it begins with a capital letter, or is a
    /// path; the words of shapes do neither.
    pub(crate) fn reference(&mut self) -> Option<&'a str> {
        match reference_length(self.rest) {
            0 => None,
            length => Some(self.take(length)),
        }
    }
}

fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

fn plain_length(text: &str) -> usize {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        return 0;
    }
    run(text, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

fn reference_length(text: &str) -> usize {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut length = run(text, is_word);
    let mut is_path = false;
    while let Some(rest) = text[length..].strip_prefix("::").filter(|_| length > 0) {
        match run(rest, is_word) {
            0 => break,
            more => length += 2 + more,
        }
        is_path = true;
    }
    if text.starts_with(char::is_numeric) || !(is_path || text.starts_with(char::is_uppercase)) {
        return 0;
    }
    if text[length..].starts_with('<') {
        length += angles_length(&text[length..]);
    }
    if let Some(number) = text[length..].strip_prefix('#') {
        match run(number, |c| c.is_ascii_digit()) {
            0 => {}
            digits => length += 1 + digits,
        }
    }
    length
}

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
