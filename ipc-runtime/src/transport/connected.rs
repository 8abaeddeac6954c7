//! The result of connecting, and errors for servers that aren't ours.

use std::{future::Future, io, time::Duration};

use crate::{
    codec::Encoding,
    peer_info::PeerCredentials,
    support::rt::timeout,
    transport::{carrier::Carrier, config::CarrierConfig},
};

/// A carrier that is ready for frames, and what the operating system knows about its peer.
pub(crate) struct Connected {
    pub(crate) carrier: Box<dyn Carrier>,
    pub(crate) credentials: Option<PeerCredentials>,
}

/// The hint for a listener that isn't a backend of this crate.
pub(crate) const PLAIN_HINT: &str = "if it is a JSON-RPC server that isn't written with \
    ipc-runtime, connect by Frontend::builder().plain_json_rpc(…)";

/// Adds a hint at the likely cause if the preface of the native framing wasn't answered.
pub(crate) fn unanswered(error: io::Error, config: &CarrierConfig) -> io::Error {
    let may_be_plain = matches!(
        error.kind(),
        io::ErrorKind::TimedOut
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::InvalidData
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
    );
    if config.plain.is_some() || !may_be_plain {
        return error;
    }
    io::Error::new(error.kind(), format!("{error}; {PLAIN_HINT}"))
}

/// The error for a backend whose answer names another encoding than the requested one.
pub(crate) fn not_spoken(encoding: Encoding) -> io::Error {
    let why = format!(
        "the backend doesn't speak {encoding:?}: build it with that feature of ipc-runtime, or ask \
         for Encoding::Json"
    );
    io::Error::new(io::ErrorKind::Unsupported, why)
}

/// Fails with `TimedOut` if a connection takes longer than `time` to open.
pub(crate) async fn within<T>(
    time: Duration,
    opening: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    timeout(time, opening).await.unwrap_or_else(|_| {
        let message = format!("the other side said nothing within {time:?}");
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    })
}
