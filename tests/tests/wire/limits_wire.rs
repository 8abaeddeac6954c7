//! Limits, as a peer that keeps to none of them meets them.

use std::time::Duration;

use ipc_runtime::{Backend, ErrorKind, Limits, error::DisconnectReason};
use ipc_tests::{
    Framing, HandlerEnding, RawBackend, RawPeer, Site, SlowClient, WebSocket, eventually, in_time,
    messages::{item, notification, request, result},
    on_every_framing,
    web_socket::Refused,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

on_every_framing! {
    requests_beyond_those_of_all_connections_are_refused_and_the_connections_live,
    answered_requests_and_open_subscriptions_make_room_for_others,
    a_message_that_is_nested_too_deep_is_refused_with_its_id,
    the_depth_of_a_message_can_be_limited_further,
    a_message_in_a_batch_that_is_nested_too_deep_is_its_own_error,
    a_batch_that_is_too_long_is_refused_as_a_whole,
    a_message_that_does_not_go_on_ends_the_connection,
    a_message_that_begins_with_the_end_of_another_ends_the_connection_too,
    a_message_that_comes_byte_by_byte_ends_the_connection,
    who_takes_no_answers_during_a_message_is_ended,
    a_large_answer_may_be_taken_for_longer_than_the_time_of_a_frame,
    a_large_message_may_take_longer_than_the_time_of_a_frame,
    a_connection_that_rests_between_messages_lives,
}

async fn limited(change: impl FnOnce(&mut Limits)) -> Site {
    let mut limits = Limits::default();
    change(&mut limits);
    Site::of(Backend::builder().limits(limits)).await
}

fn ping(id: impl Into<Value>) -> Value {
    request(id, "test.slow.ping", json!([]))
}

fn wait(call: u32) -> Value {
    request(call, "test.slow.wait", json!([call]))
}

/// Arrays in arrays.
fn arrays(levels: usize) -> String {
    format!("{}{}", "[".repeat(levels), "]".repeat(levels))
}

/// A request whose params are nested so deep, the message itself not counted.
fn deep(id: u32, levels: usize) -> String {
    let params = arrays(levels);
    format!(r#"{{"jsonrpc":"2.0","method":"test.slow.ping","params":{params},"id":{id}}}"#)
}

async fn refused_as_a_limit(peer: &mut RawPeer, message: &Value, limit: &str, value: u64) {
    let answer = peer.ask(message.to_string()).await;
    assert_eq!((&answer["id"], &answer["error"]["code"]), (&message["id"], &json!(-32009)));
    assert_eq!(answer["error"]["data"], json!({ "limit": limit, "value": value }), "{answer}");
}

async fn requests_beyond_those_of_all_connections_are_refused_and_the_connections_live(
    framing: Framing,
) {
    let site = limited(|limits| limits.max_in_flight_total = 3).await;
    let (mut one, mut other) = (site.peer(framing).await, site.peer(framing).await);
    one.send(wait(1).to_string()).await;
    one.send(wait(2).to_string()).await;
    other.send(wait(3).to_string()).await;
    site.gates.have_begun(3).await;
    for peer in [&mut one, &mut other] {
        refused_as_a_limit(peer, &wait(4), "maxInFlightTotal", 3).await;
        // What the runtime answers itself is beside the limit.
        peer.hears_nothing_else().await;
    }
    site.gates.release(3);
    assert_eq!(other.next().await["result"], 3);
    one.send(wait(5).to_string()).await;
    site.gates.began(5).await;
    assert_eq!(site.gates.order().len(), 4, "the others never ran");
    // A connection that goes gives back its places.
    drop(one);
    for call in [1, 2, 5] {
        assert_eq!(site.gates.ended(call).await, HandlerEnding::Dropped);
    }
    for call in 6..9 {
        other.send(wait(call).to_string()).await;
        site.gates.began(call).await;
    }
    refused_as_a_limit(&mut other, &wait(9), "maxInFlightTotal", 3).await;
}

async fn answered_requests_and_open_subscriptions_make_room_for_others(framing: Framing) {
    let site = limited(|limits| limits.max_in_flight_total = 1).await;
    let mut peer = site.peer(framing).await;
    for id in 0..50 {
        assert_eq!(peer.ask(ping(id).to_string()).await, result(id, 7));
    }
    for call in 50..60 {
        peer.send(wait(call).to_string()).await;
        site.gates.began(call).await;
        let cancel = notification("$/cancelRequest", json!({ "id": call }));
        assert_eq!(peer.ask(cancel.to_string()).await["error"]["code"], -32800);
    }
    assert_eq!(peer.ask(ping(60).to_string()).await, result(60, 7));
}

async fn a_message_that_is_nested_too_deep_is_refused_with_its_id(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    // The message itself is a level.
    let fits = peer.ask(deep(1, 127)).await;
    assert_eq!((&fits["id"], fits["error"]["code"] == -32600), (&json!(1), false), "{fits}");
    for levels in [128, 129, 1_000, 100_000] {
        let answer = peer.ask(deep(2, levels)).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&json!(2), &json!(-32600)));
        let data = json!({ "limit": "maxJsonDepth", "value": 128, "depth": levels + 1 });
        assert_eq!(answer["error"]["data"], data);
        // What nobody asks for, and what has no answer.
        let beside = format!(
            r#"{{"jsonrpc":"2.0","id":3,"method":"test.slow.ping","more":{}}}"#,
            arrays(levels)
        );
        assert_eq!(peer.ask(beside).await["error"]["data"], data);
        let unanswered =
            format!(r#"{{"jsonrpc":"2.0","method":"test.slow.tell","params":{}}}"#, arrays(levels));
        let answer = peer.ask(unanswered).await;
        assert_eq!((&answer["id"], &answer["error"]["data"]), (&Value::Null, &data));
        // A reply that nobody waits for.
        peer.send(format!(r#"{{"jsonrpc":"2.0","id":4,"result":{}}}"#, arrays(levels))).await;
        peer.hears_nothing_else().await;
    }
    let brackets = request(5, "test.everything.echo", json!([arrays(1_000)]));
    assert_eq!(peer.ask(brackets.to_string()).await["result"], arrays(1_000));
    assert!(site.gates.order().is_empty());
}

async fn the_depth_of_a_message_can_be_limited_further(framing: Framing) {
    let site = limited(|limits| limits.max_json_depth = 3).await;
    let mut peer = site.peer(framing).await;
    assert_ne!(peer.ask(deep(1, 2)).await["error"]["code"], -32600);
    let answer = peer.ask(deep(2, 3)).await;
    let data = json!({ "limit": "maxJsonDepth", "value": 3, "depth": 4 });
    assert_eq!((&answer["id"], &answer["error"]["data"]), (&json!(2), &data));
    peer.hears_nothing_else().await;
}

async fn a_message_in_a_batch_that_is_nested_too_deep_is_its_own_error(framing: Framing) {
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    let batch = format!("[{},{},{}]", ping(1), deep(2, 128), ping(3));
    let answers = peer.ask(batch).await;
    assert_eq!(answers.as_array().map(Vec::len), Some(3), "{answers}");
    assert_eq!((&answers[0], &answers[2]), (&result(1, 7), &result(3, 7)));
    assert_eq!((&answers[1]["id"], &answers[1]["error"]["code"]), (&json!(2), &json!(-32600)));
    assert_eq!(answers[1]["error"]["data"]["limit"], "maxJsonDepth");
}

async fn a_batch_that_is_too_long_is_refused_as_a_whole(framing: Framing) {
    let site = limited(|limits| limits.max_batch_length = 3).await;
    let mut peer = site.peer(framing).await;
    let batch = |length: u32| Value::from_iter((0..length).map(ping));
    assert_eq!(peer.ask(batch(3).to_string()).await.as_array().map(Vec::len), Some(3));
    let mut long = (0..3).map(wait).collect::<Vec<_>>();
    long.push(notification("test.slow.tell", json!([3])));
    for long in [json!(long), batch(4), batch(10_000)] {
        let answer = peer.ask(long.to_string()).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32009)));
        let data = json!({ "limit": "maxBatchLength", "value": 3 });
        assert_eq!(answer["error"]["data"], data, "{answer}");
        peer.hears_nothing_else().await;
    }
    assert!(site.gates.order().is_empty(), "nothing of it ran");
    let site = Site::new().await;
    let mut peer = site.peer(framing).await;
    assert_eq!(peer.ask(batch(1024).to_string()).await.as_array().map(Vec::len), Some(1024));
    assert_eq!(peer.ask(batch(1025).to_string()).await["error"]["code"], -32009);
}

/// A message as this framing writes it, also a WebSocket's.
fn framed(framing: Framing, message: &str) -> Vec<u8> {
    if framing != Framing::WebSocket {
        return framing.frame(message);
    }
    // Final, text; masked by zeros.
    let length = u64::try_from(message.len()).unwrap().to_be_bytes();
    [&[0x81, 0x80 | 127][..], &length, &[0; 4], message.as_bytes()].concat()
}

async fn write(peer: &mut RawPeer, bytes: &[u8]) {
    let _ = in_time(peer.try_write_below(bytes)).await;
}

/// The error that says so comes, then the end.
async fn is_told_and_ended(peer: &mut RawPeer) {
    let told = peer.next().await;
    assert_eq!((&told["id"], &told["error"]["code"]), (&Value::Null, &json!(-32009)), "{told}");
    assert_eq!(told["error"]["data"]["limit"], "frameTimeout");
    peer.has_ended().await;
}

async fn brief(framing: Framing) -> (Site, RawPeer) {
    let site = limited(|limits| limits.frame_timeout = Some(Duration::from_millis(200))).await;
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    (site, peer)
}

async fn a_message_that_does_not_go_on_ends_the_connection(framing: Framing) {
    let whole = framed(framing, &wait(1).to_string());
    for cut in [1, 3, whole.len() - 2] {
        let (site, mut peer) = brief(framing).await;
        let ended = site.backend.peer_disconnected().listen();
        peer.send(wait(7).to_string()).await;
        site.gates.began(7).await;
        write(&mut peer, &whole[..cut]).await;
        is_told_and_ended(&mut peer).await;
        assert_eq!(site.gates.ended(7).await, HandlerEnding::Dropped, "what ran is stopped");
        let mut ended = ended;
        let (_, reason) = in_time(futures_util::StreamExt::next(&mut ended)).await.unwrap();
        match reason {
            DisconnectReason::Protocol(why) => assert!(why.contains("did not go on"), "{why}"),
            other => panic!("{other:?}"),
        }
        eventually("it has gone", || site.backend.connection_count() == 0).await;
    }
}

async fn a_message_that_begins_with_the_end_of_another_ends_the_connection_too(framing: Framing) {
    let (whole, rest) =
        (framed(framing, &ping(1).to_string()), framed(framing, &wait(1).to_string()));
    for cut in [1, 3, rest.len() - 2] {
        let (_site, mut peer) = brief(framing).await;
        write(&mut peer, &[&whole, &rest[..cut]].concat()).await;
        assert_eq!(peer.next().await["result"], 7);
        is_told_and_ended(&mut peer).await;
    }
}

async fn who_takes_no_answers_during_a_message_is_ended(framing: Framing) {
    let site = limited(|limits| {
        limits.frame_timeout = Some(Duration::from_millis(200));
        (limits.max_message_bytes, limits.max_queued_bytes) = (64 * 1024, 256 * 1024);
    })
    .await;
    let mut peer = site.peer(framing).await;
    let ended = site.backend.peer_disconnected().listen();
    // Many more than sockets hold, so that they wait.
    let fill = framed(framing, &request(1, "test.slow.fill", json!([60_000])).to_string());
    let many = fill.repeat(300);
    write(&mut peer, &[&many, &fill[..fill.len() - 2]].concat()).await;
    let mut ended = ended;
    let (_, reason) = in_time(futures_util::StreamExt::next(&mut ended)).await.unwrap();
    assert!(matches!(reason, DisconnectReason::SlowReader), "{reason:?}");
}

async fn a_large_answer_may_be_taken_for_longer_than_the_time_of_a_frame(framing: Framing) {
    // More than sockets take ahead, which is little on a named pipe.
    const ANSWER: usize = if cfg!(windows) { 8_000_000 } else { 15_000_000 };
    let site = limited(|limits| limits.frame_timeout = Some(Duration::from_secs(2))).await;
    let mut peer = site.peer(framing).await;
    peer.send(request(1, "test.slow.fill", json!([ANSWER])).to_string()).await;
    let (mut taken, mut some) = (0, vec![0; 64 * 1024]);
    let mut pauses = 0;
    while taken < ANSWER {
        let read = peer.read_below(&mut some).await;
        assert!(read > 0, "the connection has ended behind {taken} bytes");
        taken += read;
        // However much a read gives, which on a named pipe is little.
        if taken / some.len() > pauses {
            pauses = taken / some.len();
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
    }
}

#[tokio::test]
async fn a_ping_during_a_message_in_parts_is_no_part_of_it() {
    let (_site, mut peer) = brief(Framing::WebSocket).await;
    let frame = |first: u8, payload: &[u8]| {
        let length = 0x80 | u8::try_from(payload.len()).unwrap();
        [&[first, length, 0, 0, 0, 0], payload].concat()
    };
    // Text of which this isn't the last frame.
    write(&mut peer, &frame(0x01, b"{\"jsonrpc\":\"2.0\",")).await;
    let pinging = async {
        while peer.try_write_below(frame(0x89, b"x")).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    in_time(pinging).await;
}

async fn a_message_that_comes_byte_by_byte_ends_the_connection(framing: Framing) {
    let (site, mut peer) = brief(framing).await;
    let long = request(1, "test.everything.echo", json!(["x".repeat(100_000)])).to_string();
    let bytes = framed(framing, &long);
    let dribbling = async {
        for byte in bytes.chunks(1) {
            write(&mut peer, byte).await;
            tokio::time::sleep(Duration::from_millis(10)).await;
            if site.backend.connection_count() == 0 {
                return;
            }
        }
        panic!("it was taken");
    };
    in_time(dribbling).await;
}

async fn a_large_message_may_take_longer_than_the_time_of_a_frame(framing: Framing) {
    let site = limited(|limits| limits.frame_timeout = Some(Duration::from_secs(2))).await;
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    let text = "x".repeat(8 * 300 * 1024);
    let long = request(1, "test.everything.echo", json!([text])).to_string();
    let began = tokio::time::Instant::now();
    for piece in framed(framing, &long).chunks(300 * 1024) {
        write(&mut peer, piece).await;
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    assert!(began.elapsed() > Duration::from_secs(3));
    assert!(peer.next().await["result"] == text);
    peer.hears_nothing_else().await;
}

async fn a_connection_that_rests_between_messages_lives(framing: Framing) {
    let (_site, mut peer) = brief(framing).await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        peer.hears_nothing_else().await;
    }
}

#[tokio::test]
async fn a_reply_that_is_nested_too_deep_fails_its_call() {
    let mut raw_backend = RawBackend::new(Limits::default()).await;
    let client: SlowClient = {
        let frontend = raw_backend.frontend.clone();
        let opening = tokio::spawn(async move { frontend.open().await.unwrap() });
        raw_backend.raw.handshake(16).await;
        in_time(opening).await.unwrap()
    };
    let call = tokio::spawn(client.ping());
    let id = raw_backend.asked("test.slow.ping").await;
    raw_backend
        .raw
        .send(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{}}}"#, arrays(200)))
        .await;
    let failed = in_time(call).await.unwrap().unwrap_err();
    assert!(failed.kind() == ErrorKind::Decode, "{failed:?}");
    assert!(failed.to_string().contains("max_json_depth"), "{failed}");
    assert!(raw_backend.frontend.is_connected());
}

#[tokio::test]
async fn an_item_that_is_nested_too_deep_leaves_a_gap() {
    let (mut raw_backend, feed) = RawBackend::feed(Limits::default()).await;
    let opening = tokio::spawn(feed.events());
    let id = raw_backend.asked("test.feed.events").await;
    raw_backend.say(result(id, 5)).await;
    let mut numbers = in_time(opening).await.unwrap().unwrap();
    let method = "test.feed.events";
    raw_backend.say(item(method, &json!(5), json!(1))).await;
    let deep = format!(
        r#"{{"jsonrpc":"2.0","method":"{method}","params":{{"subscription":5,"result":{}}}}}"#,
        arrays(200)
    );
    raw_backend.raw.send(deep).await;
    raw_backend.say(item(method, &json!(5), json!(3))).await;
    assert_eq!(in_time(numbers.next()).await.unwrap().unwrap(), 1);
    let gap = in_time(numbers.next()).await.unwrap().unwrap_err();
    assert!(gap.kind() == ErrorKind::Gap, "{gap:?}");
    assert_eq!(in_time(numbers.next()).await.unwrap().unwrap(), 3);
}

/// Asks for a WebSocket in this way, and finds the connection ended.
async fn no_web_socket(site: &Site, write: impl AsyncFnOnce(&mut TcpStream)) {
    let address = site.web_socket.to_string();
    let mut stream = TcpStream::connect(address.trim_start_matches("ws://")).await.unwrap();
    in_time(write(&mut stream)).await;
    let mut answer = Vec::new();
    // It may end by a reset, with something of ours unread.
    let _ = in_time(stream.read_to_end(&mut answer)).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(!answer.starts_with("HTTP/1.1 101"), "{answer}");
    eventually("it has gone", || site.backend.connection_count() == 0).await;
}

const UPGRADE: &str = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                       Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[tokio::test]
async fn an_upgrade_with_a_giant_header_is_refused() {
    let site = Site::new().await;
    no_web_socket(&site, async |stream| {
        let _ = stream.write_all(UPGRADE.as_bytes()).await;
        let _ = stream.write_all(b"X: ").await;
        let kib = [b'x'; 1024];
        for _ in 0..1024 {
            if stream.write_all(&kib).await.is_err() {
                return;
            }
        }
        let _ = stream.write_all(b"\r\n\r\n").await;
    })
    .await;
}

#[tokio::test]
async fn an_upgrade_with_very_many_headers_is_refused() {
    let site = Site::new().await;
    no_web_socket(&site, async |stream| {
        let headers: String = (0..2_000).map(|number| format!("X-{number}: 1\r\n")).collect();
        let _ = stream.write_all(format!("{UPGRADE}{headers}\r\n").as_bytes()).await;
    })
    .await;
}

#[tokio::test]
async fn an_upgrade_that_comes_byte_by_byte_is_refused() {
    let site = limited(|limits| limits.handshake_timeout = Duration::from_millis(500)).await;
    no_web_socket(&site, async |stream| {
        stream.set_nodelay(true).unwrap();
        for byte in UPGRADE.as_bytes().chunks(1) {
            if stream.write_all(byte).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_connection_beyond_the_limit_is_told_in_its_own_words() {
    for framing in Framing::STREAMS {
        let site = limited(|limits| limits.max_connections = 1).await;
        let mut first = site.peer(Framing::Native).await;
        first.hears_nothing_else().await;
        let mut second = site.peer(framing).await;
        second.send(ping(1).to_string()).await;
        let told = second.next().await;
        assert_eq!(told["id"], Value::Null, "{framing:?}");
        assert_eq!(told["error"]["code"], -32009, "{framing:?}");
        assert_eq!(told["error"]["data"], json!({ "limit": "maxConnections", "value": 1 }));
        second.has_ended().await;
        first.hears_nothing_else().await;
        drop(first);
        eventually("its place is free", || site.backend.connection_count() == 0).await;
        site.peer(framing).await.hears_nothing_else().await;
    }
}

#[tokio::test]
async fn a_web_socket_beyond_the_limit_is_answered_by_http() {
    let site = limited(|limits| limits.max_connections = 1).await;
    let mut first = site.peer(Framing::WebSocket).await;
    first.hears_nothing_else().await;
    let Refused(status, why) = WebSocket::connect(&site.web_socket, &[]).await.unwrap_err();
    assert_eq!(status, 503);
    assert!(why.contains("max_connections"), "{why}");
    first.hears_nothing_else().await;
}

/// Those who are told take memory and a descriptor meanwhile: they, too, have a limit.
#[tokio::test]
async fn connections_far_beyond_the_limit_are_closed_without_a_word() {
    let site = limited(|limits| limits.max_connections = 1).await;
    let mut first = site.peer(Framing::Native).await;
    first.hears_nothing_else().await;
    let mut silent = Vec::new();
    for _ in 0..64 {
        silent.push(site.peer(Framing::Newline).await);
    }
    let mut further = site.peer(Framing::Newline).await;
    further.has_ended().await;
    // Nor is it waited for long until one says what it speaks.
    for mut peer in silent {
        peer.has_ended().await;
    }
    let mut told = site.peer(Framing::Newline).await;
    told.send(ping(1).to_string()).await;
    assert_eq!(told.next().await["error"]["code"], -32009);
    first.hears_nothing_else().await;
}
