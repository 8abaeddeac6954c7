//! A buffer for bytes that were read and not consumed yet.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, ReadBuf};

/// The size of an idle connection's buffer, in bytes.
const INITIAL: usize = 1024;

/// The size up to which the buffer grows for many small messages, in bytes.
const CHUNK: usize = 64 * 1024;

/// The size up to which the buffer is kept for the next large message, for a while, in bytes.
const KEPT: usize = 2 * 1024 * 1024;

/// A buffer that grows with the bytes that arrive, never with an announced length alone.
#[derive(Debug, Default)]
pub(crate) struct ReadBuffer {
    /// Fully initialized; only `start..end` holds unread bytes.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// Whether the last read filled all the room.
    was_filled: bool,
}

impl ReadBuffer {
    pub(crate) fn unread(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// Consumes bytes and returns a part of them.
    pub(crate) fn consume_with(&mut self, bytes: usize, part: std::ops::Range<usize>) -> &[u8] {
        let start = self.start;
        self.start += bytes;
        &self.bytes[start + part.start..start + part.end]
    }

    /// Reads once. `needs` is how many unread bytes the next step needs, or 0 if that isn't known.
    /// Returns 0 at the end of the input.
    pub(crate) fn poll_fill<R: AsyncRead + Unpin + ?Sized>(
        &mut self,
        io: &mut R,
        cx: &mut Context<'_>,
        needs: usize,
    ) -> Poll<io::Result<usize>> {
        self.make_room(needs);
        let mut spare = ReadBuf::new(&mut self.bytes[self.end..]);
        ready!(Pin::new(io).poll_read(cx, &mut spare))?;
        let read = spare.filled().len();
        self.end += read;
        self.was_filled = self.end == self.bytes.len();
        Poll::Ready(Ok(read))
    }

    fn make_room(&mut self, needs: usize) {
        let unread = self.end - self.start;
        if unread == 0 {
            (self.start, self.end) = (0, 0);
        }
        let full = self.end == self.bytes.len();
        if self.start > 0 && (full || self.start + needs > self.bytes.len()) {
            self.bytes.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, unread);
        }
        // Doubles if the bytes that arrive fill the buffer: for one message that is larger, or for
        // many that arrive faster than they are read. An announced length alone is no reason to
        // grow.
        let full = self.end == self.bytes.len();
        let busy = self.was_filled && self.bytes.len() < CHUNK;
        if full || busy {
            let double = (self.bytes.len() * 2).max(INITIAL);
            let enough = if needs > self.bytes.len() { double.min(needs) } else { double };
            self.bytes.resize(enough, 0);
        }
    }

    /// Frees the memory that a very large message took. Called when there is nothing more to read
    /// for now.
    pub(crate) fn rest(&mut self) {
        if self.bytes.len() > KEPT {
            self.give_back();
        }
    }

    /// Whether it is larger than many small messages need.
    pub(crate) fn has_spare(&self) -> bool {
        self.bytes.len() > 4 * CHUNK
    }

    /// Frees the memory that large messages took, if nothing is unread.
    pub(crate) fn give_back(&mut self) {
        if self.start == self.end {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::task::Waker;

    use super::*;

    fn fill(buffer: &mut ReadBuffer, mut source: &[u8], needs: usize) -> usize {
        let mut cx = Context::from_waker(Waker::noop());
        match buffer.poll_fill(&mut source, &mut cx, needs) {
            Poll::Ready(Ok(read)) => read,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nothing_is_allocated_for_a_length_that_was_only_announced() {
        let mut buffer = ReadBuffer::default();
        fill(&mut buffer, b"head", 1 << 30);
        assert_eq!(buffer.unread(), b"head");
        assert!(buffer.bytes.len() <= INITIAL);
    }

    #[test]
    fn a_large_message_fits_exactly() {
        let (mut buffer, message) = (ReadBuffer::default(), vec![b'x'; 100_000]);
        while buffer.unread().len() < message.len() {
            let read = buffer.unread().len();
            fill(&mut buffer, &message[read..], message.len());
        }
        assert_eq!(buffer.bytes.len(), message.len());
    }

    #[test]
    fn what_large_messages_have_taken_is_kept_for_a_while_and_very_large_ones_for_none() {
        let receive = |bytes: usize| {
            let (mut buffer, message) = (ReadBuffer::default(), vec![b'x'; bytes]);
            while buffer.unread().len() < bytes {
                let read = buffer.unread().len();
                fill(&mut buffer, &message[read..], bytes);
            }
            buffer.consume(bytes);
            buffer.rest();
            buffer
        };
        assert!(!receive(4 * CHUNK).has_spare());
        let mut kept = receive(KEPT);
        assert!(kept.has_spare());
        kept.give_back();
        assert!(kept.bytes.is_empty());
        assert!(receive(KEPT + 1).bytes.is_empty());
    }

    #[test]
    fn what_is_unread_survives_growing_and_moving() {
        let mut buffer = ReadBuffer::default();
        let source: Vec<u8> = (0..=255).cycle().take(50_000).collect();
        let (mut taken, mut sent) = (Vec::new(), 0);
        while taken.len() < source.len() {
            sent += fill(&mut buffer, &source[sent..], 0);
            let some = buffer.unread().len() * 2 / 3 + 1;
            taken.extend_from_slice(&buffer.unread()[..some.min(buffer.unread().len())]);
            buffer.consume(some.min(buffer.unread().len()));
        }
        assert_eq!(taken, source);
    }
}
