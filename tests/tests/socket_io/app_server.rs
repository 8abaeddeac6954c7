//! Requests that the app's own HTTP server passes on.

use std::{pin::pin, time::Duration};

use futures_util::{FutureExt, SinkExt, StreamExt};
use ipc_runtime::{Backend, Limits, Token, config::SocketIo};
use ipc_tests::{eventually, in_time};
use serde_json::Value;
use tokio::io::DuplexStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        http::{Request, Response, request::Parts},
        protocol::Role,
    },
};

use crate::client::{Served, served, served_by};

const OPEN: &str = "/socket.io/?EIO=4&transport=polling";

/// The parts of an answer that count.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: u16,
    body: String,
}

fn request(method: &str, target: &str, body: &str) -> Request<String> {
    let request = Request::builder().method(method).uri(target).header("host", "localhost");
    request.body(body.to_owned()).unwrap()
}

async fn ask(backend: &Backend, method: &str, target: &str, body: &str) -> Answer {
    let response = in_time(backend.poll(request(method, target, body))).await;
    let (head, body) = response.into_parts();
    Answer { status: head.status.as_u16(), body: String::from_utf8(body.to_vec()).unwrap() }
}

/// A client that polls.
struct Poller {
    backend: Backend,
    target: String,
}

impl Poller {
    async fn open(served: &Served) -> Self {
        let opened = ask(&served.backend, "GET", OPEN, "").await;
        assert_eq!(opened.status, 200, "{opened:?}");
        let data: Value = serde_json::from_str(opened.body.strip_prefix('0').unwrap()).unwrap();
        let target = format!("{OPEN}&sid={}", data["sid"].as_str().unwrap());
        Self { backend: served.backend.clone(), target }
    }

    /// Opens a session, and joins `/`.
    async fn joined(served: &Served) -> Self {
        let poller = Self::open(served).await;
        poller.say("40").await;
        let joined = poller.hear().await;
        assert!(joined.starts_with("40{\"sid\":"), "{joined}");
        poller
    }

    async fn say(&self, packets: &str) {
        let taken = ask(&self.backend, "POST", &self.target, packets).await;
        assert_eq!(taken, Answer { status: 200, body: "ok".to_owned() });
    }

    async fn hear(&self) -> String {
        let heard = ask(&self.backend, "GET", &self.target, "").await;
        assert_eq!(heard.status, 200, "{heard:?}");
        heard.body
    }

    async fn is_gone(&self) {
        let answer = ask(&self.backend, "GET", &self.target, "").await;
        assert_eq!(answer.body, r#"{"code":1,"message":"Session ID unknown"}"#);
    }

    /// The head of a request for a WebSocket that this session goes on with.
    fn web_socket(&self) -> Request<()> {
        let target = self.target.replace("transport=polling", "transport=websocket");
        web_socket(&target)
    }
}

fn web_socket(target: &str) -> Request<()> {
    let request = Request::get(target)
        .header("host", "localhost")
        .header("connection", "Upgrade")
        .header("upgrade", "websocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    request.body(()).unwrap()
}

/// A WebSocket that an app's server has upgraded.
struct Upgraded(WebSocketStream<DuplexStream>);

impl Upgraded {
    async fn new(backend: &Backend, head: &Parts) -> Self {
        let (ours, theirs) = tokio::io::duplex(4096);
        backend.accept_upgraded(theirs, head).unwrap();
        Self(WebSocketStream::from_raw_socket(ours, Role::Client, None).await)
    }

    async fn say(&mut self, packet: &str) {
        in_time(self.0.send(Message::text(packet))).await.unwrap();
    }

    async fn hear(&mut self) -> String {
        in_time(self.0.next()).await.unwrap().unwrap().into_text().unwrap().to_string()
    }
}

#[tokio::test]
async fn a_client_polls_by_the_apps_server() {
    let served = served().await;
    let poller = Poller::joined(&served).await;
    poller.say("421[\"test.everything.add\",2,3]").await;
    assert_eq!(poller.hear().await, "431[5]");
    let (heard, ()) = tokio::join!(poller.hear(), poller.say("422[\"test.everything.add\",3,4]"));
    assert_eq!(heard, "432[7]");
    served.peer().notify("news", &("hello",)).await.unwrap();
    assert_eq!(poller.hear().await, "42[\"news\",\"hello\"]");
    assert_eq!(served.backend.connection_count(), 1);
    poller.say("1").await;
    served.has_peers(0).await;
    poller.is_gone().await;
}

#[tokio::test]
async fn a_request_that_is_dropped_ends_its_session() {
    let served = served().await;
    let poller = Poller::joined(&served).await;
    let waiting = served.backend.poll(request("GET", &poller.target, ""));
    assert!(waiting.now_or_never().is_none());
    served.has_peers(0).await;
    poller.is_gone().await;
}

#[tokio::test]
async fn a_session_goes_on_with_a_web_socket_of_the_apps_server() {
    let served = served().await;
    let poller = Poller::joined(&served).await;
    let asked = poller.web_socket();
    let answer = served.backend.upgrade(&asked).unwrap();
    assert_eq!(answer.status(), 101);
    let mut socket = Upgraded::new(&served.backend, &asked.into_parts().0).await;
    socket.say("2probe").await;
    assert_eq!(socket.hear().await, "3probe");
    assert_eq!(poller.hear().await, "6");
    socket.say("5").await;
    socket.say("421[\"test.everything.add\",2,3]").await;
    assert_eq!(socket.hear().await, "431[5]");
    // A second one is refused by the request's head.
    let again = poller.web_socket();
    let refused = served.backend.upgrade(&again).unwrap_err();
    assert_eq!(refused.body().as_deref(), Some(r#"{"code":3,"message":"Bad request"}"#));
    let (_ours, theirs) = tokio::io::duplex(64);
    let refused = served.backend.accept_upgraded(theirs, &again.into_parts().0).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::PermissionDenied);
    drop(socket);
    served.has_peers(0).await;
}

#[tokio::test]
async fn a_web_socket_of_the_apps_server_begins_a_session_whatever_its_path() {
    let served = served().await;
    let asked = web_socket("/anywhere?EIO=4&transport=websocket");
    assert_eq!(served.backend.upgrade(&asked).unwrap().status(), 101);
    let mut socket = Upgraded::new(&served.backend, &asked.into_parts().0).await;
    assert!(socket.hear().await.starts_with("0{"));
    socket.say("40").await;
    assert!(socket.hear().await.starts_with("40{"));
    socket.say("421[\"test.everything.add\",2,3]").await;
    assert_eq!(socket.hear().await, "431[5]");
}

#[tokio::test]
async fn a_backend_without_socket_io_has_nothing_there() {
    let served = served_by(Backend::builder()).await;
    assert_eq!(ask(&served.backend, "GET", OPEN, "").await.status, 404);
    // That is a WebSocket of another kind, which names no subprotocol.
    let asked = web_socket("/socket.io/?EIO=4&transport=websocket");
    assert_eq!(served.backend.upgrade(&asked).unwrap().status(), 101);
}

#[tokio::test]
async fn a_page_of_another_site_reads_nothing() {
    let served = served().await;
    let mut asked = request("GET", OPEN, "");
    asked.headers_mut().insert("origin", "http://evil.example".parse().unwrap());
    let refused = in_time(served.backend.poll(asked)).await;
    assert_eq!(refused.status(), 403);
    assert!(!refused.headers().contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn a_cookie_with_the_token_spares_auth() {
    let token = Token::generate().unwrap();
    let builder = Backend::builder().socket_io(SocketIo::new()).token_cookie("app", token.clone());
    let served = served_by(builder).await;
    let cookie = format!("app={}", token.expose_secret());
    let with_cookie = |method: &str, target: &str, body: &str| {
        let mut request = request(method, target, body);
        request.headers_mut().insert("cookie", cookie.parse().unwrap());
        served.backend.poll(request)
    };
    fn text(response: Response<impl AsRef<[u8]>>) -> String {
        String::from_utf8(response.body().as_ref().to_vec()).unwrap()
    }
    let opened = text(in_time(with_cookie("GET", OPEN, "")).await);
    let data: Value = serde_json::from_str(opened.strip_prefix('0').unwrap()).unwrap();
    let target = format!("{OPEN}&sid={}", data["sid"].as_str().unwrap());
    assert_eq!(text(in_time(with_cookie("POST", &target, "40")).await), "ok");
    let joined = text(in_time(with_cookie("GET", &target, "")).await);
    assert!(joined.starts_with("40{\"sid\":"), "{joined}");
    // Who only knows the id is nobody.
    assert_eq!(ask(&served.backend, "GET", &target, "").await.status, 403);
}

#[tokio::test]
async fn a_backend_that_stops_ends_sessions_that_joined_nothing() {
    let served = served().await;
    let poller = Poller::open(&served).await;
    let mut waiting = pin!(poller.hear());
    assert!(waiting.as_mut().now_or_never().is_none());
    let stopping = served.backend.stop(Duration::from_secs(30));
    let (last, ()) = tokio::join!(waiting, in_time(stopping));
    assert_eq!(last, "1");
    poller.is_gone().await;
    assert_eq!(ask(&served.backend, "GET", OPEN, "").await.status, 503);
}

#[tokio::test]
async fn sessions_take_places_among_the_connections() {
    let mut limits = Limits::default();
    limits.max_connections = 1;
    let served = served_by(Backend::builder().limits(limits).socket_io(SocketIo::new())).await;
    let poller = Poller::joined(&served).await;
    let full = ask(&served.backend, "GET", OPEN, "").await;
    assert_eq!(full.status, 503);
    assert!(full.body.contains("max_connections"), "{full:?}");
    // Also by our own listener, where requests of that session need no place.
    let address = served.endpoint.to_string();
    let own = http(&address, "GET", OPEN, "").await;
    assert!(own.contains(" 503 ") && own.contains("max_connections"), "{own}");
    let taken = http(&address, "POST", &poller.target, "421[\"test.everything.add\",2,3]").await;
    assert!(taken.contains(" 200 ") && taken.ends_with("ok"), "{taken}");
    assert_eq!(poller.hear().await, "431[5]");
    poller.say("1").await;
    let mut opened = String::new();
    while !opened.contains(" 200 ") {
        opened = http(&address, "GET", OPEN, "").await;
    }
    eventually("it has the place", || served.backend.connection_count() == 0).await;
}

/// One request on a connection of its own, as text.
async fn http(endpoint: &str, method: &str, target: &str, body: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let address = endpoint.trim_start_matches("ws://").trim_end_matches('/');
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    in_time(stream.write_all(request.as_bytes())).await.unwrap();
    let mut answer = String::new();
    in_time(stream.read_to_string(&mut answer)).await.unwrap();
    answer
}
