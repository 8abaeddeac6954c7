//! Frontends of JSON-RPC servers that know nothing of the library.

use std::time::Duration;

use ipc_runtime::{
    CallError, ConnectError, Encoding, ErrorKind, Frontend, Limits, Reconnect, Stream, Streaming,
    config::CallsWhileDisconnected, error::DisconnectReason, ipc_interface, ipc_type,
    peer::ConnectionState,
};
use ipc_tests::{Framing, PlainServer, RawPeer, in_time, on_every_plain_framing};
use serde_json::{Value, json};
use tokio::sync::mpsc;

on_every_plain_framing! {
    nothing_is_sent_but_what_the_app_says,
    ids_stay_below_two_to_the_31,
    a_call_that_is_dropped_or_overdue_is_cancelled,
    the_servers_requests_and_notifications_are_handled,
    the_end_of_the_connection_ends_calls_at_once,
    a_connection_that_was_lost_is_made_again,
    the_servers_error_codes_are_its_own,
    an_interface_is_called_without_being_compared,
    what_is_no_message_is_passed_over,
    a_server_that_is_not_known_to_be_one_is_told_with_the_option,
}

/// Answers a request.
async fn answer(raw: &mut RawPeer, request: &Value, result: Value) {
    let answer = json!({ "jsonrpc": "2.0", "id": request["id"], "result": result });
    raw.send(answer.to_string()).await;
}

/// What a frontend is asked for by a server that asks for nothing else.
async fn ask(raw: &mut RawPeer, method: &str, params: Value) -> Value {
    let request = json!({ "jsonrpc": "2.0", "id": "s1", "method": method, "params": params });
    raw.ask(request.to_string()).await
}

async fn nothing_is_sent_but_what_the_app_says(server: PlainServer) {
    let mut limits = Limits::default();
    if server.framing != Framing::WebSocket {
        // A ping would be among what is read. On a WebSocket it is none of the messages.
        limits.heartbeat = Some(Duration::from_millis(10));
    }
    let (frontend, mut raw) = server.connected(server.builder().limits(limits)).await;
    tokio::time::sleep(Duration::from_millis(60)).await;

    let params = json!({ "processId": null, "capabilities": {} });
    let call = tokio::spawn(frontend.call::<Value>("initialize", &params).timeout(Duration::MAX));
    let request = raw.next().await;
    let id = request["id"].clone();
    assert!(id.is_u64(), "{request}");
    let expected = json!({ "jsonrpc": "2.0", "id": id, "method": "initialize", "params": params });
    assert_eq!(request, expected);
    answer(&mut raw, &request, json!({ "capabilities": { "hoverProvider": true } })).await;
    assert_eq!(call.await.unwrap().unwrap()["capabilities"]["hoverProvider"], true);

    frontend.notify("initialized", &json!({})).await.unwrap();
    let expected = json!({ "jsonrpc": "2.0", "method": "initialized", "params": {} });
    assert_eq!(raw.next().await, expected);

    let call = tokio::spawn(frontend.call::<u32>("add", &(1, 2)));
    let request = raw.next().await;
    assert_eq!(request["params"], json!([1, 2]));
    answer(&mut raw, &request, json!(3)).await;
    assert_eq!(call.await.unwrap().unwrap(), 3);

    // No arguments are no member, which some servers insist on.
    let call = tokio::spawn(frontend.call::<()>("shutdown", &()));
    let request = raw.next().await;
    assert_eq!(request, json!({ "jsonrpc": "2.0", "id": request["id"], "method": "shutdown" }));
    answer(&mut raw, &request, Value::Null).await;
    call.await.unwrap().unwrap();
    frontend.notify("exit", &()).await.unwrap();
    assert_eq!(raw.next().await, json!({ "jsonrpc": "2.0", "method": "exit" }));

    frontend.close().await;
    raw.has_ended().await;
}

async fn ids_stay_below_two_to_the_31(server: PlainServer) {
    let (frontend, mut raw) = server.connected(server.builder()).await;
    let serving = tokio::spawn(async move {
        for _ in 0..300 {
            let request = raw.next().await;
            let id = request["id"].as_u64().unwrap();
            assert!((1..1 << 31).contains(&id), "{id}");
            answer(&mut raw, &request, json!(id)).await;
        }
    });
    for _ in 0..300 {
        frontend.call::<u64>("count", &()).await.unwrap();
    }
    serving.await.unwrap();
}

async fn a_call_that_is_dropped_or_overdue_is_cancelled(server: PlainServer) {
    let (frontend, mut raw) = server.connected(server.builder()).await;
    let call = tokio::spawn(frontend.call::<()>("wait", &()));
    let request = raw.next().await;
    call.abort();
    let cancel = raw.next().await;
    let params = json!({ "id": request["id"] });
    let expected = json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": params });
    assert_eq!(cancel, expected);

    let call = frontend.call::<()>("wait", &()).timeout(Duration::from_millis(20));
    let call = tokio::spawn(call);
    let request = raw.next().await;
    assert!(request.get("ipc").is_none(), "{request}");
    let error = call.await.unwrap().unwrap_err();
    assert!(error.kind() == ErrorKind::DeadlineExceeded, "{error}");
    assert_eq!(raw.next().await["params"]["id"], request["id"]);

    // What it is answered with late is passed over.
    let cancelled = json!({ "code": -32800, "message": "cancelled" });
    let late = json!({ "jsonrpc": "2.0", "id": request["id"], "error": cancelled });
    raw.send(late.to_string()).await;
    let call = tokio::spawn(frontend.call::<u32>("next", &()));
    let request = raw.next().await;
    assert_eq!(request["method"], "next");
    answer(&mut raw, &request, json!(1)).await;
    assert_eq!(call.await.unwrap().unwrap(), 1);
}

async fn the_servers_requests_and_notifications_are_handled(server: PlainServer) {
    #[ipc_type]
    struct Shown {
        kind: u32,
        message: String,
    }

    let (hear, mut heard) = mpsc::unbounded_channel();
    let (says, progresses) = (hear.clone(), hear.clone());
    let builder = server.builder().expose("workspace/name", async |()| "src").unwrap();
    let builder = builder
        .on("window/logMessage", move |_, shown: Shown| {
            says.send(format!("{} {}", shown.kind, shown.message)).unwrap();
        })
        .unwrap();
    let (frontend, mut raw) = server.connected(builder).await;
    let on_progress = move |_: &ipc_runtime::CallContext, report: Value| {
        progresses.send(report["value"].to_string()).unwrap();
    };
    frontend.on("$/progress", on_progress).unwrap();
    assert!(frontend.on("$/cancelRequest", |_, _: Value| {}).is_err(), "it is for the runtime");

    assert_eq!(ask(&mut raw, "workspace/name", json!([])).await["result"], "src");
    let unknown = ask(&mut raw, "workspace/else", json!({})).await;
    assert_eq!((&unknown["id"], &unknown["error"]["code"]), (&json!("s1"), &json!(-32601)));

    for (method, params) in [
        ("window/logMessage", json!({ "kind": 3, "message": "ready" })),
        ("telemetry/event", json!({ "nobody": "listens" })),
        ("$/logTrace", json!({ "message": "nor here" })),
        ("$/progress", json!({ "token": "t", "value": 50 })),
    ] {
        let told = json!({ "jsonrpc": "2.0", "method": method, "params": params });
        raw.send(told.to_string()).await;
    }
    assert_eq!(heard.recv().await.unwrap(), "3 ready");
    assert_eq!(heard.recv().await.unwrap(), "50");

    // It takes back a request of its own.
    let _waits = frontend.expose("wait", async |()| std::future::pending::<()>().await).unwrap();
    let request = json!({ "jsonrpc": "2.0", "id": 5, "method": "wait" });
    raw.send(request.to_string()).await;
    let cancel = json!({ "jsonrpc": "2.0", "method": "$/cancelRequest", "params": { "id": 5 } });
    let cancelled = raw.ask(cancel.to_string()).await;
    assert_eq!((&cancelled["id"], &cancelled["error"]["code"]), (&json!(5), &json!(-32800)));
    drop(hear);
}

async fn the_end_of_the_connection_ends_calls_at_once(server: PlainServer) {
    let (frontend, mut raw) = server.connected(server.builder()).await;
    let call = tokio::spawn(frontend.call::<()>("wait", &()).no_timeout());
    let request = raw.next().await;
    assert_eq!(request["method"], "wait");
    drop(raw);
    let error = call.await.unwrap().unwrap_err();
    assert!(error.kind() == ErrorKind::Disconnected && error.may_have_run(), "{error}");
    let reason = frontend.closed().await;
    assert!(matches!(reason, DisconnectReason::ClosedByPeer(None)), "{reason}");
    let error = frontend.call::<()>("wait", &()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Disconnected && !error.may_have_run(), "{error}");
}

/// A server that says nothing more answers nothing more, though it may still read.
#[cfg(unix)] // A named pipe has no half-close.
#[tokio::test]
async fn a_half_close_of_the_server_ends_calls_and_handlers_at_once() {
    for framing in [Framing::Newline, Framing::ContentLength] {
        let server = PlainServer::new(framing).await;
        let (begin, mut began) = mpsc::unbounded_channel();
        let wait = move |()| {
            let begin = begin.clone();
            async move {
                begin.send(()).unwrap();
                std::future::pending::<()>().await;
            }
        };
        let builder = server.builder().expose("wait", wait).unwrap();
        let (frontend, mut raw) = server.connected(builder).await;
        let call = tokio::spawn(frontend.call::<()>("wait", &()).no_timeout());
        raw.next().await;
        raw.send(json!({ "jsonrpc": "2.0", "id": 1, "method": "wait" }).to_string()).await;
        in_time(began.recv()).await.unwrap();
        raw.finish().await;
        let error = in_time(call).await.unwrap().unwrap_err();
        assert!(error.kind() == ErrorKind::Disconnected && error.may_have_run(), "{error}");
        in_time(frontend.closed()).await;
    }
}

async fn a_connection_that_was_lost_is_made_again(server: PlainServer) {
    let mut reconnect = Reconnect::default();
    reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
    reconnect.max_delay = Duration::from_millis(20);
    let builder = server.builder().reconnect(reconnect).expose("who", async |()| "it").unwrap();
    let (frontend, mut raw) = server.connected(builder).await;
    assert_eq!(ask(&mut raw, "who", json!([])).await["result"], "it");
    drop(raw);
    // Nothing is agreed on, so that it may be connected again before anybody sees it away.
    let mut raw = server.accept().await;
    let call = tokio::spawn(frontend.call::<u32>("count", &()));
    // The first message on the new connection.
    let request = raw.next().await;
    assert_eq!(request["method"], "count");
    answer(&mut raw, &request, json!(2)).await;
    assert_eq!(call.await.unwrap().unwrap(), 2);
    let state = frontend.state();
    assert!(matches!(&*state.borrow(), ConnectionState::Connected { resumed: false, .. }));
    assert_eq!(ask(&mut raw, "who", json!([])).await["result"], "it");
}

async fn the_servers_error_codes_are_its_own(server: PlainServer) {
    let (frontend, mut raw) = server.connected(server.builder()).await;
    // What most of these mean to a backend of this library.
    for code in [-32000, -32001, -32002, -32003, -32005, -32007, -32008, -32009, -32803, 1, 7] {
        let call = tokio::spawn(frontend.call::<()>("fail", &()));
        let request = raw.next().await;
        let error = json!({ "code": code, "message": "not so", "data": { "limit": 3 } });
        let reply = json!({ "jsonrpc": "2.0", "id": request["id"], "error": error });
        raw.send(reply.to_string()).await;
        let failed = call.await.unwrap().unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Remote, "{code}: {failed}");
        let error = failed.error_object().unwrap();
        assert_eq!((error.code, &*error.message), (code, "not so"));
        let data = error.data.as_ref().map(|data| data.get());
        assert_eq!(data, Some(r#"{"limit":3}"#));
    }
    for (code, kind) in [
        (-32601, ErrorKind::NotFound),
        (-32602, ErrorKind::InvalidArguments),
        (-32603, ErrorKind::HandlerFailed),
        (-32800, ErrorKind::Cancelled),
    ] {
        let call = tokio::spawn(frontend.call::<()>("fail", &()));
        let request = raw.next().await;
        let error = json!({ "code": code, "message": "not so" });
        let reply = json!({ "jsonrpc": "2.0", "id": request["id"], "error": error });
        raw.send(reply.to_string()).await;
        let failed = call.await.unwrap().unwrap_err();
        assert_eq!((failed.kind(), failed.message()), (kind, Some("not so")), "{code}");
    }
}

/// What a server of somebody else's may well have.
#[ipc_interface(channel = "calc", version = "1.0.0")]
trait Calc {
    /// Adds.
    async fn add(&self, a: i64, b: i64) -> i64;
    /// Divides.
    async fn divide(&self, a: i64, b: i64) -> Result<i64, String>;
    /// Takes nothing.
    async fn reset(&self);
    /// Is told.
    #[ipc(notification)]
    async fn mark(&self, number: u32);
    /// What only this project knows.
    #[ipc(subscription)]
    async fn ticks(&self) -> impl Stream<Item = u32>;
    /// The same.
    async fn sum(&self, numbers: Streaming<i64>) -> i64;
}

async fn an_interface_is_called_without_being_compared(server: PlainServer) {
    let (frontend, mut raw) = server.connected(server.builder()).await;
    let calc: CalcClient = frontend.open().await.unwrap();
    let other: CalcClient = frontend.client();
    for calc in [calc.clone(), other] {
        let call = tokio::spawn(calc.add(2, 3));
        let request = raw.next().await;
        let expected = json!({ "jsonrpc": "2.0", "id": request["id"], "method": "calc.add", "params": [2, 3] });
        assert_eq!(request, expected);
        answer(&mut raw, &request, json!(5)).await;
        assert_eq!(call.await.unwrap().unwrap(), 5);
    }

    for (error, is_methods) in [
        (json!({ "code": 1, "message": "by zero", "data": "by zero" }), true),
        // Of no type that the interface knows.
        (json!({ "code": 1, "message": "by zero", "data": { "at": 7 } }), false),
        (json!({ "code": 1, "message": "by zero" }), false),
        (json!({ "code": -32000, "message": "by zero", "data": "by zero" }), false),
    ] {
        let call = tokio::spawn(calc.divide(1, 0));
        let request = raw.next().await;
        let reply = json!({ "jsonrpc": "2.0", "id": request["id"], "error": error });
        raw.send(reply.to_string()).await;
        match call.await.unwrap().unwrap_err() {
            CallError::Method(told) => assert!(is_methods && told == "by zero", "{told}"),
            CallError::Ipc(error) if error.kind() == ErrorKind::Remote => assert!(!is_methods),
            CallError::Ipc(other) => panic!("{other}"),
        }
    }

    let call = tokio::spawn(calc.reset());
    let request = raw.next().await;
    assert_eq!(request, json!({ "jsonrpc": "2.0", "id": request["id"], "method": "calc.reset" }));
    answer(&mut raw, &request, Value::Null).await;
    call.await.unwrap().unwrap();

    let refused = calc.ticks().await.map(drop).unwrap_err();
    assert!(refused.kind() == ErrorKind::Unsupported, "{refused}");
    let refused = calc.sum(Streaming::from(vec![1, 2])).await.unwrap_err();
    assert!(refused.kind() == ErrorKind::Unsupported, "{refused}");
    assert!(!refused.may_have_run() && refused.to_string().contains("calc.sum"), "{refused}");

    calc.mark(7).await.unwrap();
    let expected = json!({ "jsonrpc": "2.0", "method": "calc.mark", "params": [7] });
    assert_eq!(raw.next().await, expected, "nothing was sent of what isn't possible");
}

/// A server that writes its log to where its messages go.
async fn what_is_no_message_is_passed_over(server: PlainServer) {
    let (frontend, mut raw) = server.connected(server.builder()).await;
    raw.send("listening on everything").await;
    // What rpc-websockets has for events.
    raw.send(json!({ "notification": "tick", "params": [1] }).to_string()).await;
    let next = ask(&mut raw, "no/such", json!([])).await;
    assert_eq!(next["id"], "s1", "{next}");
    let call = tokio::spawn(frontend.call::<u32>("count", &()));
    let request = raw.next().await;
    answer(&mut raw, &request, json!(1)).await;
    assert_eq!(call.await.unwrap().unwrap(), 1);
}

async fn a_server_that_is_not_known_to_be_one_is_told_with_the_option(server: PlainServer) {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(100);
    let connecting = tokio::spawn({
        let (builder, endpoint) = (Frontend::builder().limits(limits), server.endpoint.clone());
        async move { builder.connect(endpoint).await }
    });
    // A server that doesn't know what to make of it, and says nothing. One by a WebSocket chooses no
    // subprotocol.
    let waits = match &server.endpoint {
        ipc_runtime::Endpoint::WebSocket { .. } => tokio::spawn(async move {
            server.accept_any().await;
        }),
        _ => tokio::spawn(async move {
            let _raw = server.accept().await;
            std::future::pending().await
        }),
    };
    let error = connecting.await.unwrap().unwrap_err();
    waits.abort();
    assert!(error.to_string().contains("Frontend::builder().plain_json_rpc("), "{error}");
}

/// One that answers at once, or leaves.
#[tokio::test]
async fn a_server_that_does_not_understand_is_told_with_the_option() {
    let not_understood = json!({ "jsonrpc": "2.0", "id": null, "error": { "code": -32700 } });
    for says in [Some(format!("{not_understood}\n")), None] {
        let server = PlainServer::new(Framing::Newline).await;
        let connecting = tokio::spawn(Frontend::connect(server.endpoint.clone()));
        let mut raw = server.accept().await;
        if let Some(says) = says {
            raw.write(says).await;
        }
        drop(raw);
        let error = in_time(connecting).await.unwrap().unwrap_err();
        assert!(error.to_string().contains("Frontend::builder().plain_json_rpc("), "{error}");
    }
}

#[tokio::test]
async fn a_web_socket_server_may_answer_in_binary_messages() {
    let server = PlainServer::new(Framing::WebSocket).await;
    let (frontend, mut raw) = server.connected(server.builder()).await;
    let call = tokio::spawn(frontend.call::<u32>("count", &()));
    let request = raw.next().await;
    let reply = json!({ "jsonrpc": "2.0", "id": request["id"], "result": 3 });
    raw.send_binary(reply.to_string()).await;
    assert_eq!(in_time(call).await.unwrap().unwrap(), 3);
}

#[tokio::test]
async fn any_stream_of_bytes_will_do() {
    let (ours, theirs) = tokio::io::duplex(1024);
    let builder = Frontend::builder().plain_json_rpc(ipc_runtime::config::Framing::Newline);
    let frontend = builder.over(ours).await.unwrap();
    // A backend of the library serves plain clients.
    let backend = ipc_runtime::Backend::new();
    backend.expose("double", async |(number,): (u32,)| number * 2).unwrap();
    backend.accept(theirs);
    assert_eq!(in_time(frontend.call::<u32>("double", &(4,))).await.unwrap(), 8);
}

#[tokio::test]
async fn a_server_is_started_and_ends_with_its_frontend() {
    for framing in
        [ipc_runtime::config::Framing::ContentLength, ipc_runtime::config::Framing::Newline]
    {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_ipc-test-backend"));
        command.arg("stdio:");
        let builder = Frontend::builder().plain_json_rpc(framing);
        let frontend = in_time(builder.spawn(command)).await.unwrap();
        let sum: i64 = in_time(frontend.call("test.everything.add", &(2, 3))).await.unwrap();
        assert_eq!(sum, 5);
        in_time(frontend.close()).await;
    }
}

#[tokio::test]
async fn what_such_a_server_does_not_know_is_refused() {
    let server = PlainServer::new(Framing::Newline).await;
    let plain = || Frontend::builder().plain_json_rpc(ipc_runtime::config::Framing::Newline);
    let packed = plain().encoding(Encoding::MessagePack);
    let secret = plain().token("0123456789abcdef0123456789abcdef".parse().unwrap());
    let unframed = Frontend::builder().plain_json_rpc(ipc_runtime::config::Framing::WebSocket);
    for (builder, what) in [(packed, ".encoding("), (secret, ".token("), (unframed, "Framing::")] {
        let error = builder.clone().connect(&server.endpoint).await.unwrap_err();
        assert!(matches!(error, ConnectError::Io { .. }), "{error:?}");
        assert!(error.to_string().contains(what), "{error}");

        let error = builder.clone().over(tokio::io::duplex(1).0).await.unwrap_err();
        assert!(error.to_string().contains(what), "{error}");

        let lazily = builder.reconnect(Reconnect::default()).connect_lazily(&server.endpoint);
        let error = lazily.unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }
}
