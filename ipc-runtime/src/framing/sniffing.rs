//! Finds out from a connection's first bytes which framing it uses.

use crate::{codec::Encoding, framing::StreamFraming};

/// The first bytes that a client of the native framing sends and its listener echoes. One byte for
/// the encoding follows.
pub(crate) const MAGIC: &[u8; 4] = b"IPC\x01";

/// The whole preface: the magic bytes and the encoding.
pub(crate) const PREFACE: usize = 5;

const NEITHER: &str = "the first bytes are neither IPC\\x01 nor JSON nor Content-Length";

/// The result of looking at a connection's first bytes.
#[derive(Debug, PartialEq)]
pub(crate) enum Sniffed {
    /// More bytes are needed.
    Undecided,
    Native(Encoding),
    Framing(StreamFraming),
    Unknown(&'static str),
}

/// Looks at all bytes that have arrived so far.
pub(crate) fn sniff(bytes: &[u8]) -> Sniffed {
    match bytes {
        [] => Sniffed::Undecided,
        [b'{' | b'[' | b' ' | b'\t' | b'\r' | b'\n', ..] => {
            Sniffed::Framing(StreamFraming::Newline)
        }
        // The first letter of `Content-Length`, in any case.
        [b'C' | b'c', ..] => Sniffed::Framing(StreamFraming::ContentLength),
        [b'I', ..] => {
            let magic = bytes.len().min(MAGIC.len());
            if bytes[..magic] != MAGIC[..magic] {
                return Sniffed::Unknown(NEITHER);
            }
            match bytes.get(MAGIC.len()) {
                None => Sniffed::Undecided,
                // For an encoding that isn't known here, the echo names one that is.
                Some(&byte) => Sniffed::Native(Encoding::from_byte(byte).unwrap_or_default()),
            }
        }
        _ => Sniffed::Unknown(NEITHER),
    }
}

/// The preface of the native framing.
pub(crate) fn preface(encoding: Encoding) -> [u8; PREFACE] {
    let [a, b, c, d] = *MAGIC;
    [a, b, c, d, encoding.byte()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_bytes_tell_the_framing() {
        for text in ["{", "[", " {", "\n"] {
            assert_eq!(
                sniff(text.as_bytes()),
                Sniffed::Framing(StreamFraming::Newline),
                "{text:?}"
            );
        }
        for text in ["Content-Length: 2", "content-length", "C"] {
            assert_eq!(sniff(text.as_bytes()), Sniffed::Framing(StreamFraming::ContentLength));
        }
        assert_eq!(sniff(&preface(Encoding::Json)), Sniffed::Native(Encoding::Json));
        for length in 0..PREFACE {
            assert_eq!(sniff(&preface(Encoding::Json)[..length]), Sniffed::Undecided);
        }
        assert_eq!(sniff(b"IPC\x01\x09"), Sniffed::Native(Encoding::Json));
        for bytes in [&b"GET / HTTP/1.1"[..], b"IPX", b"IPC\x02", b"\x16\x03"] {
            assert!(matches!(sniff(bytes), Sniffed::Unknown(_)), "{bytes:?}");
        }
    }
}
