//! Why the other side doesn't let this one in, where its carrier says so.

use std::{io, sync::Arc};

use crate::error::disconnect_reason::DisconnectReason;

/// The error for a connection that the other side has closed because it doesn't let this one in.
/// Holds what it said.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.reason())]
pub(crate) struct Refusal(Arc<str>);

impl Refusal {
    pub(super) fn new(why: &str) -> Self {
        Self(why.into())
    }

    /// The reason with which the connection ends.
    pub(crate) fn reason(&self) -> DisconnectReason {
        DisconnectReason::Unauthorized(self.0.clone())
    }

    /// The refusal that an error of a carrier reports, if any.
    pub(crate) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<Refusal> for io::Error {
    fn from(refusal: Refusal) -> Self {
        Self::new(io::ErrorKind::PermissionDenied, refusal)
    }
}
