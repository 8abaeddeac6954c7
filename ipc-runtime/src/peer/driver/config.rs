//! What a driver is made with.

use std::sync::Arc;

use crate::{
    peer::{
        handshake::policy::HandshakePolicy,
        incoming::registry::Registry,
        session::{Session, resolver::SessionResolver},
    },
    token::Token,
};

/// What a connection is made with.
pub(crate) struct Config {
    pub(crate) session: Arc<Session>,
    /// Who handles what the peer asks for.
    pub(crate) registry: Arc<Registry>,
    pub(crate) handshake: HandshakePolicy,
    /// What the peer must show before it is one, if it hasn't yet.
    pub(crate) token: Option<Token>,
    /// Who decides which session it belongs to, if that isn't settled.
    pub(crate) resolver: Option<Box<dyn SessionResolver>>,
}
