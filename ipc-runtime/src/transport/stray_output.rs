//! What other code has written to a backend's standard output.

use std::{io, sync::Arc};

use crate::{error::disconnect_reason::DisconnectReason, transport::quote::quote};

/// The error for bytes that other code has written to a backend's standard output. Holds the first
/// characters.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.reason())]
pub(crate) struct StrayOutput(Arc<str>);

impl StrayOutput {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self(quote(bytes).into())
    }

    /// The reason with which the connection ends.
    pub(crate) fn reason(&self) -> DisconnectReason {
        DisconnectReason::StrayOutput(self.0.clone())
    }

    /// The stray output that an error of a carrier reports, if any.
    pub(crate) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<StrayOutput> for io::Error {
    fn from(stray: StrayOutput) -> Self {
        Self::new(io::ErrorKind::InvalidData, stray)
    }
}
