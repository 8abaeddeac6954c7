//! How much of a message may be read, and how its decoder is set up.

/// What is known of where a payload ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Extent {
    /// It was stepped over as one value when it was cut out of its message.
    Stepped,
    /// It is what is left of its message, see [`CallForm`](crate::message::call_form::CallForm).
    Rest,
}
