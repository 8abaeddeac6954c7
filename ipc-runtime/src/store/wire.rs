//! The interface between a store and its replicas, declared like any other.

use futures_util::stream::Stream;
use ipc_macros::{ipc_interface, ipc_type};

use crate::{
    peer::incoming::context::CallContext,
    store::{error::StoreError, revision::Revision, value::Kept},
};

/// A store. Each method works on one scope: without `scope`, the shared one.
#[ipc_interface(channel = "ipc.store", version = "1.0.0", rename_all = "camelCase")]
pub(super) trait Wire {
    /// Returns the value of a key.
    fn get(
        &self,
        #[ipc(context)] call: &CallContext,
        key: String,
        scope: Option<Which>,
    ) -> Option<Stored>;

    /// Writes a value and returns the write's revision.
    fn set(
        &self,
        #[ipc(context)] call: &CallContext,
        key: String,
        value: Kept,
        scope: Option<Which>,
    ) -> Result<Revision, StoreError>;

    /// Writes a value if the key's current value has this revision; null means that there must be
    /// no value.
    fn compare_and_set(
        &self,
        #[ipc(context)] call: &CallContext,
        key: String,
        expected: Option<Revision>,
        value: Kept,
        scope: Option<Which>,
    ) -> Result<Revision, StoreError>;

    /// Removes a key's value.
    fn remove(
        &self,
        #[ipc(context)] call: &CallContext,
        key: String,
        scope: Option<Which>,
    ) -> Result<Removal, StoreError>;

    /// Sends everything, then what changes. With `since`, it begins with what is newer than that.
    #[ipc(subscription)]
    fn watch(
        &self,
        #[ipc(context)] call: &CallContext,
        scope: Option<Which>,
        since: Option<Seen>,
    ) -> impl Stream<Item = LookPart>;
}

/// Which values are meant.
#[ipc_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) enum Which {
    /// The values that all windows share.
    Shared,
    /// The values of the calling window.
    Own,
}

/// A value with its revision. It is a struct because the value may be null.
#[ipc_type]
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) value: Kept,
    pub(super) revision: Revision,
}

/// The result of a removal.
#[ipc_type]
#[derive(Debug)]
pub(super) struct Removal {
    /// The removal's revision; `None`: there was nothing to remove.
    pub(super) revision: Option<Revision>,
    /// The newest revision of the scope.
    pub(super) latest: Revision,
}

/// How much of a scope a reader has seen.
#[ipc_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// Identifies the scope in one run of its backend.
    pub(super) epoch: u64,
    /// Everything up to this revision was seen.
    pub(super) revision: Revision,
}

/// A part of what one look found. The parts up to the one that is `complete` belong together: the
/// last entry of each key in them is its state at the `revision` of the complete part. they say of
/// each key last was true at once, at that one's `revision`.
#[ipc_type]
#[derive(Debug)]
pub(super) struct LookPart {
    pub(super) epoch: u64,
    /// The entries of this look are everything: a key that isn't among them has no value.
    pub(super) reset: bool,
    /// The look begins again: its earlier parts are void.
    pub(super) restart: bool,
    /// In the order of their revisions.
    pub(super) entries: Vec<KeyUpdate>,
    pub(super) revision: Revision,
    pub(super) complete: bool,
}

/// The new state of a key.
#[ipc_type]
#[derive(Debug)]
#[serde(rename_all = "camelCase")]
pub(super) enum KeyUpdate {
    /// The key has this value, which may be null.
    Set { key: String, value: Kept, revision: Revision },
    /// The key has no value.
    Removed { key: String, revision: Revision },
    /// The key has a value that is too large for the reader's messages.
    TooLarge { key: String, size: u64, limit: u64, revision: Revision },
}

#[cfg(all(test, feature = "typescript"))]
mod tests {
    use super::WireClient;
    use crate::typescript::{Bindings, BindingsError};

    #[test]
    fn the_npm_package_has_the_interface_of_the_store() -> Result<(), BindingsError> {
        let bindings = Bindings::new().package("./index.js").interface::<WireClient>();
        bindings.check("../web/src/store-wire.ts")
    }
}
