//! What was found when two interfaces were compared.

use crate::{
    compatibility::{compared_pair::ComparedPair, const_text::ConstText, place::Place, view::View},
    interface::schema::excerpt::excerpt,
    shape::hash::{mix, ordered},
};

/// How long a line may be for people to read.
const MAX_LINE: usize = 480;

/// How many changes are told.
const MAX_TOLD: usize = 48;

/// What has changed, as text; with the pairs of types that are still to be compared.
///
/// Who makes it gives it room, since constants can't allocate.
pub(crate) struct Changes<'q, 'a> {
    pub(crate) text: ConstText,
    told: [Told; MAX_TOLD],
    count: usize,
    /// How many changes break callers, also those that weren't told.
    pub(crate) breaks: usize,
    pub(crate) adds: usize,
    /// Whether something was out of sight: see [`View::is_out_of_sight`].
    pub(crate) has_unseen: bool,
    /// The pairs that are still to be compared: the last one is the next.
    waiting: &'q mut [ComparedPair<'a>],
    waits: usize,
    /// The pairs that were found, by a number: a table with open addressing.
    seen: &'q mut [u64],
    found: usize,
}

/// One change: where its text is.
#[derive(Clone, Copy)]
struct Told {
    from: usize,
    to: usize,
    is_break: bool,
}

impl<'q, 'a> Changes<'q, 'a> {
    /// How many pairs may be found, and how many may wait, when a crate is built: of types that
    /// have changed.
    pub(crate) const FEW_SEEN: usize = 4096;
    pub(crate) const FEW_WAITING: usize = 256;

    /// `seen` is all zeros, and twice as long as pairs may be found.
    pub(crate) const fn new(seen: &'q mut [u64], waiting: &'q mut [ComparedPair<'a>]) -> Self {
        Self {
            text: ConstText::new(),
            told: [Told { from: 0, to: 0, is_break: false }; MAX_TOLD],
            count: 0,
            breaks: 0,
            adds: 0,
            has_unseen: false,
            waiting,
            waits: 0,
            seen,
            found: 0,
        }
    }

    /// Forgets what was told, and not which pairs were compared.
    pub(crate) const fn forget_told(&mut self) {
        self.text = ConstText::new();
        (self.count, self.breaks, self.adds) = (0, 0, 0);
    }

    /// Tells a change. What it is stands behind the place where it was found.
    pub(crate) const fn tell(&mut self, is_break: bool, place: &Place<'_>, what: &[&str]) {
        if self.begin(is_break) {
            let from = self.text.length();
            place.write(&mut self.text);
            place.write_route(&mut self.text);
            self.text.push(": ");
            self.text.push_all(what);
            self.end(from, is_break);
        }
    }

    /// Tells that a shape was replaced by another one.
    pub(crate) const fn tell_shapes(
        &mut self,
        is_break: bool,
        place: &Place<'_>,
        was: View<'_>,
        is: View<'_>,
    ) {
        if self.begin(is_break) {
            let from = self.text.length();
            place.write(&mut self.text);
            place.write_route(&mut self.text);
            self.text.push(": was ");
            was.write(&mut self.text, 0);
            self.text.push(", is ");
            is.write(&mut self.text, 0);
            self.end(from, is_break);
        }
    }

    const fn begin(&mut self, is_break: bool) -> bool {
        if is_break {
            self.breaks += 1;
        } else {
            self.adds += 1;
        }
        self.count < MAX_TOLD
    }

    const fn end(&mut self, from: usize, is_break: bool) {
        self.told[self.count] = Told { from, to: self.text.length(), is_break };
        self.count += 1;
    }

    /// Adds the changes of one kind to a text, each in a line that begins like this.
    pub(crate) const fn write(&self, is_break: bool, begin: &str, out: &mut ConstText) {
        let mut at = 0;
        let mut written = 0;
        while at < self.count {
            let one = &self.told[at];
            if one.is_break == is_break {
                out.push(begin);
                out.push(self.text.part(one.from, one.to));
                written += 1;
            }
            at += 1;
        }
        let all = if is_break { self.breaks } else { self.adds };
        if written < all {
            out.push(begin);
            out.push("and ");
            out.push_number((all - written) as u64);
            out.push(" more");
        }
    }

    /// The changes of one kind.
    pub(crate) fn lines(&self, is_break: bool) -> Vec<String> {
        let told = self.told[..self.count].iter().filter(|one| one.is_break == is_break);
        // There may have been no room for the text of some.
        let told = told.filter(|one| one.to > one.from);
        // A peer's names may have characters that nobody can read.
        let mut lines: Vec<_> =
            told.map(|one| excerpt(self.text.part(one.from, one.to), MAX_LINE)).collect();
        let all = if is_break { self.breaks } else { self.adds };
        if lines.len() < all {
            lines.push(format!("and {} more", all - lines.len()));
        }
        lines
    }

    /// Keeps two types that are to be compared, unless they were found before.
    ///
    /// They aren't compared where they are found: types contain themselves, and constants have few
    /// frames on their stack.
    pub(crate) const fn wait(&mut self, pair: ComparedPair<'a>, place: &Place<'_>) {
        let parts = [pair.reader.identity(), pair.writer.identity(), pair.roles.number()];
        // Zero stands for an empty place.
        let number = mix(ordered(1, &parts)) | 1;
        let mut slot = number as usize % self.seen.len();
        while self.seen[slot] != 0 {
            if self.seen[slot] == number {
                return;
            }
            slot = (slot + 1) % self.seen.len();
        }
        if self.found * 2 >= self.seen.len() || self.waits == self.waiting.len() {
            return self.tell(true, place, &["too many types have changed to compare them all"]);
        }
        self.seen[slot] = number;
        self.found += 1;
        self.waiting[self.waits] = pair;
        self.waits += 1;
    }

    /// The next pair that is to be compared.
    pub(crate) const fn next(&mut self) -> Option<ComparedPair<'a>> {
        if self.waits == 0 {
            return None;
        }
        self.waits -= 1;
        Some(self.waiting[self.waits])
    }
}
