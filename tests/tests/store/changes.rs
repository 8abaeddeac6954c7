//! Watches and changes: who hears of a write, in which order, and what they read then.

use std::sync::{Arc, Mutex};

use ipc_runtime::store::{Change, Key, Revision, Store, StoreError, StoreReplica};
use ipc_tests::{TestCarrier, eventually, on_every_carrier, poll_once};
use serde_json::{Value, json};

use super::served_store::{COUNT, ServedStore, THEME};

on_every_carrier! {
    a_watch_gives_the_value_of_now_and_then_each_newer_one,
    who_waits_for_a_value_is_woken_by_each_write,
    a_callback_of_a_change_reads_the_state_after_it,
    changes_come_in_the_order_of_their_revisions,
}

async fn a_watch_gives_the_value_of_now_and_then_each_newer_one(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    site.store.set(&COUNT, &1).unwrap();
    let replica = site.replica().await;
    let (mut here, mut there) = (site.store.watch(&COUNT), replica.watch(&COUNT));
    for watch in [&mut here, &mut there] {
        assert_eq!(watch.next().await, Some(Ok(Some(1))));
    }
    for number in 2..10 {
        replica.set(&COUNT, &number).await.unwrap();
        site.store.set(&THEME, &"another key".into()).unwrap();
        assert_eq!(here.next().await, Some(Ok(Some(number))));
        assert_eq!(there.next().await, Some(Ok(Some(number))));
    }
    // What isn't read in time is skipped.
    for number in 10..=20 {
        replica.set(&COUNT, &number).await.unwrap();
    }
    assert_eq!(here.next().await, Some(Ok(Some(20))));
    assert_eq!(there.next().await, Some(Ok(Some(20))));
    // A value of another type is told, and the watch goes on.
    let anything: Key<Value> = Key::new(COUNT.name());
    replica.set(&anything, &json!("many")).await.unwrap();
    for watch in [&mut here, &mut there] {
        assert!(
            matches!(watch.next().await, Some(Err(StoreError::Decode { key, .. })) if key == "count")
        );
    }
    replica.remove(&COUNT).await.unwrap();
    assert_eq!(there.next().await, Some(Ok(None)));
    assert_eq!(here.next().await, Some(Ok(None)));
    // A watch doesn't keep its replica.
    drop(replica);
    assert_eq!(there.next().await, None);
    assert_eq!(there.next().await, None);
    drop(here);
    site.nobody_listens().await;
}

async fn who_waits_for_a_value_is_woken_by_each_write(carrier: TestCarrier) {
    const END: u64 = 150;
    let site = ServedStore::new(&carrier).await;
    let (one, two) = (site.replica().await, site.replica().await);
    // Each of three waits for its turn, so that nothing goes on when one isn't woken.
    let backend = async {
        let mut watch = site.store.watch(&COUNT);
        while let Some(Ok(count)) = watch.next().await {
            let count = count.unwrap_or(0);
            if count == END {
                break;
            }
            if count % 3 == 0 {
                site.store.set(&COUNT, &(count + 1)).unwrap();
            }
        }
    };
    let window = |replica: StoreReplica, turn: u64| async move {
        let mut watch = replica.watch(&COUNT);
        while let Some(Ok(count)) = watch.next().await {
            let count = count.unwrap_or(0);
            if count == END {
                break;
            }
            if count % 3 == turn {
                replica.set(&COUNT, &(count + 1)).await.unwrap();
            }
        }
    };
    let (one, two) = (tokio::spawn(window(one, 1)), tokio::spawn(window(two, 2)));
    backend.await;
    one.await.unwrap();
    two.await.unwrap();
    assert_eq!(site.store.revision().get(), END);
    site.nobody_listens().await;
}

async fn a_callback_of_a_change_reads_the_state_after_it(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let replica = site.replica().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let (told, reader) = (seen.clone(), replica.clone());
    let listening = replica.changes().on(move |change: &Change| {
        let now = reader.revision_of(&COUNT).max(reader.revision_of(&THEME));
        told.lock().unwrap().push((change.revision(), now, reader.revision()));
    });
    let store = site.store.clone();
    let on_store = site.store.changes().on(move |change| {
        // A callback may read and write.
        if let Some(Ok(Some(count))) = change.of(&COUNT) {
            assert!(store.revision() >= change.revision());
            store.set(&THEME, &format!("{count}")).unwrap();
        }
    });
    for number in 0..50 {
        replica.set(&COUNT, &number).await.unwrap();
    }
    eventually("all is told", || {
        seen.lock().unwrap().last().is_some_and(|(revision, ..)| revision.get() == 100)
    })
    .await;
    for (revision, now, all) in seen.lock().unwrap().iter() {
        assert!(now.unwrap() >= *revision && all >= revision);
    }
    assert_eq!(site.store.get(&THEME).unwrap().as_deref(), Some("49"));
    listening.remove();
    on_store.remove();
    drop(replica);
    site.nobody_listens().await;
}

async fn changes_come_in_the_order_of_their_revisions(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let replicas = site.replicas(2).await;
    let (mut all, mut there) = (site.store.changes().listen(), replicas[0].changes().listen());
    let mut writers = Vec::new();
    for replica in &replicas {
        let (replica, store) = (replica.clone(), site.store.clone());
        writers.push(tokio::spawn(async move {
            for number in 0..50 {
                replica.set(&COUNT, &number).await.unwrap();
                store.set(&THEME, &"x".into()).unwrap();
            }
        }));
    }
    for number in 1..=200 {
        assert_eq!(all.next().await.unwrap().revision().get(), number);
    }
    let mut last = Revision::default();
    while last.get() < 200 {
        let next = there.next().await.unwrap().revision();
        assert!(next > last);
        last = next;
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn a_watch_without_any_connection_skips_what_was_not_read() {
    let store = Store::new();
    let mut watch = store.watch(&COUNT);
    store.set(&COUNT, &1).unwrap();
    store.set(&COUNT, &2).unwrap();
    assert_eq!(watch.next().await, Some(Ok(Some(2))));
    let mut next = Box::pin(watch.next());
    assert_eq!(poll_once(&mut next).await, None);
    store.set(&THEME, &"x".into()).unwrap();
    assert_eq!(poll_once(&mut next).await, None);
    store.set(&COUNT, &2).unwrap();
    assert_eq!(next.await, Some(Ok(Some(2))), "the same value, written again");
    let handle = store.clone();
    drop(store);
    handle.remove(&COUNT).unwrap();
    drop(handle);
    assert_eq!(watch.next().await, Some(Ok(None)), "the last one, then the end");
    assert_eq!(watch.next().await, None);
}
