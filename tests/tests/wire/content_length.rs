//! `Content-Length` framing, as LSP's base protocol has it.

#![cfg_attr(windows, allow(unused, reason = "what a half-close does is tested on Unix alone"))]

use ipc_runtime::{Backend, Limits};
use ipc_tests::{Framing, RawPeer, Site, SlowHandler, eventually, in_time};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#;

/// The largest message that [`small`] takes.
const LIMIT: usize = 10_000;

fn pong(id: impl Into<Value>) -> Value {
    json!({ "jsonrpc": "2.0", "id": id.into(), "result": 7 })
}

fn framed(message: &str) -> Vec<u8> {
    Framing::ContentLength.frame(message)
}

async fn small() -> Site {
    let mut limits = Limits::default();
    limits.max_message_bytes = LIMIT;
    Site::of(Backend::builder().limits(limits)).await
}

async fn peer(site: &Site) -> RawPeer {
    site.peer(Framing::ContentLength).await
}

/// A request with this id that is as long as this.
fn request_of(id: u32, bytes: usize) -> String {
    let head =
        format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.ping","params":[],"padding":""#);
    let padding = "x".repeat(bytes - head.len() - 2);
    format!("{head}{padding}\"}}")
}

#[tokio::test]
async fn header_names_are_case_insensitive() {
    let site = Site::new().await;
    for name in ["Content-Length", "content-length", "CONTENT-LENGTH", "cONTENT-lENGTH"] {
        for colon in [":", ": ", ":   ", ":\t"] {
            let mut peer = peer(&site).await;
            peer.write(format!("{name}{colon}{}\r\n\r\n{PING}", PING.len())).await;
            assert_eq!(peer.next().await, pong(1), "{name}{colon}");
        }
    }
}

#[tokio::test]
async fn other_headers_are_ignored() {
    let site = Site::new().await;
    let mut peer = peer(&site).await;
    let length = format!("Content-Length: {}", PING.len());
    let kind = "Content-Type: application/vscode-jsonrpc; charset=utf-8";
    for headers in [
        format!("{kind}\r\n{length}"),
        format!("{length}\r\n{kind}"),
        // The first message has told the framing: later ones may begin with any header.
        format!("X-Trace: a:b:c\r\n{length}"),
        format!("Accept:\r\n{length}\r\nContent-Lengthy: 3"),
        format!("{length}\r\n{length}"),
        format!("{length} \r\n{kind}"),
    ] {
        peer.write(format!("{headers}\r\n\r\n{PING}")).await;
        assert_eq!(peer.next().await, pong(1), "{headers}");
    }
}

#[tokio::test]
async fn lines_of_the_headers_may_end_with_a_bare_newline() {
    let site = Site::new().await;
    let kind = "Content-Type: application/vscode-jsonrpc; charset=utf-8";
    let mut peer = peer(&site).await;
    for headers in [
        format!("Content-Length: {}\n\n", PING.len()),
        format!("{kind}\nContent-Length: {}\n\n", PING.len()),
        // Each message says for itself.
        format!("Content-Length: {}\r\n{kind}\r\n\r\n", PING.len()),
        format!("Content-Length: {}\n{kind}\n\n", PING.len()),
    ] {
        if headers.starts_with("Content-Length") {
            // As the first message, too.
            let mut first = site.peer(Framing::ContentLength).await;
            first.write(format!("{headers}{PING}")).await;
            assert_eq!(first.next().await, pong(1), "{headers}");
        }
        peer.write(format!("{headers}{PING}")).await;
        assert_eq!(peer.next().await, pong(1), "{headers}");
    }
}

/// A reader that takes only `\r\n` would see other messages than one that takes both.
#[tokio::test]
async fn headers_that_mix_line_endings_close_the_connection() {
    let site = Site::new().await;
    for headers in [
        "Content-Length: 2\n\r\n",
        "Content-Length: 2\r\n\n",
        "Content-Length: 2\nX: y\r\n\r\n",
        "Content-Length: 2\r\nX: y\n\n",
        "Content-Length: 2\r\nX: y\n\r\n",
        "Content-Length: 2\rX: y\n\n",
        "Content-Length: 2\nX: y\rContent-Length: 3\n\n",
        "Content-Length: 2\r\nX: y\rContent-Length: 3\r\n\r\n",
    ] {
        let mut peer = peer(&site).await;
        peer.write(format!("{headers}{{}}")).await;
        let told = peer.next().await;
        assert_eq!(
            (&told["error"]["code"], &told["id"]),
            (&json!(-32700), &Value::Null),
            "{headers:?}"
        );
        peer.has_ended().await;
    }
}

#[tokio::test]
async fn lengths_count_bytes_both_ways() {
    let site = Site::new().await;
    let mut peer = peer(&site).await;
    let text = "ß€😀\u{0}\r\n\r\nContent-Length: 5\r\n\r\n";
    let request = json!({
        "jsonrpc": "2.0", "id": 1, "method": "test.everything.echo", "params": [text],
    });
    // The peer reads as many bytes as the header says, and nothing is left behind them.
    assert_eq!(peer.ask(request.to_string()).await["result"], text);
    peer.hears_nothing_else().await;
}

#[tokio::test]
async fn messages_come_in_pieces_of_one_byte() {
    let backend = Backend::new();
    backend.register(SlowHandler::new(ipc_tests::Gates::new())).unwrap();
    // A pipe that holds one byte: each read gives just that.
    let (ours, theirs) = tokio::io::duplex(1);
    backend.accept(theirs);
    let (mut reader, mut writer) = tokio::io::split(ours);
    let mut sent = framed(PING);
    sent.extend(b"content-TYPE: x\r\ncontent-length: 2\r\n\r\n[]".iter().chain(&framed(PING)));
    let writing = tokio::spawn(async move {
        writer.write_all(&sent).await.unwrap();
        writer
    });
    let invalid = |text: &str| text.contains("-32600");
    let mut answers = Vec::new();
    let mut received = String::new();
    while answers.len() < 3 {
        received.push(char::from(in_time(reader.read_u8()).await.unwrap()));
        let Some((header, body)) = received.split_once("\r\n\r\n") else { continue };
        let length: usize = header.strip_prefix("Content-Length: ").unwrap().parse().unwrap();
        if body.len() == length {
            answers.push(body.to_owned());
            received.clear();
        }
    }
    assert!(answers[0].ends_with(r#""result":7}"#) && invalid(&answers[1]), "{answers:?}");
    assert_eq!(answers[0], answers[2]);
    in_time(writing).await.unwrap();
}

#[tokio::test]
async fn a_message_may_be_split_anywhere() {
    let site = Site::new().await;
    let mut peer = peer(&site).await;
    let message = framed(PING);
    for split in 1..message.len() {
        peer.write(&message[..split]).await;
        // Another connection's answer shows that this side was run in between.
        site.peer(Framing::Newline).await.hears_nothing_else().await;
        peer.write(&message[split..]).await;
        assert_eq!(peer.next().await, pong(1), "split at {split}");
    }
}

#[tokio::test]
async fn several_messages_may_come_in_one_write() {
    let site = Site::new().await;
    let mut peer = peer(&site).await;
    let ping = |id: u32| format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"test.slow.ping"}}"#);
    let mut bytes: Vec<u8> = (0..500).flat_map(|id| framed(&ping(id))).collect();
    let whole = framed(&ping(500));
    bytes.extend(&whole[..whole.len() / 2]);
    peer.write(&bytes).await;
    for id in 0..500 {
        assert_eq!(peer.next().await, pong(id));
    }
    peer.write(&whole[whole.len() / 2..]).await;
    assert_eq!(peer.next().await, pong(500));
}

#[tokio::test]
async fn a_message_may_be_as_large_as_the_limit() {
    let site = small().await;
    let mut peer = peer(&site).await;
    assert_eq!(peer.ask(request_of(1, LIMIT)).await, pong(1));
    let refused = peer.ask(request_of(2, LIMIT + 1)).await;
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(2), &json!(-32007)));
    assert_eq!(refused["error"]["data"], json!({ "limit": LIMIT, "size": LIMIT + 1 }));
    peer.hears_nothing_else().await;
}

#[tokio::test]
async fn a_message_that_is_too_large_is_answered_by_its_id_and_skipped() {
    let site = small().await;
    let mut peer = peer(&site).await;
    for size in [LIMIT + 1, 2 * LIMIT, 5 * LIMIT + 7, 16 * LIMIT] {
        // What looks like the next message is inside of this one.
        let mut message = request_of(3, size).into_bytes();
        let inner = framed(PING);
        message[size - 500..][..inner.len()].copy_from_slice(&inner);
        let refused = peer.ask(&message).await;
        assert_eq!(refused["id"], 3);
        assert_eq!(refused["error"]["code"], -32007);
        assert_eq!(refused["error"]["data"]["size"], size);
        peer.hears_nothing_else().await;
    }
}

#[tokio::test]
async fn an_id_far_behind_the_beginning_is_not_found() {
    let site = small().await;
    let mut peer = peer(&site).await;
    let padding = "x".repeat(LIMIT);
    let late = format!(r#"{{"jsonrpc":"2.0","padding":"{padding}","id":1,"method":"m"}}"#);
    let refused = peer.ask(late).await;
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&Value::Null, &json!(-32007)));
    let nothing = peer.ask("x".repeat(2 * LIMIT)).await;
    assert_eq!((&nothing["id"], &nothing["error"]["code"]), (&Value::Null, &json!(-32007)));
    peer.hears_nothing_else().await;
}

#[tokio::test]
async fn far_beyond_the_limit_the_connection_closes() {
    let site = small().await;
    let mut other = peer(&site).await;
    other.hears_nothing_else().await;
    for length in [(16 * LIMIT + 1).to_string(), u64::MAX.to_string()] {
        let mut peer = peer(&site).await;
        peer.hears_nothing_else().await;
        // The header alone claims that much.
        let beginning = &request_of(4, 5000);
        peer.write(format!("Content-Length: {length}\r\n\r\n{beginning}")).await;
        let refused = peer.next().await;
        assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(4), &json!(-32007)));
        peer.has_ended().await;
    }
    other.hears_nothing_else().await;
}

#[tokio::test]
async fn headers_that_make_no_sense_close_the_connection() {
    let site = Site::new().await;
    let mut other = peer(&site).await;
    other.hears_nothing_else().await;
    for headers in [
        "Content-Length: x",
        "Content-Length: ",
        "Content-Length: -1",
        "Content-Length: +1",
        "Content-Length: 1.0",
        "Content-Length: 1e3",
        "Content-Length: 0x10",
        "Content-Length: 5 5",
        "Content-Length: 99999999999999999999999999",
        "Content-Length: 1\r\nContent-Length: 2",
        "Content-Length",
        "Content-Type: application/json",
        "Content-Length 5",
        "Content-Length: 5\nContent-Type: x",
        "C",
        "check: 1",
    ] {
        let mut fresh = peer(&site).await;
        let mut used = peer(&site).await;
        used.hears_nothing_else().await;
        for peer in [&mut fresh, &mut used] {
            peer.write(format!("{headers}\r\n\r\n{PING}")).await;
            let told = peer.next().await;
            assert_eq!(told["error"]["code"], -32700, "{headers}");
            assert_eq!(told["id"], Value::Null, "{headers}");
            peer.has_ended().await;
        }
    }
    other.hears_nothing_else().await;
}

#[tokio::test]
async fn headers_that_are_no_text_close_the_connection() {
    let site = Site::new().await;
    let mut peer = peer(&site).await;
    peer.write(b"Content-Length: 2\r\nX: \xff\xfe\r\n\r\n{}").await;
    assert_eq!(peer.next().await["error"]["code"], -32700);
    peer.has_ended().await;
}

#[tokio::test]
async fn headers_without_an_end_close_the_connection() {
    let site = Site::new().await;
    for giant in [
        format!("Content-Length: {}", "1".repeat(10_000)),
        format!("Content-Length: 2\r\nX: {}\r\n\r\n{{}}", "x".repeat(10_000)),
        "Content-Type: x\r\n".repeat(1000),
    ] {
        let mut peer = peer(&site).await;
        // The other side may close before it has read all of this.
        let _ = peer.try_write(&giant).await;
        let told = peer.next().await;
        assert_eq!((&told["error"]["code"], &told["id"]), (&json!(-32700), &Value::Null));
        peer.has_ended().await;
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_told_and_the_connection_lives() {
    let site = Site::new().await;
    let mut peer = peer(&site).await;
    for body in ["", " ", "nonsense", "{", r#"{"jsonrpc":"2.0","#, "\u{feff}{}", "{}{}"] {
        let told = peer.ask(body).await;
        assert_eq!((&told["error"]["code"], &told["id"]), (&json!(-32700), &Value::Null), "{body}");
        peer.hears_nothing_else().await;
    }
}

#[cfg(unix)] // A named pipe has no half-close.
#[tokio::test]
async fn the_end_of_the_input_ends_the_connection_and_cancels_its_handlers() {
    let site = Site::new().await;
    for (call, left) in ["", "Content-Le", "Content-Length: 100\r\n\r\n{"].into_iter().enumerate() {
        let mut peer = peer(&site).await;
        let wait = json!({
            "jsonrpc": "2.0", "id": 1, "method": "test.slow.wait", "params": [call],
        });
        peer.send(wait.to_string()).await;
        let call = u32::try_from(call).unwrap();
        site.gates.began(call).await;
        peer.write(left).await;
        peer.finish().await;
        assert_eq!(site.gates.ended(call).await, ipc_tests::HandlerEnding::Dropped);
        peer.has_ended().await;
        eventually("the connection has gone", || site.backend.connection_count() == 0).await;
    }
}
