//! Pages that promise a handshake when they open their WebSocket (`ipc.session`).

use std::time::Duration;

use ipc_runtime::{Backend, Endpoint, Limits};
use ipc_tests::{TestCarrier, WebSocket, eventually};
use serde_json::{Value, json};

const LONG: Duration = Duration::from_secs(60);

/// A handshake as the peer with this session.
fn hello(session: &str) -> String {
    let params = json!({ "protocol": 1, "session": session });
    json!({ "jsonrpc": "2.0", "id": 1, "method": "rpc.handshake", "params": params }).to_string()
}

/// A page that asks for these subprotocols.
async fn page(endpoint: &Endpoint, subprotocols: &str) -> WebSocket {
    let headers = [("Sec-WebSocket-Protocol", subprotocols)];
    let page = WebSocket::connect(endpoint, &headers).await.unwrap();
    assert_eq!(page.subprotocol.as_deref(), Some("ipc.v1.json"), "{subprotocols}");
    page
}

async fn session(page: &mut WebSocket, asked: &str) -> Value {
    page.ask(hello(asked)).await["result"]["session"].clone()
}

async fn keeps_its_session(promise: &str) {
    let mut limits = Limits::default();
    (limits.handshake_timeout, limits.session_grace) = (LONG, LONG);
    let backend = Backend::builder().limits(limits).build();
    let endpoint = TestCarrier::web_socket().listen(&backend).await;
    let mut old = page(&endpoint, promise).await;
    let id = session(&mut old, "").await;
    let id = id.as_str().unwrap();
    let name = backend.peers().iter().next().unwrap().id();

    let mut late = page(&endpoint, promise).await;
    // Who came after it and promises nothing isn't waited for any more.
    let mut silent = page(&endpoint, "ipc.v1.json").await;
    eventually("one is taken for one that listens", || backend.peers().len() == 2).await;
    assert_ne!(session(&mut silent, id).await, id, "{promise}");
    assert_eq!(session(&mut late, id).await, id, "{promise}");
    assert!(backend.peers().iter().any(|peer| peer.id() == name), "{promise}");
    assert_eq!(backend.peers().len(), 2, "{promise}");
}

#[tokio::test]
async fn a_page_that_promises_its_handshake_keeps_its_session_however_late_that_is() {
    keeps_its_session("ipc.v1.json, ipc.session").await;
    keeps_its_session("ipc.session,ipc.v1.json").await;
}

#[tokio::test]
async fn a_page_that_breaks_its_promise_is_a_peer_after_the_time_for_handshakes() {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(50);
    let backend = Backend::builder().limits(limits).build();
    let endpoint = TestCarrier::web_socket().listen(&backend).await;
    let mut silent = page(&endpoint, "ipc.v1.json, ipc.session").await;
    eventually("it is taken for one that listens", || backend.peers().len() == 1).await;
    assert!(
        silent.ask(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await["result"].is_null()
    );
}

#[tokio::test]
async fn a_promise_alone_is_no_subprotocol() {
    let backend = Backend::new();
    let endpoint = TestCarrier::web_socket().listen(&backend).await;
    let headers = [("Sec-WebSocket-Protocol", "ipc.session")];
    let refused = WebSocket::connect(&endpoint, &headers).await.unwrap_err();
    assert_eq!(refused.0, 403, "{}", refused.1);
}
