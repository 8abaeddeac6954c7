//! Both sides speak different versions of the wire protocol.

use std::fmt;

/// Both sides speak different versions of the wire protocol: the older one has to be updated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProtocolMismatch {
    /// The protocol of this side.
    pub ours: u32,
    /// The protocol of the other side.
    pub theirs: u32,
}

impl fmt::Display for ProtocolMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ours, theirs } = self;
        write!(
            f,
            "this side speaks protocol {ours} of ipc-runtime, and the other side speaks protocol \
             {theirs}"
        )
    }
}

impl std::error::Error for ProtocolMismatch {}
