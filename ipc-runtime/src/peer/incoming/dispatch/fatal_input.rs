//! Why a connection can't go on.

use crate::{error::disconnect_reason::DisconnectReason, transport::carrier::CloseKind};

/// Why a connection can't go on after what the peer has sent.
pub(crate) struct FatalInput {
    pub(crate) reason: DisconnectReason,
    pub(crate) kind: CloseKind,
}

impl FatalInput {
    pub(crate) fn new(what: &str, kind: CloseKind) -> Self {
        Self { reason: DisconnectReason::Protocol(what.into()), kind }
    }
}
