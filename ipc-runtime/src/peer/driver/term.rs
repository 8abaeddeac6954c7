//! Deadlines that may end a connection.

/// A deadline that may end a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Term {
    /// A handshake is expected, and doesn't come. If it is required, the connection ends.
    Greeting,
    /// The peer has half-closed the connection, and its last handlers take long.
    HalfClosed,
    /// The peer doesn't take what is still to be written.
    Closing,
    /// Writing has failed, and the end of the input doesn't come.
    CannotWrite,
}
