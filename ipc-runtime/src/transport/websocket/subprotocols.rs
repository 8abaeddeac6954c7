//! The negotiation of a WebSocket's subprotocol.

use tokio_tungstenite::tungstenite::{
    handshake::server::Response,
    http::{HeaderMap, HeaderValue, header::SEC_WEBSOCKET_PROTOCOL},
};

use crate::{
    codec::Encoding,
    transport::websocket::{http_refusal::HttpRefusal, token_check},
};

/// By asking for this one beside an encoding, a client promises that its first message is a
/// handshake. It is never chosen.
const SESSION: &str = "ipc.session";

/// Adds the chosen subprotocol to the response. If the client asks for none, it gets JSON, and no
/// subprotocol is added. Otherwise this side must know one of those that it asks for.
///
/// One must be chosen, since a browser that has asked for some closes the connection if none was. A
/// token is never chosen: the echo would show it to everybody who sees the answer.
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

/// The encoding of the first requested subprotocol that is known here.
pub(crate) fn asked_encoding(headers: &HeaderMap) -> Option<Encoding> {
    let known = |asked: &str| Encoding::ALL.iter().find(|it| it.subprotocol() == asked).copied();
    token_check::subprotocols(headers).find_map(known)
}

/// Whether the client promises a handshake.
pub(crate) fn promises_handshake(headers: &HeaderMap) -> bool {
    token_check::subprotocols(headers).any(|asked| asked == SESSION)
}
