//! Why a connection has ended.

use std::{fmt, io, sync::Arc};

use crate::{error::protocol_mismatch::ProtocolMismatch, version_mismatch::VersionMismatch};

/// Why a connection has ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// This side closed it.
    ClosedHere,
    /// The other side closed it, or its process ended. The text is the reason that the other side
    /// sent before, if any.
    ClosedByPeer(Option<Arc<str>>),
    /// Reading or writing failed.
    Io(Arc<io::Error>),
    /// The other side broke the protocol in a way that can't be mended.
    Protocol(Arc<str>),
    /// The backend that this side [spawned](crate::Frontend::spawn) has printed something other
    /// than messages to its standard output: with `println!`, or through a child process. The text
    /// is the beginning of it, with characters that can't be printed escaped.
    StrayOutput(Arc<str>),
    /// The other side doesn't read what it is sent, and too much was waiting.
    SlowReader,
    /// The other side was silent, and didn't answer the ping either
    /// ([`Limits::heartbeat`](crate::Limits::heartbeat)).
    Unresponsive,
    /// The other side has come back by another connection, which took the place of this one.
    Replaced,
    /// There never was a connection. Why none could be made.
    NeverConnected(Arc<str>),
    /// The other side refuses this one, because this side's token is wrong or missing, because it
    /// runs as another user, or because a proxy shows an `Origin` that may not connect. The text is
    /// what the other side sent.
    Unauthorized(Arc<str>),
    /// The other side has come back in a version that doesn't fit.
    VersionMismatch(Box<VersionMismatch>),
    /// The other side has come back, and speaks another version of the wire protocol.
    ProtocolMismatch(ProtocolMismatch),
}

/// It is the error of code that can't go on without the connection.
impl std::error::Error for DisconnectReason {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(&**error),
            _ => None,
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClosedHere => f.write_str("this side closed it"),
            Self::ClosedByPeer(None) => f.write_str("the other side closed it"),
            Self::ClosedByPeer(Some(why)) => write!(f, "the other side closed it: {why}"),
            Self::Io(error) => error.fmt(f),
            Self::Protocol(what) => write!(f, "the other side broke the protocol: {what}"),
            Self::StrayOutput(said) => write!(
                f,
                "something else than messages was written to the backend's standard output: \
                 `{said}`; a backend on stdio: logs to standard error, and gives its children \
                 another standard output"
            ),
            Self::Unresponsive => f.write_str("the other side doesn't answer any more"),
            Self::Replaced => f.write_str("the other side has come back by another connection"),
            Self::NeverConnected(why) => f.write_str(why),
            Self::Unauthorized(why) => write!(f, "it is not allowed: {why}"),
            Self::VersionMismatch(mismatch) => mismatch.fmt(f),
            Self::ProtocolMismatch(mismatch) => mismatch.fmt(f),
            Self::SlowReader => f.write_str("the other side doesn't read what it is sent"),
        }
    }
}
