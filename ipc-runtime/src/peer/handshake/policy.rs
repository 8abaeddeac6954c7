//! Whether a frontend has to shake hands.

/// What becomes of a frontend that calls without a handshake: a client of JSON-RPC that knows
/// nothing of this project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum HandshakePolicy {
    /// It is served. Nobody compares versions for it.
    #[default]
    Optional,
    /// Its requests are answered with the error -32002, its notifications are dropped.
    Required,
}
