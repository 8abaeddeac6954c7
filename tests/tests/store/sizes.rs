//! Large values and large stores: what fits comes over, what does not is told, and memory is
//! bounded.

use std::sync::{Arc, Mutex};

use ipc_runtime::{
    Backend, CallError, Endpoint, ErrorKind, Frontend, Limits,
    store::{Change, Key, Store, StoreError, StoreReplica},
};
use ipc_tests::{TestCarrier, eventually, on_every_carrier};

use super::served_store::{COUNT, ServedStore, THEME};

on_every_carrier! {
    a_value_too_large_for_a_peer_is_told_and_others_go_on,
    a_full_store_refuses_a_write_and_stays_as_it_is,
    a_large_store_comes_in_parts_and_is_seen_at_once,
}

async fn a_value_too_large_for_a_peer_is_told_and_others_go_on(carrier: TestCarrier) {
    // What fits takes its time where nothing is optimized, and longer than a heartbeat may.
    const MOST: usize = 1024 * 1024;
    let mut limits = Limits::default();
    limits.max_message_bytes = MOST;
    let site = ServedStore::limited(&carrier, Store::new(), limits.clone()).await;
    limits.max_message_bytes = 20_000;
    let small = carrier.builder().limits(limits).connect(site.endpoint.clone()).await.unwrap();
    let small = StoreReplica::open(&small).await.unwrap();
    let large = site.replica().await;
    let mut watch = small.watch(&THEME);
    assert_eq!(watch.next().await, Some(Ok(None)));

    // At every size around the limit, and with a key that needs more as JSON than as text.
    let odd: Key<String, String> = Key::new("\u{1}".repeat(500));
    for size in (16_000..21_000).step_by(250) {
        large.set(&odd, &"x".repeat(size)).await.unwrap();
        site.store.set(&COUNT, &(size as u64)).unwrap();
        eventually("the replica goes on", || small.get(&COUNT) == Ok(Some(size as u64))).await;
        match small.get(&odd) {
            Ok(value) => assert_eq!(value.unwrap().len(), size),
            Err(StoreError::TooLarge { key, size: told, limit, .. }) => {
                assert_eq!((&*key, told, limit), (odd.name(), size as u64 + 2, 20_000));
            }
            Err(error) => panic!("{error}"),
        }
    }
    large.set(&THEME, &"x".repeat(100_000)).await.unwrap();
    match watch.next().await.unwrap() {
        Err(error @ StoreError::TooLarge { .. }) => {
            assert!(error.to_string().contains("`theme`"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert!(small.revision_of(&THEME).is_some());
    assert!(small.snapshot().get(&THEME).is_err());
    // It can still be replaced from there.
    small.set(&THEME, &"short".into()).await.unwrap();
    assert_eq!(watch.next().await, Some(Ok(Some("short".into()))));
    eventually("others see it", || large.get(&THEME) == Ok(Some("short".into()))).await;

    // What is just within the backend's own limit comes to everybody who takes as much, or is told.
    let near = MOST - 150;
    large.set(&THEME, &"y".repeat(near)).await.unwrap();
    match large.get(&THEME) {
        Ok(value) => assert_eq!(value.unwrap().len(), near),
        Err(error) => assert!(matches!(error, StoreError::TooLarge { .. }), "{error}"),
    }
    match large.set(&THEME, &"z".repeat(MOST + MOST / 16)).await {
        Err(CallError::Ipc(error)) if error.kind() == ErrorKind::TooLarge => {
            let method = error.method();
            assert_eq!(method, "ipc.store.set")
        }
        other => panic!("{:?}", other.map_err(|error| error.to_string())),
    }
    large.set(&COUNT, &1).await.unwrap();
    assert!(!large.is_closed() && !small.is_closed());
}

async fn a_full_store_refuses_a_write_and_stays_as_it_is(carrier: TestCarrier) {
    let site = ServedStore::of(&carrier, Store::builder().max_bytes(580).build()).await;
    let replica = site.replica().await;
    // 240 and the key's name for each value.
    replica.set(&THEME, &"x".repeat(80)).await.unwrap(); // 5 + 82
    let before = site.store.snapshot();
    let full = StoreError::clone(&match replica.set(&COUNT, &123_456_789).await {
        Err(CallError::Method(error)) => error,
        other => panic!("{other:?}"),
    });
    match &full {
        StoreError::Full { key, limit, needed, .. } => {
            assert_eq!((&**key, *limit, *needed), ("count", 580, 581));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(site.store.set(&COUNT, &123_456_789), Err(full));
    assert_eq!(site.store.snapshot(), before);
    assert!(site.store.set(&THEME, &"x".repeat(334)).is_err());
    // What it replaces makes room, and so does a removal.
    site.store.set(&THEME, &"x".repeat(333)).unwrap();
    replica.remove(&THEME).await.unwrap();
    replica.set(&COUNT, &u64::MAX).await.unwrap();
    for _ in 0..10 {
        replica.remove(&COUNT).await.unwrap();
        replica.set(&COUNT, &1).await.unwrap();
    }
    site.store.set(&THEME, &"x".repeat(87)).unwrap();
    site.all_the_same(&[replica]).await;
}

async fn a_large_store_comes_in_parts_and_is_seen_at_once(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    for number in 0..5_000 {
        let key: Key<String, String> = Key::new(format!("key.{number}"));
        site.store.set(&key, &format!("{number} {}", "x".repeat(200))).unwrap();
    }
    let mut limits = Limits::default();
    limits.subscription_window = 1;
    let frontend = carrier.builder().limits(limits).connect(site.endpoint.clone()).await.unwrap();
    let replica = StoreReplica::open(&frontend).await.unwrap();
    assert_eq!(replica.snapshot(), site.store.snapshot());
    // More removals than are remembered, while it can't follow: it starts over, and is told all
    // of them once. It was told the last at the latest when the last one is gone.
    let gone = Arc::new(Mutex::new(Vec::new()));
    let told = gone.clone();
    replica.changes().on(move |change: &Change| {
        if change.is_removal() {
            told.lock().unwrap().push(change.key().to_owned());
        }
    });
    for number in 0..4_000 {
        let key: Key<String, String> = Key::new(format!("key.{number}"));
        site.store.remove(&key).unwrap();
    }
    site.all_the_same(std::slice::from_ref(&replica)).await;
    eventually("all are told", || gone.lock().unwrap().len() == 4_000).await;
    let mut gone = std::mem::take(&mut *gone.lock().unwrap());
    gone.sort();
    gone.dedup();
    assert_eq!(gone.len(), 4_000);
    assert_eq!(replica.snapshot().len(), 1_000);
}

#[tokio::test]
async fn changes_that_nobody_reads_are_bounded_by_their_bytes() {
    let (backend, store) = (Backend::new(), Store::new());
    store.serve(&backend).unwrap();
    let endpoint: Endpoint = "memory:bounded-changes".parse().unwrap();
    backend.listen(endpoint.clone()).await.unwrap();
    let frontend = Frontend::connect(endpoint).await.unwrap();
    let replica = StoreReplica::open(&frontend).await.unwrap();
    let (mut here, mut there) = (store.changes().listen(), replica.changes().listen());
    for number in 0..20 {
        let key: Key<String, String> = Key::new(format!("key.{number}"));
        store.set(&key, &"x".repeat(1024 * 1024)).unwrap();
    }
    eventually("all is there", || replica.revision() == store.revision()).await;
    for changes in [&mut here, &mut there] {
        assert_eq!(changes.next().await.unwrap().revision().get(), 6);
        assert_eq!(changes.take_missed(), 5);
    }
    // One that is larger is kept, alone.
    store.set(&THEME, &"x".repeat(17 * 1024 * 1024)).unwrap();
    assert_eq!(here.next().await.unwrap().key(), "theme");
    assert_eq!(here.take_missed(), 14);
}

#[test]
fn small_values_are_charged_what_they_cost() {
    let store = Store::builder().max_bytes(100_000).build();
    let key = |number: u32| Key::<u8, _>::new(format!("{number}"));
    let written = (0..).take_while(|number| store.set(&key(*number), &1).is_ok()).count();
    assert!((400..500).contains(&written), "{written}");
    store.remove(&key(0)).unwrap();
    store.set(&key(0), &1).unwrap();
}
