//! The head of an HTTP request, with which a WebSocket begins.

use std::io;

use httparse::Status;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_tungstenite::tungstenite::http::{
    HeaderName, HeaderValue, Method, Request, StatusCode, Uri, Version,
};

use crate::transport::websocket::http_refusal::HttpRefusal;

/// The largest number of headers of a request.
const MOST_HEADERS: usize = 124;

/// The largest size of a request's head, in bytes.
const LONGEST_HEAD: usize = 64 * 1024;

/// How many bytes are checked early: bytes that aren't HTTP show it among these. Later ones are
/// checked once the head is complete, so that a head that arrives byte by byte isn't parsed again
/// for each.
const TELLING: usize = 512;

const NO_HTTP: HttpRefusal = HttpRefusal {
    status: StatusCode::BAD_REQUEST,
    why: "this is no HTTP request, with which a WebSocket begins: connect by ws://, or by wss:// \
          where the backend has TLS",
};

const TOO_LONG: HttpRefusal = HttpRefusal {
    status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    why: "the head of this request has more than the 65536 bytes that are taken",
};

const TOO_MANY: HttpRefusal = HttpRefusal {
    status: StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
    why: "this request has more than the 124 headers that are taken",
};

/// The part of a request that is looked at.
#[derive(Debug)]
pub(super) struct RequestHead {
    pub(super) request: Request<()>,
    /// All that was read.
    pub(super) read: Vec<u8>,
    /// How much of it the head is. More bytes may have come after it.
    pub(super) length: usize,
}

/// Reads the head of a request. `Err` if the client is gone, or has sent nothing.
pub(super) async fn read(
    io: &mut (impl AsyncRead + Unpin),
) -> io::Result<Result<RequestHead, HttpRefusal>> {
    let mut head = Vec::with_capacity(1024);
    let (mut came_in, mut searched, mut checked) = (0, 0, 0);
    loop {
        let read = io.read_buf(&mut head).await?;
        if read == 0 {
            let nothing = head.is_empty();
            return if nothing {
                Err(io::ErrorKind::UnexpectedEof.into())
            } else {
                Ok(Err(NO_HTTP))
            };
        }
        came_in += read;
        // Empty lines before the request are ignored: RFC 9112, 2.2.
        let blank = head.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        head.drain(..blank);
        let end = end_of_head(&head, searched);
        if end.unwrap_or(came_in) > LONGEST_HEAD {
            return Ok(Err(TOO_LONG));
        }
        if let Some(end) = end {
            let request = parse(&head[..end]).and_then(|request| request.ok_or(NO_HTTP));
            return Ok(request.map(|request| RequestHead { request, read: head, length: end }));
        }
        if checked < TELLING {
            checked = head.len();
            if let Err(refusal) = parse(&head) {
                return Ok(Err(refusal));
            }
        }
        searched = head.len();
    }
}

/// The length of the head, which ends after an empty line. The bytes up to `searched` hold none.
fn end_of_head(bytes: &[u8], searched: usize) -> Option<usize> {
    let from = searched.saturating_sub(2);
    let ends = bytes[from..].iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    ends.map(|(at, _)| from + at + 1).find_map(|line| match &bytes[line..] {
        [b'\n', ..] => Some(line + 1),
        [b'\r', b'\n', ..] => Some(line + 2),
        _ => None,
    })
}

/// Parses a head. `None` if it is valid so far but incomplete.
fn parse(head: &[u8]) -> Result<Option<Request<()>>, HttpRefusal> {
    let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut parsed = httparse::Request::new(&mut headers);
    match parsed.parse(head) {
        Ok(Status::Complete(_)) => made_of(&parsed).map(Some).ok_or(NO_HTTP),
        Ok(Status::Partial) => Ok(None),
        Err(httparse::Error::TooManyHeaders) => Err(TOO_MANY),
        Err(_) => Err(NO_HTTP),
    }
}

fn made_of(parsed: &httparse::Request<'_, '_>) -> Option<Request<()>> {
    let mut request = Request::new(());
    *request.method_mut() = Method::from_bytes(parsed.method?.as_bytes()).ok()?;
    *request.uri_mut() = parsed.path?.parse::<Uri>().ok()?;
    *request.version_mut() = if parsed.version? == 0 { Version::HTTP_10 } else { Version::HTTP_11 };
    for header in &*parsed.headers {
        let name = HeaderName::from_bytes(header.name.as_bytes()).ok()?;
        let value = HeaderValue::from_bytes(header.value).ok()?;
        request.headers_mut().append(name, value);
    }
    Some(request)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;

    use super::*;

    const REQUEST: &str = "GET /ipc HTTP/1.1\r\nHost: x\r\nA: b\r\nA: c\r\n\r\n";

    /// Reads from a client that sends these pieces one by one, and then leaves or waits.
    fn read_in(pieces: &[&[u8]], leaves: bool) -> io::Result<Result<RequestHead, HttpRefusal>> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let (mut near, mut far) = tokio::io::duplex(8);
            let pieces: Vec<_> = pieces.iter().map(|piece| piece.to_vec()).collect();
            crate::support::rt::spawn(async move {
                for piece in pieces {
                    near.write_all(&piece).await.unwrap();
                }
                if !leaves {
                    std::future::pending::<()>().await;
                }
            });
            read(&mut far).await
        })
    }

    fn refused(pieces: &[&[u8]]) -> HttpRefusal {
        read_in(pieces, true).unwrap().unwrap_err()
    }

    #[test]
    fn a_request_is_the_same_in_whatever_pieces_it_comes() {
        let bytes: Vec<_> = REQUEST.bytes().map(|byte| [byte]).collect();
        let bytes: Vec<_> = bytes.iter().map(|byte| &byte[..]).collect();
        let (front, back) = REQUEST.as_bytes().split_at(REQUEST.len() - 2);
        let bare = REQUEST.replace('\r', "");
        let cases =
            [&bytes[..], &[REQUEST.as_bytes()], &[front, back], &[b"\r\n\n", bare.as_bytes()]];
        for pieces in cases {
            let head = read_in(pieces, false).unwrap().unwrap();
            assert_eq!(head.length, head.read.len());
            let request = head.request;
            assert_eq!((request.method(), request.uri().path()), (&Method::GET, "/ipc"));
            assert_eq!(request.headers().get_all("a").iter().count(), 2);
        }
    }

    #[test]
    fn what_is_no_http_is_found_out_before_it_ends() {
        for bytes in [&b"{"[..], b"\x16\x03\x01", b"IPC\x01", b"GET / HTTP/2.0\r", b"GET  /"] {
            let refused = read_in(&[bytes], false).unwrap().unwrap_err();
            assert_eq!(refused, NO_HTTP, "{bytes:?}");
        }
    }

    #[test]
    fn what_comes_behind_it_is_noticed() {
        let followed = format!("{REQUEST}x");
        let head = read_in(&[followed.as_bytes()], false).unwrap().unwrap();
        assert_eq!(&head.read[head.length..], b"x");
    }

    #[test]
    fn nothing_is_no_request_and_its_beginning_a_bad_one() {
        for nothing in [&[][..], &[&b"\r\n"[..]]] {
            let gone = read_in(nothing, true).unwrap_err();
            assert_eq!(gone.kind(), io::ErrorKind::UnexpectedEof);
        }
        assert_eq!(refused(&[b"GET / HT"]), NO_HTTP);
        assert_eq!(refused(&[&b"\r\n".repeat(LONGEST_HEAD)]), TOO_LONG);
    }
}
