//! The state of a connection.

use crate::error::disconnect_reason::DisconnectReason;

/// The state of a connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ConnectionState {
    /// The connection is being made.
    Connecting,
    /// The connection is up.
    #[non_exhaustive]
    Connected {
        /// Whether the other side still knows this side as the same peer: its id, data, groups and
        /// handlers over there are the same.
        ///
        /// `false` on the first connection. Also `false` if the backend was restarted, or if it
        /// doesn't wait for this peer any more, or never did
        /// ([`Limits::session_grace`](crate::Limits::session_grace)). The app then has to log in
        /// and join groups again. A watch holds only the newest state, so the app may not see each
        /// `false`. So a backend that requires a login should refuse calls of a peer that hasn't
        /// logged in.
        ///
        /// In a backend, [`Peer::state`](crate::Peer::state) shows `false` until the peer
        /// reconnects for the first time, and `true` from then on.
        resumed: bool,
    },
    /// The connection was lost, or the first attempt of
    /// [`connect_lazily`](crate::FrontendBuilder::connect_lazily) has failed. A frontend makes a
    /// new one ([`FrontendBuilder::reconnect`](crate::FrontendBuilder::reconnect)). A backend waits
    /// for its peer ([`Limits::session_grace`](crate::Limits::session_grace)).
    #[non_exhaustive]
    Reconnecting {
        /// How many attempts have failed since then. Always 0 in a backend, which doesn't know.
        attempts: u32,
        /// Why the last attempt failed. If none has failed yet: why the connection was lost.
        reason: DisconnectReason,
    },
    /// The connection has ended for good, or there never was one.
    Disconnected(DisconnectReason),
}
