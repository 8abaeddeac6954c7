//! What connecting gives, and what a server says that isn't one of ours.

use std::{future::Future, io, time::Duration};

use crate::{
    codec::Encoding,
    peer_info::PeerCredentials,
    support::rt::timeout,
    transport::{carrier::Carrier, config::CarrierConfig},
};

/// A carrier that is ready for frames, and what is known of who is at its other end.
pub(crate) struct Connected {
    pub(crate) carrier: Box<dyn Carrier>,
    pub(crate) credentials: Option<PeerCredentials>,
}

/// What to do where it isn't a backend of this crate that listens.
pub(crate) const PLAIN_HINT: &str = "if it is a JSON-RPC server that isn't written with \
    ipc-runtime, connect by Frontend::builder().plain_json_rpc(…)";

/// Says what may be the cause where the preface of the native framing wasn't answered.
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

/// The backend has answered that it speaks another encoding than was asked for.
pub(crate) fn not_spoken(encoding: Encoding) -> io::Error {
    let why = format!(
        "the backend doesn't speak {encoding:?}: build it with that feature of ipc-runtime, or ask \
         for Encoding::Json"
    );
    io::Error::new(io::ErrorKind::Unsupported, why)
}

/// Gives a new connection this long to say who it is.
pub(crate) async fn within(
    time: Duration,
    opening: impl Future<Output = io::Result<Connected>>,
) -> io::Result<Connected> {
    timeout(time, opening).await.unwrap_or_else(|_| {
        let message = format!("the other side said nothing within {time:?}");
        Err(io::Error::new(io::ErrorKind::TimedOut, message))
    })
}
