//! Clients that know nothing of the runtime's own methods are called all the same.

use ipc_runtime::ErrorKind;
use ipc_tests::{EverythingClient, Lines, Site, in_time, messages::result};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// A raw client of a backend that calls it twice by an interface.
async fn called() -> (Lines, JoinHandle<Vec<Result<String, ErrorKind>>>, Site) {
    let site = Site::new().await;
    let mut raw = Lines::connect(&site.socket).await;
    raw.ask(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await;
    let backend = site.backend.clone();
    let calling = tokio::spawn(async move {
        let peers = backend.peers();
        let client: EverythingClient = peers.iter().next().unwrap().client();
        let mut outcomes = Vec::new();
        for _ in 0..2 {
            outcomes.push(client.echo("a".into()).await.map_err(|error| error.kind()));
        }
        outcomes
    });
    (raw, calling, site)
}

fn refusal(asked: &Value, code: i64) -> String {
    let error = json!({ "code": code, "message": "not here" });
    format!("{}\n", json!({ "jsonrpc": "2.0", "id": asked["id"], "error": error }))
}

#[tokio::test]
async fn a_client_that_knows_no_handshake_is_called_without_one() {
    let (mut raw, calling, _site) = called().await;
    let hello = raw.next().await;
    assert_eq!(hello["method"], "rpc.handshake", "{hello}");
    raw.write(refusal(&hello, -32601)).await;
    for _ in 0..2 {
        let echo = raw.next().await;
        // Some clients would take it for the reply to a call of theirs that has the same id.
        assert!(echo["id"].as_u64().unwrap() >= 1 << 24, "{echo}");
        assert_eq!(
            (&echo["method"], &echo["params"]),
            (&json!("test.everything.echo"), &json!(["a"]))
        );
        raw.write(format!("{}\n", result(echo["id"].clone(), "b"))).await;
    }
    assert_eq!(in_time(calling).await.unwrap(), [Ok("b".into()), Ok("b".into())]);
}

#[tokio::test]
async fn what_such_a_client_does_not_serve_is_not_found() {
    let (mut raw, calling, _site) = called().await;
    for _ in 0..3 {
        let asked = raw.next().await;
        raw.write(refusal(&asked, -32601)).await;
    }
    assert_eq!(
        in_time(calling).await.unwrap(),
        [Err(ErrorKind::NotFound), Err(ErrorKind::NotFound)]
    );
}

#[tokio::test]
async fn a_client_that_refuses_a_handshake_for_another_reason_is_not_called() {
    let (mut raw, calling, _site) = called().await;
    for _ in 0..2 {
        let hello = raw.next().await;
        assert_eq!(hello["method"], "rpc.handshake", "{hello}");
        raw.write(refusal(&hello, -32602)).await;
    }
    let failed = Err(ErrorKind::InvalidArguments);
    assert_eq!(in_time(calling).await.unwrap(), [failed.clone(), failed]);
}
