//! How it stands with a connection.

use crate::error::disconnect_reason::DisconnectReason;

/// How it stands with a connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ConnectionState {
    /// It is being made.
    Connecting,
    /// It is there.
    #[non_exhaustive]
    Connected {
        /// The other side still knows this one as the peer that it was: its id, data, groups and
        /// handlers over there are the same. `false` on the first connection, and where the backend
        /// was restarted, hasn't waited as long, or doesn't wait at all
        /// ([`Limits::session_grace`](crate::Limits::session_grace)): then whoever has to log in or
        /// to join something does so again. The watch has the newest state alone, so a backend that
        /// asks for a login refuses calls until there was one. In a backend,
        /// [`Peer::state`](crate::Peer::state) has `true` from the peer's first return on.
        resumed: bool,
    },
    /// It was lost, or the first attempt of
    /// [`connect_lazily`](crate::FrontendBuilder::connect_lazily) has failed. A frontend makes it again
    /// ([`FrontendBuilder::reconnect`](crate::FrontendBuilder::reconnect)); a backend waits for its
    /// peer ([`Limits::session_grace`](crate::Limits::session_grace)).
    #[non_exhaustive]
    Reconnecting {
        /// How many attempts have come to nothing since. A backend doesn't know: 0.
        attempts: u32,
        /// Why the last attempt failed; before the first one has, why the connection was lost.
        reason: DisconnectReason,
    },
    /// It has ended, or never was.
    Disconnected(DisconnectReason),
}
