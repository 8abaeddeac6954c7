//! What has come in of one stream, on its way to whoever reads it.

use std::ops::{Add, Range};

/// What comes in between an inbox's beginning and its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry<I> {
    /// As it stood in the message, and where it stands in its source.
    Item(I, Option<Place>),
    /// So many items were dropped here.
    Lagged(u64),
    /// Items were lost here, nobody knows how many.
    Gap,
}

/// Where an item stands in its source: the epoch, which is told once, and the number.
pub(crate) type Place = (Option<u64>, u64);

/// What is kept of a buffer when all of it was read.
const KEPT: usize = 64 * 1024;

/// Entries in their order, to be read from the front. Items lie one behind the other in one buffer:
/// there may be many, and small ones.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    bytes: Vec<u8>,
    /// Of items there is how long they are.
    entries: Vec<Entry<usize>>,
    /// How many entries, and bytes, were read.
    read: usize,
    start: usize,
}

/// How much there is of something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) items: u64,
    pub(crate) bytes: u64,
    /// Items, and what was told beside them.
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

impl Entries {
    pub(crate) fn is_empty(&self) -> bool {
        self.read == self.entries.len()
    }

    /// How many bytes the items have that weren't read.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len() - self.start
    }

    /// Gives what was added by it: what was lost in one place is one entry, however often it was
    /// told.
    pub(crate) fn push(&mut self, entry: Entry<&[u8]>) -> Amount {
        let loss = match entry {
            Entry::Item(item, place) => {
                self.bytes.extend_from_slice(item);
                self.entries.push(Entry::Item(item.len(), place));
                return Amount { items: 1, bytes: item.len() as u64, entries: 1 };
            }
            Entry::Lagged(count) => Entry::Lagged(count),
            Entry::Gap => Entry::Gap,
        };
        match self.entries[self.read..].last_mut() {
            Some(last @ (Entry::Lagged(_) | Entry::Gap)) => {
                last.lose(&loss);
                Amount::default()
            }
            _ => {
                self.entries.push(loss);
                Amount { entries: 1, ..Amount::default() }
            }
        }
    }

    /// Takes over items, which are all that is in `others`.
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

    /// The next entry; of an item, where its [bytes](Self::item) are until the next call.
    pub(crate) fn pop(&mut self) -> Option<Entry<Range<usize>>> {
        let Some(entry) = self.entries.get(self.read) else {
            self.clear();
            return None;
        };
        self.read += 1;
        Some(match *entry {
            Entry::Item(length, place) => {
                let item = self.start..self.start + length;
                self.start = item.end;
                Entry::Item(item, place)
            }
            Entry::Lagged(count) => Entry::Lagged(count),
            Entry::Gap => Entry::Gap,
        })
    }

    /// Gives what was lost at the front, if it is that.
    pub(crate) fn pop_loss(&mut self) -> Option<Entry<Range<usize>>> {
        match self.entries.get(self.read)? {
            Entry::Item(..) => None,
            Entry::Lagged(_) | Entry::Gap => self.pop(),
        }
    }

    pub(crate) fn item(&self, at: Range<usize>) -> &[u8] {
        &self.bytes[at]
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
        self.bytes.shrink_to(KEPT);
        self.entries.shrink_to(KEPT / size_of::<Entry<usize>>());
        (self.read, self.start) = (0, 0);
    }
}

impl<I> Entry<I> {
    /// More was lost in the same place.
    pub(crate) fn lose<J>(&mut self, more: &Entry<J>) {
        match (&mut *self, more) {
            (Self::Lagged(count), Entry::Lagged(more)) => *count = count.saturating_add(*more),
            (Self::Lagged(_), Entry::Gap) => *self = Self::Gap,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entries: &mut Entries) -> Vec<Entry<Vec<u8>>> {
        let mut read = Vec::new();
        while let Some(entry) = entries.pop() {
            read.push(match entry {
                Entry::Item(at, place) => Entry::Item(entries.item(at).to_vec(), place),
                Entry::Lagged(count) => Entry::Lagged(count),
                Entry::Gap => Entry::Gap,
            });
        }
        read
    }

    fn item(text: &str) -> Entry<Vec<u8>> {
        Entry::Item(text.into(), Some((None, text.len() as u64)))
    }

    fn push(entries: &mut Entries, text: &str) {
        entries.push(Entry::Item(text.as_bytes(), Some((None, text.len() as u64))));
    }

    #[test]
    fn entries_are_read_in_their_order() {
        let (mut first, mut second) = (Entries::default(), Entries::default());
        ["a", "", "bcd"].iter().for_each(|text| push(&mut first, text));
        first.push(Entry::Lagged(2));
        ["ef", "g"].iter().for_each(|text| push(&mut second, text));
        assert!(matches!(first.pop(), Some(Entry::Item(..))));
        first.append(&mut second);
        assert!(second.is_empty() && first.bytes() == 6);
        let expected = [item(""), item("bcd"), Entry::Lagged(2), item("ef"), item("g")];
        assert_eq!(read(&mut first), expected);
        assert!(first.is_empty() && first.pop().is_none());
    }

    #[test]
    fn what_was_lost_in_one_place_is_one_entry() {
        let mut entries = Entries::default();
        let none = Amount::default();
        assert_eq!(entries.push(Entry::Lagged(2)), Amount { entries: 1, ..none });
        assert_eq!(entries.push(Entry::Lagged(3)), none);
        push(&mut entries, "a");
        entries.push(Entry::Lagged(1));
        entries.push(Entry::Gap);
        entries.push(Entry::Lagged(1));
        assert_eq!(read(&mut entries), [Entry::Lagged(5), item("a"), Entry::Gap]);
    }

    #[test]
    fn what_many_entries_have_taken_is_given_back() {
        let mut entries = Entries::default();
        (0..10_000).for_each(|_| push(&mut entries, "some ten bytes"));
        assert_eq!(read(&mut entries).len(), 10_000);
        assert!(entries.bytes.capacity() <= KEPT && entries.entries.capacity() * 8 <= KEPT);
    }
}
