//! What a connection may end of in time.

/// What a connection may end of in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Term {
    /// It is expected to shake hands, and doesn't. Where it has to, this is the end.
    Greeting,
    /// The peer says nothing more, and its last handlers take long.
    HalfClosed,
    /// The peer doesn't take what is still to be written.
    Closing,
    /// Nothing can be written, and the end of the input doesn't come.
    CannotWrite,
}
