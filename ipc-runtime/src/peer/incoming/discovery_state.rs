//! What a registry keeps for `rpc.discover`.

use std::sync::Arc;

use crate::{openrpc::json_tree::JsonTree, support::lock::Lock};

/// Who is told what a side exposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Audience {
    /// Who came by a local socket: of this user alone.
    #[default]
    Local,
    Everybody,
    Nobody,
}

/// Who is told, and what they were told last.
#[derive(Default)]
pub(crate) struct DiscoveryState {
    audience: Audience,
    /// The document, with the version of the table of which it was made.
    made: Lock<Option<(u64, Arc<JsonTree>)>>,
}

impl DiscoveryState {
    pub(crate) fn new(audience: Audience) -> Self {
        Self { audience, made: Lock::default() }
    }

    pub(super) fn audience(&self) -> Audience {
        self.audience
    }

    /// The document of a table of this version, which is made once.
    pub(super) fn document(&self, version: u64, make: impl FnOnce() -> JsonTree) -> Arc<JsonTree> {
        let known = self.made.lock().clone();
        if let Some((_, document)) = known.filter(|(of, _)| *of == version) {
            return document;
        }
        let document = Arc::new(make());
        *self.made.lock() = Some((version, document.clone()));
        document
    }
}
