//! What is written into the log of what others say and do: in short, and not by the thousand.
//!
//! Each in a process of its own: which places log at all is decided once for a process, by what
//! listens when they are first reached, which may be a test that doesn't.

use std::{
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
};

use ipc_runtime::{Backend, CallContext, Frontend, Limits, Token, ipc_interface};
#[cfg(unix)]
use ipc_tests::alone::with_few_descriptors;
use ipc_tests::{
    Lines, Site, WebSocket, alone, eventually, in_time,
    messages::{notification, request},
};
use serde_json::json;
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Keeps what is logged, line by line.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<(Level, String)>>>);

impl Log {
    /// Those of this level that have all of these words.
    fn lines(&self, level: Level, words: &[&str]) -> Vec<String> {
        let lines = self.0.lock().unwrap();
        let lines = lines.iter().filter(|(at, _)| *at == level).map(|(_, line)| line);
        lines.filter(|line| words.iter().all(|word| line.contains(word))).cloned().collect()
    }

    /// Waits until it was told of as often as that, and finds one warning among them.
    async fn warns_once_in(&self, times: usize, words: &[&str]) {
        let told = |level| self.lines(level, words).len();
        let what = format!("{words:?} is logged {times} times");
        eventually(&what, || told(Level::WARN) + told(Level::DEBUG) >= times).await;
        let warnings = self.lines(Level::WARN, words);
        assert_eq!(warnings.len(), 1, "{warnings:?}");
        assert!(warnings[0].contains("suppressed=0"), "{warnings:?}");
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, "{field}={value:?} ").unwrap();
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("ipc_runtime") && *metadata.level() <= Level::DEBUG
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push((*event.metadata().level(), line.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn what_a_peer_has_dropped_is_logged_in_short() {
    if !alone!(what_a_peer_has_dropped_is_logged_in_short) {
        return;
    }
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let site = Site::new().await;
    let mut raw = Lines::connect(&site.socket).await;
    for params in [
        json!({ "channel": "demo.files", "n": 7, "secret": "hunter2" }),
        json!({ "channel": "é".repeat(100_000), "n": 8 }),
        json!(["x".repeat(100_000)]),
    ] {
        raw.write(format!("{}\n", notification("rpc.dropped", params))).await;
    }
    raw.ask(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await;
    let (warnings, others) = (log.lines(Level::WARN, &[]), log.lines(Level::DEBUG, &["drop"]));
    let ([first], [second]) = (&warnings[..], &others[..]) else {
        panic!("{warnings:?} {others:?}")
    };
    assert!(first.contains("demo.files") && first.contains("n=7"), "{first}");
    assert!(!first.contains("hunter2"), "{first}");
    assert!(second.matches('é').count() == 256 && second.contains("n=8"), "{second}");
}

#[tokio::test]
async fn connections_over_the_limit_are_warned_of_once() {
    if !alone!(connections_over_the_limit_are_warned_of_once) {
        return;
    }
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let mut limits = Limits::default();
    limits.max_connections = 1;
    let site = Site::of(Backend::builder().limits(limits)).await;
    let mut first = Lines::connect(&site.socket).await;
    first.ask(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await;
    let mut more = Vec::new();
    for _ in 0..20 {
        more.push(Lines::connect(&site.socket).await);
    }
    log.warns_once_in(20, &["max_connections", "limit=1"]).await;
}

#[ipc_interface(channel = "test.work", version = "1.0.0")]
trait Work {
    async fn divide(&self, #[ipc(context)] call: &CallContext<f64>) -> u8;
}

struct Divides;

impl Work for Divides {
    async fn divide(&self, call: &CallContext<f64>) -> u8 {
        for _ in 0..20 {
            call.progress(&f64::NAN);
        }
        7
    }
}

#[tokio::test]
async fn progress_that_can_not_be_written_is_logged_once_for_a_call() {
    if !alone!(progress_that_can_not_be_written_is_logged_once_for_a_call) {
        return;
    }
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let site = Site::new().await;
    site.backend.register(WorkHandler::new(Divides)).unwrap();
    let mut raw = Lines::connect(&site.socket).await;
    let call = r#"{"jsonrpc":"2.0","id":1,"method":"test.work.divide","ipc":{"progress":1}}"#;
    let answer = raw.ask(call).await;
    assert_eq!(answer["error"]["code"], -32603, "{answer}");
    let lines = log.lines(Level::ERROR, &["progress", "test.work.divide", "NaN"]);
    assert_eq!(lines.len(), 1, "{lines:?}");
}

/// Only root can start a process as another user. Where the tests run as somebody else, they see
/// that their own user is let in without a warning.
#[cfg(unix)]
#[tokio::test]
async fn a_process_of_another_user_is_warned_of_once() {
    use std::{fs, os::unix::fs::PermissionsExt};

    use ipc_tests::{
        Scratch,
        process::{NOBODY, copy_for_others, starts_as_another_user},
    };
    use tokio::process::Command;

    if !alone!(a_process_of_another_user_is_warned_of_once) {
        return;
    }
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let site = Site::new().await;
    let directory = Scratch::new();
    let peer = copy_for_others(env!("CARGO_BIN_EXE_ipc-test-peer"), &directory);
    // As if somebody had opened it: by itself it lets nobody else in.
    fs::set_permissions(&site.socket, fs::Permissions::from_mode(0o666)).unwrap();
    let parent = site.socket.parent().unwrap();
    fs::set_permissions(parent, fs::Permissions::from_mode(0o755)).unwrap();
    let endpoint = format!("unix:{}", site.socket.display());
    let refused = ["refused a connection of another user"];

    in_time(Frontend::connect(endpoint.as_str())).await.unwrap();
    assert_eq!(log.lines(Level::WARN, &refused), [""; 0]);
    let ping = || {
        let mut command = Command::new(&peer);
        command.args(["ping", &endpoint]).uid(NOBODY).gid(NOBODY);
        command
    };
    if !starts_as_another_user(&mut ping(), &directory) {
        return;
    }
    for _ in 0..3 {
        in_time(ping().output()).await.unwrap();
    }
    log.warns_once_in(3, &refused).await;
    let warning = log.lines(Level::WARN, &refused).remove(0);
    assert!(warning.contains(&NOBODY.to_string()), "{warning}");
    assert!(warning.contains("own="), "{warning}");
}

#[tokio::test]
async fn wrong_tokens_are_always_warned_of_and_once() {
    if !alone!(wrong_tokens_are_always_warned_of_and_once) {
        return;
    }
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let token = Token::generate().unwrap();
    let site = Site::of(Backend::builder().token(token.clone())).await;
    // Other refusals don't take their place.
    for _ in 0..20 {
        let page = [("origin", "http://evil.example")];
        WebSocket::connect(&site.web_socket, &page).await.unwrap_err();
    }
    log.warns_once_in(20, &["refused a WebSocket", "Origin"]).await;
    for guess in 0..20 {
        let hello = json!({ "protocol": 1, "token": format!("hunter2-{guess}") });
        let mut peer = Lines::connect(&site.socket).await;
        let answer = peer.ask(request(1, "rpc.handshake", hello).to_string()).await;
        assert_eq!(answer["error"]["code"], -32001);
    }
    log.warns_once_in(20, &["token is not the one"]).await;
    let shown = [("sec-websocket-protocol", "ipc.v1.json, ipc.token.hunter2")];
    WebSocket::connect(&site.web_socket, &shown).await.unwrap_err();
    log.warns_once_in(21, &["token is not the one"]).await;
    // Nobody's guess is repeated, nor the token.
    for level in [Level::WARN, Level::DEBUG, Level::INFO, Level::ERROR] {
        assert_eq!(log.lines(level, &["hunter2"]), [""; 0]);
        assert_eq!(log.lines(level, &[token.expose_secret()]), [""; 0]);
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_process_without_descriptors_warns_once_and_goes_on() {
    let few = with_few_descriptors(40);
    if !alone!(a_process_without_descriptors_warns_once_and_goes_on, few) {
        return;
    }
    let log = Log::default();
    let _logging = tracing::subscriber::set_default(log.clone());
    let site = Site::new().await;
    let mut taken = Vec::new();
    // Nothing is accepted meanwhile: this thread does it.
    while let Ok(stream) = std::os::unix::net::UnixStream::connect(&site.socket) {
        taken.push(stream);
    }
    log.warns_once_in(4, &["could not accept a connection"]).await;
    drop(taken);
    let mut peer = Lines::connect(&site.socket).await;
    peer.ask(r#"{"jsonrpc":"2.0","id":1,"method":"rpc.ping"}"#).await;
}
