//! Quotes what a peer that doesn't speak the protocol has sent, for people to read.

/// The largest number of characters shown.
const LONGEST: usize = 64;

/// How many bytes those characters may take.
pub(super) const ENOUGH: usize = 4 * LONGEST;

/// Returns the first line, cut off if it is too long. Characters that can't be printed are escaped,
/// and what isn't text is replaced. Only one line, since the protocol's own bytes may follow.
pub(super) fn quote(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(ENOUGH)]);
    // The line's end isn't shown, unless there is nothing else.
    let line = text.split(['\r', '\n']).next().unwrap_or_default();
    let shown = if line.is_empty() { &text } else { line };
    let mut quoted = String::new();
    for sign in shown.chars().take(LONGEST) {
        if sign.is_control() {
            quoted.extend(sign.escape_debug());
        } else {
            quoted.push(sign);
        }
    }
    if shown.len() == text.len() && bytes.len() > ENOUGH || shown.chars().nth(LONGEST).is_some() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use crate::transport::quote::{LONGEST, quote};

    #[test]
    fn what_can_be_printed_is_shown_as_it_is() {
        assert_eq!(quote(b"SSH-2.0-OpenSSH_9.2\r\n"), "SSH-2.0-OpenSSH_9.2");
        assert_eq!(quote("größe \"1\"".as_bytes()), "größe \"1\"");
        assert_eq!(quote(b"a\tb\0\x1b[0m\nIPC\x01\0"), "a\\tb\\0\\u{1b}[0m");
        assert_eq!(quote(b"\nab\n"), "\\nab\\n");
        assert_eq!(quote(b"\n"), "\\n");
        assert_eq!(quote(b"\xff\xfe"), "\u{fffd}\u{fffd}");
        assert_eq!(quote(b""), "");
    }

    #[test]
    fn what_is_long_is_cut_off() {
        assert_eq!(quote("ß".repeat(LONGEST).as_bytes()), "ß".repeat(LONGEST));
        let cut = quote("ß".repeat(LONGEST + 1).as_bytes());
        assert_eq!(cut, "ß".repeat(LONGEST) + "…");
        let cut = quote("\u{1f980}".repeat(LONGEST + 1).as_bytes());
        assert_eq!(cut, "\u{1f980}".repeat(LONGEST) + "…");
    }
}
