//! Peers that behave badly: each is told what is wrong, and nobody else notices.

use std::time::Duration;

use ipc_runtime::{Backend, Limits};
use ipc_tests::{Framing, HandlerEnding, Site, WebSocket, eventually, in_time, on_every_framing};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

on_every_framing! {
    a_peer_that_dies_during_a_message,
    a_peer_that_never_reads,
}

/// A call of a method of `test.everything`, its params as they are written.
fn call(method: &str, params: &str) -> Vec<u8> {
    let name = format!("test.everything.{method}");
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{name}","params":{params}}}"#).into_bytes()
}

#[tokio::test]
async fn a_web_socket_closes_on_text_that_is_no_utf8() {
    let site = Site::new().await;
    let (mut peer, mut other) =
        (site.peer(Framing::WebSocket).await, site.peer(Framing::WebSocket).await);
    other.hears_nothing_else().await;
    peer.send(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}").await;
    peer.has_ended().await;
    eventually("that connection has gone", || site.backend.connection_count() == 1).await;
    other.hears_nothing_else().await;
}

#[tokio::test]
async fn binary_messages_are_told_not_to_be_understood() {
    use futures_util::SinkExt;
    use tokio_tungstenite::tungstenite::Message;

    let site = Site::new().await;
    let mut peer = WebSocket::connect(&site.web_socket, &[]).await.unwrap();
    peer.stream.send(Message::binary(vec![0x80])).await.unwrap();
    let told = peer.next().await;
    assert_eq!((&told["id"], &told["error"]["code"]), (&Value::Null, &json!(-32700)));
    let pong = peer.ask(r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#).await;
    assert_eq!(pong["result"], 7);
}

fn small(bytes: usize) -> Limits {
    let mut limits = Limits::default();
    limits.max_message_bytes = bytes;
    limits
}

#[tokio::test]
async fn a_message_that_is_too_large_is_answered() {
    const LIMIT: usize = 10_000;
    for framing in Framing::ALL {
        let site = Site::of(Backend::builder().limits(small(LIMIT))).await;
        let (mut peer, mut other) = (site.peer(framing).await, site.peer(framing).await);
        other.hears_nothing_else().await;
        let large = call("echo", &format!(r#"["{}"]"#, "x".repeat(LIMIT)));
        let lives = matches!(framing, Framing::Native | Framing::ContentLength);
        peer.send(&large).await;
        let told = peer.next().await;
        assert_eq!(told["error"]["code"], -32007, "{framing:?}: {told}");
        assert_eq!(told["id"], if lives { json!(1) } else { Value::Null }, "{framing:?}");
        assert_eq!(told["error"]["data"]["limit"], LIMIT);
        if lives {
            assert_eq!(told["error"]["data"]["size"], large.len());
            peer.hears_nothing_else().await;
        } else {
            peer.has_ended().await;
        }
        other.hears_nothing_else().await;
    }
}

#[tokio::test]
async fn a_length_that_is_only_claimed_takes_no_memory_and_no_answer() {
    let site = Site::new().await;
    // As much as is skipped at most.
    let claims: [&[u8]; 2] = [b"\0\0\0\x10{", b"Content-Length: 268435456\r\n\r\n{"];
    for (framing, claim) in [Framing::Native, Framing::ContentLength].into_iter().zip(claims) {
        let mut peers = Vec::new();
        for _ in 0..100 {
            let mut peer = site.peer(framing).await;
            peer.hears_nothing_else().await;
            peer.write(claim).await;
            peers.push(peer);
        }
        site.peer(framing).await.hears_nothing_else().await;
        assert!(site.backend.connection_count() >= 100);
        drop(peers);
        eventually("they have gone", || site.backend.connection_count() == 0).await;
    }
}

/// Writes all of it, whatever becomes of the first bytes; gives what is heard until the end.
async fn hears<T: AsyncRead + AsyncWrite + Unpin>(mut stream: T, said: &[u8]) -> String {
    let mut heard = Vec::new();
    in_time(async {
        stream.write_all(said).await.expect("it is taken, and thrown away");
        stream.shutdown().await.unwrap();
        // A reset would be an error, and for many clients the end of what they could have read.
        stream.read_to_end(&mut heard).await.expect("the connection isn't reset");
    })
    .await;
    String::from_utf8(heard).unwrap()
}

/// Bytes that end the connection while the rest of them is still on its way, and the code that
/// tells.
fn last_words() -> [(Vec<u8>, i64); 5] {
    let ping = br#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#;
    let framed = Framing::ContentLength.frame(ping);
    let large = format!(r#"{{"jsonrpc":"2.0","id":2,"method":"{}"}}"#, "x".repeat(8_000_000));
    [
        (b"hello, world\n".repeat(20_000), -32700),
        ([&b"IPX"[..], &[b'x'; 200_000]].concat(), -32700),
        ([&framed[..], &framed, b"No-Colon\r\n", &[b'x'; 200_000]].concat(), -32700),
        (format!("{}\n{large}", String::from_utf8_lossy(ping)).into_bytes(), -32007),
        (large.into_bytes(), -32007),
    ]
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_told_last_arrives_though_not_everything_was_read() {
    let site = Site::of(Backend::builder().limits(small(10_000))).await;
    let path = site.socket.clone();
    for (said, code) in last_words() {
        for _ in 0..10 {
            let stream = tokio::net::UnixStream::connect(&path).await.unwrap();
            let heard = hears(stream, &said).await;
            assert!(heard.contains(&format!("\"code\":{code}")), "{heard}");
        }
    }
    eventually("nothing is left", || site.backend.usage().is_zero()).await;
}

#[tokio::test]
async fn what_is_told_last_arrives_over_a_stream_of_the_apps_own() {
    let site = Site::of(Backend::builder().limits(small(10_000))).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for (said, code) in last_words() {
        for _ in 0..10 {
            let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            site.backend.accept(listener.accept().await.unwrap().0);
            let heard = hears(stream, &said).await;
            assert!(heard.contains(&format!("\"code\":{code}")), "{heard}");
        }
    }
    eventually("nothing is left", || site.backend.usage().is_zero()).await;
}

#[tokio::test]
async fn whoever_says_more_than_is_thrown_away_is_still_closed() {
    let site = Site::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    site.backend.accept(listener.accept().await.unwrap().0);
    let endless = async { while stream.write_all(&[b'x'; 1 << 16]).await.is_ok() {} };
    in_time(endless).await;
    // And so is one who says nothing more, and stays.
    let mut peer = site.peer(Framing::Newline).await;
    peer.write("hello\n").await;
    assert_eq!(peer.next().await["error"]["code"], -32700);
    eventually("nothing is left", || site.backend.usage().is_zero()).await;
    peer.has_ended().await;
}

#[tokio::test]
async fn a_length_beyond_all_limits_is_told_at_once_and_the_connection_closes() {
    let site = Site::new().await;
    for (framing, claim) in [
        (Framing::Native, &b"\x01\0\0\x10"[..]),
        (Framing::Native, b"hello\n"),
        (Framing::ContentLength, b"Content-Length: 268435457\r\n\r\n"),
    ] {
        let mut peer = site.peer(framing).await;
        peer.hears_nothing_else().await;
        peer.write(claim).await;
        let told = peer.next().await;
        assert_eq!((&told["id"], &told["error"]["code"]), (&Value::Null, &json!(-32007)));
        peer.has_ended().await;
    }
    eventually("they have gone", || site.backend.connection_count() == 0).await;
}

#[tokio::test]
async fn first_bytes_of_no_framing_are_told_and_the_connection_closes() {
    let site = Site::new().await;
    for first in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        b"hello\n",
        b"\"text\"\n",
        b"5\n",
        b"\0\0\0\x05",
        b"\xef\xbb\xbf{}\n",
        b"\x16\x03\x01",
        b"IPX",
        b"IPC\x02\x00",
    ] {
        // Connected as a peer of lines, which says nothing by itself.
        let mut peer = site.peer(Framing::Newline).await;
        peer.write(first).await;
        let told = peer.next().await;
        assert_eq!((&told["id"], &told["error"]["code"]), (&Value::Null, &json!(-32700)));
        peer.has_ended().await;
    }
    assert_eq!(site.backend.connection_count(), 0);
}

#[tokio::test]
async fn a_peer_that_never_speaks_is_closed() {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(100);
    let site = Site::of(Backend::builder().limits(limits)).await;
    for first in [&b""[..], b"I", b"IPC\x01"] {
        let mut silent = site.peer(Framing::Newline).await;
        silent.write(first).await;
        silent.has_ended().await;
    }
    let address = site.web_socket.to_string();
    let address = address.trim_start_matches("ws://").trim_end_matches('/');
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut nothing = Vec::new();
    let read = silent.read_to_end(&mut nothing);
    assert_eq!(in_time(read).await.unwrap_or(0), 0);
    for framing in Framing::ALL {
        site.peer(framing).await.hears_nothing_else().await;
    }
}

async fn a_peer_that_dies_during_a_message(framing: Framing) {
    let site = Site::new().await;
    let mut other = site.peer(framing).await;
    other.hears_nothing_else().await;
    let whole = framing.frame(call("add", "[1,2]"));
    let wait = r#"{"jsonrpc":"2.0","id":9,"method":"test.slow.insist","params":[1]}"#;
    if framing == Framing::WebSocket {
        // Amid a message of two frames.
        use futures_util::SinkExt;
        use tokio_tungstenite::tungstenite::{
            Message,
            protocol::frame::{
                Frame,
                coding::{Data, OpCode},
            },
        };
        let mut peer = WebSocket::connect(&site.web_socket, &[]).await.unwrap();
        let half = Frame::message(whole[..20].to_vec(), OpCode::Data(Data::Text), false);
        peer.stream.send(Message::Frame(half)).await.unwrap();
        eventually("it is connected", || site.backend.connection_count() == 2).await;
    } else {
        for cut in [1, 4, 20, whole.len() - 2] {
            let mut peer = site.peer(framing).await;
            peer.hears_nothing_else().await;
            peer.write(&whole[..cut]).await;
            // A named pipe has no half-close: there the whole of it dies.
            if cfg!(windows) {
                continue;
            }
            #[cfg(unix)]
            peer.finish().await;
            if framing == Framing::Newline {
                // Only half of it has died there, and that is told.
                let told = peer.next().await;
                assert_eq!((&told["id"], &told["error"]["code"]), (&Value::Null, &json!(-32700)));
            }
            peer.has_ended().await;
        }
    }
    let mut peer = site.peer(framing).await;
    peer.send(wait).await;
    site.gates.began(1).await;
    if framing != Framing::WebSocket {
        peer.write(&whole[..10]).await;
    }
    drop(peer);
    assert_eq!(site.gates.ending(1), None, "what can't be cancelled goes on");
    site.gates.release(1);
    assert_eq!(site.gates.ended(1).await, HandlerEnding::Finished);
    eventually("they have gone", || site.backend.connection_count() == 1).await;
    other.hears_nothing_else().await;
}

async fn a_peer_that_never_reads(framing: Framing) {
    const REPLY: usize = 20_000;
    const ASKED: usize = 2_000;
    let mut limits = small(64 * 1024);
    limits.max_queued_bytes = 128 * 1024;
    let site = Site::of(Backend::builder().limits(limits)).await;
    let (mut peer, mut other) = (site.peer(framing).await, site.peer(framing).await);
    let asking = tokio::spawn(async move {
        for id in 0..ASKED {
            let request = json!({
                "jsonrpc": "2.0", "id": id, "method": "test.slow.fill", "params": [REPLY],
            });
            peer.send(request.to_string()).await;
        }
        peer
    });
    eventually("it was answered", || site.gates.filled() * REPLY > 128 * 1024).await;
    for _ in 0..200 {
        other.hears_nothing_else().await;
    }
    // What may be queued, and what sockets take without anybody who reads.
    let filled = site.gates.filled() * REPLY;
    assert!(filled < ASKED * REPLY / 2, "{filled} bytes of replies");
    asking.abort();
    let _ = asking.await;
    // On Windows, tokio finishes a write that has begun to a pipe that was dropped: while nobody
    // reads that, only the end of its process ends the connection.
    #[cfg(unix)]
    eventually("it has gone", || site.backend.connection_count() == 1).await;
    other.hears_nothing_else().await;
}
