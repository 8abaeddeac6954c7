//! How long replicas, writes and the own scopes of windows live, and what is left of them.

use ipc_runtime::{
    Backend, CallError, ErrorKind,
    store::{Store, StoreError, StoreReplica},
};
use ipc_tests::{
    TestCarrier, block_on, eventually, on_a_plain_thread, on_every_carrier, poll_once,
};

use super::served_store::{COUNT, ServedStore, THEME};

on_every_carrier! {
    own_scopes_are_apart_and_gone_with_their_window,
    dropped_replicas_leave_no_listeners,
    a_lost_connection_ends_a_replica_and_leaves_its_values,
    a_dropped_write_leaves_nothing_behind,
    replicas_survive_the_store_being_unregistered,
    a_write_may_be_awaited_outside_of_a_runtime,
}

async fn own_scopes_are_apart_and_gone_with_their_window(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let (first, second) = (site.frontend().await, site.frontend().await);
    let own = StoreReplica::open_own(&first).await.unwrap();
    let other = StoreReplica::open_own(&second).await.unwrap();
    let shared = StoreReplica::open(&first).await.unwrap();
    own.set(&THEME, &"dark".into()).await.unwrap();
    other.set(&THEME, &"light".into()).await.unwrap();
    assert_eq!(own.get(&THEME).unwrap().as_deref(), Some("dark"));
    assert_eq!(other.get(&THEME).unwrap().as_deref(), Some("light"));
    assert_eq!((shared.get(&THEME), site.store.get(&THEME)), (Ok(None), Ok(None)));

    // The backend has both, by their peers.
    let mut peers: Vec<_> = site.backend.peers().iter().cloned().collect();
    peers.sort_by_key(|peer| site.store.window(peer).get(&THEME).unwrap());
    let scope = site.store.window(&peers[0]);
    assert_eq!(scope.get(&THEME).unwrap().as_deref(), Some("dark"));
    scope.set(&COUNT, &5).unwrap();
    eventually("it comes", || own.get(&COUNT) == Ok(Some(5))).await;
    assert_eq!(other.get(&COUNT), Ok(None));
    assert_eq!(Store::new().window(&peers[0]).get(&THEME), Ok(None), "another store");

    // Other watches of the scope end with the window, and so does all that was kept for it.
    let (mut watch, mut changes) = (scope.watch(&COUNT), scope.changes().listen());
    assert_eq!(watch.next().await, Some(Ok(Some(5))));
    assert_eq!(scope.listener_count(), 3);
    first.close().await;
    assert_eq!(watch.next().await, None);
    assert_eq!(changes.next().await, None);
    drop((watch, changes));
    eventually("nobody listens", || {
        scope.listener_count() == 0 && site.store.listener_count() == 0
    })
    .await;
    assert_eq!(scope.get(&COUNT), Ok(Some(5)), "the handle still reads");
    let gone = scope.set(&COUNT, &6).unwrap_err();
    assert!(matches!(&gone, StoreError::Gone { key, .. } if key == "count"), "{gone}");
    assert!(matches!(scope.remove(&COUNT), Err(StoreError::Gone { .. })));
    let late = site.store.window(&peers[0]);
    assert_eq!(late.get(&COUNT), Ok(None));
    assert!(matches!(late.set(&COUNT, &6), Err(StoreError::Gone { .. })));
    assert_eq!(late.watch(&COUNT).next().await, Some(Ok(None)));

    // The other window doesn't notice.
    other.set(&COUNT, &1).await.unwrap();
    assert_eq!(site.store.window(&peers[1]).get(&COUNT), Ok(Some(1)));
}

async fn dropped_replicas_leave_no_listeners(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let frontend = site.frontend().await;
    let replica = StoreReplica::open(&frontend).await.unwrap();
    let clone = replica.clone();
    let own = StoreReplica::open_own(&frontend).await.unwrap();
    let scope = site.store.window(&site.backend.peers().iter().next().unwrap().clone());
    assert_eq!((site.store.listener_count(), scope.listener_count()), (1, 1));
    let (watch, changes) = (replica.watch(&COUNT), replica.changes().listen());
    assert_eq!(replica.listener_count(), 2);
    drop((watch, changes));
    assert_eq!(replica.listener_count(), 0);
    drop(replica);
    clone.set(&COUNT, &1).await.unwrap();
    assert_eq!(site.store.listener_count(), 1, "a clone is left");
    drop((clone, own));
    eventually("nobody listens", || site.store.listener_count() + scope.listener_count() == 0)
        .await;
    for _ in 0..20 {
        let mut opening = Box::pin(StoreReplica::open(&frontend));
        let _ = poll_once(&mut opening).await;
        drop(opening);
    }
    let opened = StoreReplica::open(&frontend).await.unwrap();
    drop(opened);
    site.nobody_listens().await;
    // A write keeps its replica.
    let replica = StoreReplica::open(&frontend).await.unwrap();
    let write = replica.set(&COUNT, &2);
    drop(replica);
    write.await.unwrap();
    site.nobody_listens().await;
    assert!(frontend.is_connected());
}

async fn a_lost_connection_ends_a_replica_and_leaves_its_values(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let frontend = site.frontend().await;
    let replica = StoreReplica::open(&frontend).await.unwrap();
    replica.set(&THEME, &"dark".into()).await.unwrap();
    let (mut watch, mut changes) = (replica.watch(&THEME), replica.changes().listen());
    watch.next().await.unwrap().unwrap();
    assert!(!replica.is_closed());
    let unsent = replica.set(&COUNT, &1);
    frontend.close().await;
    assert_eq!(watch.next().await, None);
    assert_eq!(changes.next().await, None);
    assert!(replica.closed().await.kind() == ErrorKind::Disconnected);
    assert!(replica.is_closed());
    assert_eq!(replica.get(&THEME).unwrap().as_deref(), Some("dark"));
    assert_eq!(replica.snapshot().len(), 1);
    let mut late = replica.watch(&THEME);
    assert_eq!(late.next().await, Some(Ok(Some("dark".into()))));
    assert_eq!(late.next().await, None);
    for write in [unsent, replica.set(&COUNT, &2), replica.compare_and_set(&COUNT, None, &2)] {
        match write.await {
            Err(CallError::Ipc(error)) if error.kind() == ErrorKind::Disconnected => {
                let (method, may_have_run) = (error.method(), error.may_have_run());
                assert!(method.starts_with("ipc.store.") && !may_have_run, "{method}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(StoreReplica::open(&frontend).await.is_err());
    site.nobody_listens().await;
}

async fn a_dropped_write_leaves_nothing_behind(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let replica = site.replica().await;
    for number in 0..50 {
        let mut write = replica.set(&COUNT, &number);
        let _ = poll_once(&mut write).await;
        drop(write);
        drop(replica.set(&COUNT, &(1000 + number)));
    }
    replica.set(&THEME, &"dark".into()).await.unwrap();
    assert!(replica.get(&COUNT).unwrap().is_none_or(|count| count < 1000), "never polled");
    assert!(site.store.revision().get() <= 51);
    site.all_the_same(std::slice::from_ref(&replica)).await;
    drop(replica);
    site.nobody_listens().await;
}

async fn replicas_survive_the_store_being_unregistered(carrier: TestCarrier) {
    let backend = Backend::new();
    let store = Store::new();
    let registration = store.serve(&backend).unwrap();
    let frontend = carrier.connect(&backend).await;
    let replica = StoreReplica::open(&frontend).await.unwrap();
    registration.remove();
    store.set(&COUNT, &1).unwrap();
    eventually("it follows", || replica.get(&COUNT) == Ok(Some(1))).await;
    let refused = replica.set(&COUNT, &2).await;
    assert!(
        matches!(&refused, Err(CallError::Ipc(error)) if error.kind() == ErrorKind::NotFound),
        "{refused:?}"
    );
    assert!(
        matches!(&StoreReplica::open(&frontend).await, Err(error) if error.kind() == ErrorKind::NotFound)
    );
    // A replica that is open keeps what it watches.
    drop(store);
    let mut watch = replica.watch(&COUNT);
    assert_eq!(watch.next().await, Some(Ok(Some(1))));
    assert!(!replica.is_closed());
    frontend.close().await;
    assert_eq!(watch.next().await, None);
}

async fn a_write_may_be_awaited_outside_of_a_runtime(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let replica = site.replica().await;
    let seen = on_a_plain_thread(move || {
        block_on(replica.set(&COUNT, &5)).unwrap();
        replica.get(&COUNT)
    });
    assert_eq!(seen.await, Ok(Some(5)));
}
