//! Decides which session a connection belongs to.

use std::sync::Arc;

use crate::peer::{
    connection::Connection,
    session::id::{Resumption, SessionId},
};

/// Decides which session a connection of a backend belongs to. Until its first message, it isn't
/// known whether its peer is new.
pub(crate) trait SessionResolver: Send {
    /// Handles a handshake that asks for a new session, or to resume one. Binds the connection to
    /// its session, and returns the session's id; `None` if this side won't wait for the peer.
    /// `attempt`: which of the peer's attempts this is. Asking again returns the same answer.
    ///
    /// # Errors
    ///
    /// If the session exists, but this connection can't have it.
    fn resolve(
        &self,
        connection: &Arc<Connection>,
        asked: Resumption,
        attempt: Option<u64>,
    ) -> Result<Option<SessionId>, Refused>;

    /// Makes the connection usable, and announces a new peer. What the peer has to get first is in
    /// the outbox by then.
    fn establish(&self, connection: &Arc<Connection>);
}

/// Why a session isn't resumed. The connection is then ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// A later attempt of the same peer has come in already.
    Superseded,
    /// This side has closed the peer for good.
    Closed,
}
