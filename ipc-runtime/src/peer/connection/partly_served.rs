//! An interface of which the other side serves some methods, and others in another form.

use std::{borrow::Cow, collections::HashSet};

use crate::{
    error::ipc_error::{ErrorDetail, IpcError},
    interface::InterfaceInfo,
    version_mismatch::VersionMismatch,
};

/// What is known of an interface whose versions don't fit, for a caller that goes on with those
/// methods that do.
pub(crate) struct PartlyServed {
    pub(crate) interface: &'static InterfaceInfo,
    mismatch: VersionMismatch,
    /// The full names of the methods that can be called.
    usable: HashSet<&'static str>,
}

impl PartlyServed {
    pub(crate) fn new(
        interface: &'static InterfaceInfo,
        mismatch: VersionMismatch,
        usable: HashSet<&'static str>,
    ) -> Self {
        Self { interface, mismatch, usable }
    }

    /// Why a method can't be called, if it can't.
    pub(crate) fn refusal(&self, method: &str) -> Option<IpcError> {
        if self.usable.contains(method) {
            return None;
        }
        let (method, endpoint) = (method.to_owned(), self.mismatch.endpoint.clone());
        let detail = ErrorDetail::VersionMismatch(Box::new(self.mismatch.clone()));
        Some(IpcError::new(Cow::Owned(method), endpoint, detail))
    }
}
