//! Received entries of one stream, on their way to the reader.

use std::ops::{Add, Range};

use crate::message::item_event::Loss;

/// An entry of a stream before its end: an item as encoded in the message with its place in its
/// source, or a loss.
pub(crate) type BufferedItem<I> = Result<(I, Option<ItemPosition>), Loss>;

/// An item's place in its source: the epoch, which is sent only once, and the number.
pub(crate) type ItemPosition = (Option<u64>, u64);

/// How many bytes of memory a buffer keeps when all of it was read.
const KEPT: usize = 64 * 1024;

/// Received entries in order, read from the front. Items lie one after another in one buffer,
/// because there may be many small ones.
#[derive(Debug, Default)]
pub(crate) struct ItemBuffer {
    bytes: Vec<u8>,
    /// For an item: its length.
    entries: Vec<BufferedItem<usize>>,
    /// How many entries were read. Their items end at `start`.
    read: usize,
    start: usize,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
    /// Items and losses.
    pub(crate) entries: u64,
}

impl Add for Amount {
    type Output = Self;

    fn add(self, more: Self) -> Self {
        Self {
            items: self.items + more.items,
            bytes: self.bytes + more.bytes,
            entries: self.entries + more.entries,
        }
    }
}

impl ItemBuffer {
    pub(crate) fn is_empty(&self) -> bool {
        self.read == self.entries.len()
    }

    /// How many bytes the unread items have.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Adds an entry, and returns how much that has added. Losses in one place become one entry,
    /// however often they are announced.
    pub(crate) fn push(&mut self, entry: BufferedItem<&[u8]>) -> Amount {
        let loss = match entry {
            Ok((item, place)) => {
                self.bytes.extend_from_slice(item);
                self.entries.push(Ok((item.len(), place)));
                return Amount { items: 1, bytes: item.len() as u64, entries: 1 };
            }
            Err(loss) => loss,
        };
        match self.entries[self.read..].last_mut() {
            Some(Err(last)) => {
                *last = last.and(loss);
                Amount::default()
            }
            _ => {
                self.entries.push(Err(loss));
                Amount { entries: 1, ..Amount::default() }
            }
        }
    }

    /// Takes over all that is in `others`, which must be only items.
    pub(crate) fn append(&mut self, others: &mut Self) {
        if self.is_empty() && others.read == 0 {
            self.clear();
            std::mem::swap(self, others);
            return;
        }
        self.bytes.extend_from_slice(&others.bytes[others.start..]);
        self.entries.extend_from_slice(&others.entries[others.read..]);
        others.clear();
    }

    /// Returns the next entry. For an item: where its [bytes](Self::item) are until the next call.
    pub(crate) fn pop(&mut self) -> Option<BufferedItem<Range<usize>>> {
        let Some(entry) = self.entries.get(self.read) else {
            self.clear();
            return None;
        };
        self.read += 1;
        Some((*entry).map(|(length, place)| {
            let item = self.start..self.start + length;
            self.start = item.end;
            (item, place)
        }))
    }

    /// Returns the loss at the front, if there is one.
    pub(crate) fn pop_loss(&mut self) -> Option<Loss> {
        let loss = self.entries.get(self.read)?.as_ref().err().copied()?;
        self.read += 1;
        Some(loss)
    }

    pub(crate) fn item(&self, at: Range<usize>) -> &[u8] {
        &self.bytes[at]
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
        self.bytes.shrink_to(KEPT);
        self.entries.shrink_to(KEPT / size_of::<BufferedItem<usize>>());
        (self.read, self.start) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entries: &mut ItemBuffer) -> Vec<BufferedItem<Vec<u8>>> {
        let mut read = Vec::new();
        while let Some(entry) = entries.pop() {
            read.push(entry.map(|(at, place)| (entries.item(at).to_vec(), place)));
        }
        read
    }

    fn item(text: &str) -> BufferedItem<Vec<u8>> {
        Ok((text.into(), Some((None, text.len() as u64))))
    }

    fn push(entries: &mut ItemBuffer, text: &str) {
        entries.push(Ok((text.as_bytes(), Some((None, text.len() as u64)))));
    }

    #[test]
    fn entries_are_read_in_their_order() {
        let (mut first, mut second) = (ItemBuffer::default(), ItemBuffer::default());
        ["a", "", "bcd"].iter().for_each(|text| push(&mut first, text));
        first.push(Err(Loss::Lagged(2)));
        ["ef", "g"].iter().for_each(|text| push(&mut second, text));
        assert!(matches!(first.pop(), Some(Ok(_))));
        first.append(&mut second);
        assert!(second.is_empty() && first.bytes() == 6);
        let expected = [item(""), item("bcd"), Err(Loss::Lagged(2)), item("ef"), item("g")];
        assert_eq!(read(&mut first), expected);
        assert!(first.is_empty() && first.pop().is_none());
    }

    #[test]
    fn what_was_lost_in_one_place_is_one_entry() {
        let mut entries = ItemBuffer::default();
        let none = Amount::default();
        assert_eq!(entries.push(Err(Loss::Lagged(2))), Amount { entries: 1, ..none });
        assert_eq!(entries.push(Err(Loss::Lagged(3))), none);
        push(&mut entries, "a");
        entries.push(Err(Loss::Lagged(1)));
        entries.push(Err(Loss::Gap));
        entries.push(Err(Loss::Lagged(1)));
        assert_eq!(read(&mut entries), [Err(Loss::Lagged(5)), item("a"), Err(Loss::Gap)]);
    }

    #[test]
    fn what_many_entries_have_taken_is_given_back() {
        let mut entries = ItemBuffer::default();
        (0..10_000).for_each(|_| push(&mut entries, "some ten bytes"));
        assert_eq!(read(&mut entries).len(), 10_000);
        assert!(entries.bytes.capacity() <= KEPT && entries.entries.capacity() * 8 <= KEPT);
    }
}
