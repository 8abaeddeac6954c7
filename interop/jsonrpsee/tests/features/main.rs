//! What jsonrpsee's WebSocket client does with a backend: each test records its cell of the table.

mod backend;
mod record;

use std::{collections::HashMap, future::Future, path::PathBuf, time::Duration};

use jsonrpsee::{
    core::{
        client::{ClientT, Error, Subscription, SubscriptionClientT},
        params::{BatchRequestBuilder, ObjectParams},
    },
    rpc_params,
    types::{ErrorObjectOwned, Id, Request},
    ws_client::{WsClient, WsClientBuilder},
};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use crate::{
    backend::Backend,
    record::{by_hand, no, yes},
};

/// Only a hang takes that long.
const PATIENCE: Duration = Duration::from_secs(45);
/// nginx ends a WebSocket that is silent for 60 s.
const SILENCE: Duration = Duration::from_secs(65);

async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.unwrap()
}

async fn client_of(url: &str) -> WsClient {
    WsClientBuilder::default().build(url).await.unwrap()
}

async fn connected() -> (Backend, WsClient) {
    let backend = Backend::start().await;
    let client = client_of(&backend.url).await;
    (backend, client)
}

fn called(error: Error) -> ErrorObjectOwned {
    match error {
        Error::Call(error) => error,
        other => panic!("{other}"),
    }
}

fn by_name<const N: usize>(params: [(&str, Value); N]) -> ObjectParams {
    let mut object = ObjectParams::new();
    for (name, value) in params {
        object.insert(name, value).unwrap();
    }
    object
}

async fn waiting(client: &WsClient) -> u32 {
    client.request("demo.archive.waiting", rpc_params![]).await.unwrap()
}

async fn until_waiting(client: &WsClient, count: u32) {
    in_time(async {
        while waiting(client).await != count {
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn it_calls_by_position_and_by_name() {
    let (_backend, client) = connected().await;
    let seek = "demo.archive.seek";
    assert_eq!(client.request::<u64, _>(seek, rpc_params![10, 3]).await.unwrap(), 7);
    let params = by_name([("back", 4.into()), ("offset", 10.into())]);
    assert_eq!(client.request::<u64, _>(seek, params).await.unwrap(), 6);
    assert_eq!(client.request::<i64, _>("add", rpc_params![2, 3]).await.unwrap(), 5);
    yes("calls");
}

#[tokio::test]
async fn errors_come_with_code_and_data() {
    let (_backend, client) = connected().await;
    let failed = client.request::<u64, _>("demo.archive.size", rpc_params!["none"]).await;
    let error = called(failed.unwrap_err());
    assert_eq!((error.code(), error.message()), (1, "there is no `none`"));
    assert_eq!(error.data().unwrap().get(), r#"{"NotFound":"none"}"#);
    let unknown = client.request::<u64, _>("demo.archive.nope", rpc_params![]).await;
    assert_eq!(called(unknown.unwrap_err()).code(), -32601);
    let wrong = client.request::<u64, _>("demo.archive.size", rpc_params![7]).await;
    assert_eq!(called(wrong.unwrap_err()).code(), -32602);
    yes("errors");
}

#[tokio::test]
async fn it_notifies() {
    let (_backend, client) = connected().await;
    client.notification("demo.archive.log", rpc_params!["one"]).await.unwrap();
    client.notification("demo.archive.log", rpc_params!["two"]).await.unwrap();
    in_time(async {
        loop {
            let logged: Vec<String> =
                client.request("demo.archive.logged", rpc_params![]).await.unwrap();
            if logged.len() == 2 {
                break assert_eq!(logged, ["one", "two"]);
            }
        }
    })
    .await;
    yes("notify");
}

#[tokio::test]
async fn it_is_notified() {
    let (_backend, client) = connected().await;
    let mut told: Subscription<(String,)> =
        client.subscribe_to_method("demo.desk.told").await.unwrap();
    client.request::<(), _>("demo.archive.tell", rpc_params!["hello"]).await.unwrap();
    assert_eq!(in_time(told.next()).await.unwrap().unwrap().0, "hello");
    yes("notified");
}

#[tokio::test]
async fn subscriptions_give_items_and_are_ended() {
    let (_backend, client) = connected().await;
    let mut ends: Subscription<HashMap<String, Value>> =
        client.subscribe_to_method("demo.archive.countdown").await.unwrap();
    let mut countdown: Subscription<u32> = client
        .subscribe("demo.archive.countdown", rpc_params![3], "rpc.unsubscribe")
        .await
        .unwrap();
    for expected in [2, 1, 0] {
        assert_eq!(in_time(countdown.next()).await.unwrap().unwrap(), expected);
    }
    assert_eq!(in_time(ends.next()).await.unwrap().unwrap()["done"], true);

    let mut changes: Subscription<u32> =
        client.subscribe("demo.archive.changes", rpc_params![], "rpc.unsubscribe").await.unwrap();
    assert_eq!(in_time(changes.next()).await.unwrap().unwrap(), 1);
    assert_eq!(waiting(&client).await, 1);
    in_time(changes.unsubscribe()).await.unwrap();
    until_waiting(&client, 0).await;
    by_hand(
        "subscriptions",
        "`subscribe` gives the items, and unsubscribes; that the stream has ended comes to \
         `subscribe_to_method`",
    );
}

#[tokio::test]
async fn it_cant_be_called() {
    let (_backend, client) = connected().await;
    let ask = client.request::<String, _>("demo.archive.ask", rpc_params!["delete it?"]);
    // The backend asks, and waits until its deadline for the answer.
    assert!(timeout(Duration::from_secs(1), ask).await.is_err());
    assert_eq!(client.request::<i64, _>("add", rpc_params![2, 3]).await.unwrap(), 5);
    no("called", "it drops requests: it has no place for a handler");
}

#[tokio::test]
async fn a_call_is_cancelled_by_its_number() {
    let (backend, client) = connected().await;
    let other = client_of(&backend.url).await;
    let client = std::sync::Arc::new(client);
    let call = tokio::spawn({
        let client = client.clone();
        async move { client.request::<(), _>("demo.archive.wait", rpc_params![]).await }
    });
    until_waiting(&other, 1).await;
    client.notification("$/cancelRequest", by_name([("id", 0.into())])).await.unwrap();
    let error = called(in_time(call).await.unwrap().unwrap_err());
    assert_eq!(error.code(), -32800);
    until_waiting(&other, 0).await;
    by_hand(
        "cancel",
        "the app counts its calls, whose ids begin at 0, and notifies `$/cancelRequest`",
    );
}

#[tokio::test]
async fn dropping_a_call_cancels_nothing() {
    let (backend, client) = connected().await;
    let other = client_of(&backend.url).await;
    let call = client.request::<(), _>("demo.archive.wait", rpc_params![]);
    assert!(timeout(Duration::from_millis(300), call).await.is_err());
    assert_eq!(client.request::<i64, _>("add", rpc_params![2, 3]).await.unwrap(), 5);
    assert_eq!(waiting(&other).await, 1);
}

#[test]
fn it_cant_ask_for_progress() {
    // All that its middleware may change of a request, with `params`: none of it asks for progress.
    let request = Request::owned("demo.archive.index".into(), None, Id::Number(1));
    let written: HashMap<String, Value> =
        serde_json::from_value(serde_json::to_value(request).unwrap()).unwrap();
    let mut members: Vec<_> = written.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["id", "jsonrpc", "method"]);
    no("progress", "its requests have no other members than those of JSON-RPC");
}

#[tokio::test]
async fn a_stream_argument_is_an_array() {
    let (_backend, client) = connected().await;
    let upload =
        client.request::<u64, _>("demo.archive.upload", rpc_params!["c.txt", ["YWI=", "Yw=="]]);
    assert_eq!(upload.await.unwrap(), 3);
    yes("upload");
}

#[tokio::test]
async fn a_batch_is_answered() {
    let (_backend, client) = connected().await;
    let mut batch = BatchRequestBuilder::new();
    batch.insert("demo.archive.size", rpc_params!["a.txt"]).unwrap();
    batch.insert("demo.archive.size", rpc_params!["none"]).unwrap();
    batch.insert("add", rpc_params![1, 2]).unwrap();
    let answers = client.batch_request::<u64>(batch).await.unwrap();
    let answers: Vec<_> =
        answers.into_iter().map(|one| one.map_err(|error| error.code())).collect();
    assert_eq!(answers, [Ok(7), Err(1), Ok(3)]);
    yes("batch");
}

#[tokio::test]
async fn integers_of_64_bits_are_exact() {
    let (_backend, client) = connected().await;
    let widest = client.request::<u64, _>("demo.archive.seek", rpc_params![u64::MAX]).await;
    assert_eq!(widest.unwrap(), u64::MAX);
    yes("integers");
}

#[tokio::test]
async fn bytes_are_base64() {
    let (_backend, client) = connected().await;
    let read = client.request::<String, _>("demo.archive.read", rpc_params!["a.txt"]).await;
    assert_eq!(read.unwrap(), "R3LDvMOfZQ==");
    let write = client.request::<u64, _>("demo.archive.write", rpc_params!["d", "AAH6/w=="]).await;
    assert_eq!(write.unwrap(), 4);
    yes("bytes");
}

#[tokio::test]
async fn it_shows_a_token() {
    let token = "correct-horse-battery-staple";
    let backend = Backend::at("ws://127.0.0.1:0/", Some(token)).await;
    let stranger = client_of(&backend.url).await;
    let refused = stranger.request::<i64, _>("add", rpc_params![1, 2]).await;
    assert_eq!(called(refused.unwrap_err()).code(), -32002);
    let greet = async |token: &str| {
        let client = client_of(&backend.url).await;
        let params = by_name([("protocol", 1.into()), ("token", token.into())]);
        let greeted = client.request::<Value, _>("rpc.handshake", params).await;
        (client, greeted)
    };
    let (_intruder, refused) = greet("guess").await;
    assert_eq!(called(refused.unwrap_err()).code(), -32001);
    let (client, greeted) = greet(token).await;
    greeted.unwrap();
    assert_eq!(client.request::<i64, _>("add", rpc_params![1, 2]).await.unwrap(), 3);
    yes("token");
}

#[tokio::test]
async fn it_compares_versions() {
    let (_backend, client) = connected().await;
    let asked = |version: &str| json!({ "channel": "demo.archive", "version": version, "fingerprint": "0:0000000000000000" });
    let uses = json!([asked("1.1.0"), asked("2.0.0")]);
    let params = by_name([("protocol", 1.into()), ("uses", uses)]);
    let answer: Value = client.request("rpc.handshake", params).await.unwrap();
    assert_eq!(answer["uses"][0]["version"], "1.2.0");
    assert_eq!(answer["uses"][1]["error"]["code"], -32003);
    yes("handshake");
}

#[tokio::test]
async fn it_hears_that_the_backend_stops() {
    let (mut backend, client) = connected().await;
    let mut closing: Subscription<HashMap<String, Value>> =
        client.subscribe_to_method("rpc.closing").await.unwrap();
    drop(backend.process.stdin.take());
    assert_eq!(in_time(closing.next()).await.unwrap().unwrap()["restart"], false);
    in_time(client.on_disconnect()).await;
    yes("closing");
}

#[tokio::test]
async fn the_app_connects_anew() {
    let mut backend = Backend::lasting().await;
    let client = client_of(&backend.url).await;
    assert_eq!(client.request::<i64, _>("add", rpc_params![1, 2]).await.unwrap(), 3);
    backend.process.kill().await.unwrap();
    in_time(client.on_disconnect()).await;
    let again = Backend::at(&backend.url, None).await;
    assert!(client.request::<i64, _>("add", rpc_params![1, 2]).await.is_err());
    let client = client_of(&again.url).await;
    assert_eq!(client.request::<i64, _>("add", rpc_params![1, 2]).await.unwrap(), 3);
    by_hand("reconnect", "the app connects anew");
}

#[tokio::test]
async fn it_stays_behind_nginx() {
    let Ok(url) = std::env::var("INTEROP_NGINX") else {
        return println!("not run: INTEROP_NGINX has no address");
    };
    let client = client_of(&url).await;
    assert_eq!(client.request::<i64, _>("add", rpc_params![1, 2]).await.unwrap(), 3);
    assert!(timeout(SILENCE, client.on_disconnect()).await.is_err(), "nginx has ended it");
    assert_eq!(in_time(client.request::<i64, _>("add", rpc_params![1, 2])).await.unwrap(), 3);
    yes("idle");
}

#[tokio::test]
async fn the_program_of_the_guide_says_what_the_guide_says() {
    let backend = Backend::start().await;
    let test = std::env::current_exe().unwrap();
    let built = test.parent().and_then(|deps| deps.parent()).map(PathBuf::from).unwrap();
    let mut program = tokio::process::Command::new(built.join("examples/calls"));
    let output = in_time(program.arg(&backend.url).output()).await.unwrap();
    let expected =
        "7 bytes\n1 there is no `none` {\"NotFound\":\"none\"}\ntold: hello\n1\n0\ndone\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}
