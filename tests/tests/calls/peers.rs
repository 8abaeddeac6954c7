//! The peers of a backend: who is there, in which group, and what is kept with each.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use ipc_runtime::{Backend, ErrorKind, Limits};
use ipc_tests::{TestCarrier, eventually, on_every_carrier};

use super::office::{WindowClient, office};

on_every_carrier! {
    a_broadcast_has_an_outcome_for_each_peer,
    groups_hold_peers_until_they_leave_or_go,
    data_lives_as_long_as_the_connection,
    a_backend_hears_who_comes_and_goes,
    who_has_gone_is_known_by_its_name_and_data,
    what_is_kept_with_a_peer_is_made_once,
    a_handler_holds_its_backend_weakly,
    who_hears_of_the_end_may_keep_more_with_the_peer,
}

async fn a_broadcast_has_an_outcome_for_each_peer(carrier: TestCarrier) {
    let (backend, windows) = office(&carrier, &["a", "b"], Limits::default()).await;
    let deaf = carrier
        .builder()
        .connect(windows[0].peer().endpoint().parse::<ipc_runtime::Endpoint>().unwrap())
        .await
        .unwrap();
    eventually("all three are there", || backend.peers().len() == 3).await;
    let outcomes = backend.peers().broadcast(|window: WindowClient| window.name()).await;
    let names: Vec<_> = outcomes.iter().map(|(_, name)| name.as_deref().ok()).collect();
    assert_eq!(names, [Some("a"), Some("b"), None]);
    assert!(matches!(&outcomes[2].1, Err(error) if error.kind() == ErrorKind::NotFound));
    let some = backend.peers().filter(|peer| *peer != outcomes[0].0);
    assert_eq!(some.len(), 2);
    drop(deaf);
}

async fn groups_hold_peers_until_they_leave_or_go(carrier: TestCarrier) {
    let (backend, windows) = office(&carrier, &["a", "b", "c"], Limits::default()).await;
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

async fn data_lives_as_long_as_the_connection(carrier: TestCarrier) {
    let (backend, windows) = office(&carrier, &["a"], Limits::default()).await;
    let peer = backend.peers().into_iter().next().unwrap();
    let user = Arc::new("ada".to_owned());
    assert!(peer.extensions().insert(user.clone()).is_none());
    assert_eq!(*peer.extensions().get::<Arc<String>>().unwrap(), user);
    assert_eq!(*peer.extensions().insert(Arc::new("eve".to_owned())).unwrap(), user);
    assert!(peer.extensions().get::<u32>().is_none());
    peer.extensions().insert(user.clone());
    windows[0].close().await;
    eventually("it is gone", || Arc::strong_count(&user) == 1).await;
    peer.extensions().insert(user.clone());
    assert_eq!(Arc::strong_count(&user), 1, "nothing is kept with who has gone");
}

async fn a_backend_hears_who_comes_and_goes(carrier: TestCarrier) {
    let backend = Backend::new();
    let told = Arc::new(Mutex::new(Vec::new()));
    let (came, went) = (told.clone(), told.clone());
    let watched = backend.clone();
    backend.peer_connected().on(move |peer| {
        assert!(peer.is_connected());
        came.lock().unwrap().push(format!("{} came", peer.id()));
    });
    backend.peer_disconnected().on(move |(peer, reason)| {
        assert!(!peer.is_connected() && watched.peers().get(peer.id()).is_none());
        went.lock().unwrap().push(format!("{} went: {reason}", peer.id()));
    });
    let endpoint = carrier.listen(&backend).await;
    let frontend = carrier.builder().connect(endpoint.clone()).await.unwrap();
    let first = backend.peers().iter().next().unwrap().id();
    frontend.close().await;
    eventually("it went", || told.lock().unwrap().len() == 2).await;
    let frontend = carrier.builder().connect(endpoint).await.unwrap();
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

async fn who_has_gone_is_known_by_its_name_and_data(carrier: TestCarrier) {
    let backend = Backend::new();
    let told = Arc::new(Mutex::new(None));
    let tells = told.clone();
    backend.peer_disconnected().on(move |(peer, _)| {
        let user = peer.extensions().get::<String>().map(|user| user.to_string());
        *tells.lock().unwrap() = Some((peer.name().map(|name| name.to_string()), user));
    });
    let endpoint = carrier.listen(&backend).await;
    let frontend = carrier.builder().name("editor 1").connect(endpoint).await.unwrap();
    assert_eq!(frontend.peer().name(), None, "the backend has none");
    let peer = backend.peers().into_iter().next().unwrap();
    assert!(backend.peer(peer.id()) == Some(peer.clone()));
    assert_eq!(peer.name().as_deref(), Some("editor 1"));
    peer.extensions().insert("ada".to_owned());
    frontend.close().await;
    eventually("it has gone", || told.lock().unwrap().is_some()).await;
    let expected = (Some("editor 1".to_owned()), Some("ada".to_owned()));
    assert_eq!(told.lock().unwrap().take(), Some(expected));
    eventually("its data went after that", || peer.extensions().get::<String>().is_none()).await;
    assert!(backend.peer(peer.id()).is_none());
}

async fn what_is_kept_with_a_peer_is_made_once(carrier: TestCarrier) {
    let backend = Backend::new();
    let _frontend = carrier.connect(&backend).await;
    let peer = backend.peers().into_iter().next().unwrap();
    let made = peer.extensions().get_or_insert_with(|| AtomicUsize::new(7));
    let again = peer.extensions().get_or_insert_with(|| AtomicUsize::new(8));
    assert!(Arc::ptr_eq(&made, &again) && made.load(Ordering::Relaxed) == 7);
}

async fn a_handler_holds_its_backend_weakly(carrier: TestCarrier) {
    let backend = Backend::new();
    let weak = backend.downgrade();
    let held = weak.clone();
    backend
        .expose("windows", move |()| {
            let count = held.upgrade().map(|backend| backend.connection_count());
            async move { count }
        })
        .unwrap();
    let frontend = carrier.connect(&backend).await;
    assert_eq!(frontend.call::<Option<usize>>("windows", &()).await.unwrap(), Some(1));
    drop(backend);
    frontend.closed().await;
    assert!(weak.upgrade().is_none());
}

async fn who_hears_of_the_end_may_keep_more_with_the_peer(carrier: TestCarrier) {
    struct User(&'static str);
    struct Left;
    struct Counted;

    let backend = Backend::new();
    let (told, mut hears) = tokio::sync::mpsc::unbounded_channel();
    backend.peer_disconnected().on(|(peer, _)| {
        peer.extensions().insert(Left);
        peer.extensions().get_or_insert_with(|| Counted);
    });
    backend.peer_disconnected().on(move |(peer, _)| {
        let user = peer.extensions().get::<User>().map(|user| user.0);
        let others = (
            peer.extensions().get::<Left>().is_some(),
            peer.extensions().get::<Counted>().is_some(),
        );
        let _ = told.send((user, others));
    });
    let frontend = carrier.connect(&backend).await;
    let peer = backend.peers().into_iter().next().unwrap();
    peer.extensions().insert(User("root"));
    frontend.close().await;
    assert_eq!(hears.recv().await, Some((Some("root"), (true, true))));
    eventually("it is released", || peer.extensions().get::<User>().is_none()).await;
    // Nobody would ever let go of it.
    peer.extensions().insert(User("late"));
    peer.extensions().get_or_insert_with(|| Counted);
    assert!(
        peer.extensions().get::<User>().is_none() && peer.extensions().get::<Counted>().is_none()
    );
}
