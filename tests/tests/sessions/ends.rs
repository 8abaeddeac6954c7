//! The end of a connection: nothing hangs, and everybody is told why.

use std::time::{Duration, Instant};

use futures_util::FutureExt;
use ipc_runtime::{
    Backend, ErrorKind, Frontend, IpcError,
    error::{DisconnectReason, ListenError},
};
use ipc_tests::{
    EverythingClient, Gates, HandlerEnding, SlowClient, SlowHandler, TestCarrier, eventually,
    in_time, on_every_carrier, process::Process,
};

on_every_carrier! {
    a_dropped_backend_fails_calls_at_once,
    a_closed_frontend_fails_calls_at_once,
    calls_after_the_end_fail_with_the_same_reason,
    a_stop_lets_running_handlers_finish_and_answers_them,
    a_stop_refuses_new_requests,
    a_stop_ends_with_its_grace,
    a_stop_without_connections_is_done_at_once,
    a_frontend_learns_that_the_backend_is_closing,
    run_until_serves_until_its_signal,
    an_endpoint_is_free_after_a_stop,
    endpoints_are_free_after_a_stop_that_was_given_up,
}

const LONG: Duration = Duration::from_secs(600);

async fn slow(carrier: &TestCarrier) -> (Backend, Gates, Frontend, SlowClient) {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let client = frontend.open().await.unwrap();
    (backend, gates, frontend, client)
}

#[track_caller]
fn disconnected<T: std::fmt::Debug>(failed: Result<T, IpcError>) -> (bool, DisconnectReason) {
    match failed {
        Err(error) if error.kind() == ErrorKind::Disconnected => {
            (error.may_have_run(), error.reason().unwrap().clone())
        }
        other => panic!("{other:?}"),
    }
}

async fn a_dropped_backend_fails_calls_at_once(carrier: TestCarrier) {
    let (backend, gates, frontend, slow) = slow(&carrier).await;
    let calls: Vec<_> = (0..100).map(|call| tokio::spawn(slow.patient(call))).collect();
    gates.have_begun(100).await;
    drop(backend);
    for call in calls {
        let (may_have_run, reason) = disconnected(call.await.unwrap());
        assert!(may_have_run);
        assert!(matches!(reason, DisconnectReason::ClosedByPeer(_)), "{reason:?}");
    }
    gates.have_ended(100).await;
    assert_eq!(gates.ending(0), Some(HandlerEnding::Dropped));
    assert!(matches!(frontend.closed().await, DisconnectReason::ClosedByPeer(_)));
    assert!(!frontend.is_connected());
}

async fn a_closed_frontend_fails_calls_at_once(carrier: TestCarrier) {
    let (backend, gates, frontend, slow) = slow(&carrier).await;
    let calls: Vec<_> = (0..100).map(|call| tokio::spawn(slow.patient(call))).collect();
    gates.have_begun(100).await;
    frontend.clone().close().await;
    for call in calls {
        let (may_have_run, reason) = disconnected(call.await.unwrap());
        assert!(may_have_run);
        assert!(matches!(reason, DisconnectReason::ClosedHere), "{reason:?}");
    }
    gates.have_ended(100).await;
    assert_eq!(gates.ending(0), Some(HandlerEnding::Dropped));
    assert!(matches!(frontend.closed().await, DisconnectReason::ClosedHere));
    eventually("the connection has gone", || backend.connection_count() == 0).await;
}

async fn calls_after_the_end_fail_with_the_same_reason(carrier: TestCarrier) {
    let (backend, _, frontend, slow) = slow(&carrier).await;
    backend.stop(LONG).await;
    let reason = frontend.closed().await;
    let (may_have_run, later) = disconnected(slow.ping().await);
    assert!(!may_have_run);
    assert_eq!(later.to_string(), reason.to_string());
    let error = slow.ping().await.unwrap_err().to_string();
    assert!(error.contains("test.slow.ping") && error.contains("has not run"), "{error}");
    disconnected(slow.tell(1).await);
    disconnected(frontend.open::<SlowClient>().await);
    let unopened: SlowClient = frontend.client();
    let (may_have_run, _) = disconnected(unopened.ping().await);
    assert!(!may_have_run);
    let error = unopened.ping().await.unwrap_err().to_string();
    assert!(error.contains("test.slow.ping"), "the method that was called is named: {error}");
}

async fn a_stop_lets_running_handlers_finish_and_answers_them(carrier: TestCarrier) {
    let (backend, gates, _frontend, slow) = slow(&carrier).await;
    let waiting = tokio::spawn(slow.wait(1));
    let blocking = tokio::spawn(slow.block(2));
    slow.tell(3).await.unwrap();
    slow.tell(4).await.unwrap();
    // Two of the channel's notifications: the second one waits for the first.
    gates.have_begun(3).await;
    assert_eq!(slow.ping().await.unwrap(), 7, "all of them have arrived");
    let stopping = tokio::spawn({
        let backend = backend.clone();
        async move { backend.stop(LONG).await }
    });
    while slow.ping().await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!stopping.is_finished());
    gates.release_all();
    assert_eq!(waiting.await.unwrap().unwrap(), 1);
    assert_eq!(blocking.await.unwrap().unwrap(), 2);
    stopping.await.unwrap();
    assert_eq!(gates.ending(3), Some(HandlerEnding::Finished));
    assert_eq!(gates.ending(4), Some(HandlerEnding::Finished));
    assert_eq!(backend.connection_count(), 0);
}

async fn a_stop_refuses_new_requests(carrier: TestCarrier) {
    let (backend, gates, _frontend, slow) = slow(&carrier).await;
    let waiting = tokio::spawn(slow.wait(1));
    gates.began(1).await;
    let stopping = tokio::spawn({
        let backend = backend.clone();
        async move { backend.stop(LONG).await }
    });
    let refused = loop {
        match slow.ping().await {
            Ok(_) => tokio::task::yield_now().await,
            Err(error) => break error,
        }
    };
    assert!(refused.kind() == ErrorKind::Closing, "{refused:?}");
    gates.release(1);
    assert_eq!(waiting.await.unwrap().unwrap(), 1);
    stopping.await.unwrap();
    match backend.listen(&carrier.endpoint).await {
        Err(ListenError::Stopped(_)) => {}
        other => panic!("{other:?}"),
    }
}

async fn a_stop_ends_with_its_grace(carrier: TestCarrier) {
    let (backend, gates, _frontend, slow) = slow(&carrier).await;
    let waiting = tokio::spawn(slow.patient(1));
    let insisting = tokio::spawn(slow.insist(2));
    gates.have_begun(2).await;
    in_time(backend.stop(Duration::from_millis(20))).await;
    assert_eq!(gates.ended(1).await, HandlerEnding::Dropped);
    assert_eq!(gates.ending(2), None, "it runs on, whatever becomes of the connection");
    assert!(waiting.await.unwrap().is_err());
    disconnected(insisting.await.unwrap());
    gates.release_all();
    assert_eq!(gates.ended(2).await, HandlerEnding::Finished);
}

async fn a_stop_without_connections_is_done_at_once(carrier: TestCarrier) {
    let backend = Backend::new();
    carrier.listen(&backend).await;
    in_time(backend.stop(LONG)).await;
    in_time(backend.stop(LONG)).await;
}

async fn a_frontend_learns_that_the_backend_is_closing(carrier: TestCarrier) {
    let (backend, _, frontend, _) = slow(&carrier).await;
    in_time(backend.stop(LONG)).await;
    match frontend.closed().await {
        DisconnectReason::ClosedByPeer(Some(why)) => assert!(why.contains("stopping"), "{why}"),
        other => panic!("{other:?}"),
    }
}

async fn run_until_serves_until_its_signal(carrier: TestCarrier) {
    let (backend, _, frontend, slow) = slow(&carrier).await;
    let (send, signal) = tokio::sync::oneshot::channel();
    let running = tokio::spawn(async move { backend.run_until(signal).await });
    assert_eq!(slow.ping().await.unwrap(), 7);
    send.send(Some("enough")).unwrap();
    assert_eq!(running.await.unwrap().unwrap(), Some("enough"));
    in_time(frontend.closed()).await;
}

async fn an_endpoint_is_free_after_a_stop(carrier: TestCarrier) {
    let backend = Backend::new();
    let endpoint = carrier.listen(&backend).await;
    backend.stop(LONG).await;
    let next = Backend::new();
    assert_eq!(next.listen(&endpoint).await.unwrap(), endpoint);
    let frontend = carrier.builder().connect(&endpoint).await.unwrap();
    // A dropped one frees it too, as soon as its tasks are gone.
    drop(next);
    in_time(frontend.closed()).await;
    let third = Backend::new();
    let again = async {
        while third.listen(&endpoint).await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    in_time(again).await;
}

async fn endpoints_are_free_after_a_stop_that_was_given_up(carrier: TestCarrier) {
    let (backend, gates, _frontend, slow) = slow(&carrier).await;
    let running = tokio::spawn(slow.wait(1));
    gates.began(1).await;
    let mut endpoints = Vec::new();
    for _ in 0..3 {
        endpoints.push(TestCarrier::memory().listen(&backend).await);
    }
    assert!(backend.stop(LONG).now_or_never().is_none(), "a handler runs");
    let next = Backend::new();
    let freed = async {
        for endpoint in endpoints {
            while next.listen(&endpoint).await.is_err() {
                tokio::task::yield_now().await;
            }
        }
    };
    in_time(freed).await;
    gates.release(1);
    in_time(running).await.unwrap().unwrap();
}

/// A process that is killed during a hundred calls.
async fn killed_during_a_hundred_calls(carrier: TestCarrier) {
    let mut process =
        Process::start(env!("CARGO_BIN_EXE_ipc-test-peer"), ["serve", &carrier.endpoint]);
    let ready = process.line().await;
    let endpoint = ready.strip_prefix("ready ").unwrap_or_else(|| panic!("{ready}"));
    let frontend = carrier.builder().connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let all: EverythingClient = frontend.open().await.unwrap();
    let calls: Vec<_> = (0..100).map(|call| tokio::spawn(slow.patient(call))).collect();
    // Written behind them, so they have been sent.
    assert_eq!(all.echo("behind".into()).await.unwrap(), "behind");
    process.start_kill();
    let killed = Instant::now();
    for call in calls {
        let (may_have_run, reason) = disconnected(in_time(call).await.unwrap());
        assert!(may_have_run);
        assert!(matches!(reason, DisconnectReason::ClosedByPeer(None)), "{reason:?}");
    }
    let took = killed.elapsed();
    assert!(took < Duration::from_secs(10), "it took {took:?}: not by the connection's end");
    let (may_have_run, reason) = disconnected(slow.ping().await);
    assert!(!may_have_run);
    assert!(matches!(reason, DisconnectReason::ClosedByPeer(None)), "{reason:?}");
    process.wait().await;

    // The next one takes its place, and leaves nothing behind.
    let next = Backend::new();
    carrier.listen(&next).await;
    next.stop(LONG).await;
}

#[tokio::test]
async fn a_killed_backend_fails_calls_over_a_local_socket() {
    killed_during_a_hundred_calls(TestCarrier::local()).await;
}

#[tokio::test]
async fn a_killed_backend_fails_calls_over_a_web_socket() {
    killed_during_a_hundred_calls(TestCarrier::web_socket()).await;
}

#[tokio::test]
async fn a_runtime_that_goes_away_fails_the_calls_of_others() {
    let carrier = TestCarrier::memory();
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let slow: SlowClient = runtime
        .spawn(async move { Frontend::connect(endpoint).await.unwrap().open().await.unwrap() })
        .await
        .unwrap();
    let call = tokio::spawn(slow.patient(1));
    gates.began(1).await;
    runtime.shutdown_background();
    disconnected(in_time(call).await.unwrap());
    let (may_have_run, _) = disconnected(in_time(slow.ping()).await);
    assert!(!may_have_run);
}

mod raw {
    use ipc_tests::{Lines, Scratch, endpoint_of};

    use super::*;

    #[tokio::test]
    async fn a_stop_is_told_and_new_requests_get_their_code() {
        let directory = Scratch::new();
        let backend = Backend::new();
        let gates = Gates::new();
        backend.register(SlowHandler::new(gates.clone())).unwrap();
        backend.listen(endpoint_of(&directory.socket("s"))).await.unwrap();
        let mut raw = Lines::connect(directory.socket("s")).await;
        raw.write(r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.wait","params":[1]}"#).await;
        gates.began(1).await;
        let stopping = tokio::spawn({
            let backend = backend.clone();
            async move { backend.stop(LONG).await }
        });
        let closing = raw.next().await;
        assert_eq!(closing["method"], "rpc.closing");
        assert_eq!(closing["params"]["restart"], false);
        assert!(closing["params"]["reason"].is_string(), "{closing}");
        assert!(closing.get("id").is_none(), "{closing}");
        // To ask whether a named pipe exists is to connect to it.
        #[cfg(unix)]
        assert!(!directory.socket("s").exists(), "the socket's file has gone");
        let code = raw.ask_code(r#"{"jsonrpc":"2.0","id":2,"method":"test.slow.ping"}"#).await;
        assert_eq!(code, -32005);
        assert_eq!(raw.ask(r#"{"jsonrpc":"2.0","id":3,"method":"rpc.ping"}"#).await["id"], 3);
        // Cancelling works while it drains.
        let cancel = r#"{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":1}}"#;
        assert_eq!(raw.ask(cancel).await["error"]["code"], -32800);
        in_time(stopping).await.unwrap();
        assert_eq!(raw.next_text().await, None);
    }

    #[tokio::test]
    async fn a_stop_ends_though_a_peer_does_not_read() {
        let directory = Scratch::new();
        let backend = Backend::new();
        backend.register(SlowHandler::new(Gates::new())).unwrap();
        backend.listen(endpoint_of(&directory.socket("s"))).await.unwrap();
        let mut raw = Lines::connect(directory.socket("s")).await;
        raw.write(r#"{"jsonrpc":"2.0","id":1,"method":"test.slow.fill","params":[8000000]}"#).await;
        eventually("it is connected", || backend.connection_count() == 1).await;
        in_time(backend.stop(Duration::from_millis(10))).await;
        assert_eq!(backend.connection_count(), 0);
    }
}
