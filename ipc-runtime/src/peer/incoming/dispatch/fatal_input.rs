//! Why a connection can't go on.

use crate::{error::disconnect_reason::DisconnectReason, transport::carrier::CloseKind};

/// Why a connection can't go on after what the peer has sent.
pub(crate) struct Refusal {
    pub(crate) reason: DisconnectReason,
    pub(crate) kind: CloseKind,
}

impl Refusal {
    pub(crate) fn new(what: &str, kind: CloseKind) -> Self {
        Self { reason: DisconnectReason::Protocol(what.into()), kind }
    }
}
