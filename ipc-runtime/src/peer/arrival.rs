//! The moment when it is known who is at the other end of a connection.

use std::sync::Arc;

use super::{Connection, Resumption, SessionId};

/// Who hears of the first word on a connection: until then, nobody knows whether its peer is a new
/// one.
pub(crate) trait Arrival: Send {
    /// The peer asks to be waited for when it is away, or was waited for and is back. Makes the
    /// connection that of the session which it belongs to, and gives what that is known by; `None`
    /// if nobody will wait.
    fn resume(&self, connection: &Arc<Connection>, asked: Resumption) -> Option<SessionId>;

    /// It is there, and is heard from now on.
    fn announce(&self, connection: &Arc<Connection>);
}
