//! Who decides which session a connection belongs to.

use std::sync::Arc;

use crate::peer::{
    connection::Connection,
    session::id::{Resumption, SessionId},
};

/// Decides which session a connection of a backend belongs to. Until its first message nobody knows
/// whether its peer is a new one.
pub(crate) trait SessionResolver: Send {
    /// The handshake asks for a new session, or to resume one. Makes the connection that of the
    /// session which it belongs to, and gives the id of that; `None` if nobody will wait for it.
    /// `attempt`: which attempt of the peer this is. When it is asked again, the answer is the same.
    ///
    /// # Errors
    ///
    /// When the session is there, and not for this connection.
    fn resolve(
        &self,
        connection: &Arc<Connection>,
        asked: Resumption,
        attempt: Option<u64>,
    ) -> Result<Option<SessionId>, Refused>;

    /// What the peer has to know is in the outbox: calls may go by this connection, and a new peer
    /// is told of.
    fn establish(&self, connection: &Arc<Connection>);
}

/// Why a session isn't resumed. The connection ends by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A later attempt of the same peer has come in before.
    Superseded,
    /// This side has closed the peer, for good.
    Closed,
}
