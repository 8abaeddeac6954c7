//! Calls that are awaited outside of the runtime on which their connection runs.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, mpsc},
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use futures_util::stream;
use ipc_runtime::{
    Backend, Bytes, Endpoint, ErrorKind, Frontend, Limits, Reconnect, Streaming,
    config::CallsWhileDisconnected, error::DisconnectReason,
};
use ipc_tests::{
    FeedClient, FeedHandler, Gates, SlowClient, SlowHandler, Source, TestCarrier, block_on,
    on_a_plain_thread, on_every_carrier,
};

on_every_carrier! {
    the_first_call_may_be_made_there,
    a_call_that_waits_for_a_free_place_is_answered,
    a_call_that_waits_for_room_is_answered,
    a_deadline_passes_there,
    an_upload_flows_from_there,
    a_call_that_waits_for_the_connection_is_answered,
    a_backend_is_stopped_from_there,
}

async fn served(carrier: &TestCarrier, limits: Limits) -> (Backend, Gates, Endpoint) {
    let backend = Backend::builder().limits(limits).build();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    backend.register(FeedHandler::new(Arc::new(Source::default()))).unwrap();
    let endpoint = carrier.listen(&backend).await;
    (backend, gates, endpoint)
}

async fn the_first_call_may_be_made_there(carrier: TestCarrier) {
    let (_backend, _gates, endpoint) = served(&carrier, Limits::default()).await;
    let frontend = carrier.builder().connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.client();
    assert_eq!(on_a_plain_thread(move || block_on(slow.ping())).await.unwrap(), 7);
}

async fn a_call_that_waits_for_a_free_place_is_answered(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_in_flight = 1;
    let (_backend, gates, endpoint) = served(&carrier, limits).await;
    let frontend = carrier.builder().connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let first = tokio::spawn(slow.wait(1));
    gates.began(1).await;
    let waiting = tokio::spawn(on_a_plain_thread(move || block_on(slow.ping())));
    tokio::task::yield_now().await;
    gates.release(1);
    assert_eq!(first.await.unwrap().unwrap(), 1);
    assert_eq!(waiting.await.unwrap().unwrap(), 7);
}

async fn a_call_that_waits_for_room_is_answered(carrier: TestCarrier) {
    let mut limits = Limits::default();
    (limits.max_message_bytes, limits.max_queued_bytes) = (2_000_000, 4_000_000);
    let (_backend, _gates, endpoint) = served(&carrier, limits.clone()).await;
    let frontend = carrier.builder().limits(limits).connect(endpoint).await.unwrap();
    let frontend = Arc::new(frontend);
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let frontend = frontend.clone();
            tokio::spawn(on_a_plain_thread(move || {
                let large = "x".repeat(1_000_000);
                block_on(frontend.call::<u32>("test.slow.nothing", &(large,)))
            }))
        })
        .collect();
    for thread in threads {
        let answer = thread.await.unwrap();
        assert!(matches!(&answer, Err(error) if error.kind() == ErrorKind::NotFound), "{answer:?}");
    }
}

async fn a_deadline_passes_there(carrier: TestCarrier) {
    let (_backend, _gates, endpoint) = served(&carrier, Limits::default()).await;
    let frontend = carrier.builder().connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let late = on_a_plain_thread(move || block_on(slow.hurried(1))).await;
    assert!(matches!(&late, Err(error) if error.kind() == ErrorKind::DeadlineExceeded), "{late:?}");
}

async fn an_upload_flows_from_there(carrier: TestCarrier) {
    let (_backend, _gates, endpoint) = served(&carrier, Limits::default()).await;
    let frontend = carrier.builder().connect(endpoint).await.unwrap();
    let feed: FeedClient = frontend.open().await.unwrap();
    let chunks = stream::iter((0..100).map(|_| Bytes::from(vec![1; 1000])));
    let total = on_a_plain_thread(move || block_on(feed.upload("name", Streaming::new(chunks))));
    assert_eq!(total.await.unwrap(), 100_000);
}

async fn a_call_that_waits_for_the_connection_is_answered(carrier: TestCarrier) {
    let (backend, _gates, endpoint) = served(&carrier, Limits::default()).await;
    let mut reconnect = Reconnect::default();
    reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
    let builder = carrier.builder().reconnect(reconnect);
    let frontend = builder.connect_lazily(endpoint).unwrap();
    let slow: SlowClient = frontend.client();
    assert_eq!(on_a_plain_thread(move || block_on(slow.ping())).await.unwrap(), 7);
    drop(backend);
}

async fn a_backend_is_stopped_from_there(carrier: TestCarrier) {
    let (backend, gates, endpoint) = served(&carrier, Limits::default()).await;
    let frontend = carrier.builder().connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let waiting = tokio::spawn(slow.wait(1));
    gates.began(1).await;
    // The handler doesn't end by itself.
    on_a_plain_thread(move || block_on(backend.stop(Duration::from_millis(10)))).await;
    let stopped = waiting.await.unwrap().unwrap_err();
    assert_eq!(stopped.kind(), ErrorKind::Disconnected, "{stopped}");
}

#[test]
fn a_frontend_that_never_has_a_connection_needs_no_runtime() {
    let slow: SlowClient = Frontend::unconnected().client();
    let failed = block_on(slow.ping());
    assert!(matches!(&failed, Err(error) if error.kind() == ErrorKind::NotConnected), "{failed:?}");
}

/// The runtime on which a connection was to be made ends, and calls wait for it elsewhere.
#[test]
fn a_call_that_waits_is_told_when_the_runtime_of_its_frontend_ends() {
    let mut reconnect = Reconnect::default();
    reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
    for builder in [Frontend::builder().reconnect(reconnect), Frontend::builder()] {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let frontend = {
            let _entered = runtime.enter();
            builder.connect_lazily("memory:nobody-listens-here").unwrap()
        };
        let slow: SlowClient = frontend.client();
        let waiting = thread::spawn(move || {
            let answer = block_on(slow.ping());
            (answer, block_on(frontend.closed()))
        });
        runtime.block_on(tokio::task::yield_now());
        drop(runtime);
        let (answer, reason) = waiting.join().unwrap();
        let failed = answer.unwrap_err();
        assert!(!failed.may_have_run(), "{failed}");
        assert!(matches!(reason, DisconnectReason::ClosedHere), "{reason}");
    }
}

/// The runtime is dropped before it has run anything.
#[test]
fn a_call_is_told_when_the_runtime_of_its_frontend_has_never_run() {
    let mut reconnect = Reconnect::default();
    reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
    for builder in [Frontend::builder().reconnect(reconnect), Frontend::builder()] {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let frontend = {
            let _entered = runtime.enter();
            builder.connect_lazily("memory:nobody-listens-here").unwrap()
        };
        drop(runtime);
        let slow: SlowClient = frontend.client();
        let failed = block_on(slow.ping()).unwrap_err();
        assert!(!failed.may_have_run(), "{failed}");
        let reason = block_on(frontend.closed());
        assert!(matches!(reason, DisconnectReason::ClosedHere), "{reason}");
    }
}

/// Threads that poll calls without a pause do so at each moment of the runtime's end.
#[test]
fn polling_a_call_while_its_runtime_ends_is_harmless() {
    let mut reconnect = Reconnect::default();
    reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
    for _ in 0..100 {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let frontend = {
            let _entered = runtime.enter();
            let builder = Frontend::builder().reconnect(reconnect.clone());
            builder.connect_lazily("memory:nobody-listens-here").unwrap()
        };
        let (polled, first) = mpsc::channel();
        let waiting: Vec<_> = (0..6)
            .map(|_| {
                let (slow, polled): (SlowClient, _) = (frontend.client(), polled.clone());
                thread::spawn(move || {
                    let mut call = slow.ping();
                    loop {
                        let mut context = Context::from_waker(Waker::noop());
                        if let Poll::Ready(answer) = Pin::new(&mut call).poll(&mut context) {
                            return answer;
                        }
                        let _ = polled.send(());
                    }
                })
            })
            .collect();
        drop(polled);
        first.recv().unwrap();
        drop(runtime);
        for thread in waiting {
            let failed = thread.join().unwrap().unwrap_err();
            assert!(!failed.may_have_run(), "{failed}");
        }
    }
}

/// Whatever needs a runtime says so, whether there is load or not.
#[test]
fn connecting_outside_of_a_runtime_is_an_error() {
    let refused = |error: &dyn std::error::Error| {
        let text = error.to_string();
        assert!(text.contains("tokio runtime"), "{text}");
    };
    refused(&block_on(Frontend::connect("memory:plain-threads")).unwrap_err());
    refused(&Frontend::builder().connect_lazily("memory:plain-threads").unwrap_err());
    let (io, _far) = tokio::io::duplex(64);
    refused(&block_on(Frontend::over(io)).unwrap_err());
    refused(&block_on(Backend::new().listen("memory:plain-threads")).unwrap_err());
}
