//! Turns MessagePack into JSON text, with raw bytes as attachments.

use std::fmt::Write;

use bytes::Bytes;
use rmp::Marker;

/// The bytes aren't MessagePack, which this side has written itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotMessagePack;

/// Writes JSON text, and collects what can't be text.
pub(crate) struct JsonWriter<'a> {
    pub(crate) out: &'a mut String,
    pub(crate) attachments: &'a mut Vec<Bytes>,
}

impl JsonWriter<'_> {
    /// Appends the value at the front of `bytes`, and returns what follows it.
    pub(crate) fn value<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], NotMessagePack> {
        let (&first, rest) = bytes.split_first().ok_or(NotMessagePack)?;
        match Marker::from_u8(first) {
            Marker::Null => Ok(self.word("null", rest)),
            Marker::True => Ok(self.word("true", rest)),
            Marker::False => Ok(self.word("false", rest)),
            Marker::FixPos(number) => Ok(self.shown(number, rest)),
            Marker::FixNeg(number) => Ok(self.shown(number, rest)),
            Marker::U8 => self.number(rest, u8::from_be_bytes),
            Marker::U16 => self.number(rest, u16::from_be_bytes),
            Marker::U32 => self.number(rest, u32::from_be_bytes),
            Marker::U64 => self.number(rest, u64::from_be_bytes),
            Marker::I8 => self.number(rest, i8::from_be_bytes),
            Marker::I16 => self.number(rest, i16::from_be_bytes),
            Marker::I32 => self.number(rest, i32::from_be_bytes),
            Marker::I64 => self.number(rest, i64::from_be_bytes),
            Marker::F32 => {
                let (number, rest) = taken(rest)?;
                let number = f32::from_be_bytes(number);
                if !number.is_finite() {
                    return Ok(self.word("null", rest));
                }
                // `Debug` writes the fewest digits that are the same float.
                let _ = write!(self.out, "{number:?}");
                Ok(rest)
            }
            Marker::F64 => {
                let (number, rest) = taken(rest)?;
                let number = f64::from_be_bytes(number);
                if !number.is_finite() {
                    return Ok(self.word("null", rest));
                }
                let _ = write!(self.out, "{number:?}");
                Ok(rest)
            }
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                let (text, rest) = text(bytes)?;
                string(self.out, text);
                Ok(rest)
            }
            Marker::Bin8 => sized::<1>(rest).and_then(|(length, rest)| self.bytes(rest, length)),
            Marker::Bin16 => sized::<2>(rest).and_then(|(length, rest)| self.bytes(rest, length)),
            Marker::Bin32 => sized::<4>(rest).and_then(|(length, rest)| self.bytes(rest, length)),
            Marker::FixArray(count) => self.array(rest, count.into()),
            Marker::Array16 => sized::<2>(rest).and_then(|(count, rest)| self.array(rest, count)),
            Marker::Array32 => sized::<4>(rest).and_then(|(count, rest)| self.array(rest, count)),
            Marker::FixMap(count) => self.map(rest, count.into()),
            Marker::Map16 => sized::<2>(rest).and_then(|(count, rest)| self.map(rest, count)),
            Marker::Map32 => sized::<4>(rest).and_then(|(count, rest)| self.map(rest, count)),
            // This side writes no extension types.
            _ => Err(NotMessagePack),
        }
    }

    /// Appends the values of an array, each behind a comma.
    pub(crate) fn elements(&mut self, array: &[u8]) -> Result<(), NotMessagePack> {
        let (count, mut rest) = array_head(array).ok_or(NotMessagePack)?;
        for _ in 0..count {
            self.out.push(',');
            rest = self.value(rest)?;
        }
        Ok(())
    }

    fn word<'b>(&mut self, word: &str, rest: &'b [u8]) -> &'b [u8] {
        self.out.push_str(word);
        rest
    }

    fn shown<'b>(&mut self, number: impl std::fmt::Display, rest: &'b [u8]) -> &'b [u8] {
        let _ = write!(self.out, "{number}");
        rest
    }

    fn number<'b, T: std::fmt::Display, const N: usize>(
        &mut self,
        bytes: &'b [u8],
        number: impl FnOnce([u8; N]) -> T,
    ) -> Result<&'b [u8], NotMessagePack> {
        let (digits, rest) = taken(bytes)?;
        Ok(self.shown(number(digits), rest))
    }

    fn bytes<'b>(&mut self, bytes: &'b [u8], length: usize) -> Result<&'b [u8], NotMessagePack> {
        let (content, rest) = bytes.split_at_checked(length).ok_or(NotMessagePack)?;
        let number = self.attachments.len();
        let _ = write!(self.out, "{{\"_placeholder\":true,\"num\":{number}}}");
        self.attachments.push(Bytes::copy_from_slice(content));
        Ok(rest)
    }

    fn array<'b>(&mut self, mut bytes: &'b [u8], count: usize) -> Result<&'b [u8], NotMessagePack> {
        self.out.push('[');
        for index in 0..count {
            if index > 0 {
                self.out.push(',');
            }
            bytes = self.value(bytes)?;
        }
        self.out.push(']');
        Ok(bytes)
    }

    fn map<'b>(&mut self, mut bytes: &'b [u8], count: usize) -> Result<&'b [u8], NotMessagePack> {
        self.out.push('{');
        for index in 0..count {
            if index > 0 {
                self.out.push(',');
            }
            bytes = self.key(bytes)?;
            self.out.push(':');
            bytes = self.value(bytes)?;
        }
        self.out.push('}');
        Ok(bytes)
    }

    /// Appends a key, which JSON has only as text.
    fn key<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], NotMessagePack> {
        if let Ok((text, rest)) = text(bytes) {
            string(self.out, text);
            return Ok(rest);
        }
        let (mut json, mut none) = (String::new(), Vec::new());
        let rest = JsonWriter { out: &mut json, attachments: &mut none }.value(bytes)?;
        string(self.out, &json);
        Ok(rest)
    }
}

/// Appends text as a string of JSON.
pub(crate) fn string(out: &mut String, text: &str) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        out.push_str(&rest[..at]);
        match rest.as_bytes()[at] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            other => {
                let _ = write!(out, "\\u{other:04x}");
            }
        }
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// The number of values of an array, and the bytes behind its head.
pub(crate) fn array_head(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    match Marker::from_u8(first) {
        Marker::FixArray(count) => Some((count.into(), rest)),
        Marker::Array16 => sized::<2>(rest).ok(),
        Marker::Array32 => sized::<4>(rest).ok(),
        _ => None,
    }
}

/// The string at the front, and what follows it.
fn text(bytes: &[u8]) -> Result<(&str, &[u8]), NotMessagePack> {
    let (&first, rest) = bytes.split_first().ok_or(NotMessagePack)?;
    let (length, rest) = match Marker::from_u8(first) {
        Marker::FixStr(length) => (length.into(), rest),
        Marker::Str8 => sized::<1>(rest)?,
        Marker::Str16 => sized::<2>(rest)?,
        Marker::Str32 => sized::<4>(rest)?,
        _ => return Err(NotMessagePack),
    };
    let (text, rest) = rest.split_at_checked(length).ok_or(NotMessagePack)?;
    std::str::from_utf8(text).map(|text| (text, rest)).map_err(|_| NotMessagePack)
}

fn taken<const N: usize>(bytes: &[u8]) -> Result<([u8; N], &[u8]), NotMessagePack> {
    bytes.split_first_chunk().map(|(taken, rest)| (*taken, rest)).ok_or(NotMessagePack)
}

/// A length of `N` bytes, and what follows it.
fn sized<const N: usize>(bytes: &[u8]) -> Result<(usize, &[u8]), NotMessagePack> {
    let (length, rest) = taken::<N>(bytes)?;
    Ok((length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::codec::Encoding;

    fn written(value: &impl serde::Serialize) -> (String, Vec<Bytes>) {
        let (mut out, mut attachments) = (String::new(), Vec::new());
        let packed = Encoding::MessagePack.own(value);
        let mut writer = JsonWriter { out: &mut out, attachments: &mut attachments };
        assert_eq!(writer.value(&packed), Ok(&[][..]));
        (out, attachments)
    }

    #[test]
    fn raw_bytes_are_attached_and_the_rest_is_json() {
        let bytes = crate::Bytes::from(vec![1, 2]);
        let value =
            (1.0_f64, 0.1_f32, f64::NAN, f32::INFINITY, -3, (), "a\"\n\u{1}", [&bytes, &bytes]);
        let (text, attachments) = written(&value);
        let placeholders = r#"{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}"#;
        let expected = format!(r#"[1.0,0.1,null,null,-3,null,"a\"\n\u0001",[{placeholders}]]"#);
        assert_eq!(text, expected);
        assert_eq!(attachments, [&b"\x01\x02"[..]; 2]);
        let (text, _) = written(&BTreeMap::from([(-7, true), (300, false)]));
        assert_eq!(text, r#"{"-7":true,"300":false}"#);
        let (text, _) = written(&[u64::MAX as f64, 1e300, -1e-7]);
        assert_eq!(
            serde_json::from_str::<Vec<f64>>(&text).unwrap(),
            [u64::MAX as f64, 1e300, -1e-7]
        );
    }
}
