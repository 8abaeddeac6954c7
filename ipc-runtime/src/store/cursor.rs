//! How far a reader has come that gets a table part by part.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::store::{revision::Revision, value::Content, wire::Seen};

/// What every value costs besides its key and its text, in bytes: its place in the table, in the
/// order of writes, and on the heap. Measured with a million small values on a 64-bit machine.
pub(super) const ENTRY_BYTES: u64 = 240;

/// The position of a write: its revision, and its index among the writes of that revision.
pub(super) type WritePosition = (Revision, u32);

/// Returns the position behind all writes up to a revision.
pub(super) const fn after(revision: Revision) -> WritePosition {
    (revision, u32::MAX)
}

/// A key, its content, and the revision of the write that set it.
pub(super) type KeyState = (Arc<str>, Option<Content>, Revision);

/// A cursor over the writes of a table, which may be written to between two parts.
///
/// A part has the writes that are newer than the cursor, in their order. A key that is written
/// again moves to the end: it comes later, and replaces the entry that was sent before. A removal
/// comes in the same way. The look is complete when a part reaches the newest write. By then it has
/// sent the newest entry of each key that was written behind the position where it began.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// Whether the look sends everything.
    pub(super) reset: bool,
    /// Everything up to here was sent.
    pub(super) cursor: WritePosition,
    /// Removals up to here are left out: a reader that gets everything was never sent these keys.
    pub(super) begun: WritePosition,
    /// The newest write when the look began. It moves on when the look reaches it without being
    /// complete.
    pub(super) goal: Revision,
    /// How often the look has reached its goal without being complete, or had to begin again.
    pub(super) tries: u32,
}

impl Look {
    /// Returns whether the table has forgotten a removal that this look would have to send.
    pub(super) fn misses(&self, forgotten: WritePosition) -> bool {
        forgotten > self.cursor.max(self.begun)
    }
}

/// A part of what a look finds.
pub(super) struct Part {
    pub(super) reset: bool,
    /// What this look has sent before is void.
    pub(super) restart: bool,
    pub(super) entries: Vec<KeyState>,
    /// The scope's current state.
    pub(super) seen: Seen,
    pub(super) complete: bool,
    /// Keep it as long as the entries.
    pub(super) pin: Option<Pin>,
}

/// The bytes of values that the looks of one table hold because they took more than one message.
#[derive(Debug, Clone, Default)]
pub(super) struct Pinned(Arc<AtomicU64>);

impl Pinned {
    pub(super) fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn pin(&self, bytes: u64) -> Pin {
        self.0.fetch_add(bytes, Ordering::Relaxed);
        Pin { pinned: self.clone(), bytes }
    }
}

/// The share of one look, which is given back when it is dropped.
#[derive(Debug)]
pub(super) struct Pin {
    pinned: Pinned,
    bytes: u64,
}

impl Drop for Pin {
    fn drop(&mut self) {
        self.pinned.0.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

/// Returns roughly what an entry costs in memory, in bytes.
pub(super) fn cost(key: &str, content: Option<&Content>) -> u64 {
    (key.len() as u64).saturating_add(content.map_or(0, Content::size)).saturating_add(ENTRY_BYTES)
}

/// Returns the size of an entry as JSON, at most. One byte of a key may need six.
pub(super) fn weight(key: &str, content: Option<&Content>) -> usize {
    let value = match content {
        Some(Content::Value { size, .. }) => usize::try_from(*size).unwrap_or(usize::MAX),
        Some(Content::TooLarge { .. }) | None => 0,
    };
    value.saturating_add(key.len() * 6).saturating_add(128)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::store::{
        table::{Expected, New, ValueTable},
        value::Kept,
    };

    const MAX_BYTES: u64 = 4_000_000;

    /// Numbers that are the same in each run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, end: u64) -> u64 {
            self.0 = self.0.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
            (self.0 >> 33) % end
        }
    }

    fn write(table: &mut ValueTable, numbers: &mut Numbers) {
        let key = format!("key.{}", numbers.below(3_000));
        let kept = Kept::encode(&key, &"x".repeat(numbers.below(300) as usize)).unwrap();
        let size = kept.size();
        match numbers.below(8) {
            0..=3 => drop(table.set(&key, Expected::Anything, kept, size).unwrap()),
            4..=6 => drop(table.remove(&key)),
            _ => {
                let other = format!("key.{}", numbers.below(3_000));
                let news: BTreeMap<String, New> =
                    [(key, Some((kept, size))), (other, None)].into_iter().collect();
                drop(table.write_all(news).unwrap());
            }
        }
    }

    type Known = BTreeMap<String, (Revision, Option<u64>)>;

    fn snapshot(table: &ValueTable) -> Known {
        let values = table.snapshot().values.into_iter();
        values
            .map(|(key, (revision, content))| (key.to_string(), (revision, Some(content.size()))))
            .collect()
    }

    /// Whatever is written between its parts, and whenever it began: a look that is complete has
    /// sent what the table holds at that moment, and nothing else.
    #[test]
    fn store_looks_tell_what_is_there_when_they_are_complete() {
        let mut numbers = Numbers(7);
        let mut table = ValueTable::new(1, MAX_BYTES);
        for _ in 0..2_000 {
            write(&mut table, &mut numbers);
        }
        let (mut seen, mut known) = (None, Known::new());
        let (mut restarts, mut pinned, mut resets) = (0, 0, 0);
        for round in 0..40 {
            let (mut look, mut staged) = (table.begin(seen), Known::new());
            // Few writes between two parts, or many: up to more removals than are remembered.
            let busy = [1, 20, 300, 6_000][(round % 4) as usize];
            let room = 500 + numbers.below(20_000) as usize;
            loop {
                let part = table.part(&mut look, room);
                if part.restart {
                    assert!(part.reset);
                    staged.clear();
                    restarts += 1;
                }
                pinned += u32::from(part.pin.is_some());
                assert!(part.pin.is_some() || part.entries.len() <= room / 128 + 1);
                for (key, content, revision) in &part.entries {
                    let entry = (*revision, content.as_ref().map(Content::size));
                    let before = staged.insert(key.to_string(), entry);
                    assert!(before.is_none_or(|before| before.0 < entry.0), "in their order");
                }
                if part.complete {
                    resets += u32::from(part.reset);
                    if part.reset {
                        known.clear();
                    }
                    known.extend(std::mem::take(&mut staged));
                    known.retain(|_, (_, size)| size.is_some());
                    assert_eq!(part.seen.revision, table.revision());
                    assert_eq!(known, snapshot(&table));
                    seen = Some(part.seen);
                    break;
                }
                for _ in 0..numbers.below(busy) {
                    write(&mut table, &mut numbers);
                }
            }
            for _ in 0..numbers.below(busy) {
                write(&mut table, &mut numbers);
            }
        }
        assert!(restarts > 2 && pinned > 2 && resets > 2, "{restarts} {pinned} {resets}");
    }

    #[test]
    fn store_looks_that_are_overtaken_pin_no_more_than_the_table_may_hold() {
        let mut table = ValueTable::new(1, 60_000);
        let fill = |table: &mut ValueTable, round: u32| {
            for number in 0..40 {
                let key = format!("key.{number}");
                let kept = Kept::encode(&key, &format!("{round}{}", "x".repeat(1_000))).unwrap();
                let size = kept.size();
                table.set(&key, Expected::Anything, kept, size).unwrap();
            }
        };
        fill(&mut table, 0);
        let mut looks: Vec<_> = (0..5).map(|_| table.begin(None)).collect();
        let mut pins = Vec::new();
        for round in 1..200 {
            for look in &mut looks {
                let part = table.part(look, 10_000);
                pins.extend(part.pin.filter(|_| part.complete));
            }
            fill(&mut table, round);
        }
        // The first look took everything and keeps it; the others wait.
        assert_eq!(pins.len(), 1);
        let part = table.part(&mut looks[1], 10_000);
        assert!(!part.complete);
        drop((part, pins));
        assert!(table.part(&mut looks[1], 10_000).complete);
    }
}
