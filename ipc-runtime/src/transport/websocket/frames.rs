//! Tracks the frames of a WebSocket (RFC 6455, 5.2) by their headers, below the library that parses
//! them. That library doesn't show how far it has come, and reserves as much memory as a header
//! claims.

/// The position in a stream of frames.
#[derive(Debug)]
pub(in crate::transport) struct Frames {
    at: At,
    /// The first byte of the header, which holds the kind of frame.
    first: u8,
    is_masked: bool,
    /// The length so far of the message that has begun. A message may come in several frames, with
    /// control frames in between.
    message: Option<u64>,
    /// How many bytes of messages were read.
    pub(in crate::transport) read: u64,
}

#[derive(Debug, Clone, Copy)]
enum At {
    /// In the HTTP head before the frames, which ends with an empty line.
    Head {
        line_is_empty: bool,
    },
    /// Between two frames.
    Between,
    Length,
    LongLength {
        missing: u8,
        length: u64,
    },
    /// In the payload, including the mask.
    Payload {
        left: u64,
    },
}

/// A frame claims to be longer than the limit.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::transport) struct TooLong {
    /// How long the message would be.
    pub(in crate::transport) size: u64,
    /// How many of the bytes precede the one that completes the claim.
    pub(in crate::transport) ahead: usize,
}

impl Frames {
    pub(in crate::transport) fn behind_head() -> Self {
        let at = At::Head { line_is_empty: false };
        Self { at, first: 0, is_masked: false, message: None, read: 0 }
    }

    /// Starts with the frames: the HTTP head was already read.
    pub(in crate::transport) fn begin(&mut self) {
        self.at = At::Between;
    }

    /// Whether a message or frame has begun and isn't complete.
    pub(in crate::transport) fn is_mid_message(&self) -> bool {
        !matches!(self.at, At::Between) || self.message.is_some()
    }

    fn is_control(&self) -> bool {
        self.first & 0x08 != 0
    }

    fn is_final(&self) -> bool {
        self.first & 0x80 != 0
    }

    /// Follows the bytes that were read.
    pub(in crate::transport) fn follow(&mut self, bytes: &[u8], limit: u64) -> Result<(), TooLong> {
        let mut rest = bytes;
        while let Some((&byte, behind)) = rest.split_first() {
            if let At::Payload { left } = self.at {
                let some = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                rest = &rest[some..];
                if !self.is_control() {
                    self.read += some as u64;
                }
                self.goes_on(left - some as u64);
                continue;
            }
            let length = self.header(byte);
            if let Some(length) = length {
                self.claim(length, limit)
                    .map_err(|size| TooLong { size, ahead: bytes.len() - rest.len() })?;
            }
            rest = behind;
        }
        Ok(())
    }

    /// Takes one byte before the payload. Returns the payload's length with the last one.
    fn header(&mut self, byte: u8) -> Option<u64> {
        self.at = match self.at {
            At::Head { line_is_empty } => match byte {
                b'\n' if line_is_empty => At::Between,
                b'\n' => At::Head { line_is_empty: true },
                b'\r' => At::Head { line_is_empty },
                _ => At::Head { line_is_empty: false },
            },
            At::Between => {
                self.first = byte;
                At::Length
            }
            At::Length => {
                self.is_masked = byte & 0x80 != 0;
                match byte & 0x7f {
                    126 => At::LongLength { missing: 2, length: 0 },
                    127 => At::LongLength { missing: 8, length: 0 },
                    length => return Some(length.into()),
                }
            }
            At::LongLength { missing, length } => {
                let length = length << 8 | u64::from(byte);
                if missing == 1 {
                    return Some(length);
                }
                At::LongLength { missing: missing - 1, length }
            }
            payload @ At::Payload { .. } => payload,
        };
        None
    }

    /// Checks the length of a frame. `Err`: how long the message would be.
    fn claim(&mut self, length: u64, limit: u64) -> Result<(), u64> {
        let before = if self.is_control() { 0 } else { self.message.unwrap_or(0) };
        let size = before.saturating_add(length);
        if size > limit {
            return Err(size);
        }
        if !self.is_control() {
            self.message = Some(size);
        }
        let mask = if self.is_masked { 4 } else { 0 };
        self.goes_on(length.saturating_add(mask));
        Ok(())
    }

    fn goes_on(&mut self, left: u64) {
        self.at = At::Payload { left };
        if left == 0 {
            self.at = At::Between;
            if self.is_final() && !self.is_control() {
                self.message = None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: u8 = 0x81;
    const BEGUN_TEXT: u8 = 0x01;
    const LAST_PART: u8 = 0x80;
    const PING: u8 = 0x89;

    fn frame(first: u8, payload: usize) -> Vec<u8> {
        let mut frame = vec![first];
        match payload {
            0..126 => frame.push(0x80 | u8::try_from(payload).unwrap()),
            126..0x1_0000 => {
                frame.push(0x80 | 126);
                frame.extend(u16::try_from(payload).unwrap().to_be_bytes());
            }
            _ => {
                frame.push(0x80 | 127);
                frame.extend((payload as u64).to_be_bytes());
            }
        }
        frame.extend([1, 2, 3, 4]);
        frame.resize(frame.len() + payload, b'x');
        frame
    }

    fn begun() -> Frames {
        let mut frames = Frames::behind_head();
        frames.begin();
        frames
    }

    #[test]
    fn a_frame_is_unfinished_from_its_first_byte_to_its_last_but_one() {
        for payload in [0, 1, 125, 126, 127, 0xffff, 0x1_0000] {
            let mut frames = begun();
            let bytes = frame(TEXT, payload);
            for (index, byte) in bytes.iter().enumerate() {
                assert_eq!(frames.is_mid_message(), index > 0);
                frames.follow(&[*byte], u64::MAX).unwrap();
            }
            assert!(!frames.is_mid_message());
            assert_eq!(frames.read, payload as u64 + 4);
            // All at once, with the beginning of another frame.
            frames.follow(&bytes, u64::MAX).unwrap();
            assert!(!frames.is_mid_message());
            frames.follow(&[&bytes[..], &bytes[..1]].concat(), u64::MAX).unwrap();
            assert!(frames.is_mid_message());
        }
    }

    #[test]
    fn a_ping_during_a_message_in_parts_is_no_end_and_no_part_of_it() {
        let mut frames = begun();
        frames.follow(&frame(BEGUN_TEXT, 10), 20).unwrap();
        let read = frames.read;
        frames.follow(&frame(PING, 20), 20).unwrap();
        assert!(frames.is_mid_message());
        assert_eq!(frames.read, read);
        assert_eq!(frames.follow(&frame(LAST_PART, 11), 20), Err(TooLong { size: 21, ahead: 1 }));

        let mut frames = begun();
        frames.follow(&[frame(BEGUN_TEXT, 10), frame(LAST_PART, 10)].concat(), 20).unwrap();
        assert!(!frames.is_mid_message());
        frames.follow(&frame(TEXT, 20), 20).unwrap();
    }

    #[test]
    fn a_claim_is_refused_ahead_of_its_last_byte() {
        let whole = frame(TEXT, 7);
        for (length, header) in [(1000, 4), (70_000, 10), (usize::MAX >> 1, 10)] {
            let mut claim = match length {
                1000 | 70_000 => frame(TEXT, length),
                _ => [&[TEXT, 0xff][..], &(length as u64).to_be_bytes()].concat(),
            };
            claim.truncate(header);
            let mut frames = begun();
            let bytes = [&whole[..], &claim].concat();
            let ahead = bytes.len() - 1;
            let refused = TooLong { size: length as u64, ahead };
            assert_eq!(frames.follow(&bytes, 999), Err(refused));
        }
        // A control frame can't claim more than others.
        assert!(begun().follow(&frame(PING, 1000), 999).is_err());
        assert!(
            begun().follow(&[TEXT, 0xff, 255, 255, 255, 255, 255, 255, 255, 255], u64::MAX).is_ok()
        );
    }

    #[test]
    fn frames_begin_behind_the_empty_line() {
        for head in ["HTTP/1.1 101 x\r\na: b\r\n\r\n", "HTTP/1.1 101 x\na: b\n\n"] {
            let bytes = [head.as_bytes(), &frame(TEXT, 3)].concat();
            let mut frames = Frames::behind_head();
            frames.follow(&bytes, u64::MAX).unwrap();
            assert!(!frames.is_mid_message());
            assert_eq!(frames.read, 7);
        }
    }
}
