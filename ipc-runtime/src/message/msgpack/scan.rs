//! Skips MessagePack values without decoding them.

use rmp::Marker;

/// Why bytes aren't a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The bytes end before the value does.
    Truncated,
    /// The value is nested deeper than allowed.
    TooDeep,
    Wrong(&'static str),
}

/// Walks through bytes value by value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PackedScanner<'a> {
    bytes: &'a [u8],
    at: usize,
    /// How deep values may be nested.
    max_depth: usize,
}

/// The greatest depth that is measured, since each level takes memory.
const MEASURED: usize = 1 << 16;

/// The kind of a value, as its first bytes show.
enum ValueHead {
    /// This many bytes follow, which complete the value.
    Bytes(usize),
    /// This many values follow.
    Values(usize),
}

impl<'a> PackedScanner<'a> {
    pub(crate) fn new(bytes: &'a [u8], max_depth: usize) -> Self {
        Self { bytes, at: 0, max_depth }
    }

    /// The bytes that weren't walked through yet.
    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Fault> {
        let end = self.at.checked_add(count).ok_or(Fault::Truncated)?;
        let taken = self.bytes.get(self.at..end).ok_or(Fault::Truncated)?;
        self.at = end;
        Ok(taken)
    }

    fn marker(&mut self) -> Result<Marker, Fault> {
        self.take(1).map(|byte| Marker::from_u8(byte[0]))
    }

    fn length(&mut self, bytes: usize) -> Result<usize, Fault> {
        let length = self.take(bytes)?;
        Ok(length.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)))
    }

    fn head(&mut self) -> Result<ValueHead, Fault> {
        Ok(match self.marker()? {
            Marker::Null | Marker::True | Marker::False => ValueHead::Bytes(0),
            Marker::FixPos(_) | Marker::FixNeg(_) => ValueHead::Bytes(0),
            Marker::U8 | Marker::I8 => ValueHead::Bytes(1),
            Marker::U16 | Marker::I16 => ValueHead::Bytes(2),
            Marker::U32 | Marker::I32 | Marker::F32 => ValueHead::Bytes(4),
            Marker::U64 | Marker::I64 | Marker::F64 => ValueHead::Bytes(8),
            Marker::FixStr(length) => ValueHead::Bytes(length.into()),
            Marker::Str8 | Marker::Bin8 => ValueHead::Bytes(self.length(1)?),
            Marker::Str16 | Marker::Bin16 => ValueHead::Bytes(self.length(2)?),
            Marker::Str32 | Marker::Bin32 => ValueHead::Bytes(self.length(4)?),
            Marker::FixArray(count) => ValueHead::Values(count.into()),
            Marker::Array16 => ValueHead::Values(self.length(2)?),
            Marker::Array32 => ValueHead::Values(self.length(4)?),
            Marker::FixMap(count) => ValueHead::Values(2 * usize::from(count)),
            Marker::Map16 => ValueHead::Values(2 * self.length(2)?),
            Marker::Map32 => ValueHead::Values(self.length(4)?.saturating_mul(2)),
            // Extension types: one byte for the type, then the data.
            Marker::FixExt1 => ValueHead::Bytes(2),
            Marker::FixExt2 => ValueHead::Bytes(3),
            Marker::FixExt4 => ValueHead::Bytes(5),
            Marker::FixExt8 => ValueHead::Bytes(9),
            Marker::FixExt16 => ValueHead::Bytes(17),
            Marker::Ext8 => ValueHead::Bytes(self.length(1)?.saturating_add(1)),
            Marker::Ext16 => ValueHead::Bytes(self.length(2)?.saturating_add(1)),
            Marker::Ext32 => ValueHead::Bytes(self.length(4)?.saturating_add(1)),
            Marker::Reserved => return Err(Fault::Wrong("0xc1 is no value")),
        })
    }

    /// Skips one value and returns its bytes. A value that is too deep isn't skipped.
    pub(crate) fn value(&mut self) -> Result<&'a [u8], Fault> {
        let start = self.at;
        let skipped = self.skip(self.max_depth);
        if skipped == Err(Fault::TooDeep) {
            self.at = start;
        }
        skipped.map(|()| &self.bytes[start..self.at])
    }

    /// Skips one value, however deep it is nested. Returns its bytes and its depth, which is
    /// measured up to [`MEASURED`].
    pub(crate) fn deep_value(&mut self) -> Result<(&'a [u8], usize), Fault> {
        let start = self.at;
        // How many values are still to come in each open array and map.
        let mut open = vec![1_usize];
        let mut deepest = 0;
        while let Some(left) = open.last_mut() {
            if *left == 0 {
                open.pop();
                continue;
            }
            *left -= 1;
            match self.head()? {
                ValueHead::Bytes(count) => drop(self.take(count)?),
                // Too deep to track: its values are counted with those of this level.
                ValueHead::Values(count) if open.len() > MEASURED => {
                    if let Some(left) = open.last_mut() {
                        *left = left.saturating_add(count);
                    }
                }
                ValueHead::Values(count) => {
                    open.push(count);
                    deepest = deepest.max(open.len() - 1);
                }
            }
        }
        Ok((&self.bytes[start..self.at], deepest))
    }

    fn skip(&mut self, depth: usize) -> Result<(), Fault> {
        match self.head()? {
            ValueHead::Bytes(count) => self.take(count).map(drop),
            ValueHead::Values(count) => {
                let inside = depth.checked_sub(1).ok_or(Fault::TooDeep)?;
                for _ in 0..count {
                    self.skip(inside)?;
                }
                Ok(())
            }
        }
    }

    /// The number of entries of a map; `None` if the next value is no map.
    pub(crate) fn map(&mut self) -> Result<Option<usize>, Fault> {
        let before = self.at;
        let count = match self.marker()? {
            Marker::FixMap(count) => count.into(),
            Marker::Map16 => self.length(2)?,
            Marker::Map32 => self.length(4)?,
            _ => {
                self.at = before;
                return Ok(None);
            }
        };
        Ok(Some(count))
    }

    /// The number of values of an array; `None` if the next value is no array.
    pub(crate) fn array(&mut self) -> Result<Option<usize>, Fault> {
        let before = self.at;
        let count = match self.marker()? {
            Marker::FixArray(count) => count.into(),
            Marker::Array16 => self.length(2)?,
            Marker::Array32 => self.length(4)?,
            _ => {
                self.at = before;
                return Ok(None);
            }
        };
        Ok(Some(count))
    }

    /// An integer that isn't negative. `None` for any other value, which isn't skipped.
    pub(crate) fn integer(&mut self) -> Result<Option<u64>, Fault> {
        let before = self.at;
        let bytes = match self.marker()? {
            Marker::FixPos(number) => return Ok(Some(number.into())),
            Marker::U8 => 1,
            Marker::U16 => 2,
            Marker::U32 => 4,
            Marker::U64 => 8,
            _ => {
                self.at = before;
                return Ok(None);
            }
        };
        let number = self.take(bytes)?;
        Ok(Some(number.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))))
    }

    /// Skips these bytes. `None` if others come next.
    pub(crate) fn skip_bytes(&mut self, bytes: &[u8]) -> Option<()> {
        let found = self.rest().starts_with(bytes);
        self.at += if found { bytes.len() } else { 0 };
        found.then_some(())
    }

    /// A string's bytes. `None` for any other value, which is skipped.
    pub(crate) fn string(&mut self) -> Result<Option<&'a [u8]>, Fault> {
        let before = self.at;
        let length = match self.marker()? {
            Marker::FixStr(length) => length.into(),
            Marker::Str8 => self.length(1)?,
            Marker::Str16 => self.length(2)?,
            Marker::Str32 => self.length(4)?,
            _ => {
                self.at = before;
                return self.value().map(|_| None);
            }
        };
        self.take(length).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_it_ends() {
        let values: [&[u8]; 14] = [
            b"\xc0",
            b"\x05",
            b"\xe0",
            b"\xcd\x01\x00",
            b"\xcb\0\0\0\0\0\0\0\0",
            b"\xa3abc",
            b"\xd9\x01a",
            b"\xc4\x02ab",
            b"\x92\x01\x02",
            b"\x82\xa1a\x01\xa1b\x91\xc0",
            b"\xdc\x00\x01\xc3",
            b"\xdf\x00\x00\x00\x01\xa1a\xc2",
            b"\xd4\x01\x00",
            b"\xc7\x02\xff\x01\x02",
        ];
        for value in values {
            let followed = [value, b"\x01"].concat();
            assert_eq!(PackedScanner::new(&followed, 10).value(), Ok(value));
            assert_eq!(
                PackedScanner::new(&followed, 10).deep_value().map(|(value, _)| value),
                Ok(value)
            );
            for length in 0..value.len() {
                assert_eq!(PackedScanner::new(&value[..length], 10).value(), Err(Fault::Truncated));
                assert_eq!(
                    PackedScanner::new(&value[..length], 10).deep_value(),
                    Err(Fault::Truncated)
                );
            }
        }
    }

    #[test]
    fn what_only_a_header_claims_is_truncated() {
        for claims in [b"\xdf\xff\xff\xff\xff", b"\xdd\xff\xff\xff\xff", b"\xdb\xff\xff\xff\xff"] {
            assert_eq!(PackedScanner::new(claims, 10).value(), Err(Fault::Truncated));
        }
    }

    #[test]
    fn what_is_too_deep_is_measured() {
        assert!(matches!(PackedScanner::new(b"\xc1", 10).value(), Err(Fault::Wrong(_))));
        let nested = |depth: usize| [vec![0x91; depth], vec![0xc0]].concat();
        assert!(PackedScanner::new(&nested(10), 10).value().is_ok());
        let deep = nested(11);
        let mut scanner = PackedScanner::new(&deep, 10);
        assert_eq!(scanner.value(), Err(Fault::TooDeep));
        assert_eq!(scanner.deep_value(), Ok((&deep[..], 11)));
        for (depth, measured) in
            [(MEASURED, MEASURED), (MEASURED + 1, MEASURED), (1 << 20, MEASURED)]
        {
            // With further values before and after, on each level.
            let deep =
                [b"\x93\x01".repeat(depth), b"\xc0".to_vec(), b"\x02".repeat(depth)].concat();
            assert_eq!(PackedScanner::new(&deep, 10).deep_value(), Ok((&deep[..], measured)));
        }
    }
}
