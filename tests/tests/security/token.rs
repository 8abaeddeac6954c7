//! Backends that ask for a token: who doesn't have it isn't served, whatever the connection is made
//! of.

#![cfg(unix)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ipc_runtime::{
    Backend, BackendBuilder, ConnectError, DisconnectReason, Frontend, FrontendBuilder, IpcError,
    Limits, Reconnect, Token,
};
use ipc_tests::{
    Framing, Gates, Place, RawPeer, Site, SlowClient, SlowHandler, WebSocket, eventually, in_time,
    messages::request, on_every_carrier, on_every_framing, web_socket::Refused,
};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

const PROTOCOL: &str = "sec-websocket-protocol";

on_every_carrier! {
    a_frontend_with_the_token_is_served,
    a_frontend_without_the_token_is_told_so,
    a_frontend_may_have_a_token_that_nobody_asks_for,
}

on_every_framing! {
    nothing_is_served_before_the_token,
    a_later_handshake_need_not_show_it,
    a_token_that_is_not_it_ends_the_connection,
    whoever_shows_none_in_time_is_closed,
    a_batch_is_no_way_to_show_it,
    a_large_message_is_not_taken_before_it,
    answers_that_nobody_reads_are_not_kept_before_it,
    a_stranger_that_does_not_read_holds_up_no_stop,
    a_stopping_backend_closes_those_it_does_not_know,
    a_backend_that_is_dropped_closes_those_it_does_not_know,
}

fn token() -> Token {
    Token::generate().unwrap()
}

fn guarded(token: &Token) -> BackendBuilder {
    Backend::builder().token(token.clone())
}

fn hello(token: impl Into<Value>) -> String {
    request("h", "rpc.handshake", json!({ "protocol": 1, "token": token.into() })).to_string()
}

fn ping() -> String {
    request(6, "test.slow.ping", json!([])).to_string()
}

async fn is_served(peer: &mut RawPeer) {
    assert_eq!(peer.ask(ping()).await, json!({ "jsonrpc": "2.0", "id": 6, "result": 7 }));
}

fn is_unauthorized(answer: &Value, id: &Value) {
    assert_eq!((&answer["id"], &answer["error"]["code"]), (id, &json!(-32001)), "{answer}");
}

/// Nothing is left of whoever wasn't let in.
async fn is_empty(backend: &Backend) {
    eventually("nothing is left", || backend.usage().is_zero() && backend.connection_count() == 0)
        .await;
}

fn served(builder: BackendBuilder) -> Backend {
    let backend = builder.build();
    backend.register(SlowHandler::new(Gates::new())).unwrap();
    backend
}

async fn a_frontend_with_the_token_is_served(place: Place) {
    let token = token();
    let backend = served(guarded(&token));
    let endpoint = place.listen(&backend).await;
    let frontend = Frontend::builder().token(token).connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.ping().await.unwrap(), 7);
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
    assert_eq!(backend.connection_count(), 1);
    drop((frontend, slow));
    is_empty(&backend).await;
}

async fn a_frontend_without_the_token_is_told_so(place: Place) {
    let backend = served(guarded(&token()));
    let endpoint = place.listen(&backend).await;
    for (frontend, told) in [
        (Frontend::builder(), "none was sent"),
        (Frontend::builder().token(token()), "not the one"),
    ] {
        match frontend.connect(endpoint.clone()).await {
            Err(ConnectError::Handshake(error @ IpcError::Unauthorized { .. })) => {
                let text = error.to_string();
                assert!(text.contains(told) && text.contains(&endpoint.to_string()), "{text}");
                assert!(!error.may_have_run());
            }
            other => panic!("{other:?}"),
        }
    }
    is_empty(&backend).await;
}

async fn a_frontend_may_have_a_token_that_nobody_asks_for(place: Place) {
    let backend = served(Backend::builder());
    let endpoint = place.listen(&backend).await;
    let frontend = Frontend::builder().token(token()).connect(endpoint).await.unwrap();
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
}

async fn nothing_is_served_before_the_token(framing: Framing) {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    let connected = Arc::new(Mutex::new(0));
    let count = connected.clone();
    let _listening = site.backend.peer_connected().on(move |_| *count.lock().unwrap() += 1);
    // One attempt is all there is.
    for method in ["test.slow.ping", "test.slow.none", "none", "ipc.store.watch", "rpc.discover"] {
        let mut peer = site.peer(framing).await;
        let answer = peer.ask(request(5, method, json!([])).to_string()).await;
        let code = if method == "rpc.discover" { -32601 } else { -32002 };
        assert_eq!(answer["error"]["code"], code, "{answer}");
        assert!(!answer.to_string().contains("test.everything"), "{answer}");
        peer.has_ended().await;
    }
    for said in [
        r#"{"jsonrpc":"2.0","method":"test.everything.mark","params":[1]}"#,
        r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":1}"#,
    ] {
        let mut peer = site.peer(framing).await;
        peer.send(said).await;
        peer.has_ended().await;
    }
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    assert!(site.backend.peers().is_empty());
    eventually("the others have gone", || site.backend.connection_count() == 1).await;
    assert_eq!(*connected.lock().unwrap(), 0);

    let answer = peer.ask(hello(token.expose_secret())).await;
    assert_eq!((&answer["id"], &answer["result"]["protocol"]), (&json!("h"), &json!(1)));
    assert!(!answer.to_string().contains(token.expose_secret()), "it isn't echoed");
    is_served(&mut peer).await;
    assert_eq!((site.backend.connection_count(), *connected.lock().unwrap()), (1, 1));
    assert!(site.all.noted.lock().unwrap().is_empty(), "what was said before isn't done");
    drop(peer);
    is_empty(&site.backend).await;
}

async fn a_later_handshake_need_not_show_it(framing: Framing) {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    let mut peer = site.peer(framing).await;
    assert_eq!(peer.ask(hello(token.expose_secret())).await["result"]["protocol"], 1);
    for again in [Value::Null, "something else".into(), token.expose_secret().into()] {
        assert_eq!(peer.ask(hello(again)).await["result"]["protocol"], 1);
        is_served(&mut peer).await;
    }
    assert_eq!(site.backend.connection_count(), 1);
}

async fn a_token_that_is_not_it_ends_the_connection(framing: Framing) {
    let token = token();
    let text = token.expose_secret();
    let site = Site::of(guarded(&token)).await;
    let mut good = site.peer(framing).await;
    assert_eq!(good.ask(hello(text)).await["result"]["protocol"], 1);
    for wrong in [
        Value::Null,
        "".into(),
        "x".into(),
        text[..42].into(),
        text[1..].into(),
        format!("{text}x").into(),
        format!("{text}\0").into(),
        format!(" {text}").into(),
        text.to_ascii_lowercase().into(),
        "x".repeat(1 << 15).into(),
    ] {
        let mut peer = site.peer(framing).await;
        is_unauthorized(&peer.ask(hello(wrong)).await, &json!("h"));
        peer.has_ended().await;
    }
    // What can't be read shows nothing either; it isn't tried on.
    let twice = format!(r#"{{"protocol":1,"token":"x","token":"{text}"}}"#);
    let types = ["7", "true", &format!("[\"{text}\"]"), &format!("{{\"token\":\"{text}\"}}")]
        .map(|token| format!(r#"{{"protocol":1,"token":{token}}}"#));
    for params in [twice].into_iter().chain(types) {
        let mut peer = site.peer(framing).await;
        let hello =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"rpc.handshake","params":{params}}}"#);
        assert_eq!(peer.ask(hello).await["error"]["code"], -32602, "{params}");
        peer.has_ended().await;
    }
    // The right one, for another protocol.
    let mut peer = site.peer(framing).await;
    let other = json!({ "protocol": 2, "token": text });
    let answer = peer.ask(request(1, "rpc.handshake", other).to_string()).await;
    assert_eq!(answer["error"]["code"], -32003);
    peer.has_ended().await;

    is_served(&mut good).await;
    eventually("they have gone", || site.backend.usage().connections == 1).await;
}

async fn whoever_shows_none_in_time_is_closed(framing: Framing) {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(100);
    let site = Site::of(guarded(&token()).limits(limits)).await;
    let mut peer = site.peer(framing).await;
    // Whatever it says meanwhile.
    while peer.next_text_of(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await.is_some() {}
    is_empty(&site.backend).await;
}

async fn a_batch_is_no_way_to_show_it(framing: Framing) {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    for batch in [
        format!("[{},{}]", hello(token.expose_secret()), ping()),
        "[]".into(),
        // The answer would be many times as long.
        format!("[{}1]", "1,".repeat(1000)),
    ] {
        let mut peer = site.peer(framing).await;
        let answer = peer.ask(batch).await;
        assert_eq!((&answer["id"], &answer["error"]["code"]), (&Value::Null, &json!(-32002)));
        peer.has_ended().await;
    }
    is_empty(&site.backend).await;
}

async fn a_large_message_is_not_taken_before_it(framing: Framing) {
    const MOST: usize = 64 * 1024;

    let token = token();
    let site = Site::of(guarded(&token)).await;
    let padded = |size: usize| {
        let hello = hello(token.expose_secret());
        let padding = " ".repeat(size - hello.len());
        format!("{}{padding}}}", &hello[..hello.len() - 1])
    };
    let mut peer = site.peer(framing).await;
    let answer = peer.ask(padded(MOST + 1)).await;
    assert_eq!(answer["error"]["code"], -32007, "{answer}");
    assert_eq!(answer["error"]["data"]["limit"], MOST);
    if matches!(framing, Framing::Newline | Framing::WebSocket) {
        peer.has_ended().await;
    } else {
        assert_eq!(peer.ask(hello(token.expose_secret())).await["result"]["protocol"], 1);
    }

    let mut peer = site.peer(framing).await;
    assert_eq!(peer.ask(padded(MOST)).await["result"]["protocol"], 1);
    // Whoever was let in has the room of all others.
    let echo = request(1, "test.everything.echo", json!(["x".repeat(1 << 20)])).to_string();
    assert_eq!(peer.ask(echo).await["result"].as_str().map(str::len), Some(1 << 20));
}

/// More questions than the answers to which are kept.
async fn asks_and_reads_nothing(peer: &mut RawPeer, backend: &Backend) {
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#;
    while backend.connection_count() > 0 {
        let sent = peer.try_send(ping);
        if !matches!(tokio::time::timeout(Duration::from_secs(1), sent).await, Ok(Ok(()))) {
            break;
        }
    }
}

async fn answers_that_nobody_reads_are_not_kept_before_it(framing: Framing) {
    let site = Site::of(guarded(&token()).limits(patient())).await;
    let mut peer = site.peer(framing).await;
    in_time(asks_and_reads_nothing(&mut peer, &site.backend)).await;
    eventually("it has gone", || site.backend.connection_count() == 0).await;
}

async fn a_stranger_that_does_not_read_holds_up_no_stop(framing: Framing) {
    let site = Site::of(guarded(&token()).limits(patient())).await;
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    let stopping = site.backend.stop(Duration::ZERO);
    // A goodbye would take two seconds.
    let stopped = tokio::time::timeout(Duration::from_millis(1500), stopping).await;
    assert!(stopped.is_ok());
}

async fn a_stopping_backend_closes_those_it_does_not_know(framing: Framing) {
    let site = Site::of(guarded(&token()).limits(patient())).await;
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    site.backend.stop(Duration::from_secs(600)).await;
    peer.has_ended().await;
    is_empty(&site.backend).await;
}

async fn a_backend_that_is_dropped_closes_those_it_does_not_know(framing: Framing) {
    let site = Site::of(guarded(&token()).limits(patient())).await;
    let mut peer = site.peer(framing).await;
    peer.hears_nothing_else().await;
    drop(site);
    peer.has_ended().await;
}

/// Time alone closes nobody.
fn patient() -> Limits {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_secs(600);
    limits
}

#[tokio::test]
async fn a_header_that_claims_a_large_message_is_enough_to_be_refused() {
    let site = Site::of(guarded(&token())).await;
    let mut page = WebSocket::connect(&site.web_socket, &[]).await.unwrap();
    let claimed = 16_u64 << 20;
    let header = [&[0x81, 0xff][..], &claimed.to_be_bytes(), &[0; 4]].concat();
    page.stream.get_mut().write_all(&header).await.unwrap();
    let answer = page.next().await;
    assert_eq!(answer["error"]["code"], -32007, "{answer}");
    assert_eq!(answer["error"]["data"], json!({ "limit": 64 * 1024, "size": claimed }));
    assert_eq!(page.close_code().await, Some(1009));
}

#[tokio::test]
async fn peers_are_told_of_before_their_handlers_are_made() {
    let token = token();
    let order = Arc::new(Mutex::new(Vec::new()));
    let backend = guarded(&token).build();
    let seen = order.clone();
    let made = move |peer: ipc_runtime::Peer| {
        seen.lock().unwrap().push(format!("handler for a connected peer: {}", peer.is_connected()));
        SlowHandler::new(Gates::new())
    };
    backend.register_with(made).unwrap();
    let seen = order.clone();
    let _listening = backend.peer_connected().on(move |peer| {
        let name = peer.name().map(|name| name.to_string());
        seen.lock().unwrap().push(format!("connected as {}", name.unwrap_or_default()));
    });
    let place = Place::memory();
    let endpoint = place.listen(&backend).await;
    let frontend = Frontend::builder().name("panel").token(token);
    let frontend = frontend.connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.ping().await.unwrap(), 7);
    let order = order.lock().unwrap().clone();
    assert_eq!(order, ["connected as panel", "handler for a connected peer: true"]);
}

#[tokio::test]
async fn whoever_has_not_shown_it_takes_a_place() {
    let token = token();
    let mut limits = Limits::default();
    limits.max_connections = 2;
    let site = Site::of(guarded(&token).limits(limits)).await;
    let mut strangers = [site.peer(Framing::Native).await, site.peer(Framing::Native).await];
    let mut third = site.peer(Framing::Newline).await;
    third.write(hello(token.expose_secret())).await;
    assert_eq!(third.next().await["error"]["data"]["limit"], "maxConnections");
    third.has_ended().await;
    for stranger in &mut strangers {
        stranger.hears_nothing_else().await;
    }
    drop(strangers);
    is_empty(&site.backend).await;
    let mut peer = site.peer(Framing::Newline).await;
    assert_eq!(peer.ask(hello(token.expose_secret())).await["result"]["protocol"], 1);
}

#[tokio::test]
async fn streams_from_elsewhere_show_it_too() {
    let token = token();
    let backend = served(guarded(&token));
    for (frontend, is_let_in) in
        [(Frontend::builder().token(token.clone()), true), (Frontend::builder(), false)]
    {
        let (ours, theirs) = tokio::io::duplex(4096);
        backend.accept(theirs);
        match in_time(frontend.over(ours)).await {
            Ok(frontend) if is_let_in => {
                assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
            }
            Err(ConnectError::Handshake(IpcError::Unauthorized { .. })) if !is_let_in => {}
            other => panic!("{other:?}"),
        }
    }
    is_empty(&backend).await;
}

#[tokio::test]
async fn a_child_process_gets_it_by_its_environment() {
    let token = token();
    let spawn = |frontend: FrontendBuilder| {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_ipc-test-backend"));
        command.arg("stdio:").env("IPC_TEST_TOKEN", token.expose_secret());
        in_time(frontend.spawn(command))
    };
    let frontend = spawn(Frontend::builder().token(token.clone())).await.unwrap();
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
    match spawn(Frontend::builder()).await {
        Err(ConnectError::Handshake(IpcError::Unauthorized { .. })) => {}
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_page_shows_it_as_a_subprotocol() {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    let text = token.expose_secret();
    for offered in [
        format!("ipc.v1.json, ipc.token.{text}"),
        format!("ipc.token.{text},ipc.v9.other,ipc.v1.json"),
    ] {
        let headers = [(PROTOCOL, offered.as_str())];
        let mut page = WebSocket::connect(&site.web_socket, &headers).await.unwrap();
        assert_eq!(page.subprotocol.as_deref(), Some("ipc.v1.json"));
        assert_eq!(page.ask(ping()).await["result"], 7, "and needs no handshake");
        assert_eq!(site.backend.connection_count(), 1);
        drop(page);
        eventually("it has gone", || site.backend.connection_count() == 0).await;
    }
    for wrong in ["x", &text[..42], &format!("{text}x"), &format!("{text}, ipc.token.{text}")] {
        let offered = format!("ipc.v1.json, ipc.token.{wrong}");
        let refused = WebSocket::connect(&site.web_socket, &[(PROTOCOL, &offered)]).await;
        let Refused(status, why) = refused.unwrap_err();
        assert_eq!(status, 401, "{why}");
        assert!(why.contains("token") && !why.contains(text), "{why}");
    }
    // Nothing could be chosen, for which a browser would end the connection without a word why.
    let alone = format!("ipc.token.{text}");
    let refused = WebSocket::connect(&site.web_socket, &[(PROTOCOL, &alone)]).await;
    let Refused(status, why) = refused.unwrap_err();
    assert_eq!(status, 403);
    assert!(why.contains("ipc.v1.json") && !why.contains(text), "{why}");
    is_empty(&site.backend).await;
}

#[tokio::test]
async fn a_page_of_the_apps_own_shows_it_by_a_cookie() {
    let token = token();
    let site = Site::of(Backend::builder().token_cookie("app", token.clone())).await;
    let set_cookie = token.set_cookie("app");
    let (cookie, attributes) = set_cookie.split_once("; ").unwrap();
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict");
    let with = |cookie: &str| {
        let headers =
            [(PROTOCOL.to_owned(), "ipc.v1.json".into()), ("cookie".into(), cookie.into())];
        let endpoint = site.web_socket.clone();
        async move {
            let headers: [(String, String); 2] = headers;
            let headers: Vec<_> =
                headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            WebSocket::connect(&endpoint, &headers).await
        }
    };
    for sent in [cookie.to_owned(), format!("theme=dark; {cookie}; lang=en")] {
        let mut page = with(&sent).await.unwrap();
        assert_eq!(page.ask(ping()).await["result"], 7, "and needs no handshake");
    }
    for sent in [
        "app=stale".to_owned(),
        "app=".into(),
        format!("app=\"{}\"", token.expose_secret()),
        format!("{cookie}; {cookie}"),
        format!("app=x; {cookie}"),
        format!("{cookie}; app=x"),
    ] {
        let Refused(status, why) = with(&sent).await.unwrap_err();
        assert_eq!(status, 401, "{why}");
    }
    // Where it isn't there, it may still come.
    let mut page = with("App=x; apps=y").await.unwrap();
    assert_eq!(page.ask(hello(token.expose_secret())).await["result"]["protocol"], 1);
    assert_eq!(page.ask(ping()).await["result"], 7);
    drop(page);
    is_empty(&site.backend).await;
}

#[tokio::test]
async fn a_cookie_is_looked_at_only_where_it_was_named() {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    let cookie = format!("app={}", token.expose_secret());
    let mut page = WebSocket::connect(&site.web_socket, &[("cookie", &cookie)]).await.unwrap();
    is_unauthorized(&page.ask(hello("x")).await, &json!("h"));
    assert_eq!(page.close_code().await, Some(1008));
}

#[tokio::test]
async fn a_page_that_has_the_token_is_still_asked_for_its_origin() {
    let token = token();
    let site = Site::of(guarded(&token)).await;
    let offered = format!("ipc.v1.json, ipc.token.{}", token.expose_secret());
    let rebound = [("host", "evil.example"), ("origin", "http://evil.example")];
    for page in [&rebound[1..], &[("origin", "null")], &rebound] {
        let headers = [&[(PROTOCOL, offered.as_str())], page].concat();
        let refused = WebSocket::connect(&site.web_socket, &headers).await.unwrap_err();
        assert_eq!(refused.0, 403, "{page:?}");
    }
}

fn at_once() -> Reconnect {
    let mut reconnect = Reconnect::default();
    reconnect.first_delay = Duration::from_millis(1);
    reconnect.max_delay = Duration::from_millis(5);
    reconnect
}

#[tokio::test]
async fn a_frontend_that_comes_back_shows_it_again() {
    let (token, place) = (token(), Place::unix());
    let first = served(guarded(&token));
    let endpoint = place.listen(&first).await;
    let frontend = Frontend::builder().token(token.clone()).reconnect(at_once());
    let frontend = frontend.connect(endpoint).await.unwrap();
    first.stop(Duration::from_secs(600)).await;
    let second = served(guarded(&token));
    place.listen(&second).await;
    eventually("it is back", || second.connection_count() == 1).await;
    eventually("it knows", || frontend.is_connected()).await;
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
}

#[tokio::test]
async fn a_backend_that_comes_back_with_another_token_ends_the_frontend() {
    let (first_token, place) = (token(), Place::unix());
    let first = served(guarded(&first_token));
    let endpoint = place.listen(&first).await;
    let frontend = Frontend::builder().token(first_token).reconnect(at_once());
    let frontend = frontend.connect(endpoint).await.unwrap();
    first.stop(Duration::from_secs(600)).await;
    let second = served(guarded(&token()));
    place.listen(&second).await;
    match in_time(frontend.closed()).await {
        DisconnectReason::Unauthorized(why) => assert!(why.contains("not the one"), "{why}"),
        other => panic!("{other:?}"),
    }
    match frontend.call::<u32>("test.slow.ping", &()).await {
        Err(IpcError::Unauthorized { message, .. }) => {
            assert!(message.contains("not the one"), "{message}");
        }
        other => panic!("{other:?}"),
    }
    is_empty(&second).await;
}

#[tokio::test]
async fn a_frontend_that_connects_lazily_is_told_by_its_calls() {
    let place = Place::memory();
    let backend = served(guarded(&token()));
    let endpoint = place.listen(&backend).await;
    for builder in [Frontend::builder(), Frontend::builder().reconnect(at_once())] {
        let frontend = builder.token(token()).connect_lazily(endpoint.clone()).unwrap();
        let reason = in_time(frontend.closed()).await;
        assert!(matches!(reason, DisconnectReason::Unauthorized(_)), "{reason:?}");
        let error = frontend.call::<u32>("test.slow.ping", &()).await.unwrap_err();
        assert!(matches!(error, IpcError::Unauthorized { .. }), "{error:?}");
    }
}
