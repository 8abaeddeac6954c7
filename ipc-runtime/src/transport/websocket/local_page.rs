//! Tells a page of this machine that its origin isn't allowed.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::http::{HeaderMap, header::ORIGIN};

use crate::transport::websocket::{http_refusal, upgrade::only};

/// The code of the close frame: one of those that the app's own protocol may use (RFC 6455, 7.4.2),
/// after the status 403.
pub(super) const CODE: u16 = 4403;

/// In bytes: RFC 6455, 5.5.
const LONGEST_REASON: usize = 123;

/// Closes a WebSocket that was just opened, with a sentence that names the origin. No frame is
/// read.
pub(in crate::transport) async fn refuse(
    mut io: impl AsyncRead + AsyncWrite + Unpin,
    headers: &HeaderMap,
) -> io::Result<()> {
    let reason = reason(only(headers, &ORIGIN).unwrap_or_default());
    // One byte is enough for the length of a control frame.
    let mut frame = vec![0x88, 2 + reason.len() as u8];
    frame.extend(CODE.to_be_bytes());
    frame.extend(reason.bytes());
    io.write_all(&frame).await?;
    io.shutdown().await?;
    http_refusal::discard(io).await;
    Ok(())
}

/// The sentence, without the origin if that makes it too long.
fn reason(origin: &str) -> String {
    let told = |page: &str| format!("{page} may not connect: allow it by OriginPolicy::allow");
    let reason = told(&format!("pages of {origin}"));
    if reason.len() <= LONGEST_REASON { reason } else { told("pages of this origin") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_fits_a_close_frame() {
        let origin = "https://localhost:65535";
        assert!(reason(origin).contains(origin));
        let long = "x".repeat(1000);
        assert!(reason(&long).len() <= LONGEST_REASON && !reason(&long).contains(&long));
    }
}
