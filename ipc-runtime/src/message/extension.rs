//! A request's member `ipc`, on its way out and as it comes in.

use crate::support::item_notes::Position;

/// What a request of ours asks for beside its answer: its member `ipc`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extension {
    pub(crate) timeout_ms: Option<u64>,
    /// Progress is reported with the request's id as the token.
    pub(crate) progress: bool,
    /// How deep it is nested in handlers.
    pub(crate) depth: u8,
    /// How many items of the subscription may be sent ahead of their reader.
    pub(crate) window: Option<u64>,
    /// What a returning subscriber has seen last.
    pub(crate) resume: Option<Position>,
}

/// Its members, as they stand in the message.
#[derive(Debug, Default)]
pub(crate) struct RawExtension<'a> {
    pub(crate) timeout_ms: Option<&'a [u8]>,
    pub(crate) progress: Option<&'a [u8]>,
    pub(crate) depth: Option<&'a [u8]>,
    pub(crate) resume: Option<&'a [u8]>,
    pub(crate) window: Option<&'a [u8]>,
}
