//! What the port of a WebSocket answers to HTTP, and to what is none: each request that isn't let
//! in gets a status and a sentence, and each that is legal is let in.

use std::time::Duration;

use ipc_runtime::{Backend, Limits, Token};
use ipc_tests::{Site, eventually, in_time};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const KEY: &str = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
const VERSION: &str = "Sec-WebSocket-Version: 13\r\n";
const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\n";

/// An answer of HTTP that ends its connection.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    why: String,
}

impl Answer {
    fn of(text: &str) -> Self {
        let (head, why) =
            text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
        let head = head.to_ascii_lowercase();
        let status = head.strip_prefix("http/1.1 ").unwrap()[..3].parse().unwrap();
        Self { status, head, why: why.to_owned() }
    }

    /// It says why, how long it is, and that nothing follows.
    fn is_whole(&self, status: u16, told: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.why.contains(told), "{told}: {self:?}");
        assert!(self.has(&format!("content-length: {}", self.why.len())), "{self:?}");
        assert!(self.has("connection: close"), "{self:?}");
    }

    fn has(&self, line: &str) -> bool {
        self.head.contains(&format!("\r\n{line}"))
    }
}

fn address(site: &Site) -> String {
    site.web_socket.to_string().trim_start_matches("ws://").to_owned()
}

/// What comes back until the end. The other side isn't told that nothing more comes.
async fn said(site: &Site, bytes: impl AsRef<[u8]>) -> Vec<u8> {
    let mut stream = TcpStream::connect(address(site)).await.unwrap();
    in_time(stream.write_all(bytes.as_ref())).await.unwrap();
    let mut answer = Vec::new();
    in_time(stream.read_to_end(&mut answer)).await.expect("the end comes without a reset");
    answer
}

async fn answer(site: &Site, bytes: impl AsRef<[u8]>) -> Answer {
    Answer::of(&String::from_utf8(said(site, bytes).await).unwrap())
}

/// The status, where the connection may go on.
async fn status(site: &Site, request: &str) -> u16 {
    let mut stream = TcpStream::connect(address(site)).await.unwrap();
    in_time(stream.write_all(request.as_bytes())).await.unwrap();
    let mut head = [0; 12];
    in_time(stream.read_exact(&mut head)).await.unwrap_or_else(|_| panic!("{request}"));
    std::str::from_utf8(&head[9..]).unwrap().parse().unwrap()
}

fn get(headers: &str) -> String {
    format!("GET /ipc HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n")
}

#[tokio::test]
async fn a_request_without_an_upgrade_is_told_what_is_spoken_here() {
    let site = Site::new().await;
    for headers in ["", "Connection: keep-alive\r\nAccept: text/html\r\n", "Upgrade: h2c\r\n"] {
        let answer = answer(&site, get(headers)).await;
        answer.is_whole(426, "WebSocket");
        assert!(
            answer.has("upgrade: websocket") && answer.head.contains("upgrade\r\n"),
            "{answer:?}"
        );
    }
    eventually("nothing is left", || site.backend.usage().is_zero()).await;
}

#[tokio::test]
async fn another_version_of_the_protocol_is_told_ours() {
    let site = Site::new().await;
    for version in ["", "Sec-WebSocket-Version: 8\r\n", "Sec-WebSocket-Version: 13, 8\r\n"] {
        let answer = answer(&site, get(&format!("{UPGRADE}{KEY}{version}"))).await;
        answer.is_whole(426, "version 13");
        assert!(answer.has("sec-websocket-version: 13"), "{answer:?}");
        assert!(answer.has("upgrade: websocket"), "{answer:?}");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told() {
    let site = Site::new().await;
    let all = format!("{UPGRADE}{VERSION}{KEY}");
    for (request, status, told) in [
        (get(&format!("{UPGRADE}{VERSION}")), 400, "Sec-WebSocket-Key"),
        (get(&format!("{UPGRADE}{VERSION}Sec-WebSocket-Key: short\r\n")), 400, "Sec-WebSocket-Key"),
        (get(&format!("{all}{KEY}")), 400, "Sec-WebSocket-Key"),
        (get(&format!("Upgrade: websocket\r\n{VERSION}{KEY}")), 400, "Connection"),
        (get(&all).replace("GET", "POST"), 405, "GET"),
        (get(&all).replace("GET", "OPTIONS"), 405, "GET"),
        (get(&all).replace("1.1", "1.0"), 426, "HTTP/1.1"),
        (get(&all).replace("Host: localhost\r\n", ""), 400, "Host"),
        (get(&format!("Host: localhost\r\n{all}")), 400, "Host"),
        (get(&format!("no colon\r\n{all}")), 400, "HTTP"),
        (get(&all).replace("/ipc", "ht tp:"), 400, "HTTP"),
        (get(&all).replace("/ipc", "http://[::1"), 400, "HTTP"),
        (format!("{}early", get(&all)), 400, "wait"),
    ] {
        let answer = answer(&site, &request).await;
        answer.is_whole(status, told);
        assert_eq!(answer.has("allow: get"), status == 405, "{answer:?}");
    }
    eventually("nothing is left", || site.backend.usage().is_zero()).await;
}

#[tokio::test]
async fn a_head_that_is_too_long_is_told() {
    let site = Site::new().await;
    let all = format!("{UPGRADE}{VERSION}{KEY}");
    let fits = (0..119).map(|n| format!("X-{n}: y\r\n")).collect::<String>();
    assert_eq!(status(&site, &get(&format!("{fits}{all}"))).await, 101, "124 headers");
    let many = answer(&site, get(&format!("{fits}X: y\r\n{all}"))).await;
    many.is_whole(431, "124");
    let wide = format!("X: {}\r\n", "y".repeat(60 * 1024));
    assert_eq!(status(&site, &get(&format!("{wide}{all}"))).await, 101, "60 KiB");
    let wider = format!("X: {}\r\n", "y".repeat(300 * 1024));
    answer(&site, get(&format!("{wider}{all}"))).await.is_whole(431, "65536");
}

#[tokio::test]
async fn a_request_with_a_body_hears_why_it_is_refused() {
    let site = Site::new().await;
    let body = "x".repeat(300 * 1024);
    let head =
        format!("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\r\n", body.len());
    answer(&site, head + &body).await.is_whole(405, "GET");
}

#[tokio::test]
async fn what_is_no_http_is_told_so() {
    let site = Site::new().await;
    let client_hello = [&[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3][..], &[7; 502]].concat();
    for bytes in [
        &client_hello[..],
        br#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#,
        b"[]\n",
        b"IPC\x01\x00",
        b"Content-Length: 2\r\n\r\n{}",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET /\r\n\r\n",
        b"\x00",
    ] {
        let answer = answer(&site, bytes).await;
        answer.is_whole(400, "ws://");
    }
    eventually("nothing is left", || site.backend.usage().is_zero()).await;
}

#[tokio::test]
async fn a_request_that_ends_early_is_answered_and_nothing_is_answered_to_nothing() {
    let site = Site::new().await;
    for (said, status) in [("GET / HTTP/1.1\r\nHost: x\r\n", Some(400)), ("", None)] {
        let mut stream = TcpStream::connect(address(&site)).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        in_time(stream.read_to_string(&mut answer)).await.unwrap();
        match status {
            Some(status) => Answer::of(&answer).is_whole(status, "HTTP"),
            None => assert_eq!(answer, ""),
        }
    }
}

#[tokio::test]
async fn a_head_may_come_byte_by_byte_and_is_ended_in_time() {
    let mut limits = Limits::default();
    // Enough for a good one, also on a loaded machine.
    limits.handshake_timeout = Duration::from_secs(5);
    let site = Site::of(Backend::builder().limits(limits)).await;
    let mut slow = TcpStream::connect(address(&site)).await.unwrap();
    slow.set_nodelay(true).unwrap();
    // Empty lines ahead of a request are no part of it.
    for byte in format!("\r\n\n{}", get(&format!("{UPGRADE}{VERSION}{KEY}"))).bytes() {
        slow.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    let mut head = [0; 12];
    in_time(slow.read_exact(&mut head)).await.unwrap();
    assert_eq!(&head[9..], b"101");
    let mut stuck = TcpStream::connect(address(&site)).await.unwrap();
    stuck.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
    // A reset is an end too.
    let _ = in_time(stuck.read_to_end(&mut Vec::new())).await;
}

#[tokio::test]
async fn upgrades_are_read_as_lists_over_all_lines() {
    let site = Site::new().await;
    let rest = format!("{VERSION}{KEY}");
    for upgrade in [
        "Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n",
        "Connection: Upgrade\r\nConnection: keep-alive\r\nUpgrade: websocket\r\n",
        "Connection: keep-alive,\tUPGRADE\r\nUpgrade: WebSocket\r\n",
        "Connection: Upgrade\r\nUpgrade: h2c, websocket\r\n",
        "Connection: Upgrade\r\nUpgrade: h2c\r\nUpgrade: websocket\r\n",
        "Connection: ,, Upgrade ,\r\nUpgrade: , websocket\r\n",
    ] {
        assert_eq!(status(&site, &get(&format!("{upgrade}{rest}"))).await, 101, "{upgrade}");
    }
    for (upgrade, refused) in [
        ("Connection: Upgrade\r\nUpgrade: h2c, websockets\r\n", 426),
        ("Connection: keep-alive Upgrade\r\nUpgrade: websocket\r\n", 400),
        ("Connection: keep-alive, Upgraded\r\nUpgrade: websocket\r\n", 400),
    ] {
        assert_eq!(status(&site, &get(&format!("{upgrade}{rest}"))).await, refused, "{upgrade}");
    }
}

#[tokio::test]
async fn a_host_in_the_target_counts_in_place_of_the_header() {
    let site = Site::new().await;
    let address = address(&site);
    let ask = async |target: &str, host: &str, more: &str| {
        let request =
            format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{more}{UPGRADE}{VERSION}{KEY}\r\n");
        status(&site, &request).await
    };
    assert_eq!(ask(&format!("http://{address}/"), &address, "").await, 101);
    assert_eq!(ask("http://localhost/ipc", "localhost", "").await, 101);
    assert_eq!(ask("http://evil.example/", &address, "").await, 403);
    assert_eq!(ask("http://localhost@evil.example/", "localhost", "").await, 403);
    assert_eq!(ask("http://evil@localhost/", "localhost", "").await, 403);
    let own = "Origin: http://evil.example\r\n";
    assert_eq!(ask("http://evil.example/", &address, own).await, 403);
    // The same where the app's own server has it.
    let request = |target: &str| {
        let request = tokio_tungstenite::tungstenite::http::Request::get(target)
            .header("host", "localhost")
            .header("connection", "keep-alive")
            .header("connection", "upgrade")
            .header("upgrade", "h2c, websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        request.body(()).unwrap()
    };
    let backend = &site.backend;
    let accepted = backend.upgrade(&request("http://localhost/ipc")).unwrap();
    assert_eq!(accepted.headers()["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert!(backend.upgrade(&request("/ipc")).is_ok());
    let refused = backend.upgrade(&request("http://evil.example/ipc")).unwrap_err();
    assert_eq!(refused.status(), 403);
}

#[tokio::test]
async fn a_program_with_the_token_may_name_any_host() {
    let token = Token::generate().unwrap();
    let site = Site::of(Backend::builder().token(token.clone())).await;
    let rest = format!("{UPGRADE}{VERSION}{KEY}");
    let ask = async |headers: &str| {
        status(&site, &format!("GET / HTTP/1.1\r\n{headers}{rest}\r\n")).await
    };
    assert_eq!(ask("Host: panel.example:7443\r\n").await, 101);
    let shown =
        format!("Sec-WebSocket-Protocol: ipc.v1.json, ipc.token.{}\r\n", token.expose_secret());
    assert_eq!(ask(&format!("Host: panel.example\r\n{shown}")).await, 101);
    // A page always tells its origin, and is kept out whatever it shows.
    let page = "Host: panel.example\r\nOrigin: http://panel.example\r\n";
    assert_eq!(ask(page).await, 403);
    assert_eq!(ask(&format!("{page}{shown}")).await, 403);
    assert_eq!(ask("Host: panel.example\r\nOrigin: null\r\n").await, 403);
    // Which it is must be clear all the same.
    assert_eq!(ask("").await, 400);
    assert_eq!(ask("Host: panel.example\r\nHost: panel.example\r\n").await, 400);
}
