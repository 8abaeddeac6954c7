//! The runtime on which connections run ends under them.

use std::{future::Future, sync::Arc, time::Duration};

use ipc_runtime::{Backend, ErrorKind, Frontend};
use ipc_tests::{
    EverythingClient, EverythingHandler, EverythingService, Gates, HandlerEnding, Lines,
    SlowClient, SlowHandler, TestCarrier, eventually, in_time, on_every_carrier, process::Process,
};
use tokio::runtime::{Builder, Runtime};

on_every_carrier! {
    notifications_that_were_awaited_arrive_though_the_runtime_ends_at_once,
    notifications_that_were_awaited_arrive_though_the_process_ends_at_once,
    notifications_that_are_only_queued_arrive_when_the_frontend_is_closed,
    notifications_to_a_frontend_arrive_though_the_runtime_ends_at_once,
}

const LONG: Duration = Duration::from_secs(600);

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap()
}

/// A backend on a runtime of its own, with one connection whose request runs.
fn serving(carrier: &TestCarrier) -> (Runtime, Backend, Gates, Lines, Runtime) {
    let (theirs, ours) = (runtime(), runtime());
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    theirs.block_on(carrier.listen(&backend));
    let raw = ours.block_on(async {
        let mut raw = Lines::connect(carrier.socket()).await;
        let request = r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.patient","params":[1]}"#;
        raw.write(format!("{request}\n")).await;
        gates.began(1).await;
        raw
    });
    assert_eq!(backend.connection_count(), 1);
    (theirs, backend, gates, raw, ours)
}

#[test]
fn connections_are_gone_with_their_runtime() {
    let carrier = TestCarrier::unix();
    #[cfg_attr(windows, expect(unused, reason = "see below"))]
    let (theirs, backend, gates, mut raw, ours) = serving(&carrier);
    drop(theirs);
    ours.block_on(async {
        eventually("no connection is left", || backend.connection_count() == 0).await;
        assert_eq!(gates.ended(1).await, HandlerEnding::Dropped);
        // On Windows, a read that was under way keeps the pipe open: its end is told to the runtime.
        #[cfg(unix)]
        assert_eq!(raw.next_text().await, None);
        in_time(backend.abandoned()).await;
        in_time(backend.stop(LONG)).await;
    });
}

/// Has somebody wait on one runtime while the other one ends.
fn ends_with_the_runtime<F>(wait: impl FnOnce(Backend) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let carrier = TestCarrier::unix();
    let (theirs, backend, _gates, _raw, ours) = serving(&carrier);
    let mut waiting = Box::pin(wait(backend));
    let begun = ours.block_on(ipc_tests::poll_once(&mut waiting));
    assert!(begun.is_none(), "there is a connection yet");
    let waiting = ours.spawn(waiting);
    drop(theirs);
    ours.block_on(in_time(waiting)).unwrap();
}

#[test]
fn a_stop_under_way_returns_when_the_runtime_that_serves_ends() {
    ends_with_the_runtime(|backend| async move { backend.stop(LONG).await });
}

#[test]
fn abandoned_returns_when_the_runtime_that_serves_ends() {
    ends_with_the_runtime(|backend| async move { backend.abandoned().await });
}

#[test]
fn calls_fail_when_the_runtime_of_their_frontend_ends() {
    let (theirs, ours) = (runtime(), runtime());
    let carrier = TestCarrier::unix();
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let endpoint = ours.block_on(carrier.listen(&backend));
    let (frontend, slow) = theirs.block_on(async {
        let frontend = Frontend::connect(endpoint).await.unwrap();
        let slow: SlowClient = frontend.open().await.unwrap();
        (frontend, slow)
    });
    let call = ours.spawn(slow.patient(1));
    ours.block_on(gates.began(1));
    drop(theirs);
    ours.block_on(async {
        let failed = in_time(call).await.unwrap();
        let expected = matches!(&failed, Err(error) if error.kind() == ErrorKind::Disconnected && error.may_have_run());
        assert!(expected, "{failed:?}");
        in_time(frontend.closed()).await;
        assert!(!frontend.is_connected());
        assert_eq!(gates.ended(1).await, HandlerEnding::Dropped);
    });
}

/// So many that they don't all leave by chance.
const MANY: u32 = 500;

async fn all_were_noted(all: &EverythingService) {
    let expected: Vec<_> = (0..MANY).map(|number| number.to_string()).collect();
    let noted = || all.noted.lock().unwrap().clone();
    eventually("all have arrived", || noted().len() >= expected.len()).await;
    assert_eq!(noted(), expected);
}

/// Has a frontend notify on a runtime of its own, which ends right behind that, and sees that all
/// has arrived.
async fn all_arrive<F>(carrier: TestCarrier, notify: fn(Frontend, EverythingClient) -> F)
where
    F: Future<Output = Frontend> + 'static,
{
    let (backend, all) = (Backend::new(), Arc::new(EverythingService::default()));
    backend.register(EverythingHandler::new(all.clone())).unwrap();
    let (endpoint, builder) = (carrier.listen(&backend).await, carrier.builder());
    let notifying = tokio::task::spawn_blocking(move || {
        runtime().block_on(async {
            let frontend = builder.connect(endpoint).await.unwrap();
            let everything = frontend.open().await.unwrap();
            notify(frontend, everything).await
        })
    });
    drop(notifying.await.unwrap());
    all_were_noted(&all).await;
}

async fn notifications_that_were_awaited_arrive_though_the_runtime_ends_at_once(
    carrier: TestCarrier,
) {
    // The connection isn't closed, but gone with the runtime.
    all_arrive(carrier, |frontend, everything| async move {
        for number in 0..MANY {
            everything.mark(number).await.unwrap();
        }
        frontend
    })
    .await;
}

async fn notifications_that_are_only_queued_arrive_when_the_frontend_is_closed(
    carrier: TestCarrier,
) {
    all_arrive(carrier, |frontend, everything| async move {
        for number in 0..MANY {
            everything.mark(number).queued().await.unwrap();
        }
        frontend.close().await;
        frontend
    })
    .await;
}

async fn notifications_to_a_frontend_arrive_though_the_runtime_ends_at_once(carrier: TestCarrier) {
    let (builder, all) = (carrier.builder(), Arc::new(EverythingService::default()));
    let (told, listens) = tokio::sync::oneshot::channel();
    let notifying = tokio::task::spawn_blocking(move || {
        runtime().block_on(async {
            let backend = Backend::new();
            let mut peers = backend.peer_connected().listen();
            told.send(carrier.listen(&backend).await).unwrap();
            let everything: EverythingClient = peers.next().await.unwrap().client();
            for number in 0..MANY {
                everything.mark(number).await.unwrap();
            }
            (backend, carrier)
        })
    });
    let builder = builder.register(EverythingHandler::new(all.clone())).unwrap();
    let frontend = builder.connect(listens.await.unwrap()).await.unwrap();
    drop(notifying.await.unwrap());
    all_were_noted(&all).await;
    drop(frontend);
}

async fn notifications_that_were_awaited_arrive_though_the_process_ends_at_once(
    carrier: TestCarrier,
) {
    if carrier.endpoint.starts_with("memory:") {
        // There is no way to it from another process.
        return;
    }
    let (backend, all) = (Backend::new(), Arc::new(EverythingService::default()));
    backend.register(EverythingHandler::new(all.clone())).unwrap();
    let endpoint = carrier.listen(&backend).await.to_string();
    let binary = env!("CARGO_BIN_EXE_ipc-test-peer");
    let mut process = Process::start(binary, ["notify", &endpoint, &MANY.to_string()]);
    assert!(process.wait().await.success());
    all_were_noted(&all).await;
}
