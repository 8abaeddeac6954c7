//! A backend's peer whose connection is lost, and who comes back.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use ipc_runtime::{
    Backend, BackendBuilder, CallContext, ConnectionState, DisconnectReason, Emitter, Endpoint,
    Frontend, Handshake, IpcError, Limits, Listening, Peer, PeerId, Reconnect, Stream,
    ipc_interface,
};
use ipc_tests::{Cable, Frames, Place, Scratch, WebSocket, eventually, in_time};
use serde_json::{Value, json};

/// Longer than any test.
const LONG: Duration = Duration::from_secs(3600);

/// What a window asks of its backend.
#[ipc_interface(channel = "test.desk", version = "1.0.0")]
trait Desk {
    /// Which peer this is, and how often it has asked.
    fn visit(&self, #[ipc(context)] call: &CallContext) -> (String, u32);
}

/// One for each peer.
struct Visits {
    count: AtomicU32,
    alive: Arc<()>,
}

impl Desk for Visits {
    fn visit(&self, call: &CallContext) -> (String, u32) {
        assert!(Arc::strong_count(&self.alive) > 1);
        (call.peer().id().to_string(), self.count.fetch_add(1, Ordering::SeqCst) + 1)
    }
}

/// What a backend asks of a window.
#[ipc_interface(channel = "test.pane", version = "1.0.0")]
trait Pane {
    /// What is typed there.
    #[ipc(subscription)]
    async fn typed(&self) -> impl Stream<Item = u32>;
}

struct Keyboard(Emitter<u32>);

impl Pane for Keyboard {
    async fn typed(&self) -> impl Stream<Item = u32> {
        self.0.event().listen()
    }
}

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
    _listening: (Listening, Listening),
    _place: Place,
}

fn waits(grace: Duration) -> BackendBuilder {
    let mut limits = Limits::default();
    limits.session_grace = grace;
    Backend::builder().limits(limits)
}

impl World {
    async fn new(place: Place, builder: BackendBuilder) -> Self {
        let (backend, log, alive) = (builder.build(), Log::default(), Arc::new(()));
        let token = alive.clone();
        let desk = move |_: Peer| {
            DeskHandler::new(Visits { count: AtomicU32::new(0), alive: token.clone() })
        };
        backend.register_with(desk).unwrap();
        let (came, went) = (log.clone(), log.clone());
        let listening = (
            backend.peer_connected().on(move |peer| came.add(format!("{} came", peer.id()))),
            backend.peer_disconnected().on(move |(peer, reason)| {
                went.add(format!("{} went: {reason}", peer.id()));
            }),
        );
        let endpoint = place.listen(&backend).await;
        Self { backend, endpoint, log, alive, _listening: listening, _place: place }
    }

    fn only_peer(&self) -> Peer {
        let peers = self.backend.peers();
        assert_eq!(peers.len(), 1);
        peers.iter().next().unwrap().clone()
    }

    async fn is_empty(&self) {
        eventually("nothing is left", || self.backend.usage().is_zero()).await;
        assert!(self.backend.peers().is_empty());
        eventually("its handlers were dropped", || Arc::strong_count(&self.alive) <= 2).await;
    }
}

/// One that comes back at once.
fn soon() -> Reconnect {
    let mut reconnect = Reconnect::default();
    reconnect.first_delay = Duration::from_millis(1);
    reconnect.max_delay = Duration::from_millis(20);
    reconnect
}

async fn window(endpoint: &Endpoint) -> Frontend {
    Frontend::builder().reconnect(soon()).name("window").connect(endpoint.clone()).await.unwrap()
}

async fn is_away(peer: &Peer) {
    let mut state = peer.state();
    let away = |state: &ConnectionState| matches!(state, ConnectionState::Reconnecting { .. });
    in_time(state.wait_for(away)).await.unwrap();
}

macro_rules! over_both {
    ($($name:ident),* $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn unix() {
                ipc_tests::in_time(super::$name(ipc_tests::Place::unix())).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn web_socket() {
                ipc_tests::in_time(super::$name(ipc_tests::Place::web_socket())).await;
            }
        }
    )*};
}

over_both! {
    a_window_that_returns_is_the_same_peer,
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

async fn a_window_that_returns_is_the_same_peer(place: Place) {
    let world = World::new(place, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    let (name, _) = desk.visit().await.unwrap();
    let peer = world.only_peer();
    assert_eq!(peer.id().to_string(), name);
    peer.insert("what the app keeps");
    assert!(world.backend.group("editors").join(&peer));
    for visit in 2..5 {
        cable.cut();
        is_back(&window, &peer).await;
        assert_eq!(desk.visit().await.unwrap(), (name.clone(), visit), "its handler is another");
        assert_eq!(world.only_peer(), peer);
        assert_eq!(peer.get::<&str>().as_deref(), Some(&"what the app keeps"));
        assert_eq!(world.backend.group("editors").peers().len(), 1);
        assert_eq!(peer.name().as_deref(), Some("window"));
    }
    assert_eq!(world.log.lines(), [format!("{name} came")]);
    window.close().await;
    world.is_empty().await;
    assert!(world.backend.group("editors").peers().is_empty());
    assert_eq!(world.log.lines().len(), 2, "{:?}", world.log.lines());
    assert!(peer.get::<&str>().is_none());
}

/// Both sides have seen that it was away, and that it is back.
async fn is_back(window: &Frontend, peer: &Peer) {
    let mut state = window.state();
    in_time(state.changed()).await.unwrap();
    let connected = |state: &ConnectionState| matches!(state, ConnectionState::Connected);
    in_time(state.wait_for(connected)).await.unwrap();
    in_time(peer.state().wait_for(connected)).await.unwrap();
}

async fn many_returns_leave_nothing_behind(place: Place) {
    let world = World::new(place, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    let first = desk.visit().await.unwrap().0;
    for _ in 0..50 {
        cable.cut();
        is_back(&window, &world.only_peer()).await;
        assert_eq!(desk.visit().await.unwrap().0, first);
    }
    let usage = || {
        let usage = world.backend.usage();
        (usage.connections, usage.peer_handlers, usage.away_peers)
    };
    eventually("only the present connection is left", || usage() == (1, 1, 0)).await;
    assert_eq!(world.backend.connection_count(), 1);
    drop((window, desk));
    world.is_empty().await;
}

async fn a_peer_that_does_not_return_has_gone_after_the_grace(place: Place) {
    let world = World::new(place, waits(Duration::from_millis(50))).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    let (name, _) = desk.visit().await.unwrap();
    let peer = world.only_peer();
    cable.cut_for_good();
    in_time(peer.closed()).await;
    world.is_empty().await;
    let lines = world.log.lines();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[1].starts_with(&format!("{name} went: the other side closed it")), "{lines:?}");
}

async fn a_window_that_closes_has_gone_at_once(place: Place) {
    let world = World::new(place, waits(LONG)).await;
    let window = window(&world.endpoint).await;
    let desk: DeskClient = window.open().await.unwrap();
    desk.visit().await.unwrap();
    window.close().await;
    world.is_empty().await;
}

async fn a_window_that_does_not_reconnect_has_gone_at_once(place: Place) {
    let world = World::new(place, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = Frontend::connect(cable.endpoint().clone()).await.unwrap();
    let desk: DeskClient = window.open().await.unwrap();
    desk.visit().await.unwrap();
    cable.cut();
    world.is_empty().await;
}

async fn a_peer_that_is_away_is_known_and_not_reached(place: Place) {
    let world = World::new(place, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    desk.visit().await.unwrap();
    let peer = world.only_peer();
    cable.cut_for_good();
    is_away(&peer).await;
    eventually("it is counted", || world.backend.usage().away_peers == 1).await;
    assert_eq!(world.only_peer(), peer);
    assert_eq!(world.backend.peer(peer.id()), Some(peer.clone()));
    assert!(!peer.is_connected());
    assert_eq!(world.backend.connection_count(), 0);
    let error = peer.call::<u32>("test.pane.typed", &()).await.unwrap_err();
    assert!(matches!(error, IpcError::NotConnected { .. }), "{error:?}");
}

async fn a_peer_that_is_closed_while_it_is_away_has_gone(place: Place) {
    let world = World::new(place, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    desk.visit().await.unwrap();
    let peer = world.only_peer();
    peer.insert(7_u32);
    let kept = Arc::new(Mutex::new(None));
    let told = kept.clone();
    let _listening = world.backend.peer_disconnected().on(move |(peer, _)| {
        *told.lock().unwrap() = peer.get::<u32>();
    });
    cable.cut_for_good();
    is_away(&peer).await;
    in_time(peer.close()).await;
    world.is_empty().await;
    assert_eq!(kept.lock().unwrap().as_deref(), Some(&7), "its data was gone before it was told");
}

async fn a_stop_does_not_wait_for_who_is_away(place: Place) {
    let world = World::new(place, waits(LONG)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    desk.visit().await.unwrap();
    cable.cut_for_good();
    is_away(&world.only_peer()).await;
    in_time(world.backend.stop(LONG)).await;
    world.is_empty().await;
}

async fn a_subscription_of_the_backend_goes_on_when_its_window_is_back(place: Place) {
    let world = World::new(place, waits(LONG)).await;
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
    cable.cut();
    is_back(&window, &peer).await;
    keys.fire(2);
    assert_eq!(in_time(typed.next()).await.unwrap().unwrap(), 2);
}

async fn without_a_grace_each_connection_is_a_new_peer(place: Place) {
    let world = World::new(place, waits(Duration::ZERO)).await;
    let cable = Cable::to(&world.endpoint).await;
    let window = window(cable.endpoint()).await;
    let desk: DeskClient = window.open().await.unwrap();
    let first = desk.visit().await.unwrap();
    cable.cut();
    in_time(window.state().changed()).await.unwrap();
    let second = async {
        loop {
            if let Ok(second) = desk.visit().await {
                return second;
            }
            tokio::task::yield_now().await;
        }
    };
    let second = in_time(second).await;
    assert_ne!(first.0, second.0);
    assert_eq!((first.1, second.1), (1, 1));
}

/// A peer that knows the protocol, and nothing of the library.
async fn knock(path: &std::path::Path, session: &str) -> (Frames, Value) {
    let mut peer = Frames::connect(path).await;
    let hello = json!({
        "jsonrpc": "2.0", "id": 1, "method": "rpc.handshake",
        "params": { "protocol": 1, "session": session },
    });
    let answer = peer.ask(hello.to_string()).await;
    (peer, answer["result"]["session"].clone())
}

async fn visit(peer: &mut Frames) -> Value {
    let visit = json!({ "jsonrpc": "2.0", "id": 2, "method": "test.desk.visit" });
    peer.ask(visit.to_string()).await["result"].clone()
}

struct Site {
    world: World,
    path: std::path::PathBuf,
    _directory: Scratch,
}

async fn site(builder: BackendBuilder) -> Site {
    let directory = Scratch::new();
    let path = directory.join("socket");
    let world = World::new(Place::memory(), builder).await;
    world.backend.listen(Endpoint::Unix(path.clone())).await.unwrap();
    Site { world, path, _directory: directory }
}

#[tokio::test]
async fn a_session_is_128_random_bits() {
    let site = site(waits(LONG)).await;
    let mut seen = Vec::new();
    for _ in 0..20 {
        let (_peer, id) = knock(&site.path, "").await;
        let id = id.as_str().unwrap().to_owned();
        assert_eq!(id.len(), 32);
        assert!(id.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert!(!seen.contains(&id));
        seen.push(id);
    }
}

#[tokio::test]
async fn who_comes_back_takes_over_from_a_connection_that_seems_alive() {
    let site = site(waits(LONG)).await;
    let (mut old, id) = knock(&site.path, "").await;
    let first = visit(&mut old).await;
    let (mut new, same) = knock(&site.path, id.as_str().unwrap()).await;
    assert_eq!(id, same);
    assert_eq!(visit(&mut new).await, json!([first[0], 2]));
    // Two that claim to be the same must not take turns for ever.
    let closing = old.next().await;
    assert_eq!(closing["method"], "rpc.closing");
    assert_eq!(closing["params"]["final"], true);
    assert_eq!(old.next_text().await, None);
    // Its end isn't that of the peer.
    assert_eq!(visit(&mut new).await, json!([first[0], 3]));
    assert_eq!(site.world.log.lines().len(), 1);
    drop(new);
    is_away(&site.world.only_peer()).await;
}

#[tokio::test]
async fn an_unknown_session_is_answered_with_a_new_one() {
    let site = site(waits(LONG)).await;
    let (_, known) = knock(&site.path, "").await;
    for unknown in ["0123456789abcdef0123456789abcdef", "nonsense", "'; drop table"] {
        let (mut peer, id) = knock(&site.path, unknown).await;
        assert_eq!(id.as_str().unwrap().len(), 32);
        assert_ne!(id, unknown);
        assert_ne!(id, known);
        assert_eq!(visit(&mut peer).await[1], 1);
    }
}

#[tokio::test]
async fn a_session_does_not_move_to_another_endpoint() {
    let site = site(waits(LONG)).await;
    let other = site.path.with_file_name("other");
    site.world.backend.listen(Endpoint::Unix(other.clone())).await.unwrap();
    let (mut first, id) = knock(&site.path, "").await;
    let name = visit(&mut first).await[0].clone();
    let (mut second, another) = knock(&other, id.as_str().unwrap()).await;
    assert_ne!(id, another);
    assert_ne!(visit(&mut second).await[0], name);
    assert_eq!(visit(&mut first).await, json!([name, 2]), "the first one was taken over");
}

#[tokio::test]
async fn who_does_not_ask_for_a_session_gets_none() {
    let site = site(waits(LONG)).await;
    let mut peer = Frames::connect(&site.path).await;
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"rpc.handshake","params":{"protocol":1}}"#;
    assert!(peer.ask(hello).await["result"].get("session").is_none());
    eventually("it is there", || site.world.backend.peers().len() == 1).await;
    drop(peer);
    site.world.is_empty().await;
}

#[tokio::test]
async fn a_session_is_asked_for_by_the_first_word_alone() {
    let site = site(waits(LONG)).await;
    let (mut old, id) = knock(&site.path, "").await;
    let first = visit(&mut old).await;
    let mut late = Frames::connect(&site.path).await;
    let own = visit(&mut late).await;
    let hello = json!({
        "jsonrpc": "2.0", "id": 3, "method": "rpc.handshake",
        "params": { "protocol": 1, "session": id },
    });
    assert!(late.ask(hello.to_string()).await["result"].get("session").is_none());
    assert_eq!(visit(&mut late).await, json!([own[0], 2]));
    assert_eq!(visit(&mut old).await, json!([first[0], 2]));
}

#[tokio::test]
async fn of_too_many_that_are_away_the_first_has_gone() {
    let mut limits = Limits::default();
    limits.session_grace = LONG;
    limits.max_away_peers = 3;
    let site = site(Backend::builder().limits(limits)).await;
    let mut ids: Vec<PeerId> = Vec::new();
    for gone in 0..6_usize {
        let (peer, _) = knock(&site.path, "").await;
        let is_new = |peer: &&Peer| !ids.contains(&peer.id());
        let id = site.world.backend.peers().iter().find(is_new).unwrap().id();
        ids.push(id);
        let there = site.world.backend.peer(id).unwrap();
        drop(peer);
        is_away(&there).await;
        let expected = (gone + 1).min(3);
        eventually("the first has gone", || {
            let now = site.world.backend.peers();
            now.len() == expected && site.world.backend.usage().away_peers == expected
        })
        .await;
    }
    let left: Vec<_> = site.world.backend.peers().iter().map(Peer::id).collect();
    assert_eq!(left, ids[3..]);
}

#[tokio::test]
async fn a_name_is_known_when_its_peer_is_told_of() {
    let place = Place::unix();
    let world = World::new(place, waits(LONG)).await;
    let named = Log::default();
    let log = named.clone();
    let _listening = world.backend.peer_connected().on(move |peer| {
        log.add(format!("{:?}", peer.name()));
    });
    let _window = window(&world.endpoint).await;
    eventually("it was told of", || named.lines() == ["Some(\"window\")"]).await;
}

#[tokio::test]
async fn a_page_that_only_listens_is_a_peer() {
    let world = World::new(Place::web_socket(), waits(LONG)).await;
    let mut page = WebSocket::connect(&world.endpoint, &[]).await.unwrap();
    eventually("it is there", || world.backend.peers().len() == 1).await;
    world.backend.peers().notify("news", &("hello",)).await;
    assert_eq!(page.next().await["params"], json!(["hello"]));
}

#[tokio::test]
async fn one_that_knows_the_protocol_and_says_nothing_is_a_peer_in_time() {
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(20);
    let site = site(Backend::builder().limits(limits)).await;
    let mut peer = Frames::connect(&site.path).await;
    eventually("it is there", || site.world.backend.peers().len() == 1).await;
    assert_eq!(visit(&mut peer).await[1], 1);
}

#[tokio::test]
async fn who_has_to_shake_hands_is_no_peer_before() {
    let site = site(waits(LONG).handshake(Handshake::Required)).await;
    let mut peer = Frames::connect(&site.path).await;
    let visit = json!({ "jsonrpc": "2.0", "id": 2, "method": "test.desk.visit" });
    assert_eq!(peer.ask(visit.to_string()).await["error"]["code"], -32002);
    assert!(site.world.log.lines().is_empty());
    let hello = r#"{"jsonrpc":"2.0","id":1,"method":"rpc.handshake","params":{"protocol":1}}"#;
    assert_eq!(peer.ask(hello).await["result"]["protocol"], 1);
    assert_eq!(site.world.log.lines().len(), 1);
}

#[tokio::test]
async fn the_end_of_a_backend_is_not_held_up_by_who_is_away() {
    let site = site(waits(LONG)).await;
    let (peer, _) = knock(&site.path, "").await;
    let there = site.world.only_peer();
    drop(peer);
    is_away(&there).await;
    drop(site);
    assert!(matches!(in_time(there.closed()).await, DisconnectReason::ClosedHere));
}
