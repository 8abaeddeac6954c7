//! Whether a frontend has to begin with a handshake.

/// What happens to a frontend that calls without a handshake, such as a JSON-RPC client that knows
/// nothing of this project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum HandshakePolicy {
    /// Its calls are served, without comparing versions. The default.
    #[default]
    Optional,
    /// Its requests are answered with the error -32002, and its notifications are dropped. The
    /// connection ends if there is no handshake within
    /// [`Limits::handshake_timeout`](crate::Limits::handshake_timeout).
    Required,
}
