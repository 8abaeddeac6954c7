//! Who keeps whom: what is dropped when a connection or a backend goes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ipc_runtime::{
    Backend, ErrorKind, Peer,
    error::ErrorObject,
    ipc_interface,
    middleware::{CallInfo, CallOutcome, Middleware},
};
use ipc_tests::{
    Gates, SlowClient, SlowHandler, TestCarrier, eventually, on_every_carrier, poll_once,
};

on_every_carrier! {
    a_frontends_handlers_go_with_its_connection,
    a_handler_that_comes_after_the_end_is_dropped_at_once,
    frontends_of_one_builder_end_by_themselves,
    a_group_does_not_keep_its_backend,
    what_is_removed_is_dropped_though_its_connections_are_idle,
    a_middleware_that_keeps_a_peer_goes_with_its_side,
}

/// Answers.
#[ipc_interface(channel = "test.keeper", version = "1.0.0")]
trait Keeper {
    /// Answers.
    fn is_there(&self) -> bool;
}

/// Keeps what it is given, and shows whether it is alive itself.
struct Keeps<T>(T, Arc<()>);

impl<T: Send + Sync + 'static> Keeper for Keeps<T> {
    fn is_there(&self) -> bool {
        Arc::strong_count(&self.1) > 1
    }
}

async fn a_frontends_handlers_go_with_its_connection(carrier: TestCarrier) {
    let backend = Backend::new();
    let endpoint = carrier.listen(&backend).await;
    let alive = Arc::new(());
    for closed_by_backend in [false, true] {
        let frontend = carrier.builder().connect(endpoint.clone()).await.unwrap();
        let client: KeeperClient = frontend.client();
        let kept = Keeps((client, frontend.peer().clone(), frontend.clone()), alive.clone());
        frontend.register(KeeperHandler::new(kept)).unwrap();
        eventually("the backend knows it", || backend.connection_count() == 1).await;
        let peer = backend.peers().into_iter().next().unwrap();
        assert!(peer.client::<KeeperClient>().is_there().await.unwrap());
        if closed_by_backend {
            peer.close().await;
        } else {
            frontend.close().await;
        }
        drop(frontend);
        eventually("the handler is dropped", || Arc::strong_count(&alive) == 1).await;
        eventually("the connection has gone", || backend.connection_count() == 0).await;
    }
}

async fn a_handler_that_comes_after_the_end_is_dropped_at_once(carrier: TestCarrier) {
    let backend = Backend::new();
    let frontend = carrier.connect(&backend).await;
    frontend.close().await;
    let alive = Arc::new(());
    frontend.register(KeeperHandler::new(Keeps(frontend.clone(), alive.clone()))).unwrap();
    assert_eq!(Arc::strong_count(&alive), 1);
}

async fn frontends_of_one_builder_end_by_themselves(carrier: TestCarrier) {
    let backend = Backend::new();
    let endpoint = carrier.listen(&backend).await;
    let alive = Arc::new(());
    let builder = carrier.builder().register(KeeperHandler::new(Keeps((), alive.clone())));
    let builder = builder.unwrap();
    let first = builder.clone().connect(endpoint.clone()).await.unwrap();
    let _second = builder.connect(endpoint).await.unwrap();
    first.close().await;
    // Whose connection has ended is a peer until the goodbye is over.
    eventually("one is left", || backend.peers().len() == 1).await;
    let peer = backend.peers().into_iter().next().unwrap();
    let keeper: KeeperClient = peer.client();
    assert!(keeper.is_there().await.unwrap());
    peer.close().await;
    eventually("the handler is dropped", || Arc::strong_count(&alive) == 1).await;
    assert!(
        matches!(&keeper.is_there().await, Err(error) if error.kind() == ErrorKind::Disconnected)
    );
}

async fn a_group_does_not_keep_its_backend(carrier: TestCarrier) {
    let backend = Backend::new();
    let alive = Arc::new(());
    let group = backend.group("all");
    backend.register(KeeperHandler::new(Keeps(group.clone(), alive.clone()))).unwrap();
    let frontend = carrier.connect(&backend).await;
    let peer = backend.peers().into_iter().next().unwrap();
    assert!(group.join(&peer));
    drop(backend);
    frontend.closed().await;
    eventually("the handler is dropped", || Arc::strong_count(&alive) == 1).await;
    // The goodbye of a WebSocket goes both ways: the frontend may be done with it first.
    eventually("nobody is in it", || group.peers().is_empty()).await;
    assert!(!group.join(&peer) && !group.leave(&peer));
}

/// Made for each window.
#[ipc_interface(channel = "test.desk", version = "1.0.0")]
trait Desk {
    /// Answers.
    fn is_mine(&self) -> bool;
}

impl<T: Send + Sync + 'static> Desk for Keeps<T> {
    fn is_mine(&self) -> bool {
        Arc::strong_count(&self.1) > 1
    }
}

async fn what_is_removed_is_dropped_though_its_connections_are_idle(carrier: TestCarrier) {
    let backend = Backend::new();
    let [shared, own, function, heard] = [(); 4].map(|()| Arc::new(()));
    let keeper = backend.register(KeeperHandler::new(Keeps((), shared.clone()))).unwrap();
    let kept = own.clone();
    let desk = backend.register_with(move |peer| DeskHandler::new(Keeps(peer, kept.clone())));
    let kept = function.clone();
    backend
        .expose("count", move |()| {
            let count = Arc::strong_count(&kept);
            async move { count }
        })
        .unwrap();
    let kept = heard.clone();
    let listening = backend.on("count", move |_, ()| assert!(Arc::strong_count(&kept) > 1));
    let frontend = carrier.connect(&backend).await;
    assert!(frontend.call::<bool>("test.keeper.is_there", &()).await.unwrap());
    assert!(frontend.call::<bool>("test.desk.is_mine", &()).await.unwrap());
    frontend.notify("count", &()).await.unwrap();
    assert_eq!(frontend.call::<usize>("count", &()).await.unwrap(), 2);

    let is_dropped = |token: &Arc<()>| {
        let token = token.clone();
        eventually("it is dropped", move || Arc::strong_count(&token) == 2)
    };
    keeper.remove();
    is_dropped(&shared).await;
    assert_eq!(backend.usage().peer_handlers, 1);
    desk.unwrap().remove();
    is_dropped(&own).await;
    assert_eq!(backend.usage().peer_handlers, 0);
    assert!(backend.unexpose("count"));
    is_dropped(&function).await;
    listening.unwrap().remove();
    is_dropped(&heard).await;
    let error = frontend.call::<bool>("test.desk.is_mine", &()).await.unwrap_err();
    assert!(error.kind() == ErrorKind::NotFound, "{error}");
}

/// Keeps the last peer that it has seen, and shows whether it is alive and how calls ended.
struct KeepsPeer {
    peer: Mutex<Option<Peer>>,
    ended: Arc<Mutex<Vec<String>>>,
}

impl Middleware for KeepsPeer {
    fn incoming(&self, call: &CallInfo<'_>) -> Result<(), ErrorObject> {
        *self.peer.lock().unwrap() = Some(call.peer().clone());
        Ok(())
    }

    fn handled(&self, call: &CallInfo<'_>, outcome: &CallOutcome<'_>, _: Duration) {
        self.ended.lock().unwrap().push(format!("{} {outcome}", call.method()));
    }

    fn outgoing(&self, call: &CallInfo<'_>) {
        *self.peer.lock().unwrap() = Some(call.peer().clone());
    }

    fn answered(&self, call: &CallInfo<'_>, outcome: &CallOutcome<'_>, _: Duration) {
        self.ended.lock().unwrap().push(format!("{} {outcome}", call.method()));
    }
}

async fn a_middleware_that_keeps_a_peer_goes_with_its_side(carrier: TestCarrier) {
    let [served, made] = [(); 2].map(|()| Arc::new(Mutex::new(Vec::new())));
    let keeps = |ended: &Arc<Mutex<Vec<String>>>| KeepsPeer {
        peer: Mutex::default(),
        ended: ended.clone(),
    };
    let backend = Backend::builder().middleware(keeps(&served)).build();
    let gates = Gates::new();
    backend.register(SlowHandler::new(gates.clone())).unwrap();
    let endpoint = carrier.listen(&backend).await;
    let frontend = carrier.builder().middleware(keeps(&made)).connect(endpoint).await.unwrap();
    let slow: SlowClient = frontend.open().await.unwrap();
    let mut call = Box::pin(slow.wait(1));
    assert!(poll_once(&mut call).await.is_none());
    gates.began(1).await;
    let blocking = Box::pin(slow.block(2));
    let blocking = tokio::spawn(blocking);
    gates.began(2).await;
    drop(backend);
    // What runs is still told, also what no end of a connection stops.
    eventually("the one is told", || served.lock().unwrap().len() == 1).await;
    assert_eq!(Arc::strong_count(&served), 2);
    // What a closing connection has yet to write includes an answer that comes in time.
    frontend.closed().await;
    gates.release(2);
    assert!(blocking.await.unwrap().is_err());
    eventually("the middleware is dropped", || Arc::strong_count(&served) == 1).await;
    assert_eq!(served.lock().unwrap().len(), 2);
    drop((frontend, slow));
    assert_eq!(Arc::strong_count(&made), 2);
    assert!(call.as_mut().await.is_err());
    drop(call);
    eventually("the middleware is dropped", || Arc::strong_count(&made) == 1).await;
    assert_eq!(made.lock().unwrap().len(), 2);
}
