//! Nothing secret is logged or shown by `Debug`, whatever happens.
//!
//! One test, and in a process of its own: what is logged by all threads goes to the one subscriber
//! of the process.

#![cfg(unix)]

use std::{
    fmt::{Debug, Write},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use ipc_runtime::{
    Backend, ConnectError, Endpoint, Frontend, FrontendBuilder, Limits, Reconnect, Token,
    config::{HandshakePolicy, OriginPolicy},
    tls::{TlsIdentity, TlsTrust},
};
use ipc_tests::{
    Framing, Gates, RawPeer, Scratch, SlowClient, SlowHandler, WebSocket, alone, eventually,
    in_time, messages::request,
};
use serde_json::json;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Every line that was logged, by whatever way, and everything that was shown.
static LINES: Mutex<Vec<Line>> = Mutex::new(Vec::new());

#[derive(Clone)]
struct Line {
    target: String,
    is_trace: bool,
    text: String,
}

fn keep(target: &str, is_trace: bool, text: String) {
    let line = Line { target: target.to_owned(), is_trace, text };
    LINES.lock().unwrap_or_else(PoisonError::into_inner).push(line);
}

fn shown(what: impl Debug) {
    keep("Debug", false, format!("{what:?} {what:#?}"));
}

struct Everything;

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        let mut text = Text(String::new());
        attributes.record(&mut text);
        keep(attributes.metadata().target(), false, text.0);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut text = Text(String::new());
        values.record(&mut text);
        keep("span", false, text.0);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let metadata = event.metadata();
        keep(metadata.target(), *metadata.level() == Level::TRACE, text.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

impl log::Log for Everything {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let is_trace = record.level() == log::Level::Trace;
        keep(record.target(), is_trace, record.args().to_string());
    }

    fn flush(&self) {}
}

fn at_once() -> Reconnect {
    let mut reconnect = Reconnect::default();
    reconnect.first_delay = Duration::from_millis(1);
    reconnect.max_delay = Duration::from_millis(5);
    reconnect
}

/// Connects, calls and goes.
async fn comes_and_goes(builder: FrontendBuilder, endpoint: &Endpoint) {
    shown(&builder);
    let frontend = in_time(builder.connect(endpoint.clone())).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.ping().await.unwrap(), 7);
    shown((&frontend, &slow, frontend.peer(), frontend.usage(), frontend.state()));
    let error = slow.wait(1).timeout(Duration::from_millis(1)).await.unwrap_err();
    keep("Display", false, error.to_string());
    shown(error);
    frontend.close().await;
    let error = slow.ping().await.unwrap_err();
    keep("Display", false, error.to_string());
    shown(error);
}

async fn is_refused(builder: FrontendBuilder, endpoint: &Endpoint) {
    match in_time(builder.connect(endpoint.clone())).await {
        Err(error @ ConnectError::Handshake(_)) => {
            keep("Display", false, error.to_string());
            shown(error);
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_token_and_no_key_is_ever_logged_or_shown() {
    if !alone!(no_token_and_no_key_is_ever_logged_or_shown) {
        return;
    }
    tracing::subscriber::set_global_default(Everything).unwrap();
    log::set_logger(&Everything).unwrap();
    log::set_max_level(log::LevelFilter::Trace);

    let (token, wrong) = (Token::generate().unwrap(), Token::generate().unwrap());
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::new(["127.0.0.1".to_owned()]).unwrap();
    let certificate = certificate.self_signed(&key).unwrap().pem();
    let key = key.serialize_pem();
    let identity = TlsIdentity::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap();
    let trust = TlsTrust::nobody().and_pem(certificate.as_bytes()).unwrap();
    shown((&token, &token.clone(), &identity, &trust, token == wrong));
    shown(TlsIdentity::from_pem(key.as_bytes(), key.as_bytes()));
    shown(format!("{} ", token.expose_secret()).repeat(30).parse::<Token>());

    let mut limits = Limits::default();
    limits.heartbeat = Some(Duration::from_millis(20));
    let builder = Backend::builder()
        .limits(limits)
        .handshake(HandshakePolicy::Optional)
        .origins(OriginPolicy::allow(["http://localhost:5173"]))
        .token_cookie("app", token.clone())
        .tls(identity);
    shown(&builder);
    let backend = builder.build();
    backend.register(SlowHandler::new(Gates::new())).unwrap();
    backend.peer_connected().on(|peer| shown(peer));
    let directory = Scratch::new();
    let socket = directory.join("s");
    let local = backend.listen(format!("unix:{}", socket.display())).await.unwrap();
    let plain = backend.listen("ws://127.0.0.1:0").await.unwrap();
    let secure = backend.listen("wss://127.0.0.1:0").await.unwrap();
    shown((&backend, &local, &plain, &secure));

    for endpoint in [&local, &plain, &secure] {
        let builder = Frontend::builder().name("panel").tls(trust.clone());
        comes_and_goes(builder.clone().token(token.clone()), endpoint).await;
        is_refused(builder.clone().token(wrong.clone()), endpoint).await;
        is_refused(builder, endpoint).await;
    }
    let (ours, theirs) = tokio::io::duplex(4096);
    backend.accept(theirs);
    shown(in_time(Frontend::builder().token(token.clone()).over(ours)).await.unwrap());
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_ipc-test-backend"));
    command.arg("stdio:").env("IPC_TEST_TOKEN", token.expose_secret());
    shown(in_time(Frontend::builder().token(token.clone()).spawn(command)).await.unwrap());

    for framing in Framing::ALL {
        for shown_token in [token.expose_secret(), wrong.expose_secret()] {
            for params in [
                json!({ "protocol": 1, "token": shown_token }),
                json!({ "protocol": 1, "token": [shown_token] }),
                json!({ "protocol": shown_token }),
            ] {
                let mut peer = RawPeer::connect(framing, &socket, &plain).await;
                peer.ask(request(1, "rpc.handshake", params).to_string()).await;
            }
        }
    }
    for shown_token in [token.expose_secret(), wrong.expose_secret()] {
        let protocols = format!("ipc.v1.json, ipc.token.{shown_token}");
        let cookie = format!("app={shown_token}");
        for headers in [
            vec![("sec-websocket-protocol", protocols.as_str())],
            vec![("cookie", cookie.as_str())],
            vec![("cookie", cookie.as_str()), ("origin", "http://evil.example")],
            vec![("sec-websocket-protocol", &protocols[13..])],
        ] {
            shown(WebSocket::connect(&plain, &headers).await.map(|peer| peer.subprotocol));
        }
    }

    let returning = Frontend::builder().token(token.clone()).reconnect(at_once());
    shown(&returning);
    let returning = returning.connect(local.clone()).await.unwrap();
    backend.stop(Duration::from_secs(600)).await;
    let other = Backend::builder().token(wrong.clone()).build();
    other.listen(local).await.unwrap();
    shown(in_time(returning.closed()).await);
    shown((&returning, returning.call::<u32>("test.slow.ping", &()).await));
    drop(returning);
    eventually("nothing is left", || other.usage().is_zero()).await;

    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(lines.iter().any(|line| line.target.starts_with("ipc_runtime")), "it was listened to");
    let key = key.lines().nth(1).unwrap();
    let secrets = [token.expose_secret(), wrong.expose_secret(), key];
    for Line { target, is_trace, text } in &lines {
        // Which logs whole messages, at this one level: `docs/security.md` says so.
        if *is_trace && target.starts_with("tungstenite") {
            continue;
        }
        for secret in secrets {
            let half = &secret[..secret.len() / 2];
            assert!(!text.contains(half), "{target}: {text}");
            assert!(!text.contains(&secret[secret.len() / 2..]), "{target}: {text}");
        }
    }
}
