//! A peer that says that nothing more comes, and waits for its answers.

#![cfg(unix)] // A named pipe has no half-close.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

use ipc_runtime::{
    Backend, ErrorKind, IpcError, Limits, Peer, config::HandshakePolicy, error::DisconnectReason,
};
use ipc_tests::{
    FeedClient, FeedHandler, HandlerEnding, Lines, Site, Source, eventually, in_time,
    messages::{handshake_answer, item, notification, result},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::UnixStream,
};

fn request(id: u32, method: &str, params: Value) -> String {
    let method = format!("test.slow.{method}");
    let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
    format!("{request}\n")
}

/// Little room for replies, so that a few of them hold back the requests behind.
fn little_room() -> Limits {
    let mut limits = Limits::default();
    limits.max_message_bytes = 64 * 1024;
    limits.max_queued_bytes = 256 * 1024;
    limits
}

/// Every id once, and a result for each.
async fn are_all_answered(raw: &mut Lines, count: u32, bytes: usize) {
    let mut ids = BTreeSet::new();
    while let Some(text) = raw.next_text().await {
        let answer: Value = serde_json::from_str(&text).unwrap();
        let result = answer["result"].as_str().unwrap_or_else(|| panic!("no result: {answer}"));
        assert_eq!(result.len(), bytes);
        let id = answer["id"].as_u64().unwrap();
        assert!(ids.insert(id), "{id} is answered twice");
    }
    assert_eq!(ids.len(), count as usize);
    assert_eq!(ids.last().copied(), Some(u64::from(count) - 1));
}

#[tokio::test]
async fn requests_that_were_held_back_are_answered_after_the_end_of_input() {
    let site = Site::of(Backend::builder().limits(little_room())).await;
    let mut raw = Lines::connect(&site.socket).await;
    let requests: String = (0..400).map(|id| request(id, "fill", json!([60_000]))).collect();
    raw.write(requests).await;
    raw.finish().await;
    // Nothing has been read yet: most of them can't have run.
    eventually("the first of them are answered", || site.gates.filled() > 2).await;
    are_all_answered(&mut raw, 400, 60_000).await;
    assert_eq!(site.gates.filled(), 400);
}

#[tokio::test]
async fn more_requests_than_one_read_takes_are_answered_after_the_end_of_input() {
    let site = Site::of(Backend::builder().limits(little_room())).await;
    let requests: String = (0..400)
        .map(|id| {
            // White space before a message is none of it.
            let padding = " ".repeat(4000);
            format!("{padding}{}", request(id, "fill", json!([20_000])))
        })
        .collect();
    let (mut reader, mut writer) = UnixStream::connect(&site.socket).await.unwrap().into_split();
    let writing = tokio::spawn(async move {
        writer.write_all(requests.as_bytes()).await.unwrap();
        writer.shutdown().await.unwrap();
    });
    let mut text = String::new();
    in_time(reader.read_to_string(&mut text)).await.unwrap();
    in_time(writing).await.unwrap();
    let answers: Vec<Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 400);
    for answer in &answers {
        assert!(answer.get("error").is_none(), "{answer}");
    }
}

#[tokio::test]
async fn handlers_that_run_at_the_end_of_input_are_answered_too() {
    let site = Site::new().await;
    let mut raw = Lines::connect(&site.socket).await;
    for id in 0..50 {
        raw.write(request(id, "fill_later", json!([id, 60_000]))).await;
    }
    raw.finish().await;
    site.gates.have_begun(50).await;
    site.gates.release_all();
    are_all_answered(&mut raw, 50, 60_000).await;
}

#[tokio::test]
async fn whoever_reads_slowly_gets_a_reply_whole() {
    let site = Site::new().await;
    let mut raw = UnixStream::connect(&site.socket).await.unwrap();
    let bytes = 8 << 20;
    raw.write_all(request(1, "fill", json!([bytes])).as_bytes()).await.unwrap();
    raw.shutdown().await.unwrap();
    // Longer than a connection that closes waits for its peer.
    let begun = Instant::now();
    let (mut part, mut read) = (vec![0; 16 * 1024], 0);
    while begun.elapsed() < Duration::from_millis(2500) {
        let some = in_time(raw.read(&mut part)).await.unwrap();
        assert_ne!(some, 0, "the connection has ended after {read} bytes");
        read += some;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut rest = Vec::new();
    in_time(raw.read_to_end(&mut rest)).await.unwrap();
    assert!(read < bytes, "there was more to read all the time");
    assert!(rest.ends_with(b"x\"}\n"));
    assert!(read + rest.len() > bytes);
}

#[tokio::test]
async fn a_handler_that_never_ends_is_stopped_when_a_call_would_be() {
    let mut limits = Limits::default();
    limits.call_timeout = Some(Duration::from_millis(200));
    let site = Site::of(Backend::builder().limits(limits)).await;
    let mut raw = Lines::connect(&site.socket).await;
    raw.write(request(1, "patient", json!([1]))).await;
    raw.finish().await;
    site.gates.began(1).await;
    assert_eq!(raw.next_text().await, None);
    assert_eq!(site.gates.ended(1).await, HandlerEnding::Dropped);
    eventually("the connection has gone", || site.backend.connection_count() == 0).await;
}

#[tokio::test]
async fn who_has_to_shake_hands_has_no_more_time_for_it_by_saying_nothing_more() {
    let mut limits = little_room();
    // Enough for all of it to be written, also on a busy machine.
    limits.handshake_timeout = Duration::from_secs(3);
    limits.call_timeout = None;
    let site =
        Site::of(Backend::builder().limits(limits).handshake(HandshakePolicy::Required)).await;
    let mut raw = Lines::connect(&site.socket).await;
    let ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.ping\"}\n";
    // More answers than the socket holds, which nobody reads.
    raw.write(ping.repeat(10_000)).await;
    raw.finish().await;
    eventually("it has gone", || site.backend.connection_count() == 0).await;
}

#[tokio::test]
async fn a_handshake_ahead_of_the_end_of_input_is_in_time() {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(300);
    let site =
        Site::of(Backend::builder().limits(limits).handshake(HandshakePolicy::Required)).await;
    let mut raw = Lines::connect(&site.socket).await;
    let hello = r#"{"jsonrpc":"2.0","id":"h","method":"rpc.handshake","params":{"protocol":1}}"#;
    raw.write(format!("{hello}\n")).await;
    raw.write(request(1, "patient", json!([1]))).await;
    raw.finish().await;
    site.gates.began(1).await;
    assert_eq!(raw.next().await["id"], "h");
    // Longer than the handshake may take.
    tokio::time::sleep(Duration::from_millis(600)).await;
    site.gates.release(1);
    assert_eq!(raw.next().await["id"], 1);
}

async fn say(raw: &mut Lines, message: Value) {
    raw.write(format!("{message}\n")).await;
}

#[track_caller]
fn was_lost<T: std::fmt::Debug>(failed: Result<T, IpcError>) -> bool {
    match failed {
        Err(error) if error.kind() == ErrorKind::Disconnected => {
            let (may_have_run, reason) = (error.may_have_run(), error.reason().unwrap());
            assert!(matches!(reason, DisconnectReason::ClosedByPeer(_)), "{reason:?}");
            may_have_run
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_waits_for_the_peer_ends_with_its_input() {
    let site = Site::new().await;
    let source = Arc::new(Source::default());
    site.backend.register(FeedHandler::new(source.clone())).unwrap();
    let mut raw = Lines::connect(&site.socket).await;
    // As long as it runs, so does the connection.
    raw.write(request(1, "wait", json!([1]))).await;
    site.gates.began(1).await;
    let peer: Peer = site.backend.peers().into_iter().next().unwrap();
    let opening = tokio::spawn({
        let peer = peer.clone();
        async move { peer.open::<FeedClient>().await.unwrap() }
    });
    let hello = raw.next().await;
    say(&mut raw, handshake_answer(&hello)).await;
    let feed = in_time(opening).await.unwrap();
    let opening = tokio::spawn(feed.count(9).no_timeout());
    let asked = raw.next().await;
    say(&mut raw, result(asked["id"].clone(), 7)).await;
    say(&mut raw, item("test.feed.count", &json!(7), 0.into())).await;
    let mut items = in_time(opening).await.unwrap().unwrap();
    assert_eq!(in_time(items.next()).await.unwrap().unwrap(), 0);
    let call = tokio::spawn(peer.call::<u32>("some.method", &()).no_timeout());
    assert_eq!(raw.next().await["method"], "some.method");
    let upload = json!({ "jsonrpc": "2.0", "id": 2, "method": "test.feed.upload",
        "params": ["a", { "$stream": 5 }] });
    say(&mut raw, upload).await;
    say(&mut raw, notification("$/stream", json!({ "stream": 5, "item": "AAAA" }))).await;
    eventually("the handler runs", || source.alive() == 1).await;

    raw.finish().await;
    assert!(was_lost(in_time(call).await.unwrap()));
    was_lost(in_time(items.next()).await.unwrap());
    assert!(in_time(items.next()).await.is_none());
    let later = peer.call::<u32>("some.method", &()).no_timeout();
    assert!(!was_lost(in_time(later).await));
    assert!(!was_lost(in_time(peer.open::<ipc_tests::EverythingClient>()).await));
    // The handler of the upload is told, and what it says of that is answered.
    let answer = raw.next().await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(2), &json!(1)), "{answer}");
    in_time(peer.notify("some.note", &())).await.unwrap();
    assert_eq!(raw.next().await["method"], "some.note");
    assert!(peer.is_connected());
    site.gates.release(1);
    assert_eq!(raw.next().await, result(1, 1));
    assert_eq!(raw.next_text().await, None);
}

#[tokio::test]
async fn a_subscription_that_has_an_end_comes_to_it() {
    let site = Site::new().await;
    let source = Arc::new(Source::default());
    site.backend.register(FeedHandler::new(source.clone())).unwrap();
    let mut raw = Lines::connect(&site.socket).await;
    let count =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "test.feed.count", "params": [20000] });
    say(&mut raw, count).await;
    raw.finish().await;
    let id = raw.next().await["result"].clone();
    for number in 0..20_000 {
        assert_eq!(raw.next().await, item("test.feed.count", &id, number.into()));
    }
    assert_eq!(raw.next().await["params"]["done"], true);
    assert_eq!(raw.next_text().await, None);
}

#[tokio::test]
async fn a_subscription_without_end_is_ended_when_a_call_would_be() {
    let mut limits = Limits::default();
    limits.call_timeout = Some(Duration::from_millis(200));
    let site = Site::of(Backend::builder().limits(limits)).await;
    let source = Arc::new(Source::default());
    site.backend.register(FeedHandler::new(source.clone())).unwrap();
    let mut raw = Lines::connect(&site.socket).await;
    let events = "test.feed.events";
    say(&mut raw, json!({ "jsonrpc": "2.0", "id": 1, "method": events })).await;
    let id = raw.next().await["result"].clone();
    raw.finish().await;
    let end = raw.next().await;
    assert_eq!((&end["method"], &end["params"]["subscription"]), (&json!(events), &id), "{end}");
    assert_eq!(end["params"]["error"]["code"], -32005, "{end}");
    assert_eq!(raw.next_text().await, None);
    eventually("nothing is left of the streams", || source.alive() == 0).await;
}

#[tokio::test]
async fn a_stop_ends_its_idle_subscriptions_at_once() {
    let site = Site::new().await;
    site.backend.register(FeedHandler::new(Arc::new(Source::default()))).unwrap();
    let mut raw = Lines::connect(&site.socket).await;
    say(&mut raw, json!({ "jsonrpc": "2.0", "id": 1, "method": "test.feed.events" })).await;
    raw.next().await;
    raw.finish().await;
    let peer = site.backend.peers().into_iter().next().unwrap();
    // It says nothing more, as this shows.
    was_lost(peer.call::<()>("x", &()).await);
    in_time(site.backend.stop(Duration::from_secs(600))).await;
    let rest = raw.rest().await;
    assert!(rest.contains("-32005"), "{rest}");
}
