//! A handler's panic is one call's error, and nobody else's.

use std::sync::atomic::{AtomicBool, Ordering};

use ipc_runtime::{Backend, CallError, Encoding, ErrorKind, Frontend, IpcError, ipc_interface};
use ipc_tests::{TestCarrier, eventually, on_every_carrier};
use serde::{Deserialize, Serialize, Serializer};

on_every_carrier! {
    a_panic_is_one_calls_error,
    a_panic_in_a_notification_stops_nobody,
    a_result_that_panics_while_it_is_written_is_one_calls_error,
    a_result_that_can_not_be_written_is_one_calls_error,
    a_panic_in_the_drop_of_what_is_removed_ends_no_connection,
}

/// Panics wherever a handler can.
#[ipc_interface(channel = "test.panics", version = "1.0.0")]
trait Panics {
    /// In a sync method.
    fn inline(&self) -> u32;
    /// In an async method, before it waits.
    async fn at_once(&self) -> u32;
    /// In an async method, after it has waited.
    async fn later(&self) -> u32;
    /// On a thread of the blocking pool.
    #[ipc(blocking)]
    fn blocking(&self) -> u32;
    /// With a value that is no text.
    fn with_a_value(&self) -> u32;
    /// In what is built before the future.
    async fn with_error(&self) -> Result<u32, Touchy>;
    /// In a sync notification.
    #[ipc(notification)]
    fn told(&self);
    /// In an async one, before or after it has waited.
    #[ipc(notification)]
    async fn told_later(&self, wait: bool);
    /// In a blocking one.
    #[ipc(notification, blocking)]
    fn told_blocking(&self);
    /// One that doesn't panic.
    #[ipc(notification)]
    async fn fine(&self);
    /// Whether `fine` has come.
    fn is_fine(&self) -> bool;
    /// A result that panics while it is serialized.
    async fn touchy(&self, wait: bool) -> Touchy;
    /// An error that panics while it is serialized.
    fn touchy_error(&self) -> Result<u32, Touchy>;
    /// A result that JSON has no word for.
    fn not_a_number(&self) -> Vec<f64>;
    /// A map whose keys JSON can't write.
    async fn odd_keys(&self) -> std::collections::HashMap<Vec<u8>, u8>;
}

/// Panics while it is serialized.
#[derive(Debug, Deserialize, thiserror::Error)]
#[error("touchy")]
struct Touchy;

impl Serialize for Touchy {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("don't touch");
    }
}

#[derive(Default)]
struct Panicking {
    fine: AtomicBool,
}

impl Panics for Panicking {
    fn inline(&self) -> u32 {
        panic!("inline")
    }

    async fn at_once(&self) -> u32 {
        panic!("at once")
    }

    async fn later(&self) -> u32 {
        tokio::task::yield_now().await;
        panic!("later")
    }

    fn blocking(&self) -> u32 {
        panic!("blocking")
    }

    fn with_a_value(&self) -> u32 {
        std::panic::panic_any(5_u8)
    }

    async fn with_error(&self) -> Result<u32, Touchy> {
        panic!("with error")
    }

    fn told(&self) {
        panic!("told")
    }

    async fn told_later(&self, wait: bool) {
        if wait {
            tokio::task::yield_now().await;
        }
        panic!("told later")
    }

    fn told_blocking(&self) {
        panic!("told blocking")
    }

    async fn fine(&self) {
        self.fine.store(true, Ordering::SeqCst);
    }

    fn is_fine(&self) -> bool {
        self.fine.load(Ordering::SeqCst)
    }

    async fn touchy(&self, wait: bool) -> Touchy {
        if wait {
            tokio::task::yield_now().await;
        }
        Touchy
    }

    fn touchy_error(&self) -> Result<u32, Touchy> {
        Err(Touchy)
    }

    fn not_a_number(&self) -> Vec<f64> {
        vec![0.0, f64::NAN]
    }

    async fn odd_keys(&self) -> std::collections::HashMap<Vec<u8>, u8> {
        [(vec![1], 1)].into()
    }
}

async fn panicking(carrier: &TestCarrier) -> (Backend, Frontend, PanicsClient) {
    let backend = Backend::new();
    backend.register(PanicsHandler::new(Panicking::default())).unwrap();
    let frontend = carrier.connect(&backend).await;
    let client = frontend.open().await.unwrap();
    (backend, frontend, client)
}

#[track_caller]
fn assert_panicked<T: std::fmt::Debug>(failed: Result<T, IpcError>, name: &str) {
    match failed {
        Err(error) if error.kind() == ErrorKind::HandlerFailed => {
            let method = error.method();
            assert_eq!(method.strip_prefix("test.panics."), Some(name));
        }
        other => panic!("{name}: {other:?}"),
    }
}

async fn a_panic_is_one_calls_error(carrier: TestCarrier) {
    let (backend, frontend, panics) = panicking(&carrier).await;
    for _ in 0..3 {
        assert_panicked(panics.inline().await, "inline");
        assert_panicked(panics.at_once().await, "at_once");
        assert_panicked(panics.later().await, "later");
        assert_panicked(panics.blocking().await, "blocking");
        assert_panicked(panics.with_a_value().await, "with_a_value");
        match panics.with_error().await {
            Err(CallError::Ipc(error)) => assert_panicked::<u32>(Err(error), "with_error"),
            other => panic!("{other:?}"),
        }
        assert!(!panics.is_fine().await.unwrap(), "the connection goes on");
    }
    let error = panics.later().await.unwrap_err().to_string();
    assert!(error.contains("test.panics.later") && error.contains("panicked"), "{error}");
    assert!(frontend.is_connected());
    assert_eq!(backend.connection_count(), 1);
}

async fn a_panic_in_a_notification_stops_nobody(carrier: TestCarrier) {
    let (_backend, _frontend, panics) = panicking(&carrier).await;
    panics.told().await.unwrap();
    panics.told_later(false).await.unwrap();
    panics.told_later(true).await.unwrap();
    panics.told_later(false).await.unwrap();
    panics.told_blocking().await.unwrap();
    panics.told().await.unwrap();
    panics.fine().await.unwrap();
    while !panics.is_fine().await.unwrap() {
        tokio::task::yield_now().await;
    }
}

async fn a_result_that_panics_while_it_is_written_is_one_calls_error(carrier: TestCarrier) {
    let (backend, _frontend, panics) = panicking(&carrier).await;
    for wait in [false, true] {
        match panics.touchy(wait).await {
            Err(error) => assert_panicked::<u32>(Err(error), "touchy"),
            other => panic!("{other:?}"),
        }
    }
    match panics.touchy_error().await {
        Err(CallError::Ipc(error)) => assert_panicked::<u32>(Err(error), "touchy_error"),
        other => panic!("{other:?}"),
    }
    assert!(!panics.is_fine().await.unwrap());
    // None of them counts as running any more.
    ipc_tests::in_time(backend.stop(std::time::Duration::from_secs(600))).await;
}

async fn a_result_that_can_not_be_written_is_one_calls_error(carrier: TestCarrier) {
    let (_backend, _frontend, panics) = panicking(&carrier).await;
    if carrier.encoding == Encoding::Json {
        // There is MessagePack for both.
        let error = panics.not_a_number().await.unwrap_err();
        let text = error.to_string();
        assert!(error.kind() == ErrorKind::HandlerFailed, "{text}");
        assert!(text.contains("can't be serialized") && !text.contains("panicked"), "{text}");
        assert!(panics.odd_keys().await.is_err());
    }
    assert!(!panics.is_fine().await.unwrap());
}

#[tokio::test]
async fn a_panic_on_one_connection_is_not_seen_on_another() {
    let carrier = TestCarrier::memory();
    let (backend, _frontend, panics) = panicking(&carrier).await;
    let other = Frontend::connect(&carrier.endpoint).await.unwrap();
    let other: PanicsClient = other.open().await.unwrap();
    assert_panicked(panics.inline().await, "inline");
    assert!(!other.is_fine().await.unwrap());
    eventually("both are there", || backend.connection_count() == 2).await;
}

/// What a handler holds, and can't be dropped.
struct Undroppable(std::sync::Arc<AtomicBool>);

impl Drop for Undroppable {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
        panic!("on purpose");
    }
}

async fn a_panic_in_the_drop_of_what_is_removed_ends_no_connection(carrier: TestCarrier) {
    let (backend, frontend, _) = panicking(&carrier).await;
    let (begun, mut begins) = tokio::sync::mpsc::unbounded_channel();
    for is_running in [false, true] {
        let dropped = std::sync::Arc::new(AtomicBool::new(false));
        let (kept, begun) = (Undroppable(dropped.clone()), begun.clone());
        let gate = std::sync::Arc::new(tokio::sync::Semaphore::new(0));
        let closed = gate.clone();
        let function = move |waits: (bool,)| {
            let _ = begun.send(kept.0.load(Ordering::SeqCst));
            let gate = closed.clone();
            async move {
                if waits.0 {
                    drop(gate.acquire().await)
                }
            }
        };
        let registration = backend.expose("odd", function).unwrap();
        frontend.call::<()>("odd", &(false,)).await.unwrap();
        assert_eq!(begins.recv().await, Some(false));
        let running = frontend.call::<()>("odd", &(is_running,));
        let running = tokio::spawn(running.into_future());
        assert_eq!(begins.recv().await, Some(false));
        // Whoever removes it may be who is told by the panic.
        let _ = std::thread::spawn(move || registration.remove()).join();
        gate.add_permits(1);
        running.await.unwrap().unwrap();
        let error = frontend.call::<()>("odd", &(false,)).await.unwrap_err();
        assert!(error.kind() == ErrorKind::NotFound, "{error}");
        eventually("it is dropped", || dropped.load(Ordering::SeqCst)).await;
        assert!(frontend.is_connected());
    }
}
