//! How far somebody has come who is told of a table part by part.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use crate::store::{revision::Revision, value::Content, wire::Seen};

/// What every value costs beside its key and its text, in bytes: its place in the table, in the
/// order of writes, and on the heap. Measured with a million small ones, on a 64-bit machine.
pub(super) const ENTRY_BYTES: u64 = 240;

/// Where a write stands: its revision, and which one of that it is.
pub(super) type WritePosition = (Revision, u32);

/// The place behind all writes up to a revision.
pub(super) const fn after(revision: Revision) -> WritePosition {
    (revision, u32::MAX)
}

/// A key, what stands there, and the write that it came by.
pub(super) type KeyState = (Arc<str>, Option<Content>, Revision);

/// A cursor over the writes of a table, which may be written between two parts.
///
/// A part has what is newer than the cursor, in the order of the writes. A key that is written
/// again moves behind everything: so it comes later, and what was told of it before is replaced. A
/// removal comes in the same way. The look is complete when a part reaches the newest write: then
/// the newest entry of each key was told, of everything that is newer than the look's beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// It tells everything.
    pub(super) reset: bool,
    /// Everything up to here was told.
    pub(super) cursor: WritePosition,
    /// Removals up to here aren't told: who gets everything was told nothing of these keys.
    pub(super) begun: WritePosition,
    /// The newest write when it began, or had come to the end that there was then.
    pub(super) goal: Revision,
    /// How many times it was at its goal and not complete, or had to begin anew.
    pub(super) tries: u32,
}

impl Look {
    /// Whether a removal isn't remembered that this one would have to tell.
    pub(super) fn misses(&self, forgotten: WritePosition) -> bool {
        forgotten > self.cursor.max(self.begun)
    }
}

/// A part of what a look finds.
pub(super) struct Part {
    pub(super) reset: bool,
    /// What was told before by this look is void.
    pub(super) restart: bool,
    pub(super) entries: Vec<KeyState>,
    /// The scope as it is now.
    pub(super) seen: Seen,
    pub(super) complete: bool,
    /// Kept as long as the entries are.
    pub(super) pin: Option<Pin>,
}

/// What is kept for looks that take more than one message at once, by all looks of one table.
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

/// A share of what is kept.
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

/// What an entry costs in memory, about, in bytes.
pub(super) fn cost(key: &str, content: Option<&Content>) -> u64 {
    (key.len() as u64).saturating_add(content.map_or(0, Content::size)).saturating_add(ENTRY_BYTES)
}

/// How large an entry is as JSON, at most. One byte of a key may need six.
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

    /// The same numbers in each run.
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

    /// Whatever is written between its parts, and whoever began when: a look that is complete has
    /// told what the table holds at that moment, and nothing else.
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
        // The first took everything, and keeps it; the others wait.
        assert_eq!(pins.len(), 1);
        let part = table.part(&mut looks[1], 10_000);
        assert!(!part.complete);
        drop((part, pins));
        assert!(table.part(&mut looks[1], 10_000).complete);
    }
}
