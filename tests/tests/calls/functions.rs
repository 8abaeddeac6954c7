//! Functions that are called by their names alone, and callbacks for notifications, on both sides.

use std::sync::{Arc, Mutex};

use futures_util::future::join_all;
use ipc_runtime::{Backend, CallContext, ErrorKind, IpcError, error::RegisterError};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, TestCarrier, eventually,
    on_every_carrier, poll_once,
};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, mpsc};

on_every_carrier! {
    a_function_is_called_by_its_name,
    arguments_come_by_position_or_by_name,
    a_function_that_takes_nothing_is_called_with_nothing,
    a_function_fails_with_its_own_error_and_knows_its_caller,
    wrong_arguments_are_refused_and_named,
    a_function_can_be_taken_back_and_exposed_again_while_connected,
    a_frontend_exposes_functions_too,
    calls_run_concurrently_and_dropping_one_cancels_it,
    a_panic_is_one_calls_error,
    a_notification_reaches_function_and_callbacks_in_order,
    a_callback_hears_a_typed_notification_beside_its_handler,
    a_frontend_hears_what_the_backend_tells_all_peers,
    a_name_with_dots_is_matched_whole,
    a_frontend_exposes_and_hears_before_it_is_connected,
    clones_of_a_builder_register_for_themselves,
    what_is_registered_stays_until_it_is_removed_or_its_guard_is_dropped,
    a_callback_that_was_removed_is_not_called_for_what_waited,
}

/// What both sides know of an error by its shape alone.
fn remote(error: &IpcError) -> (i64, String) {
    assert_eq!(error.kind(), ErrorKind::Remote, "{error}");
    let error = error.error_object().unwrap();
    (error.code, error.message.clone())
}

async fn a_function_is_called_by_its_name(carrier: TestCarrier) {
    let backend = Backend::new();
    let registration = backend.expose("add", async |(a, b): (i64, i64)| a + b).unwrap();
    assert_eq!(registration.name(), "add");
    let frontend = carrier.connect(&backend).await;
    assert_eq!(frontend.call::<i64>("add", &(2, 3)).await.unwrap(), 5);
    let error = frontend.call::<i64>("sub", &(2, 3)).await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotFound, "{error}");
    assert!(error.to_string().contains("there is no function `sub`"), "{error}");
}

async fn arguments_come_by_position_or_by_name(carrier: TestCarrier) {
    #[derive(Serialize, Deserialize)]
    struct Line {
        from: (i32, i32),
        #[serde(default)]
        label: Option<String>,
    }

    let backend = Backend::new();
    backend.expose("label", async |line: Line| (line.label, line.from.0)).unwrap();
    backend.expose("sum", async |numbers: Vec<i32>| numbers.iter().sum::<i32>()).unwrap();
    let frontend = carrier.connect(&backend).await;
    let call = |params: serde_json::Value| frontend.call::<(Option<String>, i32)>("label", &params);
    let named = call(serde_json::json!({ "label": "x", "from": [7, 8], "else": 1 }));
    assert_eq!(named.await.unwrap(), (Some("x".to_owned()), 7));
    assert_eq!(call(serde_json::json!({ "from": [7, 8] })).await.unwrap(), (None, 7));
    assert_eq!(call(serde_json::json!([[9, 8], "y"])).await.unwrap(), (Some("y".to_owned()), 9));
    assert_eq!(frontend.call::<i32>("sum", &[1, 2, 3]).await.unwrap(), 6);
    let none: [i32; 0] = [];
    assert_eq!(frontend.call::<i32>("sum", &none).await.unwrap(), 0);
}

async fn a_function_that_takes_nothing_is_called_with_nothing(carrier: TestCarrier) {
    let backend = Backend::new();
    backend.expose("now", async |()| 12).unwrap();
    backend.expose("forget", async |()| ()).unwrap();
    let frontend = carrier.connect(&backend).await;
    assert_eq!(frontend.call::<i32>("now", &()).await.unwrap(), 12);
    assert_eq!(frontend.call::<i32>("now", &serde_json::json!({})).await.unwrap(), 12);
    frontend.call::<()>("forget", &()).await.unwrap();
    let error = frontend.call::<i32>("now", &(1,)).await.unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidArguments, "{error}");
}

async fn a_function_fails_with_its_own_error_and_knows_its_caller(carrier: TestCarrier) {
    let backend = Backend::new();
    let divide = async |call: CallContext, (a, b): (i64, i64)| {
        assert_eq!(call.method(), "divide");
        assert!(call.method_info().is_none());
        a.checked_div(b).ok_or_else(|| format!("{a} by zero, from {}", call.peer().id()))
    };
    backend.expose_with("divide", divide).unwrap();
    let frontend = carrier.connect(&backend).await;
    assert_eq!(frontend.call::<i64>("divide", &(7, 2)).await.unwrap(), 3);
    let error = frontend.call::<i64>("divide", &(7, 0)).await.unwrap_err();
    let caller = backend.peers().iter().next().unwrap().id();
    assert_eq!(remote(&error), (1, format!("7 by zero, from {caller}")));
}

async fn wrong_arguments_are_refused_and_named(carrier: TestCarrier) {
    let backend = Backend::new();
    backend.expose("add", async |(a, b): (i64, i64)| a + b).unwrap();
    let frontend = carrier.connect(&backend).await;
    for params in [serde_json::json!([1]), serde_json::json!(["1", 2]), serde_json::json!({})] {
        let error = frontend.call::<i64>("add", &params).await.unwrap_err();
        assert!(error.kind() == ErrorKind::InvalidArguments, "{params}: {error}");
        assert!(error.to_string().contains("add"), "{error}");
    }
}

async fn a_function_can_be_taken_back_and_exposed_again_while_connected(carrier: TestCarrier) {
    let backend = Backend::new();
    let frontend = carrier.connect(&backend).await;
    let ask = || frontend.call::<i32>("version", &());
    assert!(matches!(&ask().await, Err(error) if error.kind() == ErrorKind::NotFound));
    let first = backend.expose("version", async |()| 1).unwrap();
    assert_eq!(ask().await.unwrap(), 1);
    let taken = backend.expose("version", async |()| 2).unwrap_err();
    let RegisterError::NameTaken { name, place, holder_place, .. } = taken else { panic!() };
    assert_eq!((&*name, place.file(), holder_place.file()), ("version", file!(), file!()));
    assert!(place.line() > holder_place.line());
    first.remove();
    assert!(matches!(&ask().await, Err(error) if error.kind() == ErrorKind::NotFound));
    backend.expose("version", async |()| 3).unwrap();
    assert_eq!(ask().await.unwrap(), 3);
    assert!(backend.unexpose("version"));
    assert!(!backend.unexpose("version"));
    assert!(matches!(&ask().await, Err(error) if error.kind() == ErrorKind::NotFound));
}

async fn a_frontend_exposes_functions_too(carrier: TestCarrier) {
    let backend = Backend::new();
    let double = async |call: CallContext, (number,): (i32,)| {
        call.peer().call::<i32>("plus_one", &(number * 2,)).await.map_err(|error| error.to_string())
    };
    backend.expose_with("double_and", double).unwrap();
    let frontend = carrier.connect(&backend).await;
    frontend.expose("plus_one", async |(number,): (i32,)| number + 1).unwrap();
    assert_eq!(frontend.call::<i32>("double_and", &(20,)).await.unwrap(), 41);
    assert!(frontend.unexpose("plus_one"));
    let error = frontend.call::<i32>("double_and", &(20,)).await.unwrap_err();
    assert!(remote(&error).1.contains("no function `plus_one`"), "{error}");
}

async fn calls_run_concurrently_and_dropping_one_cancels_it(carrier: TestCarrier) {
    struct Running(Arc<Mutex<usize>>);

    impl Drop for Running {
        fn drop(&mut self) {
            *self.0.lock().unwrap() -= 1;
        }
    }

    let backend = Backend::new();
    let (running, gate) = (Arc::new(Mutex::new(0)), Arc::new(Semaphore::new(0)));
    let (count, opened) = (running.clone(), gate.clone());
    backend
        .expose("wait", move |(number,): (u32,)| {
            *count.lock().unwrap() += 1;
            let (running, opened) = (Running(count.clone()), opened.clone());
            async move {
                let _running = running;
                opened.acquire().await.unwrap().forget();
                number
            }
        })
        .unwrap();
    let frontend = carrier.connect(&backend).await;
    let mut calls: Vec<_> = (0..3).map(|n| Box::pin(frontend.call::<u32>("wait", &(n,)))).collect();
    for call in &mut calls {
        assert!(poll_once(call).await.is_none());
    }
    eventually("all three run", || *running.lock().unwrap() == 3).await;
    drop(calls.pop());
    eventually("the dropped one is cancelled", || *running.lock().unwrap() == 2).await;
    gate.add_permits(2);
    let answers: Vec<_> = join_all(calls).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, [0, 1]);
}

async fn a_panic_is_one_calls_error(carrier: TestCarrier) {
    let backend = Backend::new();
    let check = async |(number,): (i32,)| assert!(number > 0, "on purpose");
    backend.expose("check", check).unwrap();
    let frontend = carrier.connect(&backend).await;
    let error = frontend.call::<()>("check", &(0,)).await.unwrap_err();
    assert!(error.kind() == ErrorKind::HandlerFailed, "{error}");
    frontend.call::<()>("check", &(1,)).await.unwrap();
}

async fn a_notification_reaches_function_and_callbacks_in_order(carrier: TestCarrier) {
    let backend = Backend::new();
    let (heard, mut hears) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(0));
    let (slowly, opened) = (heard.clone(), gate.clone());
    backend
        .expose("saved", move |(path,): (String,)| {
            let (slowly, opened) = (slowly.clone(), opened.clone());
            async move {
                opened.acquire().await.unwrap().forget();
                let _ = slowly.send(format!("function {path}"));
            }
        })
        .unwrap();
    let tell = |who: &'static str| {
        let heard = heard.clone();
        move |call: &CallContext, (path,): (String,)| {
            let _ = heard.send(format!("{who} {path} by {}", call.method()));
        }
    };
    let first = backend.on("saved", tell("first")).unwrap();
    backend.on("saved", tell("second")).unwrap();
    let frontend = carrier.connect(&backend).await;
    frontend.notify("saved", &("a",)).await.unwrap();
    // Not what the others take: passed over.
    frontend.notify("saved", &(1,)).await.unwrap();
    frontend.notify("saved", &("b",)).await.unwrap();
    gate.add_permits(2);
    let told = ["function a", "first a by saved", "second a by saved"];
    for told in told.iter().map(|told| (*told).to_owned()) {
        assert_eq!(hears.recv().await, Some(told));
    }
    let told = ["function b", "first b by saved", "second b by saved"];
    for told in told.iter().map(|told| (*told).to_owned()) {
        assert_eq!(hears.recv().await, Some(told));
    }
    first.remove();
    assert!(backend.unexpose("saved"));
    frontend.notify("saved", &("c",)).await.unwrap();
    assert_eq!(hears.recv().await.as_deref(), Some("second c by saved"));
}

async fn a_callback_hears_a_typed_notification_beside_its_handler(carrier: TestCarrier) {
    let backend = Backend::new();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    let (heard, mut hears) = mpsc::unbounded_channel();
    backend
        .on("test.everything.note", move |_, (line,): (String,)| {
            let _ = heard.send(line);
        })
        .unwrap();
    let frontend = carrier.connect(&backend).await;
    frontend.notify("test.everything.note", &("typed",)).await.unwrap();
    assert_eq!(hears.recv().await.as_deref(), Some("typed"));
    let everything: EverythingClient = frontend.open().await.unwrap();
    // The request may overtake what the handler does with the notification.
    let mut noted = everything.noted().await.unwrap();
    while noted.is_empty() {
        tokio::task::yield_now().await;
        noted = everything.noted().await.unwrap();
    }
    assert_eq!(noted, ["typed"]);
    let taken = backend.expose("test.everything.note", async |()| ()).unwrap_err();
    assert!(matches!(taken, RegisterError::NameTaken { .. }), "{taken}");
}

async fn a_frontend_hears_what_the_backend_tells_all_peers(carrier: TestCarrier) {
    let backend = Backend::new();
    let endpoint = carrier.listen(&backend).await;
    let frontends = [
        carrier.builder().connect(endpoint.clone()).await.unwrap(),
        carrier.builder().connect(endpoint).await.unwrap(),
    ];
    let (heard, mut hears) = mpsc::unbounded_channel();
    for (window, frontend) in frontends.iter().enumerate() {
        let heard = heard.clone();
        let hear = move |_: &CallContext, (theme,): (String,)| {
            let _ = heard.send((window, theme));
        };
        frontend.on("theme", hear).unwrap();
    }
    eventually("both are there", || backend.peers().len() == 2).await;
    let outcomes = backend.peers().notify("theme", &("dark",)).await;
    assert!(outcomes.len() == 2 && outcomes.iter().all(|(_, outcome)| outcome.is_ok()));
    let mut told = [hears.recv().await.unwrap(), hears.recv().await.unwrap()];
    told.sort();
    assert_eq!(told, [(0, "dark".to_owned()), (1, "dark".to_owned())]);
}

async fn a_name_with_dots_is_matched_whole(carrier: TestCarrier) {
    let backend = Backend::new();
    backend.register(EverythingHandler::new(EverythingService::default())).unwrap();
    backend.expose("test.everything.else.entirely", async |()| 1).unwrap();
    backend.expose("test.everything.more", async |()| 2).unwrap();
    backend.expose("größe", async |()| 3).unwrap();
    let frontend = carrier.connect(&backend).await;
    let ask = async |name: &str| frontend.call::<i32>(name, &()).await;
    assert_eq!(ask("test.everything.else.entirely").await.unwrap(), 1);
    assert_eq!(ask("test.everything.more").await.unwrap(), 2);
    assert_eq!(ask("größe").await.unwrap(), 3);
    let error = ask("test.everything.less").await.unwrap_err();
    assert!(error.to_string().contains("has no method `less`"), "{error}");
}

async fn a_frontend_exposes_and_hears_before_it_is_connected(carrier: TestCarrier) {
    let backend = Backend::new();
    let (answers, mut answered) = mpsc::unbounded_channel();
    backend.peer_connected().on(move |peer| {
        let (peer, answers) = (peer.clone(), answers.clone());
        tokio::spawn(async move {
            peer.notify("hello", &("early",)).await.unwrap();
            let _ = answers.send(peer.call::<u32>("answer", &()).await);
        });
    });
    let endpoint = carrier.listen(&backend).await;
    let (heard, mut hears) = mpsc::unbounded_channel();
    let builder = carrier.builder().expose("answer", async |()| 42).unwrap();
    let builder = builder.on("hello", move |_, (what,): (String,)| {
        let _ = heard.send(what);
    });
    let _frontend = builder.unwrap().connect(endpoint).await.unwrap();
    assert_eq!(hears.recv().await.as_deref(), Some("early"));
    assert_eq!(answered.recv().await.unwrap().unwrap(), 42);
}

#[test]
fn names_of_the_runtime_and_none_are_refused() {
    let backend = Backend::new();
    for name in ["", "rpc.handshake", "$/progress", "rpc.mine"] {
        let refused = backend.expose(name, async |()| ()).unwrap_err();
        assert!(matches!(refused, RegisterError::Name { .. }), "{refused}");
        assert!(backend.on(name, |_, ()| ()).is_err());
    }
}

async fn clones_of_a_builder_register_for_themselves(carrier: TestCarrier) {
    let backend = Backend::new();
    let endpoint = carrier.listen(&backend).await;
    let first = carrier.builder().expose("both", async |()| 1).unwrap();
    let second = first.clone().expose("second", async |()| 2).unwrap();
    let _first = first.expose("second", async |()| 1).unwrap().connect(&endpoint).await.unwrap();
    eventually("it is there", || backend.peers().len() == 1).await;
    let one = backend.peers().into_iter().next().unwrap();
    let _second = second.connect(&endpoint).await.unwrap();
    eventually("both are there", || backend.peers().len() == 2).await;
    let two = backend.peers().into_iter().find(|peer| *peer != one).unwrap();
    for (peer, expected) in [(one, 1), (two, 2)] {
        assert_eq!(peer.call::<u32>("both", &()).await.unwrap(), 1);
        assert_eq!(peer.call::<u32>("second", &()).await.unwrap(), expected);
    }
}

async fn what_is_registered_stays_until_it_is_removed_or_its_guard_is_dropped(
    carrier: TestCarrier,
) {
    let backend = Backend::new();
    let (heard, mut hears) = mpsc::unbounded_channel();
    let listen = || {
        let heard = heard.clone();
        backend.on("saved", move |_, (name,): (String,)| drop(heard.send(name))).unwrap()
    };
    let everything = || EverythingHandler::new(EverythingService::default());
    drop(backend.register(everything()).unwrap());
    drop(backend.expose("add", async |(a, b): (i64, i64)| a + b).unwrap());
    drop(listen());
    backend.expose("sub", async |(a, b): (i64, i64)| a - b).unwrap().into_guard().keep();
    let frontend = carrier.connect(&backend).await;
    let client: EverythingClient = frontend.open().await.unwrap();
    assert_eq!(client.add(2, 3).await.unwrap(), 5);
    assert_eq!(frontend.call::<i64>("add", &(2, 3)).await.unwrap(), 5);
    assert_eq!(frontend.call::<i64>("sub", &(2, 3)).await.unwrap(), -1);
    frontend.notify("saved", &("a.txt",)).await.unwrap();
    assert_eq!(hears.recv().await.as_deref(), Some("a.txt"));

    // A guard is the registration's opposite.
    let guards = [
        backend.expose("mul", async |(a, b): (i64, i64)| a * b).unwrap().into_guard(),
        listen().into_guard(),
    ];
    assert_eq!(frontend.call::<i64>("mul", &(2, 3)).await.unwrap(), 6);
    frontend.notify("saved", &("b.txt",)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(hears.recv().await.as_deref(), Some("b.txt"));
    }
    drop(guards);
    let gone = frontend.call::<i64>("mul", &(2, 3)).await.unwrap_err();
    assert_eq!(gone.kind(), ErrorKind::NotFound, "{gone}");
    frontend.notify("saved", &("c.txt",)).await.unwrap();
    assert_eq!(frontend.call::<i64>("add", &(1, 1)).await.unwrap(), 2);
    assert_eq!(hears.recv().await.as_deref(), Some("c.txt"));
    assert!(hears.try_recv().is_err(), "the other callback was called");
}

async fn a_callback_that_was_removed_is_not_called_for_what_waited(carrier: TestCarrier) {
    let backend = Backend::new();
    let gate = Arc::new(Semaphore::new(0));
    let (begun, mut begins) = mpsc::unbounded_channel();
    let (heard, mut hears) = mpsc::unbounded_channel();
    backend
        .expose("saved", {
            let gate = gate.clone();
            move |(number,): (u32,)| {
                let (gate, begun) = (gate.clone(), begun.clone());
                async move {
                    let _ = begun.send(number);
                    drop(gate.acquire().await);
                }
            }
        })
        .unwrap();
    let listening = backend.on("saved", move |_, (number,): (u32,)| {
        let _ = heard.send(number);
    });
    let frontend = carrier.connect(&backend).await;
    frontend.notify("saved", &(1,)).await.unwrap();
    assert_eq!(begins.recv().await, Some(1));
    frontend.notify("saved", &(2,)).await.unwrap();
    eventually("the rest waits", || backend.usage().waiting_notifications == 3).await;
    listening.unwrap().remove();
    gate.add_permits(2);
    assert_eq!(begins.recv().await, Some(2));
    assert_eq!(hears.recv().await, None, "it was called");
}
