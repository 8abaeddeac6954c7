//! A request's `ipc` member, outgoing and incoming.

use crate::support::item_notes::Position;

/// What an outgoing request asks for beside its answer: its `ipc` member.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Extension {
    pub(crate) timeout_ms: Option<u64>,
    /// Whether to report progress, with the request's id as the token.
    pub(crate) progress: bool,
    /// How many handlers the call is nested in.
    pub(crate) depth: u8,
    /// How many items of the subscription the peer may send ahead of their reader.
    pub(crate) window: Option<u64>,
    /// The position of the last item that a resuming subscriber has seen.
    pub(crate) resume: Option<Position>,
}

/// The members of an incoming `ipc`, as raw bytes.
#[derive(Debug, Default)]
pub(crate) struct RawExtension<'a> {
    pub(crate) timeout_ms: Option<&'a [u8]>,
    pub(crate) progress: Option<&'a [u8]>,
    pub(crate) depth: Option<&'a [u8]>,
    pub(crate) resume: Option<&'a [u8]>,
    pub(crate) window: Option<&'a [u8]>,
    pub(crate) subscription: Option<&'a [u8]>,
}
