//! Random samples of types.

/// A source of random numbers that a seed decides: SplitMix64.
#[derive(Debug)]
pub struct Random {
    state: u64,
    /// How much deeper a sample may go. A type that contains itself ends there.
    depth: u32,
    /// The largest integers that are sampled, and the smallest below zero.
    largest: u64,
}

impl Random {
    /// The same seed makes the same samples.
    pub fn new(seed: u64) -> Self {
        Self { state: seed, depth: 5, largest: u64::MAX }
    }

    /// Samples no integer that is larger, or smaller below zero.
    #[must_use]
    pub fn with_integers_below(self, largest: u64) -> Self {
        Self { largest, ..self }
    }

    /// The largest integer to sample.
    pub fn largest(&self) -> u64 {
        self.largest
    }

    /// The smallest integer to sample.
    pub fn smallest(&self) -> i64 {
        i64::try_from(self.largest).map_or(i64::MIN, |largest| -largest)
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below this one.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.number() % (end.max(1) as u64)).unwrap_or(0)
    }

    /// One of these.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// Whether a type that contains itself should go on.
    pub fn goes_on(&self) -> bool {
        self.depth > 0
    }

    /// Makes what is one level deeper.
    pub fn deeper<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> T {
        self.depth = self.depth.saturating_sub(1);
        let made = make(self);
        self.depth += 1;
        made
    }
}
