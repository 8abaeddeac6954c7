//! Why there is no connection, or no listener.

use std::io;

use crate::{
    endpoint::{Endpoint, EndpointError},
    error::{endpoint_colon::colon, ipc_error::IpcError},
    support::error_report::debug_as_text,
};

debug_as_text! { ConnectError, ListenError }

/// Why a frontend could not connect.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The text is no endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// Nobody was reached, or nobody who speaks the protocol. Then the text shows what they said.
    #[error("can't connect to {endpoint}{} {error}", colon(.endpoint))]
    #[non_exhaustive]
    Io {
        /// Where to.
        endpoint: Endpoint,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// Whoever is at the other end of the given stream doesn't speak the protocol.
    #[error("can't connect over the given stream: {0}")]
    Carrier(io::Error),
    /// The other side refused the handshake.
    #[error("{0}")]
    Handshake(IpcError),
}

/// Why a backend could not listen.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// The text is no endpoint.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The endpoint can't be had.
    #[error("can't listen on {endpoint}{} {error}", colon(.endpoint))]
    #[non_exhaustive]
    Io {
        /// Where.
        endpoint: Endpoint,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// The backend was stopped.
    #[error("can't listen on {}{} this backend was stopped", .0, colon(.0))]
    Stopped(Endpoint),
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::ConnectError;

    #[test]
    fn debug_is_the_text() {
        let error = ConnectError::Carrier(io::Error::other("no disk"));
        assert_eq!(format!("{error:?}"), "can't connect over the given stream: no disk");
    }
}
