//! How errors travel in acknowledgements.

/// What the acknowledgement of a socket.io client is called with. Socket.IO itself has no errors
/// there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Acknowledgement {
    /// One argument: the result, or `{ error: { code, message, data } }`. The default, which fits
    /// `emitWithAck`.
    #[default]
    ResultOrError,
    /// Two arguments, as callbacks of Node have them: `(null, result)`, or the error
    /// `{ code, message, data }` alone.
    NodeStyle,
}
