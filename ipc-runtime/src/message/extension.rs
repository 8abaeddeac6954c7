//! A request's member `ipc`, as it comes in.

use serde::Deserialize;
use serde_json::value::RawValue;

/// Its members, as they stand in the message.
#[derive(Debug, Default)]
pub(crate) struct RawExtension<'a> {
    pub(crate) timeout_ms: Option<&'a [u8]>,
    pub(crate) progress: Option<&'a [u8]>,
    pub(crate) depth: Option<&'a [u8]>,
    pub(crate) resume: Option<&'a [u8]>,
    pub(crate) window: Option<&'a [u8]>,
}

impl<'a> RawExtension<'a> {
    /// Reads JSON. One member that is wrong says nothing of the others.
    pub(super) fn of_json(extension: &'a [u8]) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Members<'a> {
            #[serde(borrow)]
            timeout_ms: Option<&'a RawValue>,
            #[serde(borrow)]
            progress: Option<&'a RawValue>,
            #[serde(borrow)]
            depth: Option<&'a RawValue>,
            #[serde(borrow)]
            resume: Option<&'a RawValue>,
            #[serde(borrow)]
            window: Option<&'a RawValue>,
        }
        let members: Members<'a> = serde_json::from_slice(extension).ok()?;
        let bytes = |member: Option<&'a RawValue>| member.map(|member| member.get().as_bytes());
        Some(Self {
            timeout_ms: bytes(members.timeout_ms),
            progress: bytes(members.progress),
            depth: bytes(members.depth),
            resume: bytes(members.resume),
            window: bytes(members.window),
        })
    }
}
