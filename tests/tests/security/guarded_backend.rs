//! A backend that asks for a token, and what is said to it.
#![cfg(unix)]

use ipc_runtime::{Backend, BackendBuilder, Token};
use ipc_tests::{Gates, RawPeer, SlowHandler, eventually, messages::request};
use serde_json::{Value, json};

/// A token of its own.
pub(crate) fn token() -> Token {
    Token::generate().unwrap()
}

/// A backend that asks for this token.
pub(crate) fn guarded(token: &Token) -> BackendBuilder {
    Backend::builder().token(token.clone())
}

/// The handshake that shows this token.
pub(crate) fn hello(token: impl Into<Value>) -> String {
    request("h", "rpc.handshake", json!({ "protocol": 1, "token": token.into() })).to_string()
}

/// A call of the slow interface, which is answered at once.
pub(crate) fn ping() -> String {
    request(6, "test.slow.ping", json!([])).to_string()
}

/// Its [`ping`] is answered.
pub(crate) async fn is_served(peer: &mut RawPeer) {
    assert_eq!(peer.ask(ping()).await, json!({ "jsonrpc": "2.0", "id": 6, "result": 7 }));
}

/// This is the answer to a wrong token.
pub(crate) fn is_unauthorized(answer: &Value, id: &Value) {
    assert_eq!((&answer["id"], &answer["error"]["code"]), (id, &json!(-32001)), "{answer}");
}

/// Nothing is left of whoever wasn't let in.
pub(crate) async fn nothing_is_left(backend: &Backend) {
    eventually("nothing is left", || backend.usage().is_zero() && backend.connection_count() == 0)
        .await;
}

/// The backend, with slow methods.
pub(crate) fn slow_backend(builder: BackendBuilder) -> Backend {
    let backend = builder.build();
    backend.register(SlowHandler::new(Gates::new())).unwrap();
    backend
}
