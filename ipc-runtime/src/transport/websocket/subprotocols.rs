//! The subprotocols that a WebSocket's client and server agree on.

use tokio_tungstenite::tungstenite::{
    handshake::server::Response,
    http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
};

use crate::{
    codec::Encoding,
    transport::websocket::{http_refusal::HttpRefusal, token_check},
};

/// None asked for means JSON; else one of those asked for must be known here. It has to be chosen:
/// a browser ends a connection for which it has asked for some, and none was chosen. A token is
/// none that could be: its echo would show it to whoever sees the answer.
pub(crate) fn choose_subprotocol(
    headers: &HeaderMap,
    mut response: Response,
) -> Result<Response, HttpRefusal> {
    if !headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Ok(response);
    }
    let Some(encoding) = asked_encoding(headers) else {
        return Err(HttpRefusal::forbidden(
            "none of the subprotocols is known here: ask for ipc.v1.json, also beside a token",
        ));
    };
    let chosen = HeaderValue::from_static(encoding.subprotocol());
    response.headers_mut().insert(SEC_WEBSOCKET_PROTOCOL, chosen);
    Ok(response)
}

/// The encoding of the first subprotocol that is asked for and known here.
pub(crate) fn asked_encoding(headers: &HeaderMap) -> Option<Encoding> {
    let known = |asked: &str| Encoding::ALL.iter().find(|it| it.subprotocol() == asked).copied();
    token_check::subprotocols(headers).find_map(known)
}
