//! Writes of several sides or keys at once: each side sees its own, nothing is lost, and all end
//! with the same.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use ipc_runtime::{
    CallError,
    store::{Change, Key, Store, StoreError},
};
use ipc_tests::{TestCarrier, eventually, on_every_carrier};

use super::served_store::{COUNT, ServedStore, THEME};

on_every_carrier! {
    a_replica_reads_its_own_writes_under_load,
    a_counter_of_eight_replicas_ends_exact,
    all_sides_end_with_the_same_values,
    a_late_joiner_gets_the_values_of_one_moment,
    several_keys_are_written_at_once_or_not_at_all,
}

async fn a_replica_reads_its_own_writes_under_load(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let replicas = site.replicas(4).await;
    let mut writers = Vec::new();
    for (at, replica) in replicas.iter().cloned().enumerate() {
        let mine: Key<u64, String> = Key::new(format!("writer.{at}"));
        writers.push(tokio::spawn(async move {
            for number in 0..150 {
                let revision = replica.set(&mine, &number).await.unwrap();
                assert_eq!(replica.get(&mine).unwrap(), Some(number));
                assert_eq!(replica.revision_of(&mine), Some(revision));
                replica.set(&COUNT, &number).await.unwrap();
                if number % 10 == 0 {
                    assert!(replica.remove(&mine).await.unwrap().is_some());
                    assert_eq!(replica.get(&mine).unwrap(), None);
                }
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    site.all_the_same(&replicas).await;
}

async fn a_counter_of_eight_replicas_ends_exact(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let replicas = site.replicas(8).await;
    let mut writers = Vec::new();
    for replica in &replicas {
        let replica = replica.clone();
        writers.push(tokio::spawn(async move {
            for _ in 0..10 {
                loop {
                    let before = replica.snapshot();
                    let count = before.get(&COUNT).unwrap().unwrap_or(0);
                    let revision = before.revision_of(&COUNT);
                    match replica.compare_and_set(&COUNT, revision, &(count + 1)).await {
                        Ok(written) => break assert!(replica.revision() >= written),
                        Err(CallError::Method(StoreError::Conflict { key, current, .. })) => {
                            assert_eq!(key, "count");
                            // The next try finds what it has lost against.
                            assert!(replica.revision_of(&COUNT) >= current);
                        }
                        Err(error) => panic!("{error}"),
                    }
                }
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(site.store.get(&COUNT), Ok(Some(80)));
    assert_eq!(site.store.revision().get(), 80, "what conflicts is no write");
    site.all_the_same(&replicas).await;

    // A key that was removed is absent, whatever it was before.
    let last = site.store.revision_of(&COUNT);
    site.store.remove(&COUNT).unwrap();
    match replicas[0].compare_and_set(&COUNT, last, &1).await {
        Err(CallError::Method(error @ StoreError::Conflict { current: None, .. })) => {
            assert!(error.to_string().contains("`count`"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(replicas[0].get(&COUNT), Ok(None));
    replicas[0].compare_and_set(&COUNT, None, &1).await.unwrap();
}

async fn all_sides_end_with_the_same_values(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let replicas = site.replicas(5).await;
    let mut writers = Vec::new();
    for (at, replica) in replicas.iter().cloned().enumerate() {
        writers.push(tokio::spawn(async move {
            for round in 0..60_usize {
                let key: Key<usize, String> = Key::new(format!("key.{}", (round * 7 + at) % 11));
                if (round + at) % 5 == 0 {
                    replica.remove(&key).await.unwrap();
                } else {
                    replica.set(&key, &(at * 1000 + round)).await.unwrap();
                }
            }
        }));
    }
    let store = site.store.clone();
    writers.push(tokio::spawn(async move {
        for round in 0..300_usize {
            let key: Key<String, String> = Key::new(format!("key.{}", round % 13));
            store.set(&key, &"backend".repeat(round)).unwrap();
            if round % 3 == 0 {
                store.remove(&key).unwrap();
            }
            tokio::task::yield_now().await;
        }
    }));
    for writer in writers {
        writer.await.unwrap();
    }
    site.all_the_same(&replicas).await;
    site.all_the_same(&[site.replica().await]).await;
    drop(replicas);
    site.nobody_listens().await;
}

async fn a_late_joiner_gets_the_values_of_one_moment(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let log = Arc::new(Mutex::new(BTreeMap::new()));
    let logged = log.clone();
    site.store.changes().on(move |change: &Change| {
        let value = change.value().cloned();
        logged.lock().unwrap().insert(change.revision(), (change.key().to_owned(), value));
    });
    let stop = Arc::new(AtomicBool::new(false));
    let (store, stopped) = (site.store.clone(), stop.clone());
    let writer = tokio::spawn(async move {
        let mut round = 0_u64;
        while !stopped.load(Ordering::SeqCst) {
            let key: Key<String, String> = Key::new(format!("key.{}", round % 97));
            store.set(&key, &format!("{round} {}", "x".repeat(2_000))).unwrap();
            if round % 9 == 0 {
                store.remove(&key).unwrap();
            }
            round += 1;
            tokio::task::yield_now().await;
        }
    });
    eventually("there is something", || site.store.revision().get() > 300).await;
    let mut joiners = Vec::new();
    for _ in 0..5 {
        let replica = site.replica().await;
        let mut snapshots = vec![replica.snapshot()];
        // It stays consistent while it follows.
        for _ in 0..3 {
            let last = replica.revision();
            eventually("it goes on", || replica.revision() > last).await;
            snapshots.push(replica.snapshot());
        }
        joiners.push((replica, snapshots));
    }
    stop.store(true, Ordering::SeqCst);
    writer.await.unwrap();
    let log = log.lock().unwrap().clone();
    assert!(log.keys().map(|revision| revision.get()).eq(1..=site.store.revision().get()), "dense");
    for (_, snapshots) in &joiners {
        for snapshot in snapshots {
            let mut expected = BTreeMap::new();
            for (revision, (key, value)) in log.range(..=snapshot.revision()) {
                match value {
                    Some(value) => expected.insert(&**key, (value, *revision)),
                    None => expected.remove(&**key),
                };
            }
            let found = snapshot.iter().map(|(key, value, revision)| (key, (value, revision)));
            assert_eq!(found.collect::<BTreeMap<_, _>>(), expected);
        }
        assert!(snapshots.windows(2).all(|pair| pair[0].revision() < pair[1].revision()));
    }
    let replicas: Vec<_> = joiners.into_iter().map(|(replica, _)| replica).collect();
    site.all_the_same(&replicas).await;
}

async fn several_keys_are_written_at_once_or_not_at_all(carrier: TestCarrier) {
    let site = ServedStore::of(&carrier, Store::builder().max_bytes(1_200).build()).await;
    let replica = site.replica().await;
    let (mut here, mut there) = (site.store.changes().listen(), replica.changes().listen());
    let written = site.store.write(|batch| {
        batch.set(&THEME, &"replaced".into())?;
        batch.set(&THEME, &"dark".into())?;
        batch.set(&COUNT, &1)
    });
    let written = written.unwrap();
    assert_eq!((written.get(), site.store.revision()), (1, written));
    for changes in [&mut here, &mut there] {
        for _ in 0..2 {
            assert_eq!(changes.next().await.unwrap().revision(), written);
        }
    }
    site.all_the_same(std::slice::from_ref(&replica)).await;
    assert_eq!(replica.get(&THEME).unwrap().as_deref(), Some("dark"));
    assert_eq!(replica.revision_of(&COUNT), replica.revision_of(&THEME));

    // Too much all together, what can't be kept, and a closure that gives up.
    let before = site.store.snapshot();
    let other: Key<String> = Key::new("other");
    let full = site.store.write(|batch| {
        batch.set(&COUNT, &2)?;
        batch.set(&other, &"x".repeat(700))
    });
    assert!(matches!(full, Err(StoreError::Full { key, .. }) if key == "other"));
    let nan = Key::<f64>::new("nan");
    let refused = site.store.write(|batch| {
        batch.remove(&COUNT);
        batch.set(&nan, &f64::NAN)
    });
    assert!(matches!(refused, Err(StoreError::Encode { .. })));
    let long: Key<u64, String> = Key::new("k".repeat(1025));
    assert!(site.store.write(|batch| batch.set(&long, &1)).is_err());
    assert_eq!(site.store.snapshot(), before);

    // What is removed makes room for what is written with it.
    let room = site.store.write(|batch| {
        batch.set(&other, &"x".repeat(700))?;
        batch.remove(&COUNT);
        batch.remove(&THEME);
        Ok(())
    });
    assert_eq!(room.unwrap().get(), 2);
    let nothing = site.store.write(|batch| {
        batch.remove(&COUNT);
        Ok(())
    });
    assert_eq!(nothing.unwrap().get(), 2, "no write");
    site.all_the_same(std::slice::from_ref(&replica)).await;
    site.store.set(&COUNT, &3).unwrap();
    site.all_the_same(&[replica]).await;
}
