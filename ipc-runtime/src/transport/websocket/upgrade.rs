//! Checks that an HTTP request asks for a WebSocket: RFC 6455, 4.2.1.

use base64::{Engine, engine::general_purpose::STANDARD};
use tokio_tungstenite::tungstenite::{
    handshake::{derive_accept_key, server::Response},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Version,
        header::{
            CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
        },
    },
};

use crate::transport::websocket::http_refusal::HttpRefusal;

/// The answer that accepts the upgrade. `Err` if the request doesn't ask for one.
pub(in crate::transport) fn answer<B>(request: &Request<B>) -> Result<Response, HttpRefusal> {
    let headers = request.headers();
    if request.method() != Method::GET {
        let why = "a WebSocket is asked for by GET, and nothing else is served here";
        return Err(HttpRefusal { status: StatusCode::METHOD_NOT_ALLOWED, why });
    }
    if request.version() < Version::HTTP_11 {
        return Err(HttpRefusal::upgrade_required(
            "a WebSocket is asked for by HTTP/1.1: a proxy in between may have to be told to",
        ));
    }
    if !lists(headers, &UPGRADE, "websocket") {
        return Err(HttpRefusal::upgrade_required(
            "a WebSocket is spoken here, and this request doesn't ask for one (Upgrade: websocket)",
        ));
    }
    if !lists(headers, &CONNECTION, "upgrade") {
        return Err(HttpRefusal::bad(
            "a request for a WebSocket has the header Connection: Upgrade",
        ));
    }
    if only(headers, &SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(HttpRefusal::upgrade_required(
            "version 13 of the WebSocket protocol is spoken here: Sec-WebSocket-Version: 13",
        ));
    }
    let Some(key) = only(headers, &SEC_WEBSOCKET_KEY).filter(|key| is_key(key)) else {
        return Err(HttpRefusal::bad("Sec-WebSocket-Key has to be there once, 16 bytes in base64"));
    };
    let accept = HeaderValue::try_from(derive_accept_key(key.as_bytes()));
    let accept = accept.map_err(|_| HttpRefusal::bad("Sec-WebSocket-Key can't be answered"))?;
    let mut response = Response::new(());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

/// Whether a header lists this word. The header may occur several times, each with several words:
/// RFC 9110, 5.3.
fn lists(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let lines = headers.get_all(name).iter();
    let mut words = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b','));
    words.any(|listed| listed.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
}

/// The value of a header that must occur exactly once.
pub(in crate::transport) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

fn is_key(key: &str) -> bool {
    STANDARD.decode(key).is_ok_and(|bytes| bytes.len() == 16)
}
