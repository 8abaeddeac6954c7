//! Sessions where several things happen at once.
#![cfg(unix)]

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use ipc_runtime::{
    Endpoint, ErrorKind, Frontend, IpcError, Limits, PeerId, event::Emitter, peer::ConnectionState,
};
use ipc_tests::{Cable, Frames, Scratch, eventually, frames::frame, in_time, random::Random};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{UnixListener, UnixStream},
    sync::{Notify, mpsc},
};

use super::desk::{
    DeskClient, Keyboard, LONG, PaneClient, PaneHandler, Site, hello, soon, waits_for,
};

async fn knock(path: &PathBuf, session: &str) -> (Frames, String) {
    let mut peer = Frames::connect(path).await;
    let answer = peer.ask(hello(session)).await;
    let id = answer["result"]["session"].as_str().unwrap().to_owned();
    (peer, id)
}

/// A window on a cable that is cut again and again.
struct Swaying {
    site: Site,
    cable: Cable,
    window: Frontend,
    keys: Emitter<u32>,
}

impl Swaying {
    async fn new(replay: usize) -> Self {
        let site = Site::new(waits_for(LONG, 16)).await;
        let cable = Cable::to(&Endpoint::Unix(site.path.clone())).await;
        let keys = Emitter::builder().replay(replay).build();
        let builder = Frontend::builder().reconnect(soon());
        let builder = builder.register(PaneHandler::new(Keyboard(keys.clone()))).unwrap();
        let window = builder.connect(cable.endpoint().clone()).await.unwrap();
        Self { site, cable, window, keys }
    }

    /// What the backend hears of the window.
    async fn heard(&self) -> mpsc::UnboundedReceiver<Result<u32, IpcError>> {
        let peer = self.site.backend.peers().iter().next().unwrap().clone();
        let pane: PaneClient = peer.open().await.unwrap();
        let mut typed = pane.typed().await.unwrap();
        let (tell, told) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(item) = typed.next().await {
                let _ = tell.send(item);
            }
        });
        told
    }

    async fn sway(&self, meanwhile: impl FnOnce()) {
        let mut state = self.window.state();
        state.mark_unchanged();
        self.cable.cut();
        in_time(state.changed()).await.unwrap();
        meanwhile();
        let back = |state: &ConnectionState| matches!(state, ConnectionState::Connected { .. });
        in_time(state.wait_for(back)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_subscription_goes_on_where_it_was() {
    let swaying = Swaying::new(16).await;
    let mut heard = swaying.heard().await;
    swaying.keys.fire(0);
    assert_eq!(in_time(heard.recv()).await.unwrap().unwrap(), 0);
    for n in 1..=200 {
        swaying.sway(|| ()).await;
        swaying.keys.fire(n);
        assert_eq!(in_time(heard.recv()).await.unwrap().unwrap(), n);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_without_a_gap() {
    let swaying = Swaying::new(4).await;
    let mut heard = swaying.heard().await;
    swaying.keys.fire(0);
    assert_eq!(in_time(heard.recv()).await.unwrap().unwrap(), 0);
    let (mut fired, mut last) = (0, 0);
    for _ in 0..100 {
        swaying
            .sway(|| {
                for _ in 0..10 {
                    fired += 1;
                    swaying.keys.fire(fired);
                }
            })
            .await;
        let mut gap = false;
        while last < fired {
            match in_time(heard.recv()).await.unwrap() {
                Ok(item) => {
                    assert!(item > last, "{item} came behind {last}");
                    assert!(gap || item == last + 1, "{item} came behind {last}, without a word");
                    (last, gap) = (item, false);
                }
                Err(error) if error.kind() == ErrorKind::Gap => gap = true,
                Err(other) => panic!("{other}"),
            }
        }
    }
}

/// What the frontend has said on its second connection arrives when it is back by the third.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attempt_that_was_given_up_does_not_end_the_window() {
    let site = Site::new(waits_for(LONG, 16)).await;
    let near = site.directory.join("near");
    let listener = UnixListener::bind(&near).unwrap();
    let (cut, release, over) =
        (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (cut_here, release_here, over_here) = (cut.clone(), release.clone(), over.clone());
    let far = site.path.clone();
    tokio::spawn(async move {
        for number in 1_u32.. {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut server = UnixStream::connect(&far).await.unwrap();
            let (cut, release, over) = (cut_here.clone(), release_here.clone(), over_here.clone());
            tokio::spawn(async move {
                match number {
                    1 => {
                        let carrying = tokio::spawn(async move {
                            let _ = copy_bidirectional(&mut client, &mut server).await;
                        });
                        cut.notified().await;
                        carrying.abort();
                    }
                    2 => {
                        // The agreement on the framing passes, the handshake is held up.
                        let mut preface = [0; 5];
                        client.read_exact(&mut preface).await.unwrap();
                        server.write_all(&preface).await.unwrap();
                        server.read_exact(&mut preface).await.unwrap();
                        client.write_all(&preface).await.unwrap();
                        let mut said = Vec::new();
                        let _ = client.read_to_end(&mut said).await;
                        release.notified().await;
                        let _ = server.write_all(&said).await;
                        let _ = server.shutdown().await;
                        let _ = server.read_to_end(&mut Vec::new()).await;
                        over.notify_one();
                    }
                    _ => {
                        let _ = copy_bidirectional(&mut client, &mut server).await;
                    }
                }
            });
        }
    });
    let mut limits = Limits::default();
    limits.handshake_timeout = Duration::from_millis(500);
    let builder = Frontend::builder().limits(limits).reconnect(soon());
    let window = builder.connect(Endpoint::Unix(near)).await.unwrap();
    let desk: DeskClient = window.open().await.unwrap();
    let (name, _) = desk.visit().await.unwrap();
    let mut state = window.state();
    state.mark_unchanged();
    cut.notify_one();
    in_time(state.changed()).await.unwrap();
    let back = |state: &ConnectionState| matches!(state, ConnectionState::Connected { .. });
    in_time(state.wait_for(back)).await.unwrap();
    assert_eq!(desk.visit().await.unwrap().0, name);
    release.notify_one();
    in_time(over.notified()).await;
    assert_eq!(desk.visit().await.unwrap().0, name);
    assert!(window.is_connected());
}

/// The thread that looks holds the state while it asks for the peers, as any app may.
#[test]
fn a_state_that_is_looked_at_does_not_stop_the_backend() {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(async {
            let site = Site::new(waits_for(LONG, 16)).await;
            let (mut peer, id) = knock(&site.path, "").await;
            let there = site.backend.peers().iter().next().unwrap().clone();
            let over = Arc::new(AtomicBool::new(false));
            let looking: Vec<_> = (0..2)
                .map(|_| {
                    let (there, backend) = (there.clone(), site.backend.clone());
                    let over = over.clone();
                    std::thread::spawn(move || {
                        while !over.load(Ordering::Relaxed) {
                            let state = there.state();
                            let state = state.borrow();
                            assert!(backend.peers().len() <= 2);
                            drop(state);
                        }
                    })
                })
                .collect();
            for _ in 0..500 {
                drop(peer);
                peer = knock(&site.path, &id).await.0;
            }
            over.store(true, Ordering::Relaxed);
            looking.into_iter().for_each(|it| it.join().unwrap());
        });
        tell.send(()).unwrap();
    });
    told.recv_timeout(Duration::from_secs(60)).expect("nobody gets on any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stop_reaches_who_is_just_coming_back() {
    const WINDOWS: usize = 40;
    for _ in 0..5 {
        let site = Site::new(waits_for(LONG, 16)).await;
        let (mut known, mut returning) = (Vec::new(), Vec::new());
        for _ in 0..WINDOWS {
            known.push(knock(&site.path, "").await);
        }
        for (_, id) in &known {
            returning.push((Frames::connect(&site.path).await, id.clone()));
        }
        let backend = &site.backend;
        eventually("all are there", || backend.connection_count() == 2 * WINDOWS).await;
        let begun = Arc::new(Notify::new());
        let (first, begins) = (begun.clone(), begun);
        let writing = tokio::spawn(async move {
            for (number, (peer, id)) in returning.iter_mut().enumerate() {
                let _ = peer.stream.write_all(&frame(hello(id))).await;
                if number == WINDOWS / 4 {
                    first.notify_one();
                }
            }
            returning
        });
        begins.notified().await;
        // Nobody has anything running: it has nothing to wait for.
        in_time(site.backend.stop(LONG)).await;
        drop(writing.await.unwrap());
        site.is_empty().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_was_told_to_be_the_same_is_not_closed_for_having_been_away() {
    let site = Site::new(waits_for(LONG, 1)).await;
    for _ in 0..100 {
        let (one, id) = knock(&site.path, "").await;
        let (two, _) = knock(&site.path, "").await;
        let mut back = Frames::connect(&site.path).await;
        drop(one);
        drop(two);
        let answer = back.ask(hello(&id)).await;
        if answer["result"]["session"] == id {
            let visit = r#"{"jsonrpc":"2.0","id":2,"method":"test.desk.visit"}"#;
            assert!(back.ask(visit).await["result"][0].is_string());
        }
    }
    site.backend.stop(Duration::ZERO).await;
    site.is_empty().await;
}

#[tokio::test]
async fn sessions_that_are_asked_for_in_a_loop_are_bounded() {
    let site = Site::new(waits_for(LONG, 20)).await;
    for _ in 0..200 {
        drop(knock(&site.path, "").await);
    }
    let backend = &site.backend;
    let is_bounded = || backend.peers().len() == 20 && backend.usage().disconnected_peers == 20;
    eventually("only so many are waited for", is_bounded).await;
    in_time(backend.stop(LONG)).await;
    site.is_empty().await;
}

#[test]
fn who_is_away_goes_with_the_runtime() {
    let (alive, went) = (Arc::new(()), Arc::new(AtomicUsize::new(0)));
    let backend = waits_for(LONG, 16).build();
    let (kept, count) = (alive.clone(), went.clone());
    backend.peer_connected().on(move |peer| {
        peer.extensions().insert(kept.clone());
        peer.extensions().insert(peer.clone());
    });
    backend.peer_disconnected().on(move |(peer, _)| {
        assert!(peer.extensions().get::<Arc<()>>().is_some());
        count.fetch_add(1, Ordering::SeqCst);
    });
    let directory = Scratch::new();
    let path = directory.join("socket");
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.unwrap();
    let here = runtime.block_on(async {
        backend.listen(Endpoint::Unix(path.clone())).await.unwrap();
        let (_old, id) = knock(&path, "").await;
        let (here, _) = knock(&path, &id).await;
        drop(knock(&path, "").await);
        eventually("one is away", || backend.usage().disconnected_peers == 1).await;
        assert_eq!(backend.peers().len(), 2);
        here.stream.into_std().unwrap()
    });
    drop(runtime);
    assert_eq!(went.load(Ordering::SeqCst), 2);
    assert!(backend.peers().is_empty() && backend.usage().is_zero(), "{:?}", backend.usage());
    drop((backend, here));
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn however_windows_come_and_go_each_is_told_of_once() {
    let site = Site::new(waits_for(Duration::from_millis(20), 10)).await;
    let told: Arc<Mutex<HashMap<PeerId, Vec<&str>>>> = Arc::default();
    let (came, went) = (told.clone(), told.clone());
    site.backend.peer_connected().on(move |peer| {
        came.lock().unwrap().entry(peer.id()).or_default().push("came");
        peer.extensions().insert(7_u8);
    });
    site.backend.peer_disconnected().on(move |(peer, _)| {
        assert!(peer.extensions().get::<u8>().is_some());
        went.lock().unwrap().entry(peer.id()).or_default().push("went");
    });
    let windows = (1..=30_u64).map(|number| {
        let (path, backend) = (site.path.clone(), site.backend.clone());
        tokio::spawn(async move {
            let mut chance = Random::new(number);
            let (mut id, mut old) = (String::new(), Vec::new());
            for _ in 0..40 {
                let mut peer = Frames::connect(&path).await;
                let mut say = async |text: &str| {
                    let _ = peer.stream.write_all(&frame(text)).await;
                };
                say(&hello(&id)).await;
                if chance.below(10) == 0 {
                    continue;
                }
                let Some(answer) = peer.next_text().await else { continue };
                let answer: Value = serde_json::from_str(&answer).unwrap();
                // Else it was closed by another one of these.
                let Some(own) = answer["result"]["session"].as_str() else {
                    id.clear();
                    continue;
                };
                id = own.to_owned();
                let mut say = async |text: &str| {
                    let _ = peer.stream.write_all(&frame(text)).await;
                };
                match chance.below(6) {
                    0 => say(r#"{"jsonrpc":"2.0","id":2,"method":"test.desk.stay"}"#).await,
                    1 => {
                        say(r#"{"jsonrpc":"2.0","method":"rpc.closing","params":{"final":true}}"#)
                            .await
                    }
                    2 => old.push(peer),
                    3 => tokio::time::sleep(Duration::from_millis(chance.below(40))).await,
                    4 => {
                        drop(peer);
                        tokio::time::sleep(Duration::from_millis(chance.below(40))).await;
                    }
                    _ => {
                        let somebody = backend.peers().iter().next().cloned();
                        if let Some(peer) = somebody.filter(|_| chance.below(4) == 0) {
                            in_time(peer.close()).await;
                        }
                    }
                }
            }
        })
    });
    for window in windows.collect::<Vec<_>>() {
        window.await.unwrap();
    }
    site.is_empty().await;
    // Which is told behind the end.
    let all_went = || told.lock().unwrap().values().all(|told| told.last() == Some(&"went"));
    eventually("all have gone", all_went).await;
    let told = told.lock().unwrap();
    assert!(!told.is_empty());
    for (peer, told) in &*told {
        assert_eq!(told[..], ["came", "went"], "of {peer}");
    }
}
