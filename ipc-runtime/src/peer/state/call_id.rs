//! The ids of our requests.

/// How an id is composed: `generation << index_bits | index`. A slot's generation grows with each
/// use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IdLayout {
    index_bits: u32,
    last_generation: u64,
    /// Whether the first generation comes after the last one, or none.
    wraps: bool,
}

impl IdLayout {
    /// No id is used twice on a connection, and all are below 2^53, where JavaScript's exact
    /// integers end.
    pub(crate) const UNIQUE: Self =
        Self { index_bits: 24, last_generation: (1 << (53 - 24)) - 1, wraps: false };

    /// All ids are below 2^31, since language servers don't read larger ones. An id is used again
    /// when its slot was used 2,047 times. Its earlier request was answered by then.
    pub(crate) const SMALL: Self =
        Self { index_bits: 20, last_generation: (1 << (31 - 20)) - 1, wraps: true };

    pub(crate) fn id(self, index: usize, generation: u64) -> CallId {
        CallId(generation << self.index_bits | index as u64)
    }

    pub(crate) fn index(self, id: CallId) -> usize {
        // Masked to at most 24 bits.
        (id.0 & ((1 << self.index_bits) - 1)) as usize
    }

    pub(crate) fn most_slots(self) -> usize {
        1 << self.index_bits
    }

    /// The next generation. `None`: the slot has used up its generations.
    pub(crate) fn after(self, generation: u64) -> Option<u64> {
        match generation < self.last_generation {
            true => Some(generation + 1),
            false => self.wraps.then_some(1),
        }
    }
}

/// The id of a request on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CallId(u64);

impl CallId {
    /// The id of a message from the peer, if it could be one of ours.
    pub(crate) fn from_wire(id: u64) -> Option<Self> {
        (id < 1 << 53).then_some(Self(id))
    }

    pub(crate) fn number(self) -> u64 {
        self.0
    }
}
