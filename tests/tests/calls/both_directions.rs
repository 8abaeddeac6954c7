//! Calls from the backend to its frontends: handlers on both sides, peers, groups.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use ipc_runtime::{
    Backend, CallContext, ConnectionState, Emitter, Frontend, IpcError, Limits, Peer,
    RegisterError, Stream, ipc_interface,
};
use ipc_tests::{Place, eventually, on_every_carrier};

on_every_carrier! {
    a_handler_calls_its_caller_back,
    calls_nest_while_every_slot_is_taken,
    nested_calls_that_wait_for_a_place_get_one,
    a_handler_is_made_for_each_peer_and_goes_with_it,
    a_backend_subscribes_to_a_window,
    a_broadcast_has_an_outcome_for_each_peer,
    groups_hold_peers_until_they_leave_or_go,
    windows_are_kept_apart,
    data_lives_as_long_as_the_connection,
    the_state_tells_how_it_stands,
    a_lazy_frontend_connects_by_itself,
    a_backend_hears_who_comes_and_goes,
    who_has_gone_is_known_by_its_name_and_data,
    what_is_kept_with_a_peer_is_made_once,
    a_handler_holds_its_backend_weakly,
    handlers_that_notify_each_other_all_get_on,
    who_hears_of_the_end_may_keep_more_with_the_peer,
}

/// What a backend asks of a window.
#[ipc_interface(channel = "test.window", version = "1.0.0")]
trait Window {
    /// Its name.
    fn name(&self) -> String;
    /// Calls the backend back `depth` times, and each time that calls this.
    async fn bounce(&self, #[ipc(context)] call: &CallContext, depth: u32) -> Result<u32, String>;
    /// Calls the other side back five times at once, which does so too, down to this depth.
    /// Gives the number of calls at the bottom.
    async fn fan_out(&self, #[ipc(context)] call: &CallContext, depth: u32) -> Result<u32, String>;
    /// What happens there.
    #[ipc(subscription)]
    async fn clicks(&self) -> impl Stream<Item = u32>;
}

/// What a window asks of the backend.
#[ipc_interface(channel = "test.desk", version = "1.0.0")]
trait Desk {
    /// Asks the caller for its name.
    async fn who_am_i(&self, #[ipc(context)] call: &CallContext) -> Result<String, String>;
    /// See [`Window::bounce`].
    async fn bounce(&self, #[ipc(context)] call: &CallContext, depth: u32) -> Result<u32, String>;
    /// Calls the other side back five times at once, which does so too, down to this depth.
    /// Gives the number of calls at the bottom.
    async fn fan_out(&self, #[ipc(context)] call: &CallContext, depth: u32) -> Result<u32, String>;
    /// How often this window has called this.
    fn visits(&self) -> usize;
}

struct Pane {
    name: String,
    clicks: Emitter<u32>,
}

impl Pane {
    fn new(name: &str) -> Self {
        Self { name: name.into(), clicks: Emitter::new() }
    }
}

impl Window for Pane {
    fn name(&self) -> String {
        self.name.clone()
    }

    async fn bounce(&self, call: &CallContext, depth: u32) -> Result<u32, String> {
        if depth == 0 {
            return Ok(0);
        }
        let desk: DeskClient = call.peer().client();
        desk.bounce(depth - 1).await.map(|n| n + 1).map_err(|error| error.to_string())
    }

    async fn fan_out(&self, call: &CallContext, depth: u32) -> Result<u32, String> {
        if depth == 0 {
            return Ok(1);
        }
        let other: DeskClient = call.peer().client();
        let calls = join_all((0..5).map(|_| other.fan_out(depth - 1))).await;
        calls.into_iter().map(|leaves| leaves.map_err(|error| error.to_string())).sum()
    }

    async fn clicks(&self) -> impl Stream<Item = u32> {
        self.clicks.event().listen()
    }
}

#[derive(Default)]
struct Office {
    visits: AtomicUsize,
    alive: Arc<AtomicUsize>,
    /// A handler that keeps the peer it was made for, and by that the connection.
    _window: Option<WindowClient>,
}

impl Office {
    fn of(peer: &Peer, alive: &Arc<AtomicUsize>) -> Self {
        alive.fetch_add(1, Ordering::SeqCst);
        let visits = AtomicUsize::new(0);
        Self { visits, alive: alive.clone(), _window: Some(peer.client()) }
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        self.alive.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Desk for Office {
    async fn who_am_i(&self, call: &CallContext) -> Result<String, String> {
        let window: WindowClient = call.peer().client();
        window.name().await.map_err(|error| error.to_string())
    }

    async fn bounce(&self, call: &CallContext, depth: u32) -> Result<u32, String> {
        if depth == 0 {
            return Ok(0);
        }
        let window: WindowClient = call.peer().client();
        window.bounce(depth - 1).await.map(|n| n + 1).map_err(|error| error.to_string())
    }

    async fn fan_out(&self, call: &CallContext, depth: u32) -> Result<u32, String> {
        if depth == 0 {
            return Ok(1);
        }
        let other: WindowClient = call.peer().client();
        let calls = join_all((0..5).map(|_| other.fan_out(depth - 1))).await;
        calls.into_iter().map(|leaves| leaves.map_err(|error| error.to_string())).sum()
    }

    fn visits(&self) -> usize {
        self.visits.fetch_add(1, Ordering::SeqCst) + 1
    }
}

/// A backend with a desk, and some windows that are connected to it.
async fn office(place: &Place, names: &[&str], limits: Limits) -> (Backend, Vec<Frontend>) {
    let backend = Backend::builder().limits(limits.clone()).build();
    let alive = Arc::default();
    backend.register_with(move |peer| DeskHandler::new(Office::of(&peer, &alive))).unwrap();
    let endpoint = place.listen(&backend).await;
    let mut windows = Vec::new();
    for name in names {
        let builder = place.builder().limits(limits.clone());
        let builder = builder.register(WindowHandler::new(Pane::new(name))).unwrap();
        windows.push(builder.connect(endpoint.clone()).await.unwrap());
    }
    (backend, windows)
}

async fn a_handler_calls_its_caller_back(place: Place) {
    let (_backend, windows) = office(&place, &["left", "right"], Limits::default()).await;
    for (window, name) in windows.iter().zip(["left", "right"]) {
        let desk: DeskClient = window.open().await.unwrap();
        assert_eq!(desk.who_am_i().await.unwrap(), name);
    }
}

async fn calls_nest_while_every_slot_is_taken(place: Place) {
    let mut limits = Limits::default();
    limits.max_in_flight = 4;
    let (backend, windows) = office(&place, &["one"], limits).await;
    let desk: DeskClient = windows[0].open().await.unwrap();
    let window: WindowClient = backend.peers().iter().next().unwrap().client();
    // Both sides at once, and more of them than either side takes.
    let down = join_all((0..40).map(|_| desk.bounce(1)));
    let up = join_all((0..40).map(|_| window.bounce(1)));
    let (down, up) = tokio::join!(down, up);
    for nested in down.into_iter().chain(up) {
        assert_eq!(nested.unwrap(), 1);
    }
    assert_eq!(desk.bounce(6).await.unwrap(), 6);
}

async fn nested_calls_that_wait_for_a_place_get_one(place: Place) {
    let mut limits = Limits::default();
    limits.max_in_flight = 1;
    let (backend, windows) = office(&place, &["one"], limits).await;
    let desk: DeskClient = windows[0].open().await.unwrap();
    let window: WindowClient = backend.peers().iter().next().unwrap().client();
    // Each handler calls back several times at once: more than there are places.
    let down = join_all((0..3).map(|_| desk.fan_out(2)));
    let up = join_all((0..3).map(|_| window.fan_out(2)));
    let (down, up) = tokio::join!(down, up);
    for leaves in down.into_iter().chain(up) {
        assert_eq!(leaves.unwrap(), 5 * 5);
    }
}

async fn a_handler_is_made_for_each_peer_and_goes_with_it(place: Place) {
    let alive = Arc::new(AtomicUsize::new(0));
    let backend = Backend::new();
    let counted = alive.clone();
    let registration = backend
        .register_with(move |peer: Peer| DeskHandler::new(Office::of(&peer, &counted)))
        .unwrap();
    let endpoint = place.listen(&backend).await;
    let first = place.builder().connect(endpoint.clone()).await.unwrap();
    let second = place.builder().connect(endpoint).await.unwrap();
    assert_eq!(alive.load(Ordering::SeqCst), 0, "nobody has asked for one");
    let desks: [DeskClient; 2] = [first.open().await.unwrap(), second.open().await.unwrap()];
    assert_eq!(alive.load(Ordering::SeqCst), 2);
    assert_eq!(desks[0].visits().await.unwrap(), 1);
    assert_eq!(desks[0].visits().await.unwrap(), 2);
    assert_eq!(desks[1].visits().await.unwrap(), 1, "the other one has its own");
    first.close().await;
    eventually("the first one's is gone", || alive.load(Ordering::SeqCst) == 1).await;
    registration.remove();
    assert!(matches!(desks[1].visits().await, Err(IpcError::NotFound { .. })));
    eventually("the second one's is gone", || alive.load(Ordering::SeqCst) == 0).await;
}

async fn a_backend_subscribes_to_a_window(place: Place) {
    let backend = Backend::new();
    let endpoint = place.listen(&backend).await;
    let pane = Arc::new(Pane::new("one"));
    let frontend = place.builder().connect(endpoint).await.unwrap();
    frontend.register(WindowHandler::new(pane.clone())).unwrap();
    let peer = backend.peers().into_iter().next().unwrap();
    let window: WindowClient = peer.open().await.unwrap();
    let mut clicks = window.clicks().await.unwrap();
    pane.clicks.fire(3);
    assert_eq!(clicks.next().await.unwrap().unwrap(), 3);
    drop(clicks);
    eventually("it is unsubscribed", || pane.clicks.listener_count() == 0).await;
}

async fn a_broadcast_has_an_outcome_for_each_peer(place: Place) {
    let (backend, windows) = office(&place, &["a", "b"], Limits::default()).await;
    let deaf = place
        .builder()
        .connect(windows[0].peer().endpoint().parse::<ipc_runtime::Endpoint>().unwrap())
        .await
        .unwrap();
    eventually("all three are there", || backend.peers().len() == 3).await;
    let outcomes = backend.peers().broadcast(|window: WindowClient| window.name()).await;
    let names: Vec<_> = outcomes.iter().map(|(_, name)| name.as_deref().ok()).collect();
    assert_eq!(names, [Some("a"), Some("b"), None]);
    assert!(matches!(outcomes[2].1, Err(IpcError::NotFound { .. })));
    let some = backend.peers().filter(|peer| *peer != outcomes[0].0);
    assert_eq!(some.len(), 2);
    drop(deaf);
}

async fn groups_hold_peers_until_they_leave_or_go(place: Place) {
    let (backend, windows) = office(&place, &["a", "b", "c"], Limits::default()).await;
    let peers: Vec<_> = backend.peers().into_iter().collect();
    let editors = backend.group("editors");
    assert!(editors.peers().is_empty());
    assert!(editors.join(&peers[0]) && editors.join(&peers[1]));
    assert!(backend.group("others").join(&peers[1]));
    let names = editors.peers().broadcast(|window: WindowClient| window.name()).await;
    let names: Vec<_> = names.into_iter().map(|(_, name)| name.unwrap()).collect();
    assert_eq!(names, ["a", "b"]);
    assert!(editors.leave(&peers[0]) && !editors.leave(&peers[0]));
    windows[1].close().await;
    eventually("who has gone is in no group", || {
        editors.peers().is_empty() && backend.group("others").peers().is_empty()
    })
    .await;
    assert!(!editors.join(&peers[1]), "it has gone");
    assert!(!Backend::new().group("editors").join(&peers[2]), "it is of another backend");
}

async fn windows_are_kept_apart(place: Place) {
    let names = ["a", "b", "c", "d"];
    let (backend, windows) = office(&place, &names, Limits::default()).await;
    let traffic = windows.iter().zip(names).map(async |(window, name)| {
        let desk: DeskClient = window.open().await.unwrap();
        for visit in 1..=50 {
            assert_eq!(desk.visits().await.unwrap(), visit);
            assert_eq!(desk.who_am_i().await.unwrap(), name);
        }
    });
    join_all(traffic).await;
    // The end of one is nothing to the others.
    windows[0].close().await;
    eventually("one has gone", || backend.peers().len() == 3).await;
    let desk: DeskClient = windows[1].open().await.unwrap();
    assert_eq!(desk.visits().await.unwrap(), 51);
}

async fn data_lives_as_long_as_the_connection(place: Place) {
    let (backend, windows) = office(&place, &["a"], Limits::default()).await;
    let peer = backend.peers().into_iter().next().unwrap();
    let user = Arc::new("ada".to_owned());
    assert!(peer.insert(user.clone()).is_none());
    assert_eq!(*peer.get::<Arc<String>>().unwrap(), user);
    assert_eq!(*peer.insert(Arc::new("eve".to_owned())).unwrap(), user);
    assert!(peer.get::<u32>().is_none());
    peer.insert(user.clone());
    windows[0].close().await;
    eventually("it is gone", || Arc::strong_count(&user) == 1).await;
    peer.insert(user.clone());
    assert_eq!(Arc::strong_count(&user), 1, "nothing is kept with who has gone");
}

async fn the_state_tells_how_it_stands(place: Place) {
    let (backend, windows) = office(&place, &["a"], Limits::default()).await;
    let mut state = windows[0].state();
    assert!(
        matches!(*state.borrow(), ConnectionState::Connected { .. }) && windows[0].is_connected()
    );
    drop(backend);
    state.wait_for(|state| matches!(state, ConnectionState::Disconnected(_))).await.unwrap();
    assert!(!windows[0].is_connected());
    let desk: DeskClient = windows[0].client();
    assert!(matches!(desk.visits().await, Err(IpcError::Disconnected { .. })));
}

/// A ball that is played back until it has come far enough.
#[ipc_interface(channel = "test.court", version = "1.0.0")]
trait Court {
    /// Plays it back, one time less.
    #[ipc(notification)]
    async fn play(&self, #[ipc(context)] call: &CallContext, times: u32, ball: String);
}

#[derive(Default)]
struct Player {
    caught: AtomicUsize,
}

impl Court for Player {
    async fn play(&self, call: &CallContext, times: u32, ball: String) {
        if times == 0 {
            self.caught.fetch_add(1, Ordering::SeqCst);
            return;
        }
        let other: CourtClient = call.peer().client();
        other.play(times - 1, ball).await.unwrap();
    }
}

async fn handlers_that_notify_each_other_all_get_on(place: Place) {
    let (here, there) = (Arc::new(Player::default()), Arc::new(Player::default()));
    let backend = Backend::new();
    backend.register(CourtHandler::new(here.clone())).unwrap();
    let endpoint = place.listen(&backend).await;
    let builder = place.builder().register(CourtHandler::new(there.clone())).unwrap();
    let frontend = builder.connect(endpoint).await.unwrap();
    let peer = backend.peers().iter().next().unwrap().clone();
    let (near, far): (CourtClient, CourtClient) = (frontend.open().await.unwrap(), peer.client());
    // Together more than both sides' sockets hold.
    let ball = "o".repeat(32 * 1024);
    let balls = (0..32).flat_map(|_| [near.play(5, ball.clone()), far.play(5, ball.clone())]);
    for played in join_all(balls).await {
        played.unwrap();
    }
    let caught = |player: &Player| player.caught.load(Ordering::SeqCst);
    eventually("all were caught", || caught(&here) + caught(&there) == 64).await;
}

async fn a_lazy_frontend_connects_by_itself(place: Place) {
    let (backend, windows) = office(&place, &["a"], Limits::default()).await;
    let endpoint = windows[0].peer().endpoint().parse::<ipc_runtime::Endpoint>().unwrap();
    let lazy = place.builder().connect_lazily(endpoint.clone()).unwrap();
    let desk: DeskClient = lazy.client();
    let mut state = lazy.state();
    state.wait_for(|state| matches!(state, ConnectionState::Connected { .. })).await.unwrap();
    assert_eq!(desk.visits().await.unwrap(), 1);
    drop((desk, lazy));
    eventually("it has gone with its last client", || backend.peers().len() == 1).await;
}

#[tokio::test]
async fn a_frontend_without_a_connection_says_so() {
    let desk: DeskClient = Frontend::unconnected().client();
    match desk.visits().await {
        Err(error @ IpcError::NotConnected { .. }) => {
            assert!(!error.may_have_run());
            assert!(error.to_string().contains("test.desk.visits"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    let nowhere = Frontend::builder().connect_lazily("memory:nobody-is-here").unwrap();
    let desk: DeskClient = nowhere.client();
    let mut state = nowhere.state();
    state.wait_for(|state| matches!(state, ConnectionState::Reconnecting { .. })).await.unwrap();
    match desk.visits().await {
        Err(IpcError::NotConnected { why: Some(why), .. }) => {
            assert!(why.contains("nobody-is-here"), "{why}");
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_frontends_channel_has_one_handler() {
    let builder = Frontend::builder().register(WindowHandler::new(Pane::new("a"))).unwrap();
    let taken = builder.register(WindowHandler::new(Pane::new("b"))).err().unwrap();
    assert!(matches!(taken, RegisterError::ChannelTaken { channel: "test.window", .. }));
}

async fn a_backend_hears_who_comes_and_goes(place: Place) {
    let backend = Backend::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let (came, went) = (told.clone(), told.clone());
    let watched = backend.clone();
    let _listening = [
        backend.peer_connected().on(move |peer| {
            assert!(peer.is_connected());
            came.lock().unwrap().push(format!("{} came", peer.id()));
        }),
        backend.peer_disconnected().on(move |(peer, reason)| {
            assert!(!peer.is_connected() && watched.peers().get(peer.id()).is_none());
            went.lock().unwrap().push(format!("{} went: {reason}", peer.id()));
        }),
    ];
    let endpoint = place.listen(&backend).await;
    let frontend = place.builder().connect(endpoint.clone()).await.unwrap();
    let first = backend.peers().iter().next().unwrap().id();
    frontend.close().await;
    eventually("it went", || told.lock().unwrap().len() == 2).await;
    let frontend = place.builder().connect(endpoint).await.unwrap();
    let second = backend.peers().iter().next().unwrap().clone();
    second.close().await;
    eventually("the second went", || told.lock().unwrap().len() == 4).await;
    drop(frontend);
    let second = second.id();
    let expected = [
        format!("{first} came"),
        format!("{first} went: the other side closed it"),
        format!("{second} came"),
        format!("{second} went: this side closed it"),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

async fn who_has_gone_is_known_by_its_name_and_data(place: Place) {
    let backend = Backend::new();
    let told = Arc::new(Mutex::new(None));
    let tells = told.clone();
    let _listening = backend.peer_disconnected().on(move |(peer, _)| {
        let user = peer.get::<String>().map(|user| user.to_string());
        *tells.lock().unwrap() = Some((peer.name().map(|name| name.to_string()), user));
    });
    let endpoint = place.listen(&backend).await;
    let frontend = place.builder().name("editor 1").connect(endpoint).await.unwrap();
    assert_eq!(frontend.peer().name(), None, "the backend has none");
    let peer = backend.peers().into_iter().next().unwrap();
    assert!(backend.peer(peer.id()) == Some(peer.clone()));
    assert_eq!(peer.name().as_deref(), Some("editor 1"));
    peer.insert("ada".to_owned());
    frontend.close().await;
    eventually("it has gone", || told.lock().unwrap().is_some()).await;
    let expected = (Some("editor 1".to_owned()), Some("ada".to_owned()));
    assert_eq!(told.lock().unwrap().take(), Some(expected));
    eventually("its data went after that", || peer.get::<String>().is_none()).await;
    assert!(backend.peer(peer.id()).is_none());
}

async fn what_is_kept_with_a_peer_is_made_once(place: Place) {
    let backend = Backend::new();
    let _frontend = place.connect(&backend).await;
    let peer = backend.peers().into_iter().next().unwrap();
    let made = peer.get_or_insert_with(|| AtomicUsize::new(7));
    let again = peer.get_or_insert_with(|| AtomicUsize::new(8));
    assert!(Arc::ptr_eq(&made, &again) && made.load(Ordering::Relaxed) == 7);
}

async fn a_handler_holds_its_backend_weakly(place: Place) {
    let backend = Backend::new();
    let weak = backend.downgrade();
    let held = weak.clone();
    backend
        .expose("windows", move |()| {
            let count = held.upgrade().map(|backend| backend.connection_count());
            async move { count }
        })
        .unwrap();
    let frontend = place.connect(&backend).await;
    assert_eq!(frontend.call::<Option<usize>>("windows", &()).await.unwrap(), Some(1));
    drop(backend);
    frontend.closed().await;
    assert!(weak.upgrade().is_none());
}

async fn who_hears_of_the_end_may_keep_more_with_the_peer(place: Place) {
    struct User(&'static str);
    struct Left;
    struct Counted;

    let backend = Backend::new();
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
    let _first = backend.peer_disconnected().on(|(peer, _)| {
        peer.insert(Left);
        peer.get_or_insert_with(|| Counted);
    });
    let _second = backend.peer_disconnected().on(move |(peer, _)| {
        let user = peer.get::<User>().map(|user| user.0);
        let others = (peer.get::<Left>().is_some(), peer.get::<Counted>().is_some());
        let _ = told.send((user, others));
    });
    let frontend = place.connect(&backend).await;
    let peer = backend.peers().into_iter().next().unwrap();
    peer.insert(User("root"));
    frontend.close().await;
    assert_eq!(hears.recv().await, Some((Some("root"), (true, true))));
    eventually("it is released", || peer.get::<User>().is_none()).await;
    // Nobody would ever let go of it.
    peer.insert(User("late"));
    peer.get_or_insert_with(|| Counted);
    assert!(peer.get::<User>().is_none() && peer.get::<Counted>().is_none());
}
