//! What travels between a store and its replicas: an interface like any other.

use futures_util::stream::Stream;
use ipc_macros::{ipc_interface, ipc_type};

use crate::{
    peer::incoming::context::CallContext,
    store::{error::StoreError, revision::Revision, value::Kept},
};

/// A store. Both scopes are written alike; left out, the scope is the shared one.
#[ipc_interface(channel = "ipc.store", version = "1.0.0", rename_all = "camelCase")]
pub(super) trait Wire {
    /// The value of a key.
    fn get(
        &self,
        #[ipc(context)] call: &CallContext,
        key: String,
        scope: Option<Which>,
    ) -> Option<Stored>;

    /// Writes a value, and gives the write's revision.
    fn set(
        &self,
        #[ipc(context)] call: &CallContext,
        key: String,
        value: Kept,
        scope: Option<Which>,
    ) -> Result<Revision, StoreError>;

    /// The same, if the key's value has that revision; null: if there is none.
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

    /// Everything, then what changes; or what is newer than something seen before.
    #[ipc(subscription)]
    fn watch(
        &self,
        #[ipc(context)] call: &CallContext,
        scope: Option<Which>,
        since: Option<Seen>,
    ) -> impl Stream<Item = LookPart>;
}

/// Whose values.
#[ipc_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub(super) enum Which {
    /// Those that all windows share.
    Shared,
    /// The caller's own.
    Own,
}

/// A value with its revision. A struct, since a value may be null.
#[ipc_type]
#[derive(Debug)]
pub(super) struct Stored {
    pub(super) value: Kept,
    pub(super) revision: Revision,
}

/// What has become of a removal.
#[ipc_type]
#[derive(Debug)]
pub(super) struct Removal {
    /// Its revision; `None`: there was nothing to remove.
    pub(super) revision: Option<Revision>,
    /// The newest revision of the scope.
    pub(super) latest: Revision,
}

/// How much of a scope somebody has seen.
#[ipc_type]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// The scope, in one run of its backend.
    pub(super) epoch: u64,
    /// Everything up to here.
    pub(super) revision: Revision,
}

/// A part of what one look found. The parts up to the one that is `complete` belong together: what
/// they say of each key last was true at once, at that one's `revision`.
#[ipc_type]
#[derive(Debug)]
pub(super) struct LookPart {
    pub(super) epoch: u64,
    /// The entries of this look are everything; what isn't among them is gone.
    pub(super) reset: bool,
    /// The look begins anew: its parts up to here are void.
    pub(super) restart: bool,
    /// In the order of their revisions.
    pub(super) entries: Vec<KeyUpdate>,
    pub(super) revision: Revision,
    pub(super) complete: bool,
}

/// What has become of a key.
#[ipc_type]
#[derive(Debug)]
#[serde(rename_all = "camelCase")]
pub(super) enum KeyUpdate {
    /// It has this value, which may be null.
    Set { key: String, value: Kept, revision: Revision },
    /// It has none.
    Removed { key: String, revision: Revision },
    /// It has one that is too large for the reader's messages.
    TooLarge { key: String, size: u64, limit: u64, revision: Revision },
}
