//! Clients that mean harm. Meanwhile a good one is served, and when they have gone, nothing is left
//! of them.

#![cfg(unix)]

use std::{os::unix::fs::PermissionsExt, time::Duration};

use futures_util::SinkExt;
use ipc_runtime::{Backend, Frontend, Limits, Token, config::OriginPolicy};
use ipc_tests::{
    FeedHandler, Framing, RawPeer, Scratch, Site, SlowClient, Source, WebSocket, eventually,
    in_time,
    messages::request,
    process::{NOBODY, copy_for_others, starts_as_another_user},
    web_socket::Refused,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    process::Command,
};
use tokio_tungstenite::tungstenite::Message;

const PEER: &str = env!("CARGO_BIN_EXE_ipc-test-peer");
const PROTOCOL: &str = "sec-websocket-protocol";

/// A backend that asks for a token, and a good client of it on each carrier.
struct Siege {
    site: Site,
    token: Token,
    good: Vec<Frontend>,
}

impl Siege {
    async fn new() -> Self {
        let token = Token::generate().unwrap();
        let mut limits = Limits::default();
        // Enough for a good one, also on a loaded machine.
        limits.handshake_timeout = Duration::from_secs(5);
        limits.max_queued_bytes = 256 * 1024;
        limits.max_message_bytes = 64 * 1024;
        let backend = Backend::builder()
            .limits(limits)
            .origins(OriginPolicy::allow(["http://localhost:5173"]))
            .token_cookie("app", token.clone());
        let site = Site::of(backend).await;
        site.backend.register(FeedHandler::new(Source::default())).unwrap();
        let mut good = Vec::new();
        for endpoint in [format!("unix:{}", site.socket.display()), site.web_socket.to_string()] {
            let frontend = Frontend::builder().token(token.clone()).connect(endpoint).await;
            good.push(frontend.unwrap());
        }
        Self { site, token, good }
    }

    /// The good clients are served, and so is one that comes now.
    async fn holds(&self) {
        let newcomer = Frontend::builder().token(self.token.clone());
        let endpoint = format!("unix:{}", self.site.socket.display());
        let newcomer = in_time(newcomer.connect(endpoint)).await.unwrap();
        for frontend in self.good.iter().chain([&newcomer]) {
            let slow: SlowClient = in_time(frontend.open()).await.unwrap();
            assert_eq!(in_time(slow.ping()).await.unwrap(), 7);
        }
    }

    /// The same, and when all have gone nothing is left.
    async fn ends(self) {
        self.holds().await;
        let Self { site, good, .. } = self;
        drop(good);
        eventually("nothing is left", || site.backend.usage().is_zero()).await;
        assert_eq!(site.backend.connection_count(), 0);
    }

    /// Somebody who says this token in the handshake.
    async fn says(&self, framing: Framing, token: impl Into<Value>) -> (RawPeer, Value) {
        let mut peer = self.site.peer(framing).await;
        let params = json!({ "protocol": 1, "token": token.into() });
        let answer = peer.ask(request(1, "rpc.handshake", params).to_string()).await;
        (peer, answer)
    }

    async fn web_socket(&self, headers: &[(&str, &str)]) -> Result<WebSocket, Refused> {
        WebSocket::connect(&self.site.web_socket, headers).await
    }

    async fn is_refused(&self, status: u16, headers: &[(&str, &str)]) {
        match self.web_socket(headers).await {
            Err(refused) => assert_eq!(refused.0, status, "{refused:?}"),
            Ok(_) => panic!("let in"),
        }
    }

    async fn tcp(&self) -> TcpStream {
        let address = self.site.web_socket.to_string();
        TcpStream::connect(address.trim_start_matches("ws://")).await.unwrap()
    }

    fn hello(&self) -> String {
        let params = json!({ "protocol": 1, "token": self.token.expose_secret() });
        request(1, "rpc.handshake", params).to_string()
    }

    /// Somebody who has the token, and means harm all the same.
    async fn traitor(&self, framing: Framing) -> RawPeer {
        let mut peer = self.site.peer(framing).await;
        assert_eq!(peer.ask(self.hello()).await["result"]["protocol"], 1);
        peer
    }
}

#[tokio::test]
async fn pages_of_wrong_origins_and_hosts() {
    let siege = Siege::new().await;
    let right = format!("ipc.v1.json, ipc.token.{}", siege.token.expose_secret());
    for shown in [vec![], vec![(PROTOCOL, right.as_str())]] {
        for origin in ["http://evil.example", "null"] {
            siege.is_refused(403, &[&shown[..], &[("origin", origin)]].concat()).await;
        }
        for host in ["evil.example", "localhost.evil.example", "localhost."] {
            // A page always has an origin: here, that of the name which it has pointed at this machine.
            let origin = format!("http://{host}");
            let page = [("host", host), ("origin", origin.as_str())];
            siege.is_refused(403, &[&shown[..], &page].concat()).await;
        }
        // One of this machine is told, with or without the token, and isn't let in either.
        let headers = [&shown[..], &[("origin", "http://localhost:5174")]].concat();
        let mut page = siege.web_socket(&headers).await.unwrap();
        // The backend doesn't wait for this, so that it may be too late.
        let _ = page.stream.send(Message::text(siege.hello())).await;
        assert_eq!(page.close_code().await, Some(4403));
        assert_eq!(page.next_message().await, None);
    }
    siege.ends().await;
}

#[tokio::test]
async fn a_request_with_two_hosts() {
    let siege = Siege::new().await;
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (headers, status) in [
        ("Host: localhost\r\nHost: evil.example\r\n", 400),
        ("Host: evil.example\r\nHost: localhost\r\n", 400),
        ("Host: localhost\r\nOrigin: http://localhost\r\nOrigin: http://evil.example\r\n", 403),
        ("", 400),
    ] {
        let mut stream = siege.tcp().await;
        let request = format!("GET / HTTP/1.1\r\n{headers}{upgrade}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        in_time(stream.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{headers}: {answer}");
    }
    siege.ends().await;
}

#[tokio::test]
async fn tokens_that_are_none() {
    let siege = Siege::new().await;
    let right = siege.token.expose_secret();
    for framing in Framing::ALL {
        for wrong in [Value::Null, "x".into(), right[..42].into(), format!("{right}x").into()] {
            let (mut peer, answer) = siege.says(framing, wrong).await;
            assert_eq!(answer["error"]["code"], -32001, "{answer}");
            peer.has_ended().await;
        }
        // Too large for a message: refused for that.
        let (_, answer) = siege.says(framing, "x".repeat(100_000)).await;
        assert_eq!(answer["error"]["code"], -32007, "{framing:?}: {answer}");
    }
    siege.ends().await;
}

#[tokio::test]
async fn tokens_by_headers_that_are_none_or_too_many() {
    let siege = Siege::new().await;
    let right = siege.token.expose_secret();
    for (name, value) in [
        (PROTOCOL, "ipc.v1.json, ipc.token.x".to_owned()),
        (PROTOCOL, format!("ipc.v1.json, ipc.token.{}", &right[..42])),
        (PROTOCOL, format!("ipc.v1.json, ipc.token.{right}, ipc.token.{right}")),
        (PROTOCOL, format!("ipc.v1.json, ipc.token.x, ipc.token.{right}")),
        (PROTOCOL, format!("ipc.v1.json, ipc.token.{}", "x".repeat(32 * 1024))),
        ("cookie", "app=x".into()),
        ("cookie", format!("app={right}; app={right}")),
        ("cookie", format!("app=x; theme=dark; app={right}")),
        ("cookie", format!("app=\"{right}\"")),
        ("cookie", format!("app={right}, app={right}")),
        ("cookie", "app=x; ".repeat(4000)),
    ] {
        siege.is_refused(401, &[(name, &value)]).await;
    }
    // Names of others, and bytes that are no text, aren't looked at.
    let cookie = format!("é=ö; apps=x; app ={right}x; theme=\"app={right}\"");
    for cookie in [cookie.as_str(), "=", ";;;", "app", "App=x"] {
        let mut peer = siege.web_socket(&[("cookie", cookie)]).await.unwrap();
        let answer = peer.ask(request(1, "test.slow.ping", json!([])).to_string()).await;
        assert_eq!(answer["error"]["code"], -32002, "{cookie}: {answer}");
    }
    siege.ends().await;
}

#[tokio::test]
async fn headers_that_are_giant_slow_or_never_end() {
    let siege = Siege::new().await;
    let begin = b"GET / HTTP/1.1\r\nHost: localhost\r\n";
    let chunk = [b"X-Padding: ".to_vec(), vec![b'x'; 16 * 1024], b"\r\n".to_vec()].concat();
    let mut giant = siege.tcp().await;
    giant.write_all(begin).await.unwrap();
    let mut written = 0;
    // Until the other side has closed. What sockets hold themselves comes on top of what it took.
    while in_time(giant.write_all(&chunk)).await.is_ok() {
        written += chunk.len();
        assert!(written < 64 << 20, "it is read for ever");
    }
    let mut many = siege.tcp().await;
    many.write_all(begin).await.unwrap();
    let _ = many.write_all("A: b\r\n".repeat(4000).as_bytes()).await;
    let _ = many.write_all(b"\r\n").await;
    let mut answer = Vec::new();
    let _ = in_time(many.read_to_end(&mut answer)).await;
    assert!(!answer.starts_with(b"HTTP/1.1 101"));
    let mut slow = siege.tcp().await;
    for byte in begin.iter().chain(b"A: b\r\n".iter().cycle()) {
        // It is ended by the handshake's timeout.
        let mut end = [0];
        tokio::select! {
            read = slow.read(&mut end) => {
                assert!(matches!(read, Ok(0) | Err(_)));
                break;
            }
            () = tokio::time::sleep(Duration::from_millis(20)) => {}
        }
        if slow.write_all(&[*byte]).await.is_err() {
            break;
        }
    }
    siege.ends().await;
}

#[tokio::test]
async fn processes_of_another_user() {
    let siege = Siege::new().await;
    let directory = Scratch::new();
    let peer = copy_for_others(PEER, &directory);
    // As if somebody had opened it: by itself it lets nobody else in.
    let socket = &siege.site.socket;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o666)).unwrap();
    let parent = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(socket.parent().unwrap(), parent).unwrap();
    let endpoint = format!("unix:{}", socket.display());
    let say = |text: &str| {
        let mut command = Command::new(&peer);
        command.args(["say", &endpoint, text]).uid(NOBODY).gid(NOBODY);
        command
    };
    if !starts_as_another_user(&mut say(""), &directory) {
        return siege.ends().await;
    }
    let said =
        [siege.hello(), "IPC\u{1}\\0".into(), "Content-Length: 1000000\r\n".into(), "?".into()];
    let said = said.into_iter().cycle().take(12).chain([String::new()]);
    let others: Vec<_> = said.map(|text| tokio::spawn(say(&text).output())).collect();
    siege.holds().await;
    for other in others {
        let output = in_time(other).await.unwrap().unwrap();
        let heard = String::from_utf8(output.stdout).unwrap();
        assert!(!heard.contains("result") && !heard.contains("test.slow"), "{heard}");
    }
    siege.ends().await;
}

#[tokio::test]
async fn subscribers_that_never_read() {
    let siege = Siege::new().await;
    let mut deaf = Vec::new();
    for framing in Framing::ALL {
        let mut peer = siege.traitor(framing).await;
        for id in 2..10 {
            peer.send(request(id, "test.feed.blocks", json!([4096])).to_string()).await;
        }
        deaf.push(peer);
    }
    let count = 4 * 8;
    let backend = &siege.site.backend;
    eventually("all are open", || backend.usage().outgoing_streams == count).await;
    for _ in 0..20 {
        siege.holds().await;
    }
    drop(deaf);
    siege.ends().await;
}

#[tokio::test]
async fn ids_in_flight_twice() {
    let siege = Siege::new().await;
    for (framing, call) in Framing::ALL.into_iter().zip(1_u32..) {
        let mut peer = siege.traitor(framing).await;
        let wait = request("same", "test.slow.wait", json!([call])).to_string();
        peer.send(&wait).await;
        siege.site.gates.began(call).await;
        for again in [wait, request("same", "test.slow.ping", json!([])).to_string()] {
            let answer = peer.ask(again).await;
            assert_eq!(answer["error"]["code"], -32600, "{framing:?}: {answer}");
        }
        siege.site.gates.release(call);
        assert_eq!(peer.next().await["result"], call);
    }
    siege.ends().await;
}

#[tokio::test]
async fn garbage_of_each_framing() {
    let siege = Siege::new().await;
    let noise: Vec<u8> =
        (0..4096_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    for begin in [
        &b"{"[..],
        b"[",
        b"\n",
        b"{\"jsonrpc\":",
        b"Content-Length: 10\r\n\r\n",
        b"Content-Length: 99999999999999999999\r\n\r\n",
        b"Content-Length: -1\r\n\r\n",
        b"C",
        b"IPC\x01\x00",
        b"IPC\x01\x00\xff\xff\xff\xff",
        b"IPC\x01\x00\x00\x00\x00\x00",
        b"IPC\x01\x01",
        b"",
    ] {
        let mut stream = UnixStream::connect(&siege.site.socket).await.unwrap();
        let _ = in_time(stream.write_all(&[begin, &noise].concat())).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = in_time(stream.read_to_end(&mut answer)).await;
        assert!(!String::from_utf8_lossy(&answer).contains("\"result\""), "{begin:?}");
    }
    for begin in [&b"GET / HTTP/1.1\r\n"[..], b"\x16\x03\x01", b"", b"POST / HTTP/1.1\r\n\r\n"] {
        let mut stream = siege.tcp().await;
        let _ = in_time(stream.write_all(&[begin, &noise].concat())).await;
        let _ = stream.shutdown().await;
        let mut answer = Vec::new();
        let _ = in_time(stream.read_to_end(&mut answer)).await;
        assert!(!answer.starts_with(b"HTTP/1.1 101"), "{begin:?}");
    }
    // By those who were let in.
    for framing in Framing::ALL {
        let mut peer = siege.traitor(framing).await;
        if framing == Framing::WebSocket {
            peer.send(&noise).await;
        } else {
            let _ = in_time(peer.try_write(&noise)).await;
            let _ = in_time(peer.try_write(&noise)).await;
        }
    }
    siege.ends().await;
}

#[tokio::test]
async fn a_crowd_that_knows_no_token() {
    let siege = Siege::new().await;
    let ping = request(1, "test.slow.ping", json!([])).to_string();
    let mut crowd = Vec::new();
    for number in 0..200 {
        let mut peer = siege.site.peer(Framing::ALL[number % 4]).await;
        assert_eq!(peer.ask(&ping).await["error"]["code"], -32002);
        crowd.push(peer);
    }
    assert_eq!(siege.site.backend.peers().len(), 2, "they are nobody's peers");
    siege.holds().await;
    // They end by themselves.
    for peer in &mut crowd {
        peer.has_ended().await;
    }
    siege.ends().await;
}
