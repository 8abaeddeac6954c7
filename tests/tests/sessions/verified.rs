//! Versions are compared once for each interface and connection.

use std::sync::Arc;

use ipc_runtime::{ErrorKind, Limits};
use ipc_tests::{
    EverythingClient, FeedClient, Lines, RawBackend, Site, in_time,
    messages::{handshake_answer, result},
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_frontend_asks_once_for_each_interface() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let frontend = raw_backend.frontend.clone();
    let asking = tokio::spawn(async move {
        let opened: FeedClient = frontend.open().await.unwrap();
        let made: FeedClient = frontend.client();
        let of_peer: FeedClient = frontend.peer().open().await.unwrap();
        let also: FeedClient = frontend.peer().client();
        for client in [feed, opened, made, of_peer, also] {
            let _ =
                client.take(0, ipc_runtime::Streaming::new(futures_util::stream::empty())).await;
        }
        let _: EverythingClient = frontend.open().await.unwrap();
    });
    for _ in 0..5 {
        let asked = raw_backend.asked("test.feed.take").await;
        raw_backend.say(result(asked, json!([]))).await;
        // The empty stream's end.
        raw_backend.raw.next().await;
    }
    let hello = raw_backend.raw.next().await;
    assert_eq!(hello["params"]["uses"][0]["channel"], "test.everything", "{hello}");
    raw_backend.say(handshake_answer(&hello)).await;
    in_time(asking).await.unwrap();
}

#[tokio::test]
async fn what_did_not_fit_is_asked_again() {
    let mut raw_backend = RawBackend::new(Limits::default()).await;
    let frontend = raw_backend.frontend.clone();
    let opening = tokio::spawn(async move {
        let refused = frontend.open::<FeedClient>().await;
        assert!(
            matches!(&refused, Err(error) if error.kind() == ErrorKind::NotFound),
            "{refused:?}"
        );
        frontend.open::<FeedClient>().await.unwrap();
        frontend.open::<FeedClient>().await.unwrap();
    });
    let hello = raw_backend.raw.next().await;
    let error = json!({ "code": -32601, "message": "not yet" });
    let uses = json!([{ "channel": "test.feed", "error": error }]);
    raw_backend.say(result(hello["id"].clone(), json!({ "protocol": 1, "uses": uses }))).await;
    let hello = raw_backend.raw.next().await;
    raw_backend.say(handshake_answer(&hello)).await;
    in_time(opening).await.unwrap();
}

#[tokio::test]
async fn a_broadcast_asks_each_peer_once() {
    let site = Site::new().await;
    let mut raw = Lines::connect(&site.socket).await;
    raw.ask(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await;
    let backend = Arc::new(site.backend.clone());
    let asking = tokio::spawn(async move {
        for _ in 0..3 {
            let peers = backend.peers();
            let told = peers.broadcast(|all: EverythingClient| all.echo("a".into())).await;
            assert_eq!(told[0].1.as_deref().unwrap(), "a");
        }
    });
    let mut say = async |message: Value| {
        raw.write(format!("{message}\n")).await;
        raw.next().await
    };
    let hello = say(json!({ "jsonrpc": "2.0", "method": "rpc.credit" })).await;
    let mut echo = say(handshake_answer(&hello)).await;
    for _ in 0..2 {
        assert_eq!(echo["method"], "test.everything.echo", "{echo}");
        echo = say(result(echo["id"].clone(), "a")).await;
    }
    assert_eq!(echo["method"], "test.everything.echo", "{echo}");
    raw.write(format!("{}\n", result(echo["id"].clone(), "a"))).await;
    in_time(asking).await.unwrap();
}
