//! Calls that are awaited outside of the runtime on which their connection runs.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::{self, Thread},
    time::{Duration, Instant},
};

use futures_util::stream;
use ipc_runtime::{
    Backend, Bytes, Endpoint, ErrorKind, Frontend, Limits, Reconnect, Streaming,
    config::CallsWhileDisconnected, error::DisconnectReason,
};
use ipc_tests::{
    FeedClient, FeedHandler, Gates, SlowClient, SlowHandler, Source, TestCarrier, on_every_carrier,
};

/// Wakes a thread.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Awaits a future on this thread, which belongs to no runtime.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let until = Instant::now() + Duration::from_secs(45);
    loop {
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Ready(output) => return output,
            Poll::Pending => thread::park_timeout(Duration::from_secs(1)),
        }
        assert!(Instant::now() < until, "nothing came in time");
    }
}

/// Runs on a thread that belongs to no runtime.
async fn on_a_plain_thread<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    thread::spawn(move || sender.send(run()));
    receiver.await.expect("the thread panicked")
}

on_every_carrier! {
    the_first_call_may_be_made_there,
    a_call_that_waits_for_a_free_place_is_answered,
    a_call_that_waits_for_room_is_answered,
    a_deadline_passes_there,
    an_upload_flows_from_there,
    a_call_that_waits_for_the_connection_is_answered,
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
