//! Hooks around the calls of both directions.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ipc_runtime::{
    Backend, CallError, ErrorKind, Frontend, Limits,
    error::ErrorObject,
    middleware::{CallInfo, CallOutcome, Middleware},
};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, FeedClient, FeedHandler, FileError,
    Frames, Gates, LocalListener, Scratch, SlowClient, SlowHandler, Source, TestCarrier,
    endpoint_of, eventually, in_time, on_every_carrier, poll_once,
};
use tokio::sync::mpsc;

on_every_carrier! {
    each_call_is_seen_once_on_both_sides_with_its_outcome,
    a_refused_call_does_not_run_and_the_caller_is_told,
    a_refused_notification_is_dropped,
    the_first_refusal_counts_and_earlier_hooks_are_told,
    authorization_knows_what_the_app_keeps_with_a_peer,
    a_dropped_call_is_seen_as_dropped,
    subscriptions_and_exposed_functions_pass_too,
    hooks_see_arguments_but_their_debug_does_not_show_them,
    a_panicking_hook_refuses_its_call_alone,
    calls_that_are_lost_with_the_connection_are_told,
    a_notified_function_that_fails_is_told,
    a_notification_that_could_not_be_queued_is_told_as_one,
    a_result_that_is_too_large_is_told_as_the_error_that_travels,
}

/// Keeps a line for each hook that was called.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn add(&self, what: &str, call: &CallInfo<'_>, outcome: Option<&CallOutcome<'_>>) {
        let kind = if call.is_notification() { " notification" } else { "" };
        let outcome = match outcome {
            None => String::new(),
            Some(CallOutcome::Done { .. }) => " ok".into(),
            Some(CallOutcome::Error(error)) => format!(" error {}", error.code),
            Some(CallOutcome::Failed(_)) => " failed".into(),
            Some(CallOutcome::Dropped) => " dropped".into(),
            Some(other) => panic!("{other}"),
        };
        self.0.lock().unwrap().push(format!("{what}{kind} {}{outcome}", call.method()));
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }

    async fn has(&self, lines: usize) -> Vec<String> {
        eventually("all hooks were called", || self.0.lock().unwrap().len() >= lines).await;
        self.take()
    }
}

impl Middleware for Log {
    fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
        self.add("incoming", call, None);
        Ok(())
    }

    fn handled(&self, call: &CallInfo<'_>, outcome: &CallOutcome<'_>, _: Duration) {
        self.add("handled", call, Some(outcome));
    }

    fn outgoing(&self, call: &CallInfo<'_>) {
        self.add("outgoing", call, None);
    }

    fn answered(&self, call: &CallInfo<'_>, outcome: &CallOutcome<'_>, _: Duration) {
        self.add("answered", call, Some(outcome));
    }
}

/// Refuses what its function says.
struct Refuse<F>(F);

impl<F: Fn(&CallInfo<'_>) -> bool + Send + Sync + 'static> Middleware for Refuse<F> {
    fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
        if (self.0)(call) { Err(ErrorObject::unauthorized("not you")) } else { Ok(()) }
    }
}

fn refuse_add() -> impl Middleware {
    Refuse(|call: &CallInfo<'_>| call.method() == "test.everything.add")
}

/// A backend and a frontend that log, and what they log.
async fn logging(carrier: &TestCarrier) -> (Backend, Log, Frontend, Log) {
    let (served, made) = (Log::default(), Log::default());
    let backend = Backend::builder().middleware(served.clone()).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let frontend = carrier.builder().middleware(made.clone()).connect(endpoint).await.unwrap();
    (backend, served, frontend, made)
}

async fn each_call_is_seen_once_on_both_sides_with_its_outcome(carrier: TestCarrier) {
    let (_backend, served, frontend, made) = logging(&carrier).await;
    let everything: EverythingClient = frontend.open().await.unwrap();
    assert_eq!((served.take(), made.take()), (vec![], vec![]), "the handshake doesn't pass");
    everything.add(1, 2).await.unwrap();
    everything.echo("x".into()).await.unwrap();
    everything.reverse(vec![1]).await.unwrap();
    everything.note("x".into()).await.unwrap();
    everything.mark_slowly(1).await.unwrap();
    frontend.call::<()>("test.everything.add", &("wrong",)).await.unwrap_err();
    frontend.call::<()>("test.everything.nowhere", &()).await.unwrap_err();
    let names = ["add", "echo", "reverse", "note", "mark_slowly", "add", "nowhere"];
    let kinds = ["", "", "", " notification", " notification", "", ""];
    let outcomes = ["ok", "ok", "ok", "ok", "ok", "error -32602", "error -32601"];
    let mut expected: Vec<(String, String)> = Vec::new();
    for ((name, kind), outcome) in names.iter().zip(kinds).zip(outcomes) {
        let name = format!("test.everything.{name}");
        expected.push((format!("{kind} {name}"), format!("{kind} {name} {outcome}")));
    }
    let lines: Vec<_> = expected
        .iter()
        .flat_map(|(begin, end)| [format!("outgoing{begin}"), format!("answered{end}")])
        .collect();
    assert_eq!(made.has(14).await, lines);
    // What doesn't exist isn't handled.
    expected.pop();
    let mut lines: Vec<_> = expected
        .iter()
        .flat_map(|(begin, end)| [format!("incoming{begin}"), format!("handled{end}")])
        .collect();
    let mut seen = served.has(12).await;
    // Notifications run beside calls.
    lines.sort();
    seen.sort();
    assert_eq!(seen, lines);
}

async fn a_refused_call_does_not_run_and_the_caller_is_told(carrier: TestCarrier) {
    let backend = Backend::builder().middleware(refuse_add()).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let everything: EverythingClient = frontend.open().await.unwrap();
    let error = everything.add(1, 2).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthorized, "{error}");
    assert_eq!((error.method(), error.message()), ("test.everything.add", Some("not you")));
    assert!(!error.may_have_run());
    assert_eq!(everything.echo("others".into()).await.unwrap(), "others");
}

async fn a_refused_notification_is_dropped(carrier: TestCarrier) {
    let refuse = Refuse(|call: &CallInfo<'_>| {
        call.is_notification() && call.params() == Some(serde_json::json!(["secret"]))
    });
    let backend = Backend::builder().middleware(refuse).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let everything: EverythingClient = frontend.open().await.unwrap();
    everything.note("secret".into()).await.unwrap();
    everything.note("open".into()).await.unwrap();
    eventually_noted(&everything, &["open"]).await;
}

async fn eventually_noted(everything: &EverythingClient, lines: &[&str]) {
    while everything.noted().await.unwrap() != lines {
        tokio::task::yield_now().await;
    }
}

async fn the_first_refusal_counts_and_earlier_hooks_are_told(carrier: TestCarrier) {
    let (before, after) = (Log::default(), Log::default());
    let backend = Backend::builder()
        .middleware(before.clone())
        .middleware(refuse_add())
        .middleware(after.clone())
        .build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let everything: EverythingClient = frontend.open().await.unwrap();
    everything.add(1, 2).await.unwrap_err();
    let told = ["incoming test.everything.add", "handled test.everything.add error -32001"];
    assert_eq!((before.has(2).await, after.take()), (told.map(String::from).to_vec(), vec![]));
}

async fn authorization_knows_what_the_app_keeps_with_a_peer(carrier: TestCarrier) {
    struct User(&'static str);

    let guard = Refuse(|call: &CallInfo<'_>| {
        let user = call.peer().extensions().get::<User>();
        call.method() == "delete" && user.is_none_or(|user| user.0 != "root")
    });
    let backend = Backend::builder().middleware(guard).build();
    let log_in = async |call: ipc_runtime::CallContext, (name,): (String,)| {
        call.peer().extensions().insert(User(if name == "root" { "root" } else { "guest" }));
        Ok::<_, String>(())
    };
    backend.expose_with("log_in", log_in).unwrap();
    backend.expose("delete", async |()| "done").unwrap();
    let endpoint = carrier.listen(&backend).await;
    let (first, second) = (
        carrier.builder().connect(endpoint.clone()).await.unwrap(),
        carrier.builder().connect(endpoint).await.unwrap(),
    );
    first.call::<()>("log_in", &("root",)).await.unwrap();
    second.call::<()>("log_in", &("me",)).await.unwrap();
    assert_eq!(first.call::<String>("delete", &()).await.unwrap(), "done");
    let refused = second.call::<String>("delete", &()).await.unwrap_err();
    assert!(refused.kind() == ErrorKind::Unauthorized, "{refused}");
}

async fn a_dropped_call_is_seen_as_dropped(carrier: TestCarrier) {
    let (served, made) = (Log::default(), Log::default());
    let backend = Backend::builder().middleware(served.clone()).build();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let frontend = carrier.builder().middleware(made.clone()).connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let mut call = Box::pin(slow.wait(1));
    assert!(poll_once(&mut call).await.is_none());
    gates.began(1).await;
    drop(call);
    let lines = served.has(2).await;
    assert_eq!(lines, ["incoming test.slow.wait", "handled test.slow.wait error -32800"]);
    assert_eq!(made.take(), ["outgoing test.slow.wait", "answered test.slow.wait dropped"]);
    // One that was never polled was never a call.
    drop(slow.wait(2));
    assert!(made.take().is_empty());
}

async fn subscriptions_and_exposed_functions_pass_too(carrier: TestCarrier) {
    let log = Log::default();
    let backend = Backend::builder().middleware(log.clone()).build();
    backend.register(FeedHandler::new(Source::default())).unwrap();
    backend.expose("add", async |(a, b): (i64, i64)| a + b).unwrap();
    let listening = backend.on("told", |_, ()| ()).unwrap();
    let frontend = carrier.connect(&backend).await;
    let feed: FeedClient = frontend.open().await.unwrap();
    let numbers = feed.count(3).await.unwrap();
    assert_eq!(log.has(2).await, ["incoming test.feed.count", "handled test.feed.count ok"]);
    drop(numbers);
    frontend.call::<i64>("add", &(1, 2)).await.unwrap();
    assert_eq!(log.has(2).await, ["incoming add", "handled add ok"]);
    frontend.notify("told", &()).await.unwrap();
    assert_eq!(log.has(2).await, ["incoming notification told", "handled notification told ok"]);
    listening.remove();
}

async fn hooks_see_arguments_but_their_debug_does_not_show_them(carrier: TestCarrier) {
    struct See(mpsc::UnboundedSender<(serde_json::Value, String)>);

    impl Middleware for See {
        fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
            assert!(call.size() > 0 && call.method_info().is_some());
            let _ = self.0.send((call.params().unwrap(), format!("{call:?}")));
            Ok(())
        }

        fn handled(&self, call: &CallInfo<'_>, _: &CallOutcome<'_>, _: Duration) {
            assert!(call.params().is_none());
        }
    }

    let (sends, mut sees) = mpsc::unbounded_channel();
    let backend = Backend::builder().middleware(See(sends)).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let everything: EverythingClient = frontend.open().await.unwrap();
    everything.echo("hunter2".into()).await.unwrap();
    let (params, debug) = sees.recv().await.unwrap();
    assert_eq!(params, serde_json::json!(["hunter2"]));
    assert!(debug.contains("test.everything.echo") && !debug.contains("hunter2"), "{debug}");
}

async fn a_panicking_hook_refuses_its_call_alone(carrier: TestCarrier) {
    struct Broken;

    impl Middleware for Broken {
        fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
            assert!(call.method() != "test.everything.add", "on purpose");
            Ok(())
        }

        fn handled(&self, _: &CallInfo<'_>, _: &CallOutcome<'_>, _: Duration) {
            panic!("on purpose");
        }
    }

    let backend = Backend::builder().middleware(Broken).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let everything: EverythingClient = frontend.open().await.unwrap();
    let error = everything.add(1, 2).await.unwrap_err();
    assert!(error.kind() == ErrorKind::HandlerFailed, "{error}");
    assert_eq!(everything.echo("x".into()).await.unwrap(), "x");
}

async fn calls_that_are_lost_with_the_connection_are_told(carrier: TestCarrier) {
    let (_backend, served, frontend, made) = logging(&carrier).await;
    let gates = Gates::new();
    _backend.register(SlowHandler::new(gates.clone())).unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let mut call = Box::pin(slow.wait(1));
    assert!(poll_once(&mut call).await.is_none());
    gates.began(1).await;
    frontend.close().await;
    let error = call.await.unwrap_err();
    assert!(error.kind() == ErrorKind::Disconnected, "{error}");
    assert_eq!(made.take(), ["outgoing test.slow.wait", "answered test.slow.wait failed"]);
    assert_eq!(served.has(2).await, ["incoming test.slow.wait", "handled test.slow.wait dropped"]);
    // Made after the end, it fails at its first poll.
    let error = slow.wait(2).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Disconnected, "{error}");
    assert_eq!(made.take(), ["outgoing test.slow.wait", "answered test.slow.wait failed"]);
}

async fn a_notified_function_that_fails_is_told(carrier: TestCarrier) {
    let log = Log::default();
    let backend = Backend::builder().middleware(log.clone()).build();
    backend.expose("fails", async |()| Err::<(), _>("on purpose")).unwrap();
    let frontend = carrier.connect(&backend).await;
    frontend.notify("fails", &()).await.unwrap();
    let lines = log.has(2).await;
    assert_eq!(lines, ["incoming notification fails", "handled notification fails error 1"]);
}

async fn a_notification_that_could_not_be_queued_is_told_as_one(carrier: TestCarrier) {
    let (_backend, _served, frontend, made) = logging(&carrier).await;
    frontend.close().await;
    frontend.notify("late", &()).await.unwrap_err();
    assert_eq!(made.take(), ["outgoing notification late", "answered notification late failed"]);
    let mut dropped = frontend.notify("later", &());
    let _ = poll_once(&mut dropped).await;
    drop(dropped);
    assert_eq!(made.take(), ["outgoing notification later", "answered notification later failed"]);
}

async fn a_result_that_is_too_large_is_told_as_the_error_that_travels(carrier: TestCarrier) {
    let log = Log::default();
    let backend = Backend::builder().middleware(log.clone()).build();
    backend.register(SlowHandler::new(Gates::new())).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let mut limits = Limits::default();
    limits.max_message_bytes = 10_000;
    let frontend = carrier.builder().limits(limits).connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let error = slow.fill(20_000).await.unwrap_err();
    assert!(error.kind() == ErrorKind::TooLarge, "{error}");
    let lines = log.has(2).await;
    assert_eq!(lines, ["incoming test.slow.fill", "handled test.slow.fill error -32008"]);
}

#[tokio::test]
async fn a_refusal_may_have_details() {
    struct Maintenance;

    impl Middleware for Maintenance {
        fn incoming(&self, _: &CallInfo<'_>) -> Result<(), ErrorObject> {
            Err(ErrorObject::new(503, "come back later").with_data(&("minutes", 5)))
        }
    }

    let backend = Backend::builder().middleware(Maintenance).build();
    backend.expose("work", async |()| ()).unwrap();
    let frontend = TestCarrier::memory().connect(&backend).await;
    let refused = frontend.call::<()>("work", &()).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Remote, "{refused}");
    let error = refused.error_object().unwrap();
    let data = error.data.as_ref().map(|data| data.get());
    assert_eq!((error.code, data), (503, Some(r#"["minutes",5]"#)));
}

#[tokio::test]
async fn a_refusal_for_its_size_may_leave_the_sizes_out() {
    struct NoData;

    impl Middleware for NoData {
        fn incoming(&self, _: &CallInfo<'_>) -> Result<(), ErrorObject> {
            Err(ErrorObject::new(-32007, "too much"))
        }
    }

    let backend = Backend::builder().middleware(NoData).build();
    backend.expose("work", async |()| ()).unwrap();
    let frontend = TestCarrier::memory().connect(&backend).await;
    let refused = frontend.call::<()>("work", &()).await.unwrap_err();
    assert_eq!((refused.kind(), refused.may_have_run()), (ErrorKind::TooLarge, false));
    assert_eq!(
        (refused.size(), refused.limit(), refused.message()),
        (None, None, Some("too much"))
    );
}

#[test]
fn outcomes_are_told_in_words() {
    let error = ErrorObject::new(1, "no such directory");
    assert_eq!(CallOutcome::Error(&error).to_string(), "failed: no such directory (code 1)");
    assert_eq!(CallOutcome::Dropped.to_string(), "was dropped");
    let _: Option<CallError<FileError>> = None;
}

#[tokio::test]
async fn a_reply_that_breaks_the_protocol_is_told_as_a_failure() {
    let directory = Scratch::new();
    let path = directory.socket("s");
    let listener = LocalListener::bind(&path).unwrap();
    let log = Log::default();
    let connecting = Frontend::builder().middleware(log.clone()).connect(endpoint_of(&path));
    let connecting = tokio::spawn(connecting);
    let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
    raw.handshake(16).await;
    let frontend = in_time(connecting).await.unwrap().unwrap();
    let call = tokio::spawn(frontend.call::<u32>("some.method", &()));
    let id = raw.next().await["id"].clone();
    raw.send(format!(r#"{{"jsonrpc":"2.0","id":{id},"result":1,"error":{{"code":1}}}}"#)).await;
    assert!(
        matches!(&in_time(call).await.unwrap(), Err(error) if error.kind() == ErrorKind::Decode)
    );
    assert_eq!(log.take(), ["outgoing some.method", "answered some.method failed"]);
}
