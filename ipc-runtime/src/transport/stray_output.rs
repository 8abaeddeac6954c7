//! What others have written to the standard output of a backend.

use std::{io, sync::Arc};

use crate::{error::disconnect_reason::DisconnectReason, transport::quote::quote};

/// What others have written to the standard output of a backend: its first characters.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", self.reason())]
pub(crate) struct StrayOutput(Arc<str>);

impl StrayOutput {
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self(quote(bytes).into())
    }

    /// What is said of a connection that has ended by it.
    pub(crate) fn reason(&self) -> DisconnectReason {
        DisconnectReason::StrayOutput(self.0.clone())
    }

    /// That which an error of a carrier tells of.
    pub(crate) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl From<StrayOutput> for io::Error {
    fn from(stray: StrayOutput) -> Self {
        Self::new(io::ErrorKind::InvalidData, stray)
    }
}
