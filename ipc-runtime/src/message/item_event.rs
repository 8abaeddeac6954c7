//! What becomes of a stream, step by step.

/// What becomes of a stream, step by step: `I` is an item, `E` the failure that ends it. The same on
/// the wire, where items are produced, and where they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ItemEvent<I, E> {
    Item(I),
    /// Items are missing here. The stream goes on.
    Lost(Loss),
    /// Nothing more comes.
    End(Result<(), E>),
}

/// Which items are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// So many were dropped, since they weren't read in time.
    Lagged(u64),
    /// Some, nobody knows how many.
    Gap,
}

impl Loss {
    /// More was lost in the same place.
    pub(crate) fn and(self, more: Self) -> Self {
        match (self, more) {
            (Self::Lagged(count), Self::Lagged(more)) => Self::Lagged(count.saturating_add(more)),
            _ => Self::Gap,
        }
    }
}
