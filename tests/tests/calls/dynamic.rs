//! Calls by a name, without an interface.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use ipc_runtime::{Backend, Encoding, ErrorKind, Frontend, Limits};
use ipc_tests::{
    EverythingHandler, EverythingService, FileError, FileInfo, Gates, HandlerEnding, SlowHandler,
    TestCarrier, on_every_carrier, poll_once,
};
use serde::Serialize;
use serde_json::{Value, json};

on_every_carrier! {
    sequences_are_params_by_position,
    maps_and_structs_are_params_by_name,
    nothing_is_no_params,
    what_is_neither_is_refused_and_not_sent,
    notifications_arrive_in_order,
    a_method_that_is_not_there_is_told,
    a_methods_own_error_keeps_its_data,
    params_that_do_not_fit_are_told,
    a_result_of_another_type_is_told,
    names_that_need_escapes_are_sent_as_they_are,
    the_runtimes_own_methods_can_be_called,
    a_timeout_ends_the_call_and_the_handler,
    a_dropped_call_is_cancelled,
    nothing_is_sent_before_the_first_poll,
    a_call_can_be_spawned,
    a_call_that_is_too_large_is_not_sent,
    calls_after_the_end_fail,
}

struct Served {
    frontend: Frontend,
    gates: Gates,
    backend: Backend,
}

async fn served(carrier: &TestCarrier) -> Served {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    Served { frontend, gates, backend }
}

#[derive(Serialize)]
struct Sum {
    b: i64,
    a: i64,
    unknown: Option<u8>,
}

#[derive(Serialize)]
struct Wrapped<T>(T);

#[derive(Serialize)]
enum Kind {
    Unit,
}

async fn sequences_are_params_by_position(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    let sum = "test.everything.add";
    assert_eq!(frontend.call::<i64>(sum, &(-2, 3)).await.unwrap(), 1);
    assert_eq!(frontend.call::<i64>(sum, &[1, 2]).await.unwrap(), 3);
    assert_eq!(frontend.call::<i64>(sum, &vec![1, 2]).await.unwrap(), 3);
    assert_eq!(frontend.call::<i64>(sum, [1, 2].as_slice()).await.unwrap(), 3);
    assert_eq!(frontend.call::<i64>(sum, &json!([1, 2])).await.unwrap(), 3);
    assert_eq!(frontend.call::<i64>(sum, &Wrapped((1, 2))).await.unwrap(), 3);
    assert_eq!(frontend.call::<i64>(sum.to_owned(), &Some((1, 2))).await.unwrap(), 3);
    let echoed = frontend.call::<String>("test.everything.echo", &("x",)).await.unwrap();
    assert_eq!(echoed, "x");
}

async fn maps_and_structs_are_params_by_name(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    let sum = "test.everything.add";
    let named = Sum { b: 1, a: 2, unknown: None };
    assert_eq!(frontend.call::<i64>(sum, &named).await.unwrap(), 3);
    assert_eq!(frontend.call::<i64>(sum, &BTreeMap::from([("b", 3), ("a", 4)])).await.unwrap(), 7);
    assert_eq!(frontend.call::<i64>(sum, &HashMap::from([("b", 3), ("a", 4)])).await.unwrap(), 7);
    assert_eq!(frontend.call::<i64>(sum, &json!({ "b": 1, "a": 2, "c": 3 })).await.unwrap(), 3);
    // A method of one argument takes an object as that argument, or by its name.
    let info = FileInfo { name: "n".into(), size: 1 };
    let describe = "test.everything.describe";
    assert_eq!(frontend.call::<String>(describe, &info).await.unwrap(), "n 1");
    assert_eq!(frontend.call::<String>(describe, &json!({ "info": info })).await.unwrap(), "n 1");
    assert_eq!(frontend.call::<String>(describe, &(info,)).await.unwrap(), "n 1");
}

async fn nothing_is_no_params(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
    assert_eq!(frontend.call::<u32>("test.slow.ping", &[(); 0]).await.unwrap(), 7);
    assert_eq!(frontend.call::<u32>("test.slow.ping", &json!({})).await.unwrap(), 7);
    assert_eq!(frontend.call::<u32>("test.slow.ping", &json!(null)).await.unwrap(), 7);
    let () = frontend.call("test.everything.nothing", &()).await.unwrap();
    assert_eq!(frontend.call::<Value>("test.slow.ping", &()).await.unwrap(), 7);
}

async fn what_is_neither_is_refused_and_not_sent(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    let mut refused = vec![
        frontend.call::<Value>("test.slow.ping", &5),
        frontend.call("test.slow.ping", &-5),
        frontend.call("test.slow.ping", &1.5),
        frontend.call("test.slow.ping", &true),
        frontend.call("test.slow.ping", "text"),
        frontend.call("test.slow.ping", "[]"),
        frontend.call("test.slow.ping", &'['),
        frontend.call("test.slow.ping", &Some(1)),
        frontend.call("test.slow.ping", &Kind::Unit),
        frontend.call("test.slow.ping", &Wrapped(1)),
    ];
    if carrier.encoding == Encoding::Json {
        // No JSON stands for these.
        refused.push(frontend.call("test.everything.float", &[f64::NAN]));
        refused.push(frontend.call("test.slow.ping", &HashMap::from([((1, 2), 3)])));
    }
    for call in refused {
        match call.await {
            Err(error) if error.kind() == ErrorKind::Encode => {
                let (method, message) = (error.method(), error.message().unwrap());
                assert!(method.starts_with("test.") && !message.is_empty());
            }
            other => panic!("{other:?}"),
        }
    }
    let failed = frontend.notify("test.everything.mark", &5).await;
    assert!(matches!(&failed, Err(error) if error.kind() == ErrorKind::Encode), "{failed:?}");
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
}

async fn notifications_arrive_in_order(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    frontend.notify("test.everything.mark", &[1]).await.unwrap();
    frontend.notify("test.everything.note", &json!({ "line": "two" })).await.unwrap();
    frontend.notify("test.everything.none", &[5]).await.unwrap();
    frontend.notify("none", &()).await.unwrap();
    frontend.notify("test.everything.mark", &json!({ "number": 3 })).await.unwrap();
    let mut noted = Vec::new();
    while noted.len() < 3 {
        noted = frontend.call::<Vec<String>>("test.everything.noted", &()).await.unwrap();
    }
    assert_eq!(noted, ["1", "two", "3"]);
}

async fn a_method_that_is_not_there_is_told(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    for name in ["test.slow.none", "test.none.ping", "none", "", "rpc.none"] {
        match frontend.call::<Value>(name, &()).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let (method, message) = (error.method(), error.message().unwrap());
                assert_eq!(method, name);
                assert!(!message.is_empty());
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    let error = frontend.call::<Value>("test.slow.none", &()).await.unwrap_err().to_string();
    assert!(error.contains("test.slow.none") && error.contains("no method `none`"), "{error}");
}

async fn a_methods_own_error_keeps_its_data(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    match frontend.call::<Vec<FileInfo>>("test.everything.list", &["/none"]).await {
        Err(error) if error.kind() == ErrorKind::Remote => {
            let (method, error) = (error.method(), error.error_object().unwrap());
            assert_eq!(method, "test.everything.list");
            assert_eq!((error.code, &*error.message), (1, "no such directory: /none"));
            let data = error.data.as_ref().unwrap();
            let typed: FileError = serde_json::from_str(data.get()).unwrap();
            assert_eq!(typed, FileError::NotFound("/none".into()));
        }
        other => panic!("{other:?}"),
    }
}

async fn params_that_do_not_fit_are_told(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    for (params, words) in [
        (json!([1]), "argument `b` (2 of 2) is missing"),
        (json!([1, 2, 3]), "3 were given"),
        (json!(["1", 2]), "argument `a` (1 of 2)"),
        (json!({ "a": 1, "c": 2 }), "argument `b` (2 of 2) is missing"),
    ] {
        match frontend.call::<i64>("test.everything.add", &params).await {
            Err(error) if error.kind() == ErrorKind::InvalidArguments => {
                let message = error.message().unwrap();
                assert!(message.contains(words), "{params}: {message}");
            }
            other => panic!("{params}: {other:?}"),
        }
    }
}

async fn a_result_of_another_type_is_told(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    for failed in [
        frontend.call::<String>("test.slow.ping", &()).await.map(drop),
        frontend.call::<()>("test.slow.ping", &()).await,
        frontend.call::<u32>("test.everything.nothing", &()).await.map(drop),
    ] {
        assert!(matches!(&failed, Err(error) if error.kind() == ErrorKind::Decode), "{failed:?}");
    }
    assert_eq!(frontend.call::<u8>("test.slow.ping", &()).await.unwrap(), 7);
}

async fn names_that_need_escapes_are_sent_as_they_are(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    assert_eq!(frontend.call::<u32>("test.everything.größe", &()).await.unwrap(), 4);
    for name in [
        "test.slow.\"ping\"",
        "test.slow.\\",
        "test.slow.\n\t\u{0}\u{1f}",
        "test.slow.\u{7f}\u{2028}\u{ffff}😀",
        "\",\"params\":[],\"method\":\"test.slow.ping",
    ] {
        match frontend.call::<Value>(name, &()).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let (method, message) = (error.method(), error.message().unwrap());
                assert_eq!(method, name);
                let (channel, method) = name.rsplit_once('.').unwrap();
                let told = message.contains(channel) && channel != "test.slow";
                assert!(told || message.contains(method), "{name:?}: {message:?}");
            }
            other => panic!("{name:?}: {other:?}"),
        }
        frontend.notify(name, &()).await.unwrap();
    }
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
}

async fn the_runtimes_own_methods_can_be_called(carrier: TestCarrier) {
    let Served { frontend, .. } = &served(&carrier).await;
    let () = frontend.call("rpc.ping", &()).await.unwrap();
    let hello = json!({ "protocol": 1, "limits": null });
    let answer: Value = frontend.call("rpc.handshake", &hello).await.unwrap();
    let channels: Vec<_> = answer["exposes"].as_array().unwrap().iter().collect();
    assert_eq!(channels.len(), 2, "{answer}");
}

async fn a_timeout_ends_the_call_and_the_handler(carrier: TestCarrier) {
    let Served { frontend, gates, .. } = &served(&carrier).await;
    let call = frontend.call::<u32>("test.slow.wait", &[1]).timeout(Duration::from_millis(50));
    match call.await {
        Err(error) if error.kind() == ErrorKind::DeadlineExceeded => {
            let (method, timeout) = (error.method(), error.timeout().unwrap());
            assert_eq!((method, timeout), ("test.slow.wait", Duration::from_millis(50)));
        }
        other => panic!("{other:?}"),
    }
    // The request may have been given up before its handler began.
    gates.began(1).await;
    assert_eq!(gates.ended(1).await, HandlerEnding::Dropped);
    // The deadline travels, though no interface names one.
    let left = frontend.call::<Option<u64>>("test.slow.remaining", &());
    let left = left.timeout(Duration::from_secs(600)).await.unwrap().unwrap();
    assert!(left <= 600_000 && left > 0);
    let left = frontend.call::<Option<u64>>("test.slow.remaining", &()).no_timeout();
    assert_eq!(left.await.unwrap(), None);
}

async fn a_dropped_call_is_cancelled(carrier: TestCarrier) {
    let Served { frontend, gates, .. } = &served(&carrier).await;
    let mut call = frontend.call::<u32>("test.slow.wait", &[1]);
    assert!(poll_once(&mut call).await.is_none());
    gates.began(1).await;
    drop(call);
    assert_eq!(gates.ended(1).await, HandlerEnding::Dropped);
    assert_eq!(frontend.call::<u32>("test.slow.ping", &()).await.unwrap(), 7);
}

async fn nothing_is_sent_before_the_first_poll(carrier: TestCarrier) {
    let Served { frontend, gates, .. } = &served(&carrier).await;
    let unpolled = frontend.call::<u32>("test.slow.wait", &[1]);
    let unpolled_notification = frontend.notify("test.slow.tell", &[2]);
    gates.release_all();
    assert_eq!(frontend.call::<u32>("test.slow.wait", &[3]).await.unwrap(), 3);
    assert_eq!(gates.order(), [3]);
    drop(unpolled_notification);
    assert_eq!(unpolled.await.unwrap(), 1);
    assert_eq!(gates.order(), [3, 1]);
}

async fn a_call_can_be_spawned(carrier: TestCarrier) {
    let Served { frontend, gates, backend } = served(&carrier).await;
    let call = {
        let (name, params) = (String::from("test.slow.wait"), vec![1]);
        tokio::spawn(frontend.call::<u32>(name, &params))
    };
    // The call alone keeps the connection.
    drop(frontend);
    gates.began(1).await;
    assert_eq!(backend.connection_count(), 1);
    gates.release(1);
    assert_eq!(call.await.unwrap().unwrap(), 1);
}

async fn a_call_that_is_too_large_is_not_sent(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_message_bytes = 1000;
    let backend = Backend::builder().limits(limits).build();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let long = "x".repeat(1000);
    let failed = frontend.call::<String>("test.everything.echo", &[&long]).await;
    assert!(
        matches!(&failed, Err(error) if error.kind() == ErrorKind::TooLarge && error.limit() == Some(1000)),
        "{failed:?}"
    );
    let failed = frontend.notify("test.everything.note", &[&long]).await;
    assert!(
        matches!(&failed, Err(error) if error.kind() == ErrorKind::TooLarge && error.limit() == Some(1000)),
        "{failed:?}"
    );
    let failed = frontend.call::<Value>(long, &()).await;
    assert!(
        matches!(&failed, Err(error) if error.kind() == ErrorKind::TooLarge),
        "the name counts too: {failed:?}"
    );
    assert_eq!(frontend.call::<String>("test.everything.echo", &["x"]).await.unwrap(), "x");
}

async fn calls_after_the_end_fail(carrier: TestCarrier) {
    let Served { frontend, gates, backend } = served(&carrier).await;
    let waiting = tokio::spawn(frontend.call::<u32>("test.slow.wait", &[1]));
    gates.began(1).await;
    drop(backend);
    match waiting.await.unwrap() {
        Err(error) if error.kind() == ErrorKind::Disconnected && error.may_have_run() => {
            let method = error.method();
            assert_eq!(method, "test.slow.wait");
        }
        other => panic!("{other:?}"),
    }
    frontend.closed().await;
    let failed = frontend.call::<u32>("test.slow.ping", &()).await;
    assert!(
        matches!(&failed, Err(error) if error.kind() == ErrorKind::Disconnected && !error.may_have_run()),
        "{failed:?}"
    );
    let failed = frontend.notify("test.slow.tell", &[1]).await;
    assert!(matches!(&failed, Err(error) if error.kind() == ErrorKind::Disconnected), "{failed:?}");
}
