//! HTTP answers that refuse a request, with a status and a sentence.

use std::{io, time::Duration};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::{
    handshake::server::{ErrorResponse, write_response},
    http::{
        HeaderValue, StatusCode,
        header::{ALLOW, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, SEC_WEBSOCKET_VERSION, UPGRADE},
    },
};

use crate::support::rt::timeout;

/// How many bytes are still read from a refused client: closing a connection with unread input may
/// lose the answer.
const UNREAD: u64 = 1024 * 1024;

/// For how long they are read.
const LINGER: Duration = Duration::from_secs(2);

/// Why a request doesn't get a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HttpRefusal {
    pub(crate) status: StatusCode,
    pub(crate) why: &'static str,
}

impl HttpRefusal {
    /// The request isn't a valid WebSocket request, whoever sent it.
    pub(in crate::transport) fn bad(why: &'static str) -> Self {
        Self { status: StatusCode::BAD_REQUEST, why }
    }

    /// The sender may not open a WebSocket.
    pub(in crate::transport) fn forbidden(why: &'static str) -> Self {
        Self { status: StatusCode::FORBIDDEN, why }
    }

    /// The request doesn't ask for a WebSocket, or asks with another version of HTTP or of the
    /// protocol.
    pub(in crate::transport) fn upgrade_required(why: &'static str) -> Self {
        Self { status: StatusCode::UPGRADE_REQUIRED, why }
    }

    /// The answer with this status and sentence.
    pub(in crate::transport) fn response(self) -> ErrorResponse {
        answer(self.status, self.why)
    }

    /// See [`send`].
    pub(crate) async fn send(self, io: impl AsyncRead + AsyncWrite + Unpin) -> io::Result<()> {
        send(io, self.status, self.why).await
    }
}

/// An answer with a sentence and the headers that its status requires.
pub(in crate::transport) fn answer(status: StatusCode, why: &str) -> ErrorResponse {
    let mut response = ErrorResponse::new(Some(why.to_owned()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    match status {
        StatusCode::UPGRADE_REQUIRED => {
            headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            headers.insert(ALLOW, HeaderValue::from_static("GET"));
        }
        _ => {}
    }
    response
}

/// Sends an answer and ends the connection. What the client still sends is [discarded](discard).
pub(in crate::transport) async fn send(
    mut io: impl AsyncRead + AsyncWrite + Unpin,
    status: StatusCode,
    why: &str,
) -> io::Result<()> {
    let mut response = answer(status, why);
    let closes = match response.headers().get(CONNECTION) {
        Some(_) => HeaderValue::from_static("close, upgrade"),
        None => HeaderValue::from_static("close"),
    };
    response.headers_mut().insert(CONNECTION, closes);
    response.headers_mut().insert(CONTENT_LENGTH, why.len().into());
    let mut answer = Vec::new();
    write_response(&mut answer, &response).map_err(io::Error::other)?;
    answer.extend(why.as_bytes());
    io.write_all(&answer).await?;
    io.shutdown().await?;
    discard(io).await;
    Ok(())
}

/// Discards what a refused client still sends, up to one mebibyte and for two seconds.
pub(in crate::transport) async fn discard(io: impl AsyncRead + Unpin) {
    let unread = async { tokio::io::copy(&mut io.take(UNREAD), &mut tokio::io::sink()).await };
    // A client that sends more than that has had the time to read the answer.
    let _ = timeout(LINGER, unread).await;
}
