//! Turns the errors that end a WebSocket into I/O errors.

use std::io;

use tokio_tungstenite::tungstenite::{self, error::ProtocolError};

pub(crate) fn into_io(error: tungstenite::Error) -> io::Error {
    match error {
        tungstenite::Error::Io(error) => error,
        // A process that has ended sends no close frame.
        tungstenite::Error::Protocol(ProtocolError::ResetWithoutClosingHandshake) => {
            io::ErrorKind::ConnectionReset.into()
        }
        // The peer has sent its close frame, and takes nothing more.
        error @ (tungstenite::Error::ConnectionClosed
        | tungstenite::Error::AlreadyClosed
        | tungstenite::Error::Protocol(ProtocolError::SendAfterClosing)) => {
            io::Error::new(io::ErrorKind::BrokenPipe, error)
        }
        tungstenite::Error::Http(response) => {
            let why = response.body().as_deref().map(String::from_utf8_lossy).unwrap_or_default();
            let status = response.status();
            let message = format!("the WebSocket server refused the upgrade: {status} {why}");
            io::Error::new(io::ErrorKind::PermissionDenied, message.trim_end().to_owned())
        }
        error => io::Error::new(io::ErrorKind::InvalidData, error),
    }
}
