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
    /// Nothing listens at the endpoint, or what listens there isn't a backend of this crate or says
    /// nothing. If it said something, the text of the error shows that.
    #[error("can't connect to {endpoint}{} {error}", colon(.endpoint))]
    #[non_exhaustive]
    Io {
        /// Where to.
        endpoint: Endpoint,
        /// Why not.
        #[source]
        error: io::Error,
    },
    /// The other end of a stream that was passed to [`over`](crate::FrontendBuilder::over) isn't a
    /// backend of this crate, or says nothing.
    #[error("can't connect over the given stream: {0}")]
    Carrier(io::Error),
    /// The backend refused the handshake, ended the connection or didn't answer in time.
    /// [`kind`](IpcError::kind) says which.
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
