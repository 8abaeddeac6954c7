//! Calls from the backend to its frontends: handlers on both sides, which call each other.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::join_all;
use ipc_runtime::{
    Backend, CallContext, ErrorKind, Frontend, Limits, Peer, error::RegisterError, ipc_interface,
};
use ipc_tests::{TestCarrier, eventually, on_every_carrier};

use super::office::{DeskClient, DeskHandler, Office, Pane, WindowClient, WindowHandler, office};

on_every_carrier! {
    a_handler_calls_its_caller_back,
    calls_nest_while_every_slot_is_taken,
    nested_calls_that_wait_for_a_place_get_one,
    a_handler_is_made_for_each_peer_and_goes_with_it,
    a_backend_subscribes_to_a_window,
    windows_are_kept_apart,
    handlers_that_notify_each_other_all_get_on,
}

async fn a_handler_calls_its_caller_back(carrier: TestCarrier) {
    let (_backend, windows) = office(&carrier, &["left", "right"], Limits::default()).await;
    for (window, name) in windows.iter().zip(["left", "right"]) {
        let desk: DeskClient = window.open().await.unwrap();
        assert_eq!(desk.who_am_i().await.unwrap(), name);
    }
}

async fn calls_nest_while_every_slot_is_taken(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_in_flight = 4;
    let (backend, windows) = office(&carrier, &["one"], limits).await;
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

async fn nested_calls_that_wait_for_a_place_get_one(carrier: TestCarrier) {
    let mut limits = Limits::default();
    limits.max_in_flight = 1;
    let (backend, windows) = office(&carrier, &["one"], limits).await;
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

async fn a_handler_is_made_for_each_peer_and_goes_with_it(carrier: TestCarrier) {
    let alive = Arc::new(AtomicUsize::new(0));
    let backend = Backend::new();
    let counted = alive.clone();
    let registration = backend
        .register_with(move |peer: Peer| DeskHandler::new(Office::of(&peer, &counted)))
        .unwrap();
    let endpoint = carrier.listen(&backend).await;
    let first = carrier.builder().connect(endpoint.clone()).await.unwrap();
    let second = carrier.builder().connect(endpoint).await.unwrap();
    assert_eq!(alive.load(Ordering::SeqCst), 0, "nobody has asked for one");
    let desks: [DeskClient; 2] = [first.open().await.unwrap(), second.open().await.unwrap()];
    assert_eq!(alive.load(Ordering::SeqCst), 2);
    assert_eq!(desks[0].visits().await.unwrap(), 1);
    assert_eq!(desks[0].visits().await.unwrap(), 2);
    assert_eq!(desks[1].visits().await.unwrap(), 1, "the other one has its own");
    first.close().await;
    eventually("the first one's is gone", || alive.load(Ordering::SeqCst) == 1).await;
    registration.remove();
    assert!(matches!(&desks[1].visits().await, Err(error) if error.kind() == ErrorKind::NotFound));
    eventually("the second one's is gone", || alive.load(Ordering::SeqCst) == 0).await;
}

async fn a_backend_subscribes_to_a_window(carrier: TestCarrier) {
    let backend = Backend::new();
    let endpoint = carrier.listen(&backend).await;
    let pane = Arc::new(Pane::new("one"));
    let frontend = carrier.builder().connect(endpoint).await.unwrap();
    frontend.register(WindowHandler::new(pane.clone())).unwrap();
    let peer = backend.peers().into_iter().next().unwrap();
    let window: WindowClient = peer.open().await.unwrap();
    let mut clicks = window.clicks().await.unwrap();
    pane.clicks.fire(3);
    assert_eq!(clicks.next().await.unwrap().unwrap(), 3);
    drop(clicks);
    eventually("it is unsubscribed", || pane.clicks.listener_count() == 0).await;
}

async fn windows_are_kept_apart(carrier: TestCarrier) {
    let names = ["a", "b", "c", "d"];
    let (backend, windows) = office(&carrier, &names, Limits::default()).await;
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

async fn handlers_that_notify_each_other_all_get_on(carrier: TestCarrier) {
    let (here, there) = (Arc::new(Player::default()), Arc::new(Player::default()));
    let backend = Backend::new();
    backend.register(CourtHandler::new(here.clone())).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let builder = carrier.builder().register(CourtHandler::new(there.clone())).unwrap();
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

#[tokio::test]
async fn a_frontends_channel_has_one_handler() {
    let builder = Frontend::builder().register(WindowHandler::new(Pane::new("a"))).unwrap();
    let taken = builder.register(WindowHandler::new(Pane::new("b"))).err().unwrap();
    assert!(matches!(taken, RegisterError::ChannelTaken { channel: "test.window", .. }));
}
