//! Text that constants put together.

/// A text of bounded length. What is too much is left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ConstText {
    bytes: [u8; ConstText::MAX],
    length: usize,
    is_full: bool,
}

impl ConstText {
    const MAX: usize = 16 * 1024;

    pub(crate) const fn new() -> Self {
        Self { bytes: [0; Self::MAX], length: 0, is_full: false }
    }

    pub(crate) const fn length(&self) -> usize {
        self.length
    }

    /// Adds a text, whole or not at all.
    pub(crate) const fn push(&mut self, text: &str) {
        let text = text.as_bytes();
        if self.is_full || text.len() > Self::MAX - self.length {
            self.is_full = true;
            return;
        }
        let mut at = 0;
        while at < text.len() {
            self.bytes[self.length] = text[at];
            self.length += 1;
            at += 1;
        }
    }

    pub(crate) const fn push_all(&mut self, texts: &[&str]) {
        let mut at = 0;
        while at < texts.len() {
            self.push(texts[at]);
            at += 1;
        }
    }

    pub(crate) const fn push_number(&mut self, number: u64) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        self.push(digit(number % 10));
    }

    /// The text from one place to another, at which texts were added.
    pub(crate) const fn part(&self, from: usize, to: usize) -> &str {
        let (bytes, _) = self.bytes.split_at(to);
        let (_, bytes) = bytes.split_at(from);
        match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => "",
        }
    }

    pub(crate) const fn as_str(&self) -> &str {
        self.part(0, self.length)
    }
}

const fn digit(number: u64) -> &'static str {
    ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"][number as usize % 10]
}

/// Whether two texts are the same, in constants.
pub(crate) const fn same(a: &str, b: &str) -> bool {
    same_bytes(a.as_bytes(), b.as_bytes())
}

pub(crate) const fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
