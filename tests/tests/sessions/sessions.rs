//! A backend's peer whose connection is lost, and who comes back.
#![cfg(unix)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ipc_runtime::{
    Backend, BackendBuilder, Endpoint, ErrorKind, Frontend, Limits, Peer, error::DisconnectReason,
    event::Emitter, peer::ConnectionState,
};
use ipc_tests::{Cable, TestCarrier, WebSocket, eventually, in_time};
use serde_json::json;

use super::desk::{
    DeskClient, DeskHandler, Keyboard, LONG, PaneClient, PaneHandler, Visits, is_away, soon, waits,
};

/// What a backend has heard of its peers.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    fn add(&self, line: String) {
        self.0.lock().unwrap().push(line);
    }
}

struct World {
    backend: Backend,
    endpoint: Endpoint,
    log: Log,
    alive: Arc<()>,
    _place: TestCarrier,
}

impl World {
    async fn new(carrier: TestCarrier, builder: BackendBuilder) -> Self {
        let (backend, log, alive) = (builder.build(), Log::default(), Arc::new(()));
        let token = alive.clone();
        let desk = move |_: Peer| DeskHandler::new(Visits::keeping(token.clone()));
        backend.register_with(desk).unwrap();
        let (came, went) = (log.clone(), log.clone());
        backend.peer_connected().on(move |peer| came.add(format!("{} came", peer.id())));
        backend.peer_disconnected().on(move |(peer, reason)| {
            went.add(format!("{} went: {reason}", peer.id()));
        });
        let endpoint = carrier.listen(&backend).await;
        Self { backend, endpoint, log, alive, _place: carrier }
    }

    fn only_peer(&self) -> Peer {
        let peers = self.backend.peers();
        assert_eq!(peers.len(), 1);
        peers.iter().next().unwrap().clone()
    }

    /// So often somebody has come or gone, which is told behind the end.
    async fn has_told(&self, times: usize) -> Vec<String> {
        eventually("all was told", || self.log.lines().len() >= times).await;
        let lines = self.log.lines();
        assert_eq!(lines.len(), times, "{lines:?}");
        lines
    }

    async fn is_empty(&self) {
        let backend = &self.backend;
        let is_left = || backend.peers().is_empty() && backend.usage().is_zero();
        eventually("nothing is left", is_left).await;
        eventually("its handlers were dropped", || Arc::strong_count(&self.alive) <= 2).await;
    }
}

async fn window(endpoint: &Endpoint) -> Frontend {
    Frontend::builder().reconnect(soon()).name("window").connect(endpoint.clone()).await.unwrap()
}

macro_rules! over_both {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn unix() {
                ipc_tests::in_time(super::$name(ipc_tests::TestCarrier::unix())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn web_socket() {
                ipc_tests::in_time(super::$name(ipc_tests::TestCarrier::web_socket())).await;
            }
        }
    )*};
}

over_both! {
    a_window_that_returns_is_the_same_peer,
    a_window_is_told_whether_it_is_the_same_peer,
    a_window_that_does_not_fit_any_more_is_not_waited_for,
    a_window_that_was_closed_does_not_come_back,
    many_returns_leave_nothing_behind,
    a_peer_that_does_not_return_has_gone_after_the_grace,
    a_window_that_closes_has_gone_at_once,
    a_window_that_does_not_reconnect_has_gone_at_once,
    a_peer_that_is_away_is_known_and_not_reached,
    a_peer_that_is_closed_while_it_is_away_has_gone,
    a_stop_does_not_wait_for_who_is_away,
    a_subscription_of_the_backend_goes_on_when_its_window_is_back,
    without_a_grace_each_connection_is_a_new_peer,
}

async fn a_window_that_returns_is_the_same_peer(carrier: TestCarrier) {
    let world = World::new(carrier, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    let (name, _) = desk.visit().await.unwrap();
    let peer = world.only_peer();
    assert_eq!(peer.id().to_string(), name);
    peer.extensions().insert("what the app keeps");
    assert!(world.backend.group("editors").join(&peer));
    for visit in 2..5 {
        returns(&cable, &window, &peer).await;
        assert_eq!(desk.visit().await.unwrap(), (name.clone(), visit), "its handler is another");
        assert_eq!(world.only_peer(), peer);
        assert_eq!(peer.extensions().get::<&str>().as_deref(), Some(&"what the app keeps"));
        assert_eq!(world.backend.group("editors").peers().len(), 1);
        assert_eq!(peer.name().as_deref(), Some("window"));
    }
    assert_eq!(world.log.lines(), [format!("{name} came")]);
    window.close().await;
    world.is_empty().await;
    assert!(world.backend.group("editors").peers().is_empty());
    world.has_told(2).await;
    eventually("what was kept of it is gone", || peer.extensions().get::<&str>().is_none()).await;
}

/// Cuts the connection, and waits until the window has another one. Tells whether that says that
/// the backend still knows it.
async fn cut_and_return(cable: &Cable, window: &Frontend) -> bool {
    let mut state = window.state();
    state.mark_unchanged();
    cable.cut();
    in_time(state.changed()).await.unwrap();
    let connected = |state: &ConnectionState| matches!(state, ConnectionState::Connected { .. });
    let state = in_time(state.wait_for(connected)).await.unwrap().clone();
    matches!(state, ConnectionState::Connected { resumed: true, .. })
}

/// The same, and the backend has seen it, too.
async fn returns(cable: &Cable, window: &Frontend, peer: &Peer) {
    assert!(cut_and_return(cable, window).await, "it is told that it is another peer");
    let back =
        |state: &ConnectionState| matches!(state, ConnectionState::Connected { resumed: true, .. });
    in_time(peer.state().wait_for(back)).await.unwrap();
}

async fn a_window_is_told_whether_it_is_the_same_peer(carrier: TestCarrier) {
    // It may be back before or after that.
    let world = World::new(carrier, waits(Duration::from_millis(2))).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let first =
        matches!(&*window.state().borrow(), ConnectionState::Connected { resumed, .. } if *resumed);
    assert!(!first);
    let desk: DeskClient = window.open().await.unwrap();
    let mut before = desk.visit().await.unwrap().0;
    for _ in 0..30 {
        let told = cut_and_return(&cable, &window).await;
        let now = desk.visit().await.unwrap().0;
        assert_eq!(told, before == now, "it was {before} and is {now}");
        before = now;
    }
}

/// The same channel in another version.
mod next {
    #[ipc_runtime::ipc_interface(channel = "test.desk", version = "2.0.0")]
    pub(super) trait Desk {
        fn visit(&self) -> u8;
    }

    pub(super) struct Nobody;

    impl Desk for Nobody {
        fn visit(&self) -> u8 {
            0
        }
    }
}

async fn a_window_that_does_not_fit_any_more_is_not_waited_for(carrier: TestCarrier) {
    let backend = waits(LONG).build();
    let (log, alive) = (Log::default(), Arc::new(()));
    let desk = DeskHandler::new(Visits::keeping(alive.clone()));
    let registration = backend.register(desk).unwrap();
    let went = log.clone();
    backend.peer_disconnected().on(move |(peer, _)| went.add(peer.id().to_string()));
    let endpoint = carrier.listen(&backend).await;
    let cable = Cable::to(&endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    let (name, _) = desk.visit().await.unwrap();
    registration.remove();
    backend.register(next::DeskHandler::new(next::Nobody)).unwrap();
    cable.cut();
    let reason = in_time(window.closed()).await;
    assert!(matches!(reason, DisconnectReason::VersionMismatch(_)), "{reason}");
    eventually("it has gone", || log.lines().contains(&name)).await;
    let is_left = || backend.peers().is_empty() && backend.usage().is_zero();
    eventually("nothing is left", is_left).await;
}

async fn a_window_that_was_closed_does_not_come_back(carrier: TestCarrier) {
    let world = World::new(carrier, waits(LONG)).await;
    for _ in 0..10 {
        let cable = Cable::to(&world.endpoint).await;
        let window = window(cable.endpoint()).await;
        let peer = world.only_peer();
        cable.cut();
        // Away, or back already.
        in_time(peer.close()).await;
        let reason = in_time(window.closed()).await;
        assert!(matches!(reason, DisconnectReason::ClosedByPeer(None)), "{reason}");
        world.is_empty().await;
    }
    world.has_told(20).await;
}

async fn many_returns_leave_nothing_behind(carrier: TestCarrier) {
    let world = World::new(carrier, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    let first = desk.visit().await.unwrap().0;
    for _ in 0..50 {
        returns(&cable, &window, &world.only_peer()).await;
        assert_eq!(desk.visit().await.unwrap().0, first);
    }
    let usage = || {
        let usage = world.backend.usage();
        (usage.connections, usage.peer_handlers, usage.disconnected_peers)
    };
    eventually("only the present connection is left", || usage() == (1, 1, 0)).await;
    assert_eq!(world.backend.connection_count(), 1);
    drop((window, desk));
    world.is_empty().await;
}

async fn a_peer_that_does_not_return_has_gone_after_the_grace(carrier: TestCarrier) {
    let world = World::new(carrier, waits(Duration::from_millis(50))).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    let (name, _) = desk.visit().await.unwrap();
    let peer = world.only_peer();
    cable.cut_for_good();
    in_time(peer.closed()).await;
    world.is_empty().await;
    let lines = world.has_told(2).await;
    assert!(lines[1].starts_with(&format!("{name} went: the other side closed it")), "{lines:?}");
}

async fn a_window_that_closes_has_gone_at_once(carrier: TestCarrier) {
    let world = World::new(carrier, waits(LONG)).await;
    let window = window(&world.endpoint).await;
    let desk: DeskClient = window.open().await.unwrap();
    desk.visit().await.unwrap();
    window.close().await;
    world.is_empty().await;
}

async fn a_window_that_does_not_reconnect_has_gone_at_once(carrier: TestCarrier) {
    let world = World::new(carrier, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = Frontend::connect(cable.endpoint().clone()).await.unwrap();
    let desk: DeskClient = window.open().await.unwrap();
    desk.visit().await.unwrap();
    cable.cut();
    world.is_empty().await;
}

async fn a_peer_that_is_away_is_known_and_not_reached(carrier: TestCarrier) {
    let world = World::new(carrier, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    desk.visit().await.unwrap();
    let peer = world.only_peer();
    cable.cut_for_good();
    is_away(&peer).await;
    eventually("it is counted", || world.backend.usage().disconnected_peers == 1).await;
    assert_eq!(world.only_peer(), peer);
    assert_eq!(world.backend.peer(peer.id()), Some(peer.clone()));
    assert!(!peer.is_connected());
    assert_eq!(world.backend.connection_count(), 0);
    let error = peer.call::<u32>("test.pane.typed", &()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotConnected, "{error:?}");
}

async fn a_peer_that_is_closed_while_it_is_away_has_gone(carrier: TestCarrier) {
    let world = World::new(carrier, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    desk.visit().await.unwrap();
    let peer = world.only_peer();
    peer.extensions().insert(7_u32);
    let kept = Arc::new(Mutex::new(None));
    let told = kept.clone();
    world.backend.peer_disconnected().on(move |(peer, _)| {
        *told.lock().unwrap() = peer.extensions().get::<u32>();
    });
    cable.cut_for_good();
    is_away(&peer).await;
    in_time(peer.close()).await;
    world.is_empty().await;
    let is_kept = || kept.lock().unwrap().as_deref() == Some(&7);
    eventually("its data is there when it is told of", is_kept).await;
}

async fn a_stop_does_not_wait_for_who_is_away(carrier: TestCarrier) {
    let world = World::new(carrier, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    desk.visit().await.unwrap();
    cable.cut_for_good();
    is_away(&world.only_peer()).await;
    in_time(world.backend.stop(LONG)).await;
    world.is_empty().await;
}

async fn a_subscription_of_the_backend_goes_on_when_its_window_is_back(carrier: TestCarrier) {
    let world = World::new(carrier, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let keys = Emitter::builder().replay(16).build();
    let builder = Frontend::builder().reconnect(soon());
    let builder = builder.register(PaneHandler::new(Keyboard(keys.clone()))).unwrap();
    let window = builder.connect(cable.endpoint().clone()).await.unwrap();
    eventually("it is there", || !world.backend.peers().is_empty()).await;
    let peer = world.only_peer();
    let pane: PaneClient = peer.open().await.unwrap();
    let mut typed = pane.typed().await.unwrap();
    keys.fire(1);
    assert_eq!(in_time(typed.next()).await.unwrap().unwrap(), 1);
    returns(&cable, &window, &peer).await;
    keys.fire(2);
    assert_eq!(in_time(typed.next()).await.unwrap().unwrap(), 2);
}

async fn without_a_grace_each_connection_is_a_new_peer(carrier: TestCarrier) {
    let world = World::new(carrier, waits(Duration::ZERO)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    let first = desk.visit().await.unwrap();
    assert!(!cut_and_return(&cable, &window).await, "nobody has kept what was told to be the same");
    let second = desk.visit().await.unwrap();
    assert_ne!(first.0, second.0);
    assert_eq!((first.1, second.1), (1, 1));
}

#[tokio::test]
async fn a_name_is_known_when_its_peer_is_told_of() {
    let carrier = TestCarrier::unix();
    let world = World::new(carrier, waits(LONG)).await;
    let named = Log::default();
    let log = named.clone();
    world.backend.peer_connected().on(move |peer| {
        log.add(format!("{:?}", peer.name()));
    });
    let _window = window(&world.endpoint).await;
    eventually("it was told of", || named.lines() == ["Some(\"window\")"]).await;
}

#[tokio::test]
async fn a_page_that_only_listens_is_a_peer() {
    let world = World::new(TestCarrier::web_socket(), waits(LONG)).await;
    let mut page = WebSocket::connect(&world.endpoint, &[]).await.unwrap();
    eventually("it is there", || world.backend.peers().len() == 1).await;
    world.backend.peers().notify("news", &("hello",)).await;
    assert_eq!(page.next().await["params"], json!(["hello"]));
}

#[tokio::test]
async fn a_page_that_asks_for_the_subprotocol_and_only_listens_is_a_peer_in_time() {
    let mut limits = Limits::default();
    limits.handshake_timeout = LONG;
    let world = World::new(TestCarrier::web_socket(), Backend::builder().limits(limits)).await;
    let headers = [("Sec-WebSocket-Protocol", "ipc.v1.json")];
    let _page = WebSocket::connect(&world.endpoint, &headers).await.unwrap();
    eventually("it is there", || world.backend.peers().len() == 1).await;
}
