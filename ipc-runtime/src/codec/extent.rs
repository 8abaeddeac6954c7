//! What is known about the end of a payload.

/// What is known about where a payload ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// The payload was stepped over as one value when it was cut out of its message.
    Stepped,
    /// The payload is the rest of its message, see
    /// [`CallForm`](crate::message::call_form::CallForm).
    Rest,
}
