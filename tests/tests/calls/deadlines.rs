//! Every call ends at its deadline, whatever the other side does.

use std::time::Duration;

use ipc_runtime::{Backend, ErrorKind, Frontend, IpcError, Limits};
use ipc_tests::{Gates, HandlerEnding, SlowClient, SlowHandler, TestCarrier, on_every_carrier};

on_every_carrier! {
    the_deadline_of_a_call_fails_it_and_drops_the_handler,
    the_deadline_of_a_method_counts_where_the_call_sets_none,
    the_deadline_of_the_limits_counts_where_nobody_says_otherwise,
    the_handler_knows_how_much_time_is_left,
    a_deadline_counts_before_the_call_could_be_sent,
}

const SHORT: Duration = Duration::from_millis(30);

async fn served(carrier: &TestCarrier, limits: Limits) -> (Backend, Gates, Frontend) {
    let backend = Backend::builder().limits(limits).build();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let frontend = carrier.connect(&backend).await;
    (backend, gates, frontend)
}

fn assert_exceeded(failed: Result<u32, IpcError>, named: &str, after: Duration) {
    match failed {
        Err(error) if error.kind() == ErrorKind::DeadlineExceeded => {
            let (method, timeout) = (error.method(), error.timeout().unwrap());
            assert_eq!((method, timeout), (named, after));
        }
        other => panic!("{other:?}"),
    }
}

async fn the_deadline_of_a_call_fails_it_and_drops_the_handler(carrier: TestCarrier) {
    let (_backend, gates, frontend) = served(&carrier, Limits::default()).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    let failed = slow.wait(1).timeout(SHORT).await;
    assert_exceeded(failed, "test.slow.wait", SHORT);
    if gates.order().contains(&1) {
        assert_eq!(gates.ended(1).await, HandlerEnding::Dropped);
    }
    let longer = tokio::spawn(slow.wait(2));
    let sooner = slow.wait(3).timeout(SHORT).await;
    assert_exceeded(sooner, "test.slow.wait", SHORT);
    assert!(!longer.is_finished());
    assert_exceeded(slow.wait(4).timeout(Duration::ZERO).await, "test.slow.wait", Duration::ZERO);
    gates.release(2);
    assert_eq!(longer.await.unwrap().unwrap(), 2);
}

async fn the_deadline_of_a_method_counts_where_the_call_sets_none(carrier: TestCarrier) {
    let (_backend, gates, frontend) = served(&carrier, Limits::default()).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_exceeded(slow.hurried(1).await, "test.slow.hurried", SHORT);
    let call = tokio::spawn(slow.hurried(2).timeout(Duration::from_secs(600)));
    let endless = tokio::spawn(slow.hurried(3).no_timeout());
    assert_exceeded(slow.hurried(4).await, "test.slow.hurried", SHORT);
    assert!(!call.is_finished() && !endless.is_finished());
    gates.release_all();
    assert_eq!(call.await.unwrap().unwrap(), 2);
    assert_eq!(endless.await.unwrap().unwrap(), 3);
}

async fn the_deadline_of_the_limits_counts_where_nobody_says_otherwise(carrier: TestCarrier) {
    let backend = Backend::new();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let mut limits = Limits::default();
    limits.call_timeout = Some(SHORT);
    let frontend = carrier.builder().limits(limits).connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let patient = tokio::spawn(slow.patient(1));
    assert_exceeded(slow.wait(2).await, "test.slow.wait", SHORT);
    assert_exceeded(slow.patient(3).timeout(SHORT).await, "test.slow.patient", SHORT);
    assert!(!patient.is_finished(), "its method has no deadline");
    gates.release_all();
    assert_eq!(patient.await.unwrap().unwrap(), 1);
}

async fn the_handler_knows_how_much_time_is_left(carrier: TestCarrier) {
    let (_backend, _, frontend) = served(&carrier, Limits::default()).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.remaining().await.unwrap(), None);
    assert_eq!(slow.remaining().no_timeout().await.unwrap(), None);
    let left = slow.remaining().timeout(Duration::from_secs(500)).await.unwrap().unwrap();
    assert!((400_000..=500_000).contains(&left), "{left}");
}

async fn a_deadline_counts_before_the_call_could_be_sent(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_in_flight = 1;
    let (_backend, gates, frontend) = served(&carrier, limits).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    let first = tokio::spawn(slow.wait(1));
    gates.began(1).await;
    assert_exceeded(slow.wait(2).timeout(SHORT).await, "test.slow.wait", SHORT);
    let third = tokio::spawn(slow.wait(3));
    gates.release_all();
    assert_eq!(first.await.unwrap().unwrap(), 1);
    assert_eq!(third.await.unwrap().unwrap(), 3);
    assert_eq!(gates.order(), [1, 3], "the second one was never sent");
}

#[tokio::test]
async fn the_longest_duration_is_no_deadline() {
    let (backend, _, frontend) = served(&TestCarrier::memory(), Limits::default()).await;
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.ping().timeout(Duration::MAX).await.unwrap(), 7);

    let carrier = TestCarrier::memory();
    let mut limits = Limits::default();
    limits.call_timeout = Some(Duration::MAX);
    limits.handshake_timeout = Duration::MAX;
    let endpoint = carrier.listen(&backend).await;
    let frontend = Frontend::builder().limits(limits).connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    assert_eq!(slow.ping().await.unwrap(), 7);
}

mod raw {
    use ipc_runtime::ConnectError;
    use ipc_tests::{Frames, LocalListener, Scratch, endpoint_of, in_time};

    use super::*;

    /// A frontend whose backend is the test itself.
    async fn pair(limits: Limits, max_in_flight: u64) -> (Scratch, Frontend, Frames) {
        let directory = Scratch::new();
        let listener = LocalListener::bind(directory.socket("s")).unwrap();
        let endpoint = endpoint_of(&directory.socket("s"));
        let connecting =
            tokio::spawn(async { Frontend::builder().limits(limits).connect(endpoint).await });
        let mut raw = Frames::accept(in_time(listener.accept()).await.unwrap()).await;
        raw.handshake(max_in_flight).await;
        let frontend = in_time(connecting).await.unwrap().unwrap();
        (directory, frontend, raw)
    }

    #[tokio::test]
    async fn a_peer_that_never_answers_is_given_up() {
        let (_directory, frontend, mut raw) = pair(Limits::default(), 1024).await;
        let opening = tokio::spawn(async move { frontend.open::<SlowClient>().await });
        raw.handshake(1024).await;
        let slow = in_time(opening).await.unwrap().unwrap();
        let failed = in_time(slow.wait(1).timeout(SHORT)).await;
        assert_exceeded(failed, "test.slow.wait", SHORT);
        let request = raw.next().await;
        assert_eq!(request["method"], "test.slow.wait");
        assert_eq!(request["ipc"]["timeoutMs"], 30);
        let cancel = raw.next().await;
        assert_eq!(cancel["method"], "$/cancelRequest");
        assert_eq!(cancel["params"]["id"], request["id"]);

        // A late answer goes to nobody, least of all to the next call.
        raw.send(format!(r#"{{"jsonrpc":"2.0","id":{},"result":1}}"#, request["id"])).await;
        let next = tokio::spawn(slow.wait(2));
        let request = raw.next().await;
        raw.send(format!(r#"{{"jsonrpc":"2.0","id":{},"result":2}}"#, request["id"])).await;
        assert_eq!(in_time(next).await.unwrap().unwrap(), 2);
    }

    #[tokio::test]
    async fn a_peer_that_answers_no_handshake_is_given_up() {
        let mut limits = Limits::default();
        // The connection itself has to be made in that time.
        limits.handshake_timeout = Duration::from_secs(2);
        let (_directory, frontend, _raw) = pair(limits, 1024).await;
        let failed = in_time(frontend.open::<SlowClient>()).await;
        assert!(
            matches!(&failed, Err(error) if error.kind() == ErrorKind::DeadlineExceeded),
            "{failed:?}"
        );
        let slow: SlowClient = frontend.client();
        assert!(in_time(slow.ping()).await.is_err());
    }

    #[tokio::test]
    async fn a_listener_that_says_nothing_is_given_up() {
        let directory = Scratch::new();
        let _listener = LocalListener::bind(directory.socket("s")).unwrap();
        let mut limits = Limits::default();
        limits.handshake_timeout = SHORT;
        let endpoint = endpoint_of(&directory.socket("s"));
        let failed = in_time(Frontend::builder().limits(limits).connect(endpoint)).await;
        match failed {
            Err(ConnectError::Io { error, .. }) => {
                assert_eq!(error.kind(), std::io::ErrorKind::TimedOut, "{error}");
            }
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_peer_that_never_reads_does_not_hold_a_call_beyond_its_deadline() {
        let mut limits = Limits::default();
        limits.max_queued_bytes = 1 << 20;
        limits.max_message_bytes = 1 << 18;
        let (_directory, frontend, mut raw) = pair(limits, 1024).await;
        let opening =
            tokio::spawn(async move { frontend.open::<ipc_tests::EverythingClient>().await });
        raw.handshake(1024).await;
        let all = in_time(opening).await.unwrap().unwrap();
        // Some fill the socket, some the queue, and the others wait for room in it.
        let calls: Vec<_> = (0..40)
            .map(|_| tokio::spawn(all.echo("x".repeat(100_000)).timeout(SHORT * 10)))
            .collect();
        for call in calls {
            let failed = in_time(call).await.unwrap();
            assert!(
                matches!(&failed, Err(error) if error.kind() == ErrorKind::DeadlineExceeded),
                "{failed:?}"
            );
        }
        let failed = in_time(all.add(1, 1).timeout(SHORT)).await;
        assert!(
            matches!(&failed, Err(error) if error.kind() == ErrorKind::DeadlineExceeded),
            "{failed:?}"
        );
        drop(raw);
    }

    #[tokio::test]
    async fn the_limit_of_a_peer_that_never_answers_does_not_hold_a_call() {
        let (_directory, frontend, mut raw) = pair(Limits::default(), 1).await;
        let opening = tokio::spawn(async move { frontend.open::<SlowClient>().await });
        raw.handshake(1).await;
        let slow = in_time(opening).await.unwrap().unwrap();
        for call in 0..3 {
            let failed = in_time(slow.wait(call).timeout(SHORT)).await;
            assert_exceeded(failed, "test.slow.wait", SHORT);
        }
    }
}
