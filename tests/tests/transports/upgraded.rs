//! WebSockets that the app's own HTTP server upgrades. `examples/axum-server` does it with axum;
//! here the server is a few lines, so that nothing stands between the test and the library.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use ipc_runtime::{
    Backend, BackendBuilder, Endpoint, Frontend, Limits, Token, config::OriginPolicy,
};
use ipc_tests::{
    HandlerEnding, Site, SlowClient, WebSocket, eventually, in_time, web_socket::Refused,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        http::{HeaderName, HeaderValue, Request},
        protocol::Role,
    },
};

use super::websocket::told;

/// A site, and an HTTP server that upgrades whoever asks.
struct App {
    site: Site,
    endpoint: Endpoint,
}

impl App {
    async fn new(builder: BackendBuilder) -> Self {
        let site = Site::of(builder).await;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let endpoint = format!("ws://{address}/ipc").parse().unwrap();
        let backend = site.backend.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, backend.clone()));
            }
        });
        Self { site, endpoint }
    }

    async fn web_socket(&self, headers: &[(&str, &str)]) -> Result<WebSocket, Refused> {
        WebSocket::connect(&self.endpoint, headers).await
    }

    /// `HOST:PORT`.
    fn address(&self) -> String {
        let endpoint = self.endpoint.to_string();
        endpoint.trim_start_matches("ws://").trim_end_matches("/ipc").to_owned()
    }
}

/// All of an HTTP server that matters here.
async fn answer(mut stream: TcpStream, backend: Backend) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(char::from(byte));
    }
    let mut lines = head.lines();
    let path = lines.next().unwrap().split(' ').nth(1).unwrap().to_owned();
    let mut request = Request::builder().uri(path).body(()).unwrap();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        let value = HeaderValue::from_str(value).unwrap();
        request.headers_mut().append(name.parse::<HeaderName>().unwrap(), value);
    }
    let (parts, body) = match backend.upgrade(&request) {
        Ok(response) => (response.into_parts().0, None),
        Err(response) => {
            let (parts, body) = response.into_parts();
            (parts, Some(body.unwrap_or_default()))
        }
    };
    let mut head = format!("HTTP/1.1 {}\r\n", parts.status);
    for (name, value) in &parts.headers {
        head.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    if let Some(body) = &body {
        head.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    } else {
        head.push_str("\r\n");
    }
    stream.write_all(head.as_bytes()).await.unwrap();
    if body.is_none() {
        backend.accept_upgraded(stream, &request.into_parts().0).unwrap();
    }
}

const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.ping"}"#;

#[tokio::test]
async fn a_frontend_connects_and_calls() {
    let app = App::new(Backend::builder()).await;
    let frontend = in_time(Frontend::connect(app.endpoint.clone())).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.ping().await.unwrap(), 7);
    let waiting = tokio::spawn(slow.wait(1));
    app.site.gates.began(1).await;
    waiting.abort();
    assert_eq!(app.site.gates.ended(1).await, HandlerEnding::Dropped);
    assert_eq!(app.site.backend.connection_count(), 1);
    drop((frontend, slow));
    eventually("it has gone", || app.site.backend.connection_count() == 0).await;
}

#[tokio::test]
async fn plain_clients_are_served_with_and_without_a_subprotocol() {
    let app = App::new(Backend::builder()).await;
    for (asked, chosen) in [
        (None, None),
        (Some("ipc.v1.json"), Some("ipc.v1.json")),
        (Some("ipc.v9.other, ipc.v1.json"), Some("ipc.v1.json")),
    ] {
        let headers: Vec<_> =
            asked.into_iter().map(|asked| ("sec-websocket-protocol", asked)).collect();
        let mut peer = app.web_socket(&headers).await.unwrap();
        assert_eq!(peer.subprotocol.as_deref(), chosen);
        assert_eq!(peer.ask(PING).await["result"], 7);
        let answers = peer.ask(format!("[{PING},{PING}]")).await;
        assert_eq!(answers.as_array().unwrap().len(), 2);
    }
}

#[tokio::test]
async fn a_promised_handshake_is_waited_for_there_too() {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(60);
    let app = App::new(Backend::builder().limits(limits)).await;
    let promise = [("sec-websocket-protocol", "ipc.v1.json, ipc.session")];
    let hello = |session: &Value| {
        let params = json!({ "protocol": 1, "session": session });
        json!({ "jsonrpc": "2.0", "id": 1, "method": "rpc.handshake", "params": params })
            .to_string()
    };
    let mut old = app.web_socket(&promise).await.unwrap();
    let id = old.ask(hello(&json!(""))).await["result"]["session"].clone();
    assert!(id.is_string(), "{id}");
    let mut late = app.web_socket(&promise).await.unwrap();
    let _silent = app.web_socket(&[("sec-websocket-protocol", "ipc.v1.json")]).await.unwrap();
    let peers = || app.site.backend.peers().len();
    eventually("one is taken for one that listens", || peers() == 2).await;
    assert_eq!(late.ask(hello(&id)).await["result"]["session"], id);
}

#[tokio::test]
async fn subprotocols_that_are_unknown_are_refused() {
    let app = App::new(Backend::builder()).await;
    for asked in ["ipc.v9.other", "graphql-ws", "ipc.v2.json, chat"] {
        let refused = app.web_socket(&[("sec-websocket-protocol", asked)]).await.unwrap_err();
        assert_eq!(refused.0, 403);
        assert!(refused.1.contains("ipc.v1.json"), "{refused:?}");
    }
}

#[tokio::test]
async fn only_pages_of_the_same_origin_are_let_in() {
    let app = App::new(Backend::builder()).await;
    let address = app.address();
    // The app's server may be behind TLS of its own.
    for own in [format!("http://{address}"), format!("https://{address}")] {
        let mut peer = app.web_socket(&[("origin", &own)]).await.unwrap();
        assert_eq!(peer.ask(PING).await["result"], 7, "{own}");
    }
    for foreign in ["http://evil.example", "null", "", "file://", "ws://x", &address] {
        let refused = app.web_socket(&[("origin", foreign)]).await.unwrap_err();
        assert_eq!(refused.0, 403, "{foreign}");
        assert!(refused.1.contains("Origin"), "{refused:?}");
    }
    // A page of this machine is told on the WebSocket.
    let other = "http://127.0.0.1:1";
    let why = told(app.web_socket(&[("origin", other)]).await.unwrap()).await;
    assert!(why.contains(other), "{why}");
    eventually("they have gone", || app.site.backend.connection_count() == 0).await;
}

#[tokio::test]
async fn a_rebound_host_is_refused() {
    let app = App::new(Backend::builder()).await;
    let evil = "evil.example:7000";
    for headers in
        [vec![("host", evil)], vec![("host", evil), ("origin", "http://evil.example:7000")]]
    {
        let refused = app.web_socket(&headers).await.unwrap_err();
        assert_eq!(refused.0, 403);
        assert!(refused.1.contains("Host"), "{refused:?}");
    }
    let mut peer = app.web_socket(&[("host", "localhost:7000")]).await.unwrap();
    assert_eq!(peer.ask(PING).await["result"], 7);
}

#[tokio::test]
async fn listed_origins_are_let_in() {
    let origins = OriginPolicy::allow(["http://localhost:5173", "https://panel.example"]);
    let app = App::new(Backend::builder().origins(origins)).await;
    for headers in [
        vec![("origin", "http://localhost:5173")],
        vec![("origin", "https://panel.example"), ("host", "panel.example")],
    ] {
        let mut peer = app.web_socket(&headers).await.unwrap();
        assert_eq!(peer.ask(PING).await["result"], 7);
    }
    told(app.web_socket(&[("origin", "http://localhost:5174")]).await.unwrap()).await;
    let refused = app.web_socket(&[("origin", "http://app.example")]).await.unwrap_err();
    assert_eq!(refused.0, 403);
}

#[tokio::test]
async fn a_request_for_no_web_socket_is_told_so() {
    let app = App::new(Backend::builder()).await;
    let address = app.address();
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
    let key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (headers, status) in [
        (String::new(), 426),
        (upgrade.into(), 426),
        (format!("{upgrade}{key}"), 426),
        (format!("{upgrade}{key}Sec-WebSocket-Version: 8\r\n"), 426),
        (format!("{key}Sec-WebSocket-Version: 13\r\n"), 426),
        (format!("{upgrade}Sec-WebSocket-Version: 13\r\n"), 400),
    ] {
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let request = format!("GET /ipc HTTP/1.1\r\nHost: {address}\r\n{headers}\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        in_time(stream.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{headers}: {answer}");
        assert_eq!(answer.contains("sec-websocket-version: 13"), status == 426, "{answer}");
        assert!(answer.contains("WebSocket"), "{answer}");
    }
}

#[tokio::test]
async fn headers_are_checked_where_the_stream_is_taken_too() {
    let app = App::new(Backend::builder()).await;
    let mut request = Request::new(());
    let mut refused = |headers: &[(&'static str, &str)]| {
        request.headers_mut().clear();
        for (name, value) in headers {
            request.headers_mut().append(*name, HeaderValue::from_str(value).unwrap());
        }
        let (_ours, theirs) = tokio::io::duplex(64);
        let head = request.clone().into_parts().0;
        app.site.backend.accept_upgraded(theirs, &head).map_err(|error| error.kind())
    };
    let denied = Err(std::io::ErrorKind::PermissionDenied);
    assert_eq!(refused(&[]), denied);
    assert_eq!(refused(&[("host", "evil.example")]), denied);
    assert_eq!(refused(&[("host", "localhost"), ("origin", "http://evil.example")]), denied);

    // A host in the target counts in place of the header.
    let mut head = Request::get("http://evil.example/ipc").body(()).unwrap().into_parts().0;
    head.headers.insert("host", "localhost".parse().unwrap());
    let (_ours, theirs) = tokio::io::duplex(64);
    let taken = app.site.backend.accept_upgraded(theirs, &head);
    assert_eq!(taken.map_err(|error| error.kind()), denied);
    let twice = [("origin", "http://localhost"), ("origin", "http://localhost")];
    assert_eq!(refused(&[&[("host", "localhost")], &twice[..]].concat()), denied);
    assert_eq!(refused(&[("host", "localhost"), ("origin", "http://localhost")]), Ok(()));
    assert_eq!(refused(&[("host", "localhost")]), Ok(()));
}

#[tokio::test]
async fn limits_hold_there_too() {
    let mut limits = Limits::default();
    limits.max_message_bytes = 1000;
    limits.max_connections = 2;
    let app = App::new(Backend::builder().limits(limits)).await;
    let mut peer = app.web_socket(&[]).await.unwrap();
    let mut other = app.web_socket(&[]).await.unwrap();
    assert_eq!(other.ask(PING).await["result"], 7);
    assert_eq!(peer.ask(PING).await["result"], 7);
    let Refused(status, why) = app.web_socket(&[]).await.unwrap_err();
    assert_eq!(status, 503, "there are two already");
    assert!(why.contains("max_connections"), "{why}");

    peer.stream.send(Message::text("x".repeat(1001))).await.unwrap();
    let told = peer.next().await;
    assert_eq!(told["error"]["code"], -32007);
    assert_eq!(told["error"]["data"]["limit"], 1000);
    assert_eq!(peer.close_code().await, Some(1009));
    assert_eq!(other.ask(PING).await["result"], 7);
}

#[tokio::test]
async fn a_web_socket_that_was_upgraded_beyond_the_limit_is_told() {
    let mut limits = Limits::default();
    limits.max_connections = 0;
    let backend = Backend::builder().limits(limits).build();
    let (ours, theirs) = tokio::io::duplex(4096);
    let mut head = Request::new(()).into_parts().0;
    head.headers.insert("host", "localhost".parse().unwrap());
    // As by an app that answers on its own.
    backend.accept_upgraded(theirs, &head).unwrap();
    let mut peer = WebSocketStream::from_raw_socket(ours, Role::Client, None).await;
    let told = in_time(peer.next()).await.unwrap().unwrap();
    let told: Value = serde_json::from_str(told.to_text().unwrap()).unwrap();
    assert_eq!((&told["id"], &told["error"]["code"]), (&Value::Null, &json!(-32009)));
    match in_time(peer.next()).await.unwrap().unwrap() {
        Message::Close(Some(frame)) => assert_eq!(u16::from(frame.code), 1013),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_page_of_this_machine_that_does_not_read_why_is_let_go() {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(50);
    let backend = Backend::builder().limits(limits).build();
    // The reason doesn't fit in.
    let (ours, theirs) = tokio::io::duplex(8);
    let mut head = Request::new(()).into_parts().0;
    head.headers.insert("host", "localhost".parse().unwrap());
    head.headers.insert("origin", "http://localhost:5173".parse().unwrap());
    backend.accept_upgraded(theirs, &head).unwrap();
    let mut ours = ours;
    let write_is_refused = async { while ours.write_all(b"more").await.is_ok() {} };
    in_time(write_is_refused).await;
}

#[tokio::test]
async fn a_stop_tells_them_and_drains() {
    let app = App::new(Backend::builder()).await;
    let mut peer = app.web_socket(&[]).await.unwrap();
    peer.send(
        json!({ "jsonrpc": "2.0", "id": 1, "method": "test.slow.wait", "params": [1] }).to_string(),
    )
    .await;
    app.site.gates.began(1).await;
    let backend = app.site.backend.clone();
    let stopping = tokio::spawn(async move { backend.stop(Duration::from_secs(600)).await });
    assert_eq!(peer.next().await["method"], "rpc.closing");
    app.site.gates.release(1);
    assert_eq!(peer.next().await["result"], 1);
    assert_eq!(peer.close_code().await, Some(1001));
    drop(peer);
    in_time(stopping).await.unwrap();
    // Whoever comes now has come too late.
    let mut late = app.web_socket(&[]).await.unwrap();
    assert!(late.next_message().await.is_none());
}

#[tokio::test]
async fn a_peer_that_vanishes_cancels_what_runs() {
    let app = App::new(Backend::builder()).await;
    let mut peer = app.web_socket(&[]).await.unwrap();
    peer.send(
        json!({ "jsonrpc": "2.0", "id": 1, "method": "test.slow.wait", "params": [1] }).to_string(),
    )
    .await;
    app.site.gates.began(1).await;
    drop(peer);
    assert_eq!(app.site.gates.ended(1).await, HandlerEnding::Dropped);
    eventually("it has gone", || app.site.backend.connection_count() == 0).await;
}

#[tokio::test]
async fn a_token_is_looked_for_there_too() {
    let token = Token::generate().unwrap();
    let app = App::new(Backend::builder().token_cookie("app", token.clone())).await;
    let offered = format!("ipc.v1.json, ipc.token.{}", token.expose_secret());
    let cookie = format!("app={}", token.expose_secret());
    for shown in [("sec-websocket-protocol", offered.as_str()), ("cookie", cookie.as_str())] {
        let mut peer = app.web_socket(&[shown]).await.unwrap();
        assert_eq!(peer.ask(PING).await["result"], 7, "{}", shown.0);
    }
    for shown in
        [("sec-websocket-protocol", "ipc.v1.json, ipc.token.x"), ("cookie", "app=x; theme=dark")]
    {
        let refused = app.web_socket(&[shown]).await.unwrap_err();
        assert_eq!(refused.0, 401, "{refused:?}");
    }
    let mut peer = app.web_socket(&[]).await.unwrap();
    assert_eq!(peer.ask(PING).await["error"]["code"], -32002);
    let frontend = Frontend::builder().token(token).connect(app.endpoint.clone());
    let frontend = in_time(frontend).await.unwrap();
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);

    // A server that answers the upgrade by itself.
    let mut request = Request::new(());
    request.headers_mut().append("host", HeaderValue::from_static("localhost"));
    request.headers_mut().append("cookie", HeaderValue::from_static("app=x"));
    let (_ours, theirs) = tokio::io::duplex(64);
    let refused = app.site.backend.accept_upgraded(theirs, &request.into_parts().0);
    assert_eq!(refused.map_err(|error| error.kind()), Err(std::io::ErrorKind::PermissionDenied));
}
