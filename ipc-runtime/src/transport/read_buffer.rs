//! Bytes that were read and not consumed yet.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, ReadBuf};

/// What an idle connection keeps.
const INITIAL: usize = 4 * 1024;

/// The most that is read at once, and the step in which the buffer grows for a large message.
const CHUNK: usize = 64 * 1024;

/// A buffer that grows with what has come in, never with what was only announced.
#[derive(Debug, Default)]
pub(crate) struct ReadBuffer {
    /// Initialized as a whole; only `start..end` means something.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
}

impl ReadBuffer {
    pub(crate) fn unread(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    pub(crate) fn consume(&mut self, bytes: usize) {
        self.start += bytes;
    }

    /// Steps over bytes and gives some of them.
    pub(crate) fn consume_with(&mut self, bytes: usize, part: std::ops::Range<usize>) -> &[u8] {
        let start = self.start;
        self.start += bytes;
        &self.bytes[start + part.start..start + part.end]
    }

    /// Reads once. `needs` is how many unread bytes there must be for the next step, if that is
    /// known. Gives 0 at the end of the input.
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
        if self.end < self.bytes.len() {
            return;
        }
        // Full: twice as much, but no more than a chunk beyond what has come in, and no less than
        // a message needs that nearly fits.
        let double = (self.bytes.len() * 2).clamp(INITIAL, unread.max(CHUNK) + CHUNK);
        let size = if needs > double && needs <= double + CHUNK { needs } else { double };
        self.bytes.resize(size.max(self.end + INITIAL), 0);
    }

    /// Gives back what a large message has taken, when nothing is unread.
    pub(crate) fn shrink(&mut self) {
        if self.start == self.end && self.bytes.len() > 4 * CHUNK {
            *self = Self::default();
        }
    }
}
