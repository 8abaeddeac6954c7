//! Who keeps whom: what is dropped when a connection or a backend goes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;

use ipc_runtime::{Backend, Frontend, IpcError, ipc_interface};
use ipc_tests::{Place, eventually, on_every_carrier};

on_every_carrier! {
    a_frontends_handlers_go_with_its_connection,
    a_handler_that_comes_after_the_end_is_dropped_at_once,
    frontends_of_one_builder_end_by_themselves,
    a_group_does_not_keep_its_backend,
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

async fn a_frontends_handlers_go_with_its_connection(place: Place) {
    let backend = Backend::new();
    let endpoint = place.listen(&backend).await;
    let alive = Arc::new(());
    for closed_by_backend in [false, true] {
        let frontend = Frontend::connect(endpoint.clone()).await.unwrap();
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

async fn a_handler_that_comes_after_the_end_is_dropped_at_once(place: Place) {
    let backend = Backend::new();
    let frontend = place.connect(&backend).await;
    frontend.close().await;
    let alive = Arc::new(());
    frontend.register(KeeperHandler::new(Keeps(frontend.clone(), alive.clone()))).unwrap();
    assert_eq!(Arc::strong_count(&alive), 1);
}

async fn frontends_of_one_builder_end_by_themselves(place: Place) {
    let backend = Backend::new();
    let endpoint = place.listen(&backend).await;
    let alive = Arc::new(());
    let builder = Frontend::builder().register(KeeperHandler::new(Keeps((), alive.clone())));
    let builder = builder.unwrap();
    let first = builder.clone().connect(endpoint.clone()).await.unwrap();
    let _second = builder.connect(endpoint).await.unwrap();
    first.close().await;
    eventually("one is left", || backend.connection_count() == 1).await;
    let peer = backend.peers().into_iter().next().unwrap();
    let keeper: KeeperClient = peer.client();
    assert!(keeper.is_there().await.unwrap());
    peer.close().await;
    eventually("the handler is dropped", || Arc::strong_count(&alive) == 1).await;
    assert!(matches!(keeper.is_there().await, Err(IpcError::Disconnected { .. })));
}

async fn a_group_does_not_keep_its_backend(place: Place) {
    let backend = Backend::new();
    let alive = Arc::new(());
    let group = backend.group("all");
    backend.register(KeeperHandler::new(Keeps(group.clone(), alive.clone()))).unwrap();
    let frontend = place.connect(&backend).await;
    let peer = backend.peers().into_iter().next().unwrap();
    assert!(group.join(&peer));
    drop(backend);
    frontend.closed().await;
    eventually("the handler is dropped", || Arc::strong_count(&alive) == 1).await;
    assert!(group.peers().is_empty() && !group.join(&peer) && !group.leave(&peer));
}
