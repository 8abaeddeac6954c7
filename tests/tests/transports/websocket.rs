//! WebSockets: who may connect, and what is spoken.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::SinkExt;
use ipc_runtime::{
    Backend, ConnectError, Endpoint, ErrorKind, Frontend, Reconnect, Token,
    config::OriginPolicy,
    error::{DisconnectReason, ListenError},
};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, TestCarrier, WebSocket, eventually,
    in_time, web_socket::Refused,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_tungstenite::tungstenite::{Message, http};

const ADD: &str = r#"{"jsonrpc":"2.0","id":1,"method":"test.everything.add","params":[1,2]}"#;

async fn served(origins: OriginPolicy) -> (Backend, Endpoint, String) {
    let backend = Backend::builder().origins(origins).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let endpoint = TestCarrier::web_socket().listen(&backend).await;
    let address = endpoint.to_string().trim_start_matches("ws://").to_owned();
    (backend, endpoint, address)
}

async fn works(endpoint: &Endpoint, headers: &[(&str, &str)]) {
    let mut raw = WebSocket::connect(endpoint, headers).await.unwrap();
    assert_eq!(raw.ask(ADD).await["result"], 3, "{headers:?}");
}

async fn refused(endpoint: &Endpoint, headers: &[(&str, &str)]) -> String {
    match WebSocket::connect(endpoint, headers).await {
        Err(Refused(403, why)) => why,
        other => panic!("{headers:?}: {other:?}"),
    }
}

/// The reason with which a WebSocket that was just opened is closed.
pub(crate) async fn told(mut raw: WebSocket) -> String {
    let Some(Message::Close(Some(frame))) = raw.next_message().await else {
        panic!("it isn't closed with a reason");
    };
    assert_eq!(u16::from(frame.code), 4403);
    assert_eq!(raw.next_message().await, None);
    frame.reason.to_string()
}

#[tokio::test]
async fn a_program_that_names_no_origin_is_let_in() {
    let (_backend, endpoint, address) = served(OriginPolicy::same_origin()).await;
    works(&endpoint, &[]).await;
    let port = address.rsplit_once(':').unwrap().1;
    works(&endpoint, &[("host", &format!("localhost:{port}"))]).await;
    works(&endpoint, &[("host", &format!("LOCALHOST:{port}"))]).await;
}

#[tokio::test]
async fn a_page_of_the_same_origin_is_let_in() {
    let (_backend, endpoint, address) = served(OriginPolicy::same_origin()).await;
    works(&endpoint, &[("origin", &format!("http://{address}"))]).await;
}

#[tokio::test]
async fn pages_of_other_origins_are_refused() {
    let (backend, endpoint, address) = served(OriginPolicy::same_origin()).await;
    let port = address.rsplit_once(':').unwrap().1;
    for origin in [
        "null",
        "http://evil.example",
        &format!("http://evil.example:{port}"),
        &format!("http://{address}.evil.example"),
        "http://localhost.evil.example",
        "ws://localhost",
        "http://localhost:7000/",
        "http://localhost:123456",
        "http://user@localhost",
        &address,
        "file://",
        "",
        "*",
    ] {
        let why = refused(&endpoint, &[("origin", origin)]).await;
        assert!(why.contains("Origin"), "{origin}: {why}");
    }
    assert_eq!(backend.connection_count(), 0);
}

/// A browser tells a page nothing of a refused request, and who writes a page that is loaded from
/// this machine most often writes the backend.
#[tokio::test]
async fn pages_of_this_machine_are_told_why_they_are_refused() {
    let token = Token::generate().unwrap();
    let backend = Backend::builder().token(token).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let endpoint = TestCarrier::web_socket().listen(&backend).await;
    let address = endpoint.to_string().trim_start_matches("ws://").to_owned();
    for origin in [
        "http://localhost:5173",
        "https://localhost",
        "http://127.0.0.1",
        "http://[::1]:5173",
        &format!("https://{address}"),
    ] {
        for protocol in ["ipc.v1.json", "ipc.v1.msgpack, ipc.token.wrong"] {
            let headers = [("origin", origin), ("sec-websocket-protocol", protocol)];
            let mut raw = WebSocket::connect(&endpoint, &headers).await.unwrap();
            assert!(protocol.starts_with(raw.subprotocol.as_deref().unwrap()));
            // What it sends at once isn't read.
            let _ = raw.stream.send(Message::text(ADD)).await;
            let why = told(raw).await;
            assert_eq!(
                why,
                format!("pages of {origin} may not connect: allow it by OriginPolicy::allow")
            );
        }
    }
    // A wrong host stays what it is.
    let headers = [("host", "evil.example"), ("origin", "http://localhost:5173")];
    assert!(refused(&endpoint, &headers).await.contains("Host"));
    assert_eq!(backend.connection_count(), 0);
}

/// Passes WebSockets on, and puts an origin into each request, as some proxies do.
async fn proxy(to: &str, origin: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("ws://{}", listener.local_addr().unwrap());
    let (to, count) = (to.to_owned(), Arc::new(AtomicUsize::new(0)));
    let counted = count.clone();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut far = TcpStream::connect(&to).await.unwrap();
            tokio::spawn(async move {
                // What follows the request's first line are headers.
                let mut line = Vec::new();
                while !line.ends_with(b"\r\n") {
                    line.push(near.read_u8().await.unwrap());
                }
                far.write_all(&line).await.unwrap();
                far.write_all(format!("Origin: {origin}\r\n").as_bytes()).await.unwrap();
                let _ = copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    (endpoint, count)
}

#[tokio::test]
async fn a_frontend_whose_proxy_shows_an_origin_is_told_and_does_not_try_again() {
    let (_backend, _, address) = served(OriginPolicy::same_origin()).await;
    let (endpoint, count) = proxy(&address, "http://localhost:5173").await;
    let sentence =
        "pages of http://localhost:5173 may not connect: allow it by OriginPolicy::allow";
    match in_time(Frontend::connect(endpoint.as_str())).await {
        Err(ConnectError::Handshake(error)) => {
            assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
            assert!(error.to_string().contains(sentence), "{error}");
        }
        other => panic!("{other:?}"),
    }
    let builder = Frontend::builder().reconnect(Reconnect::default());
    let frontend = builder.connect_lazily(endpoint.as_str()).unwrap();
    match in_time(frontend.closed()).await {
        DisconnectReason::Unauthorized(why) => assert_eq!(&*why, sentence),
        other => panic!("{other:?}"),
    }
    let error = frontend.call::<u32>("test.everything.add", &(1, 2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
    assert_eq!(count.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn listed_origins_are_let_in_too() {
    let listed = ["http://localhost:5173", "tauri://localhost"];
    let (_backend, endpoint, address) = served(OriginPolicy::allow(listed)).await;
    for origin in listed {
        works(&endpoint, &[("origin", origin)]).await;
    }
    works(&endpoint, &[("origin", &format!("http://{address}"))]).await;
    for origin in ["http://app.example", "null", "tauri://localhost.evil"] {
        refused(&endpoint, &[("origin", origin)]).await;
    }
    for origin in ["http://localhost:5174", "http://localhost"] {
        told(WebSocket::connect(&endpoint, &[("origin", origin)]).await.unwrap()).await;
    }
}

#[tokio::test]
async fn a_name_that_was_rebound_is_refused_by_its_host() {
    let (_backend, endpoint, address) = served(OriginPolicy::same_origin()).await;
    let port = address.rsplit_once(':').unwrap().1;
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""] {
        let host = format!("{host}:{port}");
        let why = refused(&endpoint, &[("host", &host)]).await;
        assert!(why.contains("Host"), "{host}: {why}");
        let origin = format!("http://{host}");
        refused(&endpoint, &[("host", &host), ("origin", &origin)]).await;
    }
}

#[tokio::test]
async fn an_address_that_others_can_reach_is_not_bound_unless_allowed() {
    for endpoint in ["ws://0.0.0.0:0", "ws://[::]:0"] {
        match Backend::new().listen(endpoint).await {
            Err(error @ ListenError::Io { .. }) => {
                let text = error.to_string();
                assert!(text.contains("allow_remote") && text.contains(endpoint), "{text}");
            }
            other => panic!("{other:?}"),
        }
    }
    let backend = Backend::builder().allow_remote(true).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let endpoint = backend.listen("ws://0.0.0.0:0").await.unwrap().to_string();
    let port = endpoint.rsplit_once(':').unwrap().1;
    let frontend = Frontend::connect(format!("ws://127.0.0.1:{port}")).await.unwrap();
    let all: EverythingClient = frontend.open().await.unwrap();
    assert_eq!(all.add(1, 2).await.unwrap(), 3);
}

#[tokio::test]
async fn a_host_name_and_a_path_work() {
    let backend = Backend::new();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let endpoint = backend.listen("ws://localhost:0/ipc/v1").await.unwrap();
    assert!(endpoint.to_string().ends_with("/ipc/v1"), "{endpoint}");
    let frontend = Frontend::connect(&endpoint).await.unwrap();
    let all: EverythingClient = frontend.open().await.unwrap();
    assert_eq!(all.add(1, 2).await.unwrap(), 3);
}

#[tokio::test]
async fn subprotocols_are_agreed_on() {
    let (_backend, endpoint, _) = served(OriginPolicy::same_origin()).await;
    let name = "sec-websocket-protocol";
    for asked in ["ipc.v1.json", "ipc.v9.other, ipc.v1.json", "other,ipc.v1.json"] {
        let mut raw = WebSocket::connect(&endpoint, &[(name, asked)]).await.unwrap();
        assert_eq!(raw.subprotocol.as_deref(), Some("ipc.v1.json"));
        assert_eq!(raw.ask(ADD).await["result"], 3);
    }
    let raw = WebSocket::connect(&endpoint, &[]).await.unwrap();
    assert_eq!(raw.subprotocol, None);
    let why = refused(&endpoint, &[(name, "graphql-ws")]).await;
    assert!(why.contains("ipc.v1.json"), "{why}");
}

#[tokio::test]
async fn json_in_binary_messages_is_taken_and_answered_as_text() {
    let (_backend, endpoint, _) = served(OriginPolicy::same_origin()).await;
    for headers in [&[][..], &[("sec-websocket-protocol", "ipc.v1.json")]] {
        let mut raw = WebSocket::connect(&endpoint, headers).await.unwrap();
        for _ in 0..2 {
            in_time(raw.stream.send(Message::binary(ADD.as_bytes().to_vec()))).await.unwrap();
            // Which is text.
            assert_eq!(raw.next().await["result"], 3, "{headers:?}");
            assert_eq!(raw.ask(ADD).await["result"], 3);
        }
        for bytes in [&b"\xff\xfe"[..], b"\x83\xa7jsonrpc", b"{\"id\":\"\xff\"}", b""] {
            in_time(raw.stream.send(Message::binary(bytes.to_vec()))).await.unwrap();
            let answer = raw.next().await;
            assert_eq!((&answer["id"], &answer["error"]["code"]), (&().into(), &(-32700).into()));
        }
        assert_eq!(raw.ask(ADD).await["result"], 3, "the connection goes on");
    }
}

#[tokio::test]
async fn text_is_no_message_pack() {
    let (_backend, endpoint, _) = served(OriginPolicy::same_origin()).await;
    let headers = [("sec-websocket-protocol", "ipc.v1.msgpack")];
    let mut raw = WebSocket::connect(&endpoint, &headers).await.unwrap();
    raw.send(ADD).await;
    match raw.next_message().await {
        Some(Message::Binary(answer)) => {
            let answer: serde_json::Value = rmp_serde::from_slice(&answer).unwrap();
            assert_eq!(answer["error"]["code"], -32700);
        }
        other => panic!("{other:?}"),
    }
}

/// A frame of a client, with a mask that changes nothing.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len()).unwrap();
    let mut frame = match payload.len() {
        0..126 => vec![first, 0x80 | length as u8],
        _ => [&[first, 0x80 | 126], &length.to_be_bytes()[..]].concat(),
    };
    frame.extend([0; 4]);
    frame.extend(payload);
    frame
}

#[tokio::test]
async fn each_breach_of_the_protocol_has_its_close_code() {
    use tokio::io::AsyncWriteExt;

    let (backend, endpoint, _) = served(OriginPolicy::same_origin()).await;
    let ping = br#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#;
    let begun = frame(0x01, b"[");
    for (what, bytes, code) in [
        ("RSV1", frame(0xc1, ping), 1002),
        ("RSV2", frame(0xa1, ping), 1002),
        ("RSV3 of a ping", frame(0x99, b""), 1002),
        ("no mask", [&[0x81, ping.len() as u8], &ping[..]].concat(), 1002),
        ("a stray continuation", frame(0x80, b"x"), 1002),
        ("a new message during another", [begun.clone(), frame(0x81, ping)].concat(), 1002),
        ("a ping of 126 bytes", frame(0x89, &[b'x'; 126]), 1002),
        ("a ping in parts", frame(0x09, b"x"), 1002),
        ("an unknown kind of data", frame(0x83, b"x"), 1002),
        ("an unknown kind of control", frame(0x8b, b"x"), 1002),
        ("a close of one byte", frame(0x88, b"x"), 1002),
        ("text that is no UTF-8", frame(0x81, b"\"\xff\""), 1007),
        ("the same in parts", [begun, frame(0x80, b"\xff")].concat(), 1007),
        ("a close whose reason is no UTF-8", frame(0x88, b"\x03\xe8\xff"), 1007),
    ] {
        let mut raw = WebSocket::connect(&endpoint, &[]).await.unwrap();
        assert_eq!(raw.ask(ADD).await["result"], 3);
        let socket = raw.stream.get_mut();
        // What comes behind it isn't looked at, and doesn't keep it from being told.
        let more = frame(0x81, &vec![b' '; 20_000]).repeat(20);
        in_time(socket.write_all(&[bytes, more].concat())).await.unwrap();
        match raw.next_message().await {
            Some(Message::Close(Some(told))) => {
                assert_eq!(u16::from(told.code), code, "{what}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
    eventually("they have gone", || backend.connection_count() == 0).await;
}

#[tokio::test]
async fn a_stranger_who_breaks_the_protocol_is_told_too() {
    use tokio::io::AsyncWriteExt;

    let token = Token::generate().unwrap();
    let backend = Backend::builder().token(token).build();
    let endpoint = TestCarrier::web_socket().listen(&backend).await;
    let mut raw = WebSocket::connect(&endpoint, &[]).await.unwrap();
    in_time(raw.stream.get_mut().write_all(&frame(0xc1, b"x"))).await.unwrap();
    assert_eq!(raw.close_code().await, Some(1002));
    eventually("it has gone", || backend.usage().is_zero()).await;
}

#[tokio::test]
async fn text_is_one_message_each() {
    let (_backend, endpoint, _) = served(OriginPolicy::same_origin()).await;
    let mut raw = WebSocket::connect(&endpoint, &[]).await.unwrap();
    assert_eq!(raw.ask(format!("  {ADD}\n")).await["result"], 3);
    for text in ["", "nonsense", "{", &format!("{ADD}{ADD}"), &ADD[..20]] {
        let answer = raw.ask(text).await;
        assert_eq!(answer["error"]["code"], -32700, "{text}: {answer}");
        assert!(answer["id"].is_null());
    }
    assert_eq!(raw.ask("1").await["error"]["code"], -32600);
    assert_eq!(raw.ask(ADD).await["result"], 3);
}

#[tokio::test]
async fn pings_are_answered_while_nothing_else_happens() {
    let (_backend, endpoint, _) = served(OriginPolicy::same_origin()).await;
    let mut raw = WebSocket::connect(&endpoint, &[]).await.unwrap();
    in_time(raw.stream.send(Message::Ping(b"are you there".to_vec().into()))).await.unwrap();
    match raw.next_message().await {
        Some(Message::Pong(answer)) => assert_eq!(&answer[..], b"are you there"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_close_frame_is_answered_and_ends_the_connection() {
    let (backend, endpoint, _) = served(OriginPolicy::same_origin()).await;
    let mut raw = WebSocket::connect(&endpoint, &[]).await.unwrap();
    assert_eq!(raw.ask(ADD).await["result"], 3);
    in_time(raw.stream.close(None)).await.unwrap();
    eventually("the connection has gone", || backend.connection_count() == 0).await;
    assert!(matches!(raw.next_message().await, None | Some(Message::Close(_))));
}

#[tokio::test]
async fn a_stop_closes_with_going_away() {
    let (backend, endpoint, _) = served(OriginPolicy::same_origin()).await;
    let mut raw = WebSocket::connect(&endpoint, &[]).await.unwrap();
    assert_eq!(raw.ask(ADD).await["result"], 3);
    let stopping = tokio::spawn(async move { backend.stop(std::time::Duration::MAX).await });
    assert_eq!(raw.next().await["method"], "rpc.closing");
    assert_eq!(raw.close_code().await, Some(1001));
    in_time(stopping).await.unwrap();
}

#[tokio::test]
async fn a_port_that_is_taken_is_told() {
    let (_backend, endpoint, address) = served(OriginPolicy::same_origin()).await;
    let error = Backend::new().listen(&endpoint).await.unwrap_err().to_string();
    assert!(error.contains("in use") && error.contains(&address), "{error}");
}

#[tokio::test]
async fn something_else_than_a_backend_is_found_out() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("ws://{}", listener.local_addr().unwrap());
    let connecting = tokio::spawn(Frontend::connect(endpoint));
    let (mut stream, _) = listener.accept().await.unwrap();
    let _ = in_time(stream.read(&mut [0; 4096])).await.unwrap();
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    stream.write_all(answer.as_bytes()).await.unwrap();
    let error = in_time(connecting).await.unwrap().unwrap_err().to_string();
    assert!(error.contains("200"), "{error}");
}

#[tokio::test]
async fn a_name_is_bound_at_all_of_its_addresses() {
    use std::net::{TcpListener, TcpStream, ToSocketAddrs};

    let backend = Backend::new();
    let endpoint = backend.listen("ws://localhost:0").await.unwrap();
    let Endpoint::WebSocket { port, .. } = &endpoint else { panic!("{endpoint}") };
    for address in ("localhost", *port).to_socket_addrs().unwrap() {
        // The machine may have no such address.
        if TcpListener::bind((address.ip(), 0)).is_ok() {
            TcpStream::connect(address).unwrap();
        }
    }
}

#[tokio::test]
async fn who_could_never_be_let_in_is_told_when_it_listens() {
    let token = Token::generate().unwrap();
    for (builder, why) in [
        (Backend::builder().origins(OriginPolicy::allow(["http://x/path"])), "http://x/path"),
        (Backend::builder().token_cookie("my app", token), "my app"),
    ] {
        let backend = builder.build();
        let told = backend.listen("ws://127.0.0.1:0").await.unwrap_err().to_string();
        assert!(told.contains(why), "{told}");
        let request = http::Request::get("/").header("host", "localhost").body(()).unwrap();
        assert_eq!(backend.upgrade(&request).unwrap_err().status(), 500);
        // It is no matter of other endpoints.
        TestCarrier::memory().listen(&backend).await;
    }
}
