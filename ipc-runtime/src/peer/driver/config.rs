//! What a connection is created with.

use std::sync::Arc;

use crate::{
    peer::{
        handshake::policy::HandshakePolicy,
        incoming::registry::Registry,
        session::{Session, resolver::SessionResolver},
    },
    token::Token,
};

/// What a connection is created with.
pub(crate) struct Config {
    pub(crate) session: Arc<Session>,
    /// The handlers for the peer's calls.
    pub(crate) registry: Arc<Registry>,
    pub(crate) handshake: HandshakePolicy,
    /// The token that the peer has to send, unless it has shown it already.
    pub(crate) token: Option<Token>,
    /// Decides which session the connection belongs to, if that isn't decided yet.
    pub(crate) resolver: Option<Box<dyn SessionResolver>>,
}
