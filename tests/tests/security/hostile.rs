//! Clients that mean harm. What is wrong in a single message is in the wire's tests
//! (`bad_envelopes`, `bad_params`, `bad_text`), what is wrong in how it comes in `bad_peers`;
//! thousands of them are in `crowd`.

#![cfg(unix)]

use std::{sync::Arc, time::Duration};

use ipc_runtime::{Backend, Limits, error::DisconnectReason};
use ipc_tests::{
    FeedHandler, Framing, Site, Source, eventually, in_time, messages::notification,
    on_every_framing,
};
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt, net::TcpStream};

on_every_framing! {
    subscribers_that_never_read,
    a_subscriber_without_a_window_never_reads,
    a_subscriber_without_a_window_reads_as_it_likes,
    numbers_of_a_million_digits,
    names_and_ids_of_a_megabyte,
    objects_of_a_hundred_thousand_members,
    batches_within_batches,
    one_id_for_a_thousand_requests,
    farewells_of_a_megabyte_with_lines_of_their_own,
}

const MEGABYTE: usize = 1_000_000;

fn request(id: &str, method: &str, params: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"{method}","params":{params}}}"#)
}

async fn subscribers_that_never_read(framing: Framing) {
    const SUBSCRIPTIONS: usize = 20;
    const ITEM: usize = 10_000;
    let mut limits = Limits::default();
    (limits.max_message_bytes, limits.max_queued_bytes) = (64 * 1024, 256 * 1024);
    let site = Site::of(Backend::builder().limits(limits)).await;
    let source = Arc::new(Source::default());
    site.backend.register(FeedHandler::new(source.clone())).unwrap();
    let (mut peer, mut other) = (site.peer(framing).await, site.peer(framing).await);
    for id in 0..SUBSCRIPTIONS {
        peer.send(request(&id.to_string(), "test.feed.blocks", &format!("[{ITEM}]"))).await;
    }
    eventually("all are open", || source.alive() == SUBSCRIPTIONS).await;
    // As long as somebody else takes for a thousand calls, they produce what they can.
    for _ in 0..1_000 {
        other.hears_nothing_else().await;
    }
    // What may be queued and what sockets take, both a little larger as JSON.
    let produced = source.produced() * ITEM;
    assert!(produced < 8 * 1024 * 1024, "{produced} bytes were produced");
    drop(peer);
    eventually("nothing is left of them", || source.alive() == 0).await;
    other.hears_nothing_else().await;
}

async fn farewells_of_a_megabyte_with_lines_of_their_own(framing: Framing) {
    let site = Site::new().await;
    let mut ended = site.backend.peer_disconnected().listen();
    let mut peer = site.peer(framing).await;
    let reason = format!("going\nWARN forged\u{1b}[2J{}", "x".repeat(MEGABYTE));
    peer.send(notification("rpc.closing", json!({ "reason": reason })).to_string()).await;
    peer.hears_nothing_else().await;
    drop(peer);
    let (_, reason) = in_time(ended.next()).await.unwrap();
    let text = reason.to_string();
    assert!(text.contains("WARN forged") && text.len() < 500, "{} bytes", text.len());
    assert!(!text.contains(|sign: char| sign.is_control()), "{text:?}");
}

async fn numbers_of_a_million_digits(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let digits = "7".repeat(MEGABYTE);
    for number in [digits.clone(), format!("-{digits}"), format!("0.{digits}e{digits}")] {
        for (method, params) in [
            ("test.everything.add", format!("[{number},1]")),
            ("test.everything.add", format!(r#"{{"a":1,"b":{number}}}"#)),
            ("test.everything.echo", format!("[{number}]")),
        ] {
            let answer = peer.ask(request("1", method, &params)).await;
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(1), &json!(-32602)));
            assert!(answer.to_string().len() < 4096, "it isn't said back");
        }
        let answer = peer.ask(request(&number, "test.slow.ping", "[]")).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32600)));
        peer.hears_nothing_else().await;
    }
    // Small all the same, so that it is one of the numbers there are.
    let small = peer.ask(request("1", "test.everything.float", &format!("[0.{digits}]"))).await;
    assert!(small["result"].is_f64(), "{}", small["error"]);
}

async fn names_and_ids_of_a_megabyte(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let long = "x".repeat(MEGABYTE);
    let answer = peer.ask(request(&format!("\"{long}\""), "test.slow.ping", "[]")).await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32600)));
    for method in [long.clone(), format!("test.slow.{long}"), format!("rpc.{long}")] {
        let answer = peer.ask(request("1", &method, "[]")).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(1), &json!(-32601)));
    }
    let answer = peer.ask(request("1", "rpc.unsubscribe", &format!("[\"{long}\"]"))).await;
    assert_eq!(answer["id"], 1);
    for said in [
        format!(r#"{{"jsonrpc":"2.0","method":"$/cancelRequest","params":{{"id":"{long}"}}}}"#),
        format!(r#"{{"jsonrpc":"2.0","method":"{long}"}}"#),
        format!(r#"{{"jsonrpc":"2.0","id":"{long}","result":1}}"#),
    ] {
        peer.send(said).await;
        // Whatever is said to that: the connection lives.
        peer.send(request("\"behind\"", "test.slow.ping", "[]")).await;
        while peer.next().await["id"] != "behind" {}
    }
    peer.hears_nothing_else().await;
}

async fn objects_of_a_hundred_thousand_members(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let unknown: Vec<_> = (0..100_000).map(|n| format!("\"k{n}\":{n}")).collect();
    let same = vec!["\"z\":0"; 100_000];
    for members in [unknown.join(","), same.join(",")] {
        let params = format!(r#"{{"a":1,{members},"b":2}}"#);
        assert_eq!(peer.ask(request("1", "test.everything.add", &params)).await["result"], 3);
        let around = format!(r#"{{{members},"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}}"#);
        assert_eq!(peer.ask(around).await["result"], 7);
    }
}

async fn batches_within_batches(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#;
    let batch = format!("[{ping}]");
    let inner = vec![batch.as_str(); 1_000].join(",");
    let answers = peer.ask(format!("[{inner},{ping}]")).await;
    let answers = answers.as_array().unwrap();
    assert_eq!(answers.len(), 1_001);
    let refused = |answer: &&Value| answer["error"]["code"] == -32600 && answer["id"].is_null();
    assert_eq!(answers.iter().filter(refused).count(), 1_000, "none of what is inside runs");
    assert_eq!(answers.iter().filter(|answer| answer["result"] == 7).count(), 1);
    peer.hears_nothing_else().await;
}

async fn one_id_for_a_thousand_requests(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    for call in 1..=1_000 {
        peer.send(request("1", "test.slow.wait", &format!("[{call}]"))).await;
    }
    for _ in 2..=1_000 {
        let answer = peer.next().await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(1), &json!(-32600)));
    }
    assert_eq!(site.gates.order(), [1], "the first alone runs");
    site.gates.release(1);
    assert_eq!(peer.next().await["result"], 1);
    peer.hears_nothing_else().await;
}

#[tokio::test]
async fn a_header_without_end_is_cut_off() {
    let site = Site::new().await;
    let url = site.web_socket.to_string();
    let address = url.trim_start_matches("ws://").split('/').next().unwrap();
    for head in ["GET / HTTP/1.1\r\nX: ", "GET /", "G"] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut written = 0;
        let block = vec![b'x'; 64 * 1024];
        // Much more than sockets take without anybody who reads, and much less than would hurt.
        while written < 64 * 1024 * 1024 {
            if in_time(stream.write_all(&block)).await.is_err() {
                break;
            }
            written += block.len();
        }
        assert!(written < 16 * 1024 * 1024, "{written} bytes of {head:?} were taken");
    }
    site.peer(Framing::WebSocket).await.hears_nothing_else().await;
}

/// One that names no window gives no credit: what it hasn't taken holds its producers back.
async fn a_subscriber_without_a_window_never_reads(framing: Framing) {
    const ITEM: usize = 100_000;
    let mut limits = Limits::default();
    // Nothing is sent meanwhile by which it could be seen that it is there.
    limits.frame_timeout = Some(Duration::from_millis(400));
    let site = Site::of(Backend::builder().limits(limits)).await;
    let source = Arc::new(Source::default());
    site.backend.register(FeedHandler::new(source.clone())).unwrap();
    let mut ended = site.backend.peer_disconnected().listen();
    let (mut peer, mut other) = (site.peer(framing).await, site.peer(framing).await);
    peer.send(request("1", "test.feed.blocks", &format!("[{ITEM}]"))).await;
    eventually("its producer is gone", || source.produced() > 0 && source.alive() == 0).await;
    // What may wait, and what sockets take: of a WebSocket that is some MiB on either side.
    let produced = source.produced() * ITEM;
    assert!(produced < 14 * MEGABYTE, "{produced} bytes were produced");
    let (_, reason) = in_time(ended.next()).await.unwrap();
    assert!(matches!(reason, DisconnectReason::SlowReader), "{reason}");
    other.hears_nothing_else().await;
    drop(peer);
}

async fn a_subscriber_without_a_window_reads_as_it_likes(framing: Framing) {
    const ITEM: usize = 1_000_000;
    let mut limits = Limits::default();
    limits.frame_timeout = Some(Duration::from_secs(20));
    let site = Site::of(Backend::builder().limits(limits)).await;
    site.backend.register(FeedHandler::new(Arc::new(Source::default()))).unwrap();
    let mut peer = site.peer(framing).await;
    peer.send(request("1", "test.feed.blocks", &format!("[{ITEM}]"))).await;
    let opened = peer.next_text().await.unwrap();
    assert!(opened.starts_with(r#"{"jsonrpc":"2.0","id":1,"result":"#), "{opened}");
    let mut taken = 0;
    while taken < 100 * MEGABYTE {
        let item = peer.next_text().await.unwrap();
        assert!(item.starts_with(r#"{"jsonrpc":"2.0","method":"test.feed.blocks""#), "{item:.100}");
        taken += ITEM;
    }
}
