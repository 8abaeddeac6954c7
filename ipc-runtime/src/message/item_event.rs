//! Events of a stream: items, losses and the end.

/// One event of a stream. `I` is an item, `E` the failure that ends the stream. Events are the same
/// on the wire, where items are produced, and where they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ItemEvent<I, E> {
    Item(I),
    /// Items are missing here; the stream goes on.
    Lost(Loss),
    /// No more events follow.
    End(Result<(), E>),
}

/// Which items are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Loss {
    /// This many items were dropped, since they weren't read in time.
    Lagged(u64),
    /// An unknown number of items.
    Gap,
}

impl Loss {
    /// Adds more loss in the same place.
    pub(crate) fn and(self, more: Self) -> Self {
        match (self, more) {
            (Self::Lagged(count), Self::Lagged(more)) => Self::Lagged(count.saturating_add(more)),
            _ => Self::Gap,
        }
    }
}
