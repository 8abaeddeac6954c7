//! Short texts of what a peer has sent: of no length that it could choose, and without characters
//! that would be taken for something else where the text is shown.

use std::fmt::{self, Display, Formatter, Write};

use crate::interface::schema::cursor::{plain_length, reference_length};

/// How long a name may be. Those that the crate makes are shorter.
const MAX_NAME: usize = 200;

/// Returns the text up to this many characters, and what isn't printable as an escape.
///
/// What doesn't fit isn't made: the text of a whole type may be asked for.
pub(crate) fn excerpt(text: impl Display, length: usize) -> String {
    let mut excerpt = Excerpt { text: String::new(), left: length };
    // Nothing but the end of the room is an error here.
    if write!(excerpt, "{text}").is_err() {
        excerpt.text.push('…');
    }
    excerpt.text
}

struct Excerpt {
    text: String,
    left: usize,
}

impl Write for Excerpt {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            if is_printable(c) {
                self.text.push(c);
            } else {
                self.text.extend(c.escape_debug());
            }
        }
        Ok(())
    }
}

/// Whether it is shown as itself, and changes nothing around it: no control character, and none
/// that changes the direction of the text. Accents that belong to the letter before are.
fn is_printable(c: char) -> bool {
    let is_accent = || format!("e{c}").escape_debug().count() == 2;
    matches!(c, '"' | '\'' | '\\') || c.escape_debug().len() == 1 || is_accent()
}

/// A name for people to read: quoted unless it is plain or a type's, and cut.
pub(crate) struct NameExcerpt<'a>(pub(crate) &'a str);

impl Display for NameExcerpt<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let name = self.0;
        match name.char_indices().nth(MAX_NAME) {
            Some((at, _)) => write!(f, "{:?}…", name.get(..at).unwrap_or_default()),
            None if !name.is_empty() && is_bare(name) => f.write_str(name),
            None => write!(f, "{name:?}"),
        }
    }
}

fn is_bare(name: &str) -> bool {
    [plain_length(name), reference_length(name)].contains(&name.len())
        && name.chars().all(is_printable)
}

#[cfg(test)]
mod tests {
    use super::{NameExcerpt, excerpt};

    #[test]
    fn texts_are_cut_and_harmless() {
        assert_eq!(excerpt("a \"b\"", 5), "a \"b\"");
        assert_eq!(excerpt("äöü", 2), "äö…");
        assert_eq!(excerpt("e\u{301}", 2), "e\u{301}");
        assert_eq!(excerpt("a\nb\u{1b}\u{9b}\u{202e}", 9), "a\\nb\\u{1b}\\u{9b}\\u{202e}");
    }

    #[test]
    fn names_are_quoted_unless_they_are_plain() {
        for bare in ["a-b", "type", "Page<b::Info>#2", "Ä"] {
            assert_eq!(NameExcerpt(bare).to_string(), bare);
        }
        assert_eq!(NameExcerpt("").to_string(), "\"\"");
        assert_eq!(NameExcerpt("A, field b").to_string(), "\"A, field b\"");
        assert_eq!(NameExcerpt("A\n").to_string(), "\"A\\n\"");
        let long = NameExcerpt(&"N".repeat(300)).to_string();
        assert_eq!(long, format!("\"{}\"…", "N".repeat(200)));
    }
}
