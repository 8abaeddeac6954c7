//! `rpc.discover`: who is answered, and with what.

use std::{
    pin::pin,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::FutureExt;
use ipc_runtime::{
    Backend, ErrorKind, Frontend, Limits, Reconnect,
    config::CallsWhileDisconnected,
    error::ErrorObject,
    middleware::{CallInfo, CallOutcome, Middleware},
    openrpc::Document,
};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, Frames, LocalListener, RawBackend,
    Scratch, TestCarrier, endpoint_of, in_time, on_every_carrier,
};
use serde_json::{Value, json};

on_every_carrier! {
    who_is_told_gets_the_document_that_the_backend_has,
    a_document_is_made_anew_after_a_registration,
    middleware_sees_the_method_like_any_other,
    for_its_caller_the_method_is_like_any_other,
    nobody_is_told_by_a_backend_that_will_not,
    functions_have_schemas_if_their_types_are_kept,
    params_of_any_form_are_taken,
}

fn backend(discover: bool) -> Backend {
    let backend = Backend::builder().discover(discover).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    backend
}

async fn discovered(frontend: &Frontend) -> Value {
    in_time(frontend.call("rpc.discover", &())).await.unwrap()
}

async fn is_refused(frontend: &Frontend) {
    let error = in_time(frontend.call::<Value>("rpc.discover", &())).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
    assert!(error.to_string().contains("there is no method `rpc.discover`"), "{error}");
}

fn names(document: &Value) -> Vec<&str> {
    let methods = document["methods"].as_array().unwrap().iter();
    methods.map(|method| method["name"].as_str().unwrap()).collect()
}

async fn who_is_told_gets_the_document_that_the_backend_has(carrier: TestCarrier) {
    let backend = backend(true);
    let frontend = carrier.connect(&backend).await;
    let document = discovered(&frontend).await;
    assert_eq!(document, serde_json::to_value(backend.openrpc()).unwrap());
    assert_eq!(document["openrpc"], "1.3.2");
    assert!(names(&document).contains(&"test.everything.add"), "{document}");
    // The document says the same without a backend.
    let alone = Document::new().interface::<EverythingClient>();
    assert_eq!(document, serde_json::to_value(alone).unwrap());
}

async fn a_document_is_made_anew_after_a_registration(carrier: TestCarrier) {
    let backend = backend(true);
    let frontend = carrier.connect(&backend).await;
    let before = discovered(&frontend).await;
    let registration = backend.expose_typed("later", async |(a,): (u8,)| a).unwrap();
    let with = discovered(&frontend).await;
    assert_eq!(names(&with).len(), names(&before).len() + 1);
    assert_eq!(names(&with).last(), Some(&"later"));
    registration.remove();
    assert_eq!(discovered(&frontend).await, before);
}

/// Keeps the names of calls, and refuses one if it is to.
#[derive(Clone, Default)]
struct Gate(Arc<Mutex<Vec<String>>>, bool);

impl Middleware for Gate {
    fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
        self.0.lock().unwrap().push(call.method().to_owned());
        if self.1 { Err(ErrorObject::unauthorized("not you")) } else { Ok(()) }
    }
}

async fn middleware_sees_the_method_like_any_other(carrier: TestCarrier) {
    for refuses in [false, true] {
        let gate = Gate(Arc::default(), refuses);
        let backend = Backend::builder().discover(true).middleware(gate.clone()).build();
        let frontend = carrier.connect(&backend).await;
        let answer = in_time(frontend.call::<Value>("rpc.discover", &())).await;
        match answer {
            Ok(document) => assert!(!refuses && names(&document).is_empty(), "{document}"),
            Err(error) => {
                assert!(refuses && error.kind() == ErrorKind::Unauthorized, "{error}");
            }
        }
        assert_eq!(*gate.0.lock().unwrap(), ["rpc.discover"]);
        // The endpoint is free for the next one.
        in_time(backend.stop(Duration::ZERO)).await;
    }
}

/// Keeps the names of the calls that this side makes and of those that ended well.
#[derive(Clone, Default)]
struct Made(Arc<Mutex<Vec<String>>>);

impl Middleware for Made {
    fn outgoing(&self, call: &CallInfo<'_>) {
        self.0.lock().unwrap().push(call.method().to_owned());
    }

    fn answered(&self, call: &CallInfo<'_>, outcome: &CallOutcome<'_>, _: Duration) {
        let is_done = matches!(outcome, CallOutcome::Done { .. });
        self.0.lock().unwrap().push(format!("{} done: {is_done}", call.method()));
    }
}

/// Its middleware sees the call.
async fn for_its_caller_the_method_is_like_any_other(carrier: TestCarrier) {
    let backend = backend(true);
    let endpoint = carrier.listen(&backend).await;
    let made = Made::default();
    let builder = carrier.builder().middleware(made.clone());
    let frontend = in_time(builder.connect(endpoint)).await.unwrap();
    discovered(&frontend).await;
    assert_eq!(*made.0.lock().unwrap(), ["rpc.discover", "rpc.discover done: true"]);
}

async fn nobody_is_told_by_a_backend_that_will_not(carrier: TestCarrier) {
    let backend = backend(false);
    let frontend = carrier.connect(&backend).await;
    is_refused(&frontend).await;
    // The app has the document all the same.
    let document = serde_json::to_value(backend.openrpc()).unwrap();
    assert!(names(&document).contains(&"test.everything.add"));
}

async fn functions_have_schemas_if_their_types_are_kept(carrier: TestCarrier) {
    let backend = Backend::builder().discover(true).build();
    backend
        .expose_typed("typed", async |(a, b): (i32, Option<String>)| {
            Ok::<_, String>(format!("{a} {b:?}"))
        })
        .unwrap();
    backend.expose_typed_with("whole", async |_, all: Vec<u8>| all).unwrap();
    backend.expose("untyped", async |(a,): (i32,)| a).unwrap();
    let frontend = carrier.connect(&backend).await;
    let document = discovered(&frontend).await;
    assert_eq!(names(&document), ["typed", "untyped", "whole"]);
    let [typed, untyped, whole] = &document["methods"].as_array().unwrap()[..] else { panic!() };
    assert_eq!(typed["paramStructure"], "by-position");
    assert_eq!(
        typed["params"][0]["schema"],
        json!({ "type": "integer", "minimum": i32::MIN, "maximum": i32::MAX })
    );
    assert_eq!(typed["result"]["schema"], json!({ "type": "string" }));
    assert_eq!(typed["errors"][0]["code"], 1);
    assert_eq!(typed["errors"][0]["data"], json!({ "x-ipc-schema": { "type": "string" } }));
    assert_eq!((&untyped["x-ipc-untyped"], &untyped["params"]), (&json!(true), &json!([])));
    assert_eq!(whole["x-ipc-params"]["items"]["maximum"], 255);
}

async fn params_of_any_form_are_taken(carrier: TestCarrier) {
    let backend = backend(true);
    let frontend = carrier.connect(&backend).await;
    let expected = discovered(&frontend).await;
    let by_name = in_time(frontend.call::<Value>("rpc.discover", &json!({}))).await.unwrap();
    let with_more = in_time(frontend.call::<Value>("rpc.discover", &(1, "a"))).await.unwrap();
    assert_eq!((by_name, with_more), (expected.clone(), expected));
}

/// By default, who came by a local socket is told, and nobody else.
#[tokio::test]
async fn only_local_sockets_are_answered_unless_the_backend_says_more() {
    let backend = Backend::new();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let expected = serde_json::to_value(backend.openrpc()).unwrap();
    let local = TestCarrier::local().connect(&backend).await;
    assert_eq!(discovered(&local).await, expected);
    let unix = TestCarrier::unix();
    let frontend = unix.connect(&backend).await;
    assert_eq!(discovered(&frontend).await, expected);
    for carrier in [TestCarrier::web_socket(), TestCarrier::memory()] {
        let frontend = carrier.connect(&backend).await;
        is_refused(&frontend).await;
        // It is served otherwise.
        assert_eq!(frontend.call::<i64>("test.everything.add", &(2, 3)).await.unwrap(), 5);
    }
}

/// A backend may ask what its frontends expose: those that came by a local socket say it.
#[tokio::test]
async fn a_backend_discovers_what_its_frontend_exposes() {
    let backend = Backend::new();
    let carrier = TestCarrier::local();
    let frontend = carrier.connect(&backend).await;
    frontend.expose_typed("beep", async |(times,): (u8,)| times).unwrap();
    frontend.expose_typed_with("boop", async |_, ()| 1u8).unwrap();
    assert_eq!(frontend.call::<Value>("rpc.discover", &()).await.unwrap()["methods"], json!([]));
    let peer = backend.peers().into_iter().next().unwrap();
    let document: Value = in_time(peer.call("rpc.discover", &())).await.unwrap();
    assert_eq!(names(&document), ["beep", "boop"]);
}

/// A backend that never answers keeps nobody waiting for longer than they say.
#[tokio::test]
async fn its_deadline_is_its_callers() {
    let mut backend = RawBackend::new(Limits::default()).await;
    let timeout = Duration::from_millis(30);
    let call = backend.frontend.call::<Value>("rpc.discover", &()).timeout(timeout);
    let error = in_time(call).await.unwrap_err();
    assert_eq!((error.kind(), error.timeout()), (ErrorKind::DeadlineExceeded, Some(timeout)));
    let request = backend.raw.next().await;
    assert_eq!(
        (&request["method"], &request["ipc"]["timeoutMs"]),
        (&"rpc.discover".into(), &30.into())
    );
    let cancel = backend.raw.next().await;
    assert_eq!(cancel["method"], "$/cancelRequest");
    assert_eq!(cancel["params"]["id"], request["id"]);
}

/// It waits until the backend takes one call more; and on the next connection, if this one is lost
/// before that.
#[tokio::test]
async fn it_counts_among_the_calls_that_the_backend_takes() {
    let directory = Scratch::new();
    let listener = LocalListener::bind(directory.socket("s")).unwrap();
    let endpoint = endpoint_of(&directory.socket("s"));
    let mut reconnect = Reconnect::default();
    reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
    let builder = Frontend::builder().reconnect(reconnect);
    let connecting = tokio::spawn(async move { builder.connect(endpoint).await });
    let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
    raw.handshake(1).await;
    let frontend = in_time(connecting).await.unwrap().unwrap();

    let mut first = pin!(frontend.call::<Value>("first", &()));
    assert!(first.as_mut().now_or_never().is_none());
    assert_eq!(raw.next().await["method"], "first");
    let mut discovering = pin!(frontend.call::<Value>("rpc.discover", &()));
    assert!(discovering.as_mut().now_or_never().is_none());
    in_time(frontend.notify("marker", &())).await.unwrap();
    assert_eq!(raw.next().await["method"], "marker");

    drop(raw);
    assert_eq!(in_time(first).await.unwrap_err().kind(), ErrorKind::Disconnected);
    let served = async {
        let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
        raw.handshake(1).await;
        let request = raw.next().await;
        assert_eq!(request["method"], "rpc.discover");
        let result = json!({ "jsonrpc": "2.0", "id": request["id"], "result": { "methods": [] } });
        raw.send(result.to_string()).await;
        raw
    };
    let (document, _raw) = in_time(async { tokio::join!(discovering, served) }).await;
    assert_eq!(document.unwrap()["methods"], json!([]));
}
