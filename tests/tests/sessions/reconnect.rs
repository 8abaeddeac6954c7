//! A frontend whose backend goes and comes back.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use ipc_runtime::{
    Backend, Endpoint, ErrorKind, Frontend, FrontendBuilder, Reconnect, Stream,
    config::CallsWhileDisconnected,
    error::DisconnectReason,
    event::Emitter,
    ipc_interface,
    peer::ConnectionState,
    store::{Key, Store, StoreReplica},
};
use ipc_tests::{TestCarrier, eventually, on_every_carrier, poll_once};
use tokio::sync::Semaphore;

on_every_carrier! {
    a_client_works_again_when_its_backend_is_back,
    calls_fail_while_the_backend_is_away,
    calls_wait_while_the_backend_is_away_where_that_is_asked_for,
    too_many_that_wait_fail,
    what_was_in_flight_fails_and_only_idempotent_methods_run_again,
    a_subscription_goes_on_where_it_was,
    a_subscription_that_cannot_go_on_has_a_gap,
    a_subscription_may_end_with_its_connection,
    a_backend_that_comes_back_in_another_version_is_told_and_not_tried_again,
    who_is_sent_away_does_not_come_back,
    who_was_closed_does_not_come_back,
    attempts_may_be_limited,
    a_backend_may_come_after_its_frontend,
    handlers_of_the_frontend_serve_the_backend_that_came_back,
    without_reconnect_the_end_is_the_end,
    a_replica_of_the_store_comes_back_with_its_frontend,
}

const SIZE: Key<u32> = Key::new("size");
const NAME: Key<String> = Key::new("name");

/// What a test asks of its backend.
#[ipc_interface(channel = "test.survivor", version = "1.0.0")]
trait Survivor {
    /// Which backend this is.
    fn which(&self) -> u32;
    /// Waits to be let go; gives which backend this is.
    async fn wait(&self) -> u32;
    /// The same, and may run twice.
    #[ipc(idempotent)]
    async fn wait_again(&self) -> u32;
    /// What is fired, replayed to who comes back.
    #[ipc(subscription)]
    async fn news(&self) -> impl Stream<Item = u32>;
    /// What is fired, not replayed.
    #[ipc(subscription)]
    async fn ticks(&self) -> impl Stream<Item = u32>;
}

/// The same channel, of a later release.
mod later {
    use ipc_runtime::ipc_interface;

    #[ipc_interface(channel = "test.survivor", version = "2.0.0")]
    pub(crate) trait Later {
        /// Which backend this is.
        fn which(&self) -> String;
    }

    pub(crate) struct Second;

    impl Later for Second {
        fn which(&self) -> String {
            "the second".into()
        }
    }
}

#[derive(Clone)]
struct World {
    which: u32,
    begun: Arc<AtomicU32>,
    gate: Arc<Semaphore>,
    news: Emitter<u32>,
    ticks: Emitter<u32>,
}

impl World {
    fn new() -> Self {
        Self {
            which: 1,
            begun: Arc::default(),
            gate: Arc::new(Semaphore::new(0)),
            news: Emitter::builder().replay(16).build(),
            ticks: Emitter::new(),
        }
    }

    fn begun(&self) -> u32 {
        self.begun.load(Ordering::SeqCst)
    }

    /// A backend of this world.
    fn backend(&mut self) -> Backend {
        let backend = Backend::new();
        backend.register(SurvivorHandler::new(self.clone())).unwrap();
        self.which += 1;
        backend
    }
}

impl Survivor for World {
    fn which(&self) -> u32 {
        self.which
    }

    async fn wait(&self) -> u32 {
        self.begun.fetch_add(1, Ordering::SeqCst);
        self.gate.acquire().await.unwrap().forget();
        self.which
    }

    async fn wait_again(&self) -> u32 {
        self.wait().await
    }

    async fn news(&self) -> impl Stream<Item = u32> {
        self.news.event().listen()
    }

    async fn ticks(&self) -> impl Stream<Item = u32> {
        self.ticks.event().listen()
    }
}

fn soon() -> Reconnect {
    let mut reconnect = Reconnect::default();
    (reconnect.first_delay, reconnect.max_delay) =
        (Duration::from_millis(1), Duration::from_millis(20));
    reconnect
}

fn waiting() -> Reconnect {
    let mut reconnect = soon();
    reconnect.calls_while_disconnected = CallsWhileDisconnected::Wait;
    reconnect
}

struct Scene {
    world: World,
    backend: Option<Backend>,
    endpoint: Endpoint,
    frontend: Frontend,
    survivor: SurvivorClient,
}

impl Scene {
    async fn new(carrier: &TestCarrier, reconnect: Reconnect) -> Self {
        Self::of(carrier, Frontend::builder().reconnect(reconnect)).await
    }

    async fn of(carrier: &TestCarrier, builder: FrontendBuilder) -> Self {
        let mut world = World::new();
        let backend = world.backend();
        let endpoint = carrier.listen(&backend).await;
        let frontend = builder.connect(endpoint.clone()).await.unwrap();
        let survivor = frontend.open().await.unwrap();
        Self { world, backend: Some(backend), endpoint, frontend, survivor }
    }

    /// The backend goes, and everything that it has.
    async fn backend_goes(&mut self) {
        self.backend.take().unwrap().stop(Duration::ZERO).await;
        let mut state = self.frontend.state();
        let lost = |state: &ConnectionState| !matches!(state, ConnectionState::Connected { .. });
        state.wait_for(lost).await.unwrap();
    }

    async fn backend_comes(&mut self) {
        let backend = self.world.backend();
        backend.listen(self.endpoint.clone()).await.unwrap();
        self.backend = Some(backend);
    }

    async fn is_connected(&self) {
        let mut state = self.frontend.state();
        let there = |state: &ConnectionState| matches!(state, ConnectionState::Connected { .. });
        state.wait_for(there).await.unwrap();
    }
}

async fn a_client_works_again_when_its_backend_is_back(carrier: TestCarrier) {
    let mut scene = Scene::new(&carrier, soon()).await;
    assert_eq!(scene.survivor.which().await.unwrap(), 1);
    for which in 2..5 {
        scene.backend_goes().await;
        assert!(!scene.frontend.is_connected());
        scene.backend_comes().await;
        scene.is_connected().await;
        assert_eq!(scene.survivor.which().await.unwrap(), which);
    }
}

async fn calls_fail_while_the_backend_is_away(carrier: TestCarrier) {
    let mut scene = Scene::new(&carrier, soon()).await;
    scene.backend_goes().await;
    let error = scene.survivor.which().await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotConnected, "{error}");
    assert!(!error.may_have_run());
    let mut state = scene.frontend.state();
    let tries = |state: &ConnectionState| {
        matches!(state, ConnectionState::Reconnecting { attempts: 3.., .. })
    };
    state.wait_for(tries).await.unwrap();
    scene.backend_comes().await;
    scene.is_connected().await;
    scene.survivor.which().await.unwrap();
}

async fn calls_wait_while_the_backend_is_away_where_that_is_asked_for(carrier: TestCarrier) {
    let mut scene = Scene::new(&carrier, waiting()).await;
    scene.backend_goes().await;
    let fresh: SurvivorClient = scene.frontend.client();
    let mut calls = [Box::pin(scene.survivor.which()), Box::pin(fresh.which())];
    for call in &mut calls {
        assert!(poll_once(call).await.is_none());
    }
    let late = scene.survivor.which().timeout(Duration::from_millis(20)).await.unwrap_err();
    assert!(late.kind() == ErrorKind::DeadlineExceeded, "{late}");
    scene.backend_comes().await;
    for call in calls {
        assert_eq!(call.await.unwrap(), 2);
    }
    let opened: SurvivorClient = scene.frontend.open().await.unwrap();
    assert_eq!(opened.which().await.unwrap(), 2);
}

async fn too_many_that_wait_fail(carrier: TestCarrier) {
    let mut reconnect = waiting();
    reconnect.max_waiting = 2;
    let mut scene = Scene::new(&carrier, reconnect).await;
    scene.backend_goes().await;
    let mut calls: Vec<_> = (0..2).map(|_| Box::pin(scene.survivor.which())).collect();
    for call in &mut calls {
        assert!(poll_once(call).await.is_none());
    }
    let error = scene.survivor.which().await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotConnected, "{error}");
    drop(calls.pop());
    let mut instead = Box::pin(scene.survivor.which());
    assert!(poll_once(&mut instead).await.is_none());
    scene.backend_comes().await;
    assert_eq!((instead.await.unwrap(), calls.remove(0).await.unwrap()), (2, 2));
}

async fn what_was_in_flight_fails_and_only_idempotent_methods_run_again(carrier: TestCarrier) {
    let mut scene = Scene::new(&carrier, soon()).await;
    let (once, twice) = (scene.survivor.wait(), scene.survivor.wait_again());
    let (once, twice) = (tokio::spawn(once), tokio::spawn(twice));
    eventually("both run", || scene.world.begun() == 2).await;
    scene.backend_goes().await;
    match once.await.unwrap() {
        Err(error) if error.kind() == ErrorKind::Disconnected => {
            assert!(error.may_have_run(), "{error}")
        }
        other => panic!("{other:?}"),
    }
    scene.backend_comes().await;
    eventually("one of them runs again", || scene.world.begun() == 3).await;
    scene.world.gate.add_permits(1);
    assert_eq!(twice.await.unwrap().unwrap(), 2);
    assert_eq!(scene.world.begun(), 3);
}

async fn a_subscription_goes_on_where_it_was(carrier: TestCarrier) {
    let mut scene = Scene::new(&carrier, soon()).await;
    let mut news = scene.survivor.news().await.unwrap();
    for number in 1..=3 {
        scene.world.news.fire(number);
        assert_eq!(news.next().await.unwrap().unwrap(), number);
    }
    for first in [4, 7] {
        scene.backend_goes().await;
        assert!(poll_once(&mut news.next()).await.is_none());
        scene.world.news.fire(first);
        scene.world.news.fire(first + 1);
        scene.backend_comes().await;
        for number in [first, first + 1] {
            assert_eq!(news.next().await.unwrap().unwrap(), number);
        }
        scene.world.news.fire(first + 2);
        assert_eq!(news.next().await.unwrap().unwrap(), first + 2);
    }
    drop(news);
    eventually("nobody listens any more", || scene.world.news.listener_count() == 0).await;
}

async fn a_subscription_that_cannot_go_on_has_a_gap(carrier: TestCarrier) {
    let mut scene = Scene::new(&carrier, soon()).await;
    let mut ticks = scene.survivor.ticks().await.unwrap();
    eventually("it listens", || scene.world.ticks.listener_count() == 1).await;
    scene.backend_goes().await;
    eventually("nobody listens", || scene.world.ticks.listener_count() == 0).await;
    scene.world.ticks.fire(1);
    scene.backend_comes().await;
    let gap = ticks.next().await.unwrap().unwrap_err();
    assert!(gap.kind() == ErrorKind::Gap, "{gap}");
    eventually("it listens again", || scene.world.ticks.listener_count() == 1).await;
    scene.world.ticks.fire(2);
    assert_eq!(ticks.next().await.unwrap().unwrap(), 2);
}

async fn a_subscription_may_end_with_its_connection(carrier: TestCarrier) {
    let mut scene = Scene::new(&carrier, soon()).await;
    let mut news = scene.survivor.news().ends_with_connection().await.unwrap();
    scene.backend_goes().await;
    let end = news.next().await.unwrap().unwrap_err();
    assert!(end.kind() == ErrorKind::Disconnected, "{end}");
    assert!(news.next().await.is_none());
}

async fn a_backend_that_comes_back_in_another_version_is_told_and_not_tried_again(
    carrier: TestCarrier,
) {
    let mut scene = Scene::new(&carrier, waiting()).await;
    let mut news = scene.survivor.news().await.unwrap();
    scene.backend_goes().await;
    let waits = tokio::spawn(scene.survivor.which());
    let backend = Backend::new();
    backend.register(later::LaterHandler::new(later::Second)).unwrap();
    backend.listen(scene.endpoint.clone()).await.unwrap();
    let reason = scene.frontend.closed().await;
    let DisconnectReason::VersionMismatch(mismatch) = &reason else { panic!("{reason}") };
    assert_eq!((mismatch.our_version, &*mismatch.their_version), ("1.0.0", "2.0.0"));
    let error = waits.await.unwrap().unwrap_err();
    assert!(error.kind() == ErrorKind::VersionMismatch, "{error}");
    let error = scene.survivor.which().await.unwrap_err();
    assert!(error.kind() == ErrorKind::VersionMismatch, "{error}");
    let end = news.next().await.unwrap().unwrap_err();
    assert!(end.kind() == ErrorKind::VersionMismatch, "{end}");
    assert!(news.next().await.is_none());
    eventually("nobody is connected", || backend.connection_count() == 0).await;
}

async fn who_is_sent_away_does_not_come_back(carrier: TestCarrier) {
    let scene = Scene::new(&carrier, soon()).await;
    let backend = scene.backend.as_ref().unwrap();
    backend.peers().iter().next().unwrap().close().await;
    let reason = scene.frontend.closed().await;
    assert!(matches!(reason, DisconnectReason::ClosedByPeer(_)), "{reason}");
    eventually("nobody is connected", || backend.connection_count() == 0).await;
}

async fn who_was_closed_does_not_come_back(carrier: TestCarrier) {
    let mut scene = Scene::new(&carrier, soon()).await;
    scene.frontend.close().await;
    assert!(matches!(scene.frontend.closed().await, DisconnectReason::ClosedHere));
    // Also during its attempts.
    let mut away = Scene::new(&TestCarrier::memory(), waiting()).await;
    away.backend_goes().await;
    let waits = tokio::spawn(away.survivor.which());
    tokio::task::yield_now().await;
    away.frontend.close().await;
    assert!(waits.await.unwrap().is_err());
    scene.backend_goes().await;
}

async fn attempts_may_be_limited(carrier: TestCarrier) {
    let mut reconnect = soon();
    reconnect.max_attempts = Some(3);
    let mut scene = Scene::new(&carrier, reconnect).await;
    scene.backend_goes().await;
    let reason = scene.frontend.closed().await;
    assert!(matches!(reason, DisconnectReason::ClosedByPeer(_)), "{reason}");
    let error = scene.survivor.which().await.unwrap_err();
    assert!(error.kind() == ErrorKind::Disconnected, "{error}");
}

async fn a_backend_may_come_after_its_frontend(carrier: TestCarrier) {
    // Where it will be.
    let mut world = World::new();
    let first = world.backend();
    let endpoint = carrier.listen(&first).await;
    first.stop(Duration::ZERO).await;
    let frontend = carrier.builder().reconnect(waiting()).connect_lazily(endpoint.clone()).unwrap();
    let survivor: SurvivorClient = frontend.client();
    let which = tokio::spawn(survivor.which());
    let mut state = frontend.state();
    let tries = |state: &ConnectionState| matches!(state, ConnectionState::Reconnecting { .. });
    state.wait_for(tries).await.unwrap();
    let second = world.backend();
    second.listen(endpoint).await.unwrap();
    assert_eq!(which.await.unwrap().unwrap(), 2);
}

async fn handlers_of_the_frontend_serve_the_backend_that_came_back(carrier: TestCarrier) {
    let builder = carrier.builder().reconnect(soon()).expose("answer", async |()| 42).unwrap();
    let mut scene = Scene::of(&carrier, builder).await;
    for _ in 0..2 {
        let peers = scene.backend.as_ref().unwrap().peers();
        let peer = peers.iter().next().unwrap();
        assert_eq!(peer.call::<u32>("answer", &()).await.unwrap(), 42);
        scene.backend_goes().await;
        scene.backend_comes().await;
        scene.is_connected().await;
    }
}

async fn without_reconnect_the_end_is_the_end(carrier: TestCarrier) {
    let mut scene = Scene::of(&carrier, carrier.builder()).await;
    let mut news = scene.survivor.news().await.unwrap();
    scene.backend_goes().await;
    scene.frontend.closed().await;
    let end = news.next().await.unwrap().unwrap_err();
    assert!(end.kind() == ErrorKind::Disconnected, "{end}");
}

async fn a_replica_of_the_store_comes_back_with_its_frontend(carrier: TestCarrier) {
    let mut scene = Scene::new(&carrier, waiting()).await;
    let old = Store::new();
    old.serve(scene.backend.as_ref().unwrap()).unwrap();
    for size in 1..=5 {
        old.set(&SIZE, &size).unwrap();
    }
    old.set(&NAME, &"old".to_owned()).unwrap();
    let replica = StoreReplica::open(&scene.frontend).await.unwrap();
    let mut sizes = replica.watch(&SIZE);
    assert_eq!(sizes.next().await.unwrap().unwrap(), Some(5));
    scene.backend_goes().await;
    assert_eq!((replica.get(&SIZE).unwrap(), replica.is_closed()), (Some(5), false));
    let write = tokio::spawn(replica.set(&SIZE, &7));
    // Another store, whose revisions begin anew.
    let new = Store::new();
    new.set(&SIZE, &6).unwrap();
    let backend = scene.world.backend();
    new.serve(&backend).unwrap();
    backend.listen(scene.endpoint.clone()).await.unwrap();
    let revision = write.await.unwrap().unwrap();
    assert_eq!((replica.get(&SIZE).unwrap(), replica.get(&NAME).unwrap()), (Some(7), None));
    assert!(revision.get() < 5 && replica.snapshot() == new.snapshot());
    while sizes.next().await.unwrap().unwrap() != Some(7) {}
    drop((replica, sizes));
    eventually("nobody watches", || new.listener_count() == 0).await;
}
