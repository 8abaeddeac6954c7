//! Backends that fail in the worst moments, for frontends that come back.

#![cfg(unix)] // Its backends cut a Unix socket after times that a pipe under wine doesn't keep to.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use ipc_runtime::{
    Backend, ErrorKind, Frontend, Limits, Reconnect, Stream, config::CallsWhileDisconnected,
    error::DisconnectReason, event::Emitter, ipc_interface, middleware::Middleware,
    peer::ConnectionState,
};
use ipc_tests::{Scratch, eventually, in_time, poll_once};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{UnixListener, UnixStream},
    sync::Semaphore,
    time::timeout,
};

/// What is asked of the backends here.
#[ipc_interface(channel = "test.frail", version = "1.0.0")]
trait Frail {
    /// Answers.
    fn ping(&self) -> u32;
    /// Counts that it runs, and waits.
    #[ipc(idempotent)]
    async fn wait(&self) -> u32;
    /// Numbers that are fired, from this one on.
    #[ipc(subscription)]
    async fn from(&self, first: u32) -> impl Stream<Item = u32>;
}

/// The same channel, of a later release.
mod later {
    use ipc_runtime::ipc_interface;

    #[ipc_interface(channel = "test.frail", version = "2.0.0")]
    pub(crate) trait Later {
        /// Answers.
        fn ping(&self) -> u32;
    }

    pub(crate) struct Second;

    impl Later for Second {
        fn ping(&self) -> u32 {
            2
        }
    }
}

#[derive(Clone)]
struct Glass {
    begun: Arc<AtomicU32>,
    gate: Arc<Semaphore>,
    fired: Emitter<u32>,
}

impl Glass {
    fn new() -> Self {
        let fired = Emitter::builder().replay(16).build();
        Self { begun: Arc::default(), gate: Arc::new(Semaphore::new(0)), fired }
    }

    fn backend(&self) -> Backend {
        let backend = Backend::new();
        backend.register(FrailHandler::new(self.clone())).unwrap();
        backend
    }
}

impl Frail for Glass {
    fn ping(&self) -> u32 {
        1
    }

    async fn wait(&self) -> u32 {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        1
    }

    async fn from(&self, first: u32) -> impl Stream<Item = u32> {
        use futures_util::StreamExt;
        self.fired.event().listen().filter(move |number| std::future::ready(*number >= first))
    }
}

fn soon() -> Reconnect {
    let mut reconnect = Reconnect::default();
    (reconnect.first_delay, reconnect.max_delay) =
        (Duration::from_millis(1), Duration::from_millis(20));
    reconnect
}

/// Stops a backend, and waits until its frontend has noticed.
async fn stop(backend: Backend, frontend: &Frontend) {
    backend.stop(Duration::ZERO).await;
    let lost = |state: &ConnectionState| !matches!(state, ConnectionState::Connected { .. });
    frontend.state().wait_for(lost).await.unwrap();
}

struct Path {
    endpoint: String,
    path: std::path::PathBuf,
    _directory: Scratch,
}

/// A backend, and a frontend that comes back to it.
async fn connected() -> (Path, Glass, Backend, Frontend, FrailClient) {
    let (place, glass) = (path(), Glass::new());
    let backend = glass.backend();
    backend.listen(&place.endpoint).await.unwrap();
    let builder = Frontend::builder().reconnect(soon());
    let frontend = builder.connect(&place.endpoint).await.unwrap();
    let frail = frontend.open().await.unwrap();
    (place, glass, backend, frontend, frail)
}

fn path() -> Path {
    let directory = Scratch::new();
    let path = directory.join("s");
    Path { endpoint: format!("unix:{}", path.display()), path, _directory: directory }
}

/// Takes the next one in, agrees on the framing, and says nothing more.
async fn frozen(listener: &UnixListener) -> UnixStream {
    let (mut io, _) = listener.accept().await.unwrap();
    let mut preface = [0; 5];
    io.read_exact(&mut preface).await.unwrap();
    io.write_all(&preface).await.unwrap();
    io
}

/// Hands the next one on to a backend, for so long.
async fn hand_on(listener: &UnixListener, backend: &Backend, time: Duration) {
    let (mut io, _) = listener.accept().await.unwrap();
    let (mut ours, theirs) = tokio::io::duplex(64 * 1024);
    backend.accept(theirs);
    let _ = timeout(time, copy_bidirectional(&mut io, &mut ours)).await;
}

#[tokio::test]
async fn a_backend_that_is_gone_right_behind_its_hello_is_tried_again() {
    in_time(async {
        let (place, glass) = (path(), Glass::new());
        let backend = glass.backend();
        let listener = UnixListener::bind(&place.path).unwrap();
        let mut reconnect = soon();
        reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
        let frontend =
            Frontend::builder().reconnect(reconnect).connect_lazily(&place.endpoint).unwrap();
        // Often enough to be gone before, during and after its answer.
        for times in 0..100 {
            let (mut io, _) = listener.accept().await.unwrap();
            let (mut ours, theirs) = tokio::io::duplex(64 * 1024);
            backend.accept(theirs);
            let (mut from, mut to) = io.split();
            let (mut theirs, mut back) = tokio::io::split(&mut ours);
            let answers = async {
                let mut hello = [0; 4096];
                // The preface, then the answer, of which so much is let through.
                let read = theirs.read(&mut hello).await.unwrap();
                to.write_all(&hello[..read]).await.unwrap();
                let read = theirs.read(&mut hello).await.unwrap();
                to.write_all(&hello[..read.min(times * 20)]).await.unwrap();
            };
            let asks = tokio::io::copy(&mut from, &mut back);
            tokio::select! { () = answers => {}, _ = asks => {} }
        }
        let client: FrailClient = frontend.client();
        let call = tokio::spawn(client.ping());
        let serve = hand_on(&listener, &backend, Duration::from_secs(60));
        tokio::select! {
            answer = call => assert_eq!(answer.unwrap().unwrap(), 1),
            () = serve => panic!("it was cut"),
        }
    })
    .await;
}

#[tokio::test]
async fn an_attempt_that_ends_late_takes_no_later_connection_with_it() {
    in_time(async {
        let (place, glass) = (path(), Glass::new());
        let backend = glass.backend();
        let listener = UnixListener::bind(&place.path).unwrap();
        let mut limits = Limits::default();
        // Two megabytes take their time on a busy machine.
        limits.handshake_timeout = Duration::from_secs(1);
        // Its hello doesn't fit into the socket, so closing takes long.
        let builder = Frontend::builder().limits(limits).name("n".repeat(2_000_000));
        let frontend = builder.reconnect(soon()).connect_lazily(&place.endpoint).unwrap();
        let held = frozen(&listener).await;
        // On a loaded machine another attempt may be too slow, too.
        let serve = async {
            loop {
                hand_on(&listener, &backend, Duration::from_secs(60)).await;
            }
        };
        let stays = async {
            let mut state = frontend.state();
            let there =
                |state: &ConnectionState| matches!(state, ConnectionState::Connected { .. });
            state.wait_for(there).await.unwrap();
            // Longer than the failed one takes to end.
            let changed = timeout(Duration::from_millis(2_500), state.changed()).await;
            assert!(changed.is_err(), "{:?}", *state.borrow());
            frontend.close().await;
        };
        tokio::select! { () = stays => {}, _ = serve => {} }
        eventually("nobody is left", || backend.connection_count() == 0).await;
        drop(held);
    })
    .await;
}

#[tokio::test]
async fn a_close_is_heard_while_an_attempt_is_on_its_way_out() {
    in_time(async {
        let place = path();
        let listener = UnixListener::bind(&place.path).unwrap();
        let mut limits = Limits::default();
        limits.handshake_timeout = Duration::from_millis(50);
        let builder = Frontend::builder().limits(limits).name("n".repeat(2_000_000));
        let frontend = builder.reconnect(soon()).connect_lazily(&place.endpoint).unwrap();
        let held = frozen(&listener).await;
        let mut state = frontend.state();
        let failed =
            |state: &ConnectionState| matches!(state, ConnectionState::Reconnecting { .. });
        state.wait_for(failed).await.unwrap();
        frontend.close().await;
        assert!(matches!(*state.borrow(), ConnectionState::Disconnected(_)));
        drop(held);
    })
    .await;
}

#[tokio::test]
async fn a_backend_that_dies_of_each_connection_is_given_up_like_one_that_is_not_there() {
    in_time(async {
        let (place, glass) = (path(), Glass::new());
        let backend = glass.backend();
        let listener = UnixListener::bind(&place.path).unwrap();
        let mut reconnect = Reconnect::default();
        (reconnect.first_delay, reconnect.max_attempts) = (Duration::from_millis(1), Some(5));
        let builder = Frontend::builder().reconnect(reconnect);
        let dies = async {
            loop {
                hand_on(&listener, &backend, Duration::from_millis(20)).await;
            }
        };
        let given_up = async {
            let frontend = builder.connect(&place.endpoint).await.unwrap();
            frontend.closed().await
        };
        tokio::select! {
            reason = given_up => assert!(matches!(reason, DisconnectReason::ClosedByPeer(_))),
            () = dies => {}
        }
    })
    .await;
}

struct Silent;

impl Middleware for Silent {}

#[tokio::test]
async fn a_subscription_is_opened_again_with_its_arguments_whoever_looks_on() {
    in_time(async {
        let (place, glass) = (path(), Glass::new());
        let backend = glass.backend();
        backend.listen(&place.endpoint).await.unwrap();
        let builder = Frontend::builder().reconnect(soon()).middleware(Silent);
        let frontend = builder.connect(&place.endpoint).await.unwrap();
        let frail: FrailClient = frontend.open().await.unwrap();
        let mut numbers = frail.from(3).await.unwrap();
        (2..=3).for_each(|number| glass.fired.fire(number));
        assert_eq!(numbers.next().await.unwrap().unwrap(), 3);
        backend.stop(Duration::ZERO).await;
        let backend = glass.backend();
        backend.listen(&place.endpoint).await.unwrap();
        glass.fired.fire(1);
        glass.fired.fire(4);
        assert_eq!(numbers.next().await.unwrap().unwrap(), 4);
    })
    .await;
}

#[tokio::test]
async fn an_idempotent_call_that_is_given_up_says_that_it_may_have_run() {
    in_time(async {
        let (place, glass) = (path(), Glass::new());
        let backend = glass.backend();
        backend.listen(&place.endpoint).await.unwrap();
        let mut reconnect = soon();
        reconnect.max_attempts = Some(2);
        let builder = Frontend::builder().reconnect(reconnect);
        let frontend = builder.connect(&place.endpoint).await.unwrap();
        let frail: FrailClient = frontend.open().await.unwrap();
        let call = tokio::spawn(frail.wait());
        eventually("it runs", || glass.begun.load(Ordering::SeqCst) == 1).await;
        backend.stop(Duration::ZERO).await;
        let error = call.await.unwrap().unwrap_err();
        assert!(error.may_have_run(), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_retried_call_that_is_refused_says_that_it_may_have_run_before() {
    in_time(async {
        let (place, glass, backend, _frontend, frail) = connected().await;
        let call = tokio::spawn(frail.wait());
        eventually("it runs", || glass.begun.load(Ordering::SeqCst) == 1).await;
        backend.stop(Duration::ZERO).await;
        // It comes back without the interface.
        let backend = Backend::new();
        backend.listen(&place.endpoint).await.unwrap();
        let error = call.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert!(error.may_have_run(), "{error}");
        // One that was never sent before has not.
        let error = frail.ping().await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_run()), (ErrorKind::NotFound, false), "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_subscription_that_is_refused_when_it_comes_back_says_that_it_may_have_run() {
    in_time(async {
        let (place, _glass, backend, _frontend, frail) = connected().await;
        let mut numbers = frail.from(1).await.unwrap();
        backend.stop(Duration::ZERO).await;
        let backend = Backend::new();
        backend.listen(&place.endpoint).await.unwrap();
        let error = numbers.next().await.unwrap().unwrap_err();
        assert_eq!((error.kind(), error.may_have_run()), (ErrorKind::NotFound, true), "{error}");
        assert!(numbers.next().await.is_none());
    })
    .await;
}

#[tokio::test]
async fn calls_of_a_client_that_was_never_connected_are_counted_among_those_that_wait() {
    in_time(async {
        let place = path();
        let mut reconnect = soon();
        (reconnect.calls_while_disconnected, reconnect.max_waiting) =
            (CallsWhileDisconnected::Wait, 2);
        let builder = Frontend::builder().reconnect(reconnect);
        let frontend = builder.connect_lazily(&place.endpoint).unwrap();
        let frail: FrailClient = frontend.client();
        let mut calls: Vec<_> = (0..2).map(|_| Box::pin(frail.ping())).collect();
        for call in &mut calls {
            assert!(poll_once(call).await.is_none());
        }
        let error = frail.ping().await.unwrap_err();
        assert!(error.kind() == ErrorKind::NotConnected, "{error}");
        let backend = Glass::new().backend();
        backend.listen(&place.endpoint).await.unwrap();
        for call in calls {
            assert_eq!(call.await.unwrap(), 1);
        }
    })
    .await;
}

#[tokio::test]
async fn a_channel_that_comes_later_than_its_backend_is_compared_all_the_same() {
    in_time(async {
        let (place, _glass, backend, frontend, frail) = connected().await;
        assert_eq!(frail.ping().await.unwrap(), 1);
        stop(backend, &frontend).await;
        let backend = Backend::new();
        backend.listen(&place.endpoint).await.unwrap();
        eventually("it is back", || frontend.is_connected()).await;
        let error = frail.ping().await.unwrap_err();
        assert!(error.kind() == ErrorKind::NotFound, "{error}");
        backend.register(later::LaterHandler::new(later::Second)).unwrap();
        let error = frail.ping().await.unwrap_err();
        assert!(error.kind() == ErrorKind::VersionMismatch, "{error}");
    })
    .await;
}

#[tokio::test]
async fn a_subscription_waits_for_the_backend_after_one_that_stops() {
    in_time(async {
        let (place, glass, first, frontend, frail) = connected().await;
        let mut numbers = frail.from(0).await.unwrap();
        glass.fired.fire(1);
        assert_eq!(numbers.next().await.unwrap().unwrap(), 1);
        stop(first, &frontend).await;
        // The second has a call to finish, and takes nothing new meanwhile.
        let second = glass.backend();
        second.listen(&place.endpoint).await.unwrap();
        eventually("it is back", || frontend.is_connected()).await;
        let call = tokio::spawn(frail.wait());
        eventually("it runs", || glass.begun.load(Ordering::SeqCst) == 1).await;
        let stops = tokio::spawn(async move { second.stop(Duration::from_secs(20)).await });
        while !matches!(&frail.ping().await, Err(error) if error.kind() == ErrorKind::Closing) {
            tokio::task::yield_now().await;
        }
        assert!(poll_once(&mut numbers.next()).await.is_none());
        glass.fired.fire(2);
        glass.gate.add_permits(1);
        call.await.unwrap().unwrap();
        stops.await.unwrap();
        let third = glass.backend();
        third.listen(&place.endpoint).await.unwrap();
        assert_eq!(numbers.next().await.unwrap().unwrap(), 2);
    })
    .await;
}
