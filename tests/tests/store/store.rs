//! The shared store and its replicas, on every carrier.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use ipc_runtime::{
    Backend, CallError, Endpoint, Frontend, IpcError, Key, Limits, RegisterError, Store,
    StoreReplica,
    store::{Change, Revision, StoreError},
};
use ipc_tests::{Place, eventually, on_every_carrier, poll_once};
use serde_json::{Value, json};

const THEME: Key<String> = Key::new("theme");
const COUNT: Key<u64> = Key::new("count");

on_every_carrier! {
    a_value_set_on_either_side_is_seen_on_the_other,
    a_replica_reads_its_own_writes_under_load,
    falsy_values_are_values,
    removing_nothing_is_no_write,
    numbers_are_the_same_on_all_sides,
    integers_of_128_bits_are_kept_as_methods_carry_them,
    a_watch_gives_the_value_of_now_and_then_each_newer_one,
    who_waits_for_a_value_is_woken_by_each_write,
    a_callback_of_a_change_reads_the_state_after_it,
    changes_come_in_the_order_of_their_revisions,
    a_counter_of_eight_replicas_ends_exact,
    all_sides_end_with_the_same_values,
    a_late_joiner_gets_the_values_of_one_moment,
    own_scopes_are_apart_and_gone_with_their_window,
    dropped_replicas_leave_no_listeners,
    a_lost_connection_ends_a_replica_and_leaves_its_values,
    a_value_too_large_for_a_peer_is_told_and_others_go_on,
    a_full_store_refuses_a_write_and_stays_as_it_is,
    several_keys_are_written_at_once_or_not_at_all,
    what_cannot_be_kept_is_told_with_its_key,
    a_dropped_write_leaves_nothing_behind,
    a_large_store_comes_in_parts_and_is_seen_at_once,
    replicas_survive_the_store_being_unregistered,
}

struct Site {
    backend: Backend,
    store: Store,
    endpoint: Endpoint,
}

impl Site {
    async fn new(place: &Place) -> Self {
        Self::of(place, Store::new()).await
    }

    async fn of(place: &Place, store: Store) -> Self {
        let backend = Backend::new();
        store.serve(&backend).unwrap();
        let endpoint = place.listen(&backend).await;
        Self { backend, store, endpoint }
    }

    async fn frontend(&self) -> Frontend {
        Frontend::connect(self.endpoint.clone()).await.unwrap()
    }

    async fn replica(&self) -> StoreReplica {
        StoreReplica::open(&self.frontend().await).await.unwrap()
    }

    async fn replicas(&self, count: usize) -> Vec<StoreReplica> {
        let mut replicas = Vec::new();
        for _ in 0..count {
            replicas.push(self.replica().await);
        }
        replicas
    }

    /// Waits until all of them are where the store is, and compares.
    async fn all_the_same(&self, replicas: &[StoreReplica]) {
        let ours = self.store.snapshot();
        for replica in replicas {
            eventually("a replica catches up", || replica.revision() == ours.revision()).await;
            assert_eq!(replica.snapshot(), ours);
        }
    }

    async fn nobody_listens(&self) {
        eventually("nobody listens", || self.store.listeners() == 0).await;
    }
}

async fn a_value_set_on_either_side_is_seen_on_the_other(place: Place) {
    let site = Site::new(&place).await;
    site.store.set(&THEME, &"light".into()).unwrap();
    let (replica, other) = (site.replica().await, site.replica().await);
    assert_eq!(replica.get(&THEME).unwrap().as_deref(), Some("light"));

    let revision = replica.set(&THEME, &"dark".into()).await.unwrap();
    assert_eq!(replica.get(&THEME).unwrap().as_deref(), Some("dark"));
    assert_eq!(replica.revision_of(&THEME), Some(revision));
    assert_eq!(site.store.get(&THEME).unwrap().as_deref(), Some("dark"));
    assert_eq!(site.store.revision_of(&THEME), Some(revision));
    site.all_the_same(&[replica.clone(), other.clone()]).await;

    let dynamic: Key<Value, String> = Key::new(format!("the{}", "me"));
    assert_eq!(other.get(&dynamic).unwrap(), Some(json!("dark")));
    site.store.remove(&dynamic).unwrap();
    eventually("the removal comes", || other.get(&THEME).unwrap().is_none()).await;
    let removed = replica.remove(&THEME).await.unwrap();
    assert_eq!(removed, None, "it is gone already");
    assert_eq!(replica.get(&THEME).unwrap(), None, "and that is seen here");
}

async fn a_replica_reads_its_own_writes_under_load(place: Place) {
    let site = Site::new(&place).await;
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

async fn falsy_values_are_values(place: Place) {
    let site = Site::new(&place).await;
    let (replica, other) = (site.replica().await, site.replica().await);
    const NOTHING: Key<Option<u32>> = Key::new("nothing");
    const NO: Key<bool> = Key::new("no");
    const ZERO: Key<f64> = Key::new("zero");
    const EMPTY: Key<String> = Key::new("");
    let mut nothing = other.watch(&NOTHING);
    assert_eq!(nothing.next().await, Some(Ok(None)), "absent");
    let mut changes = other.changes().listen();

    replica.set(&NOTHING, &None).await.unwrap();
    replica.set(&NO, &false).await.unwrap();
    replica.set(&ZERO, &0.0).await.unwrap();
    replica.set(&EMPTY, &String::new()).await.unwrap();
    site.all_the_same(&[replica.clone(), other.clone()]).await;

    assert_eq!(nothing.next().await, Some(Ok(Some(None))), "null");
    let change = changes.next().await.unwrap();
    assert!(!change.is_removal());
    assert_eq!((change.value(), change.of(&NOTHING)), (Some(&Value::Null), Some(Ok(Some(None)))));
    let late = site.replica().await;
    for replica in [&replica, &other, &late] {
        assert_eq!(replica.get(&NOTHING), Ok(Some(None)));
        assert_eq!(replica.get(&NO), Ok(Some(false)));
        assert_eq!(replica.get(&ZERO), Ok(Some(0.0)));
        assert_eq!(replica.get(&EMPTY), Ok(Some(String::new())));
        assert_eq!(replica.snapshot().len(), 4);
    }
    replica.remove(&NOTHING).await.unwrap().unwrap();
    assert_eq!(replica.get(&NOTHING), Ok(None));
    assert_eq!(nothing.next().await, Some(Ok(None)), "absent again");
    site.store.set(&NOTHING, &None).unwrap();
    assert_eq!(nothing.next().await, Some(Ok(Some(None))));
}

async fn removing_nothing_is_no_write(place: Place) {
    let site = Site::new(&place).await;
    let replica = site.replica().await;
    assert_eq!(replica.remove(&THEME).await.unwrap(), None);
    assert_eq!(site.store.remove(&THEME), Ok(None));
    assert_eq!(site.store.revision().get(), 0);
    assert_eq!(replica.set(&COUNT, &1).await.unwrap().get(), 1);
    let removed = replica.remove(&COUNT).await.unwrap();
    assert_eq!(removed.map(Revision::get), Some(2));
}

async fn numbers_are_the_same_on_all_sides(place: Place) {
    let site = Site::new(&place).await;
    let (replica, other) = (site.replica().await, site.replica().await);
    const NUMBERS: Key<Vec<f64>> = Key::new("numbers");
    const LARGE: Key<(u64, i64)> = Key::new("large");
    // Many mantissas at many scales, without a source of randomness.
    let mut bits = 0x9e37_79b9_7f4a_7c15_u64;
    let numbers = std::iter::repeat_with(|| {
        bits = bits.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        f64::from_bits(bits)
    });
    let numbers: Vec<_> = numbers.filter(|number| number.is_finite()).take(2_000).collect();
    replica.set(&NUMBERS, &numbers).await.unwrap();
    replica.set(&LARGE, &(u64::MAX, i64::MIN)).await.unwrap();
    site.all_the_same(&[replica.clone(), other.clone()]).await;
    for found in [site.store.get(&NUMBERS), replica.get(&NUMBERS), other.get(&NUMBERS)] {
        assert!(found.unwrap().unwrap() == numbers, "a number has changed on its way");
    }
    assert_eq!(other.get(&LARGE), Ok(Some((u64::MAX, i64::MIN))));
}

async fn integers_of_128_bits_are_kept_as_methods_carry_them(place: Place) {
    #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Wide {
        unsigned: u128,
        signed: Vec<i128>,
        by_name: BTreeMap<String, u128>,
        text: String,
    }

    const LEAST: Key<i128> = Key::new("least");
    const MOST: Key<u128> = Key::new("most");
    const LONG: Key<u64> = Key::new("long");
    const WIDE: Key<Wide> = Key::new("wide");
    const ANY: Key<Value> = Key::new("any");

    let site = Site::new(&place).await;
    let replica = site.replica().await;
    let wide = Wide {
        unsigned: u128::MAX,
        signed: vec![i128::MIN, -1, 0, i128::MAX],
        by_name: BTreeMap::from([("b".into(), 1), ("a".into(), u128::MAX - 1)]),
        text: "\"1,[".into(),
    };
    site.store.set(&MOST, &u128::MAX).unwrap();
    site.store.set(&LEAST, &i128::MIN).unwrap();
    site.store.set(&LONG, &u64::MAX).unwrap();
    let revision = site.store.set(&WIDE, &wide).unwrap();
    eventually("all came", || replica.revision() >= revision).await;
    assert_eq!(replica.get(&MOST), Ok(Some(u128::MAX)));
    assert_eq!(replica.get(&LEAST), Ok(Some(i128::MIN)));
    assert_eq!(replica.get(&LONG), Ok(Some(u64::MAX)));
    assert_eq!(replica.get(&WIDE), Ok(Some(wide.clone())));
    assert_eq!(site.store.get(&WIDE), Ok(Some(wide.clone())));

    replica.set(&MOST, &(u128::MAX - 1)).await.unwrap();
    assert_eq!(site.store.get(&MOST), Ok(Some(u128::MAX - 1)));
    // What isn't of the type is told as ever.
    let other: Key<u64> = Key::new(MOST.name());
    let error = site.store.get(&other).unwrap_err().to_string();
    assert!(error.ends_with("expected u64"), "{error}");
    assert_eq!(replica.get(&Key::<f64>::new(MOST.name())), Ok(Some(2_f64.powi(128))));

    // A value that looks like one of those on its way is what it is.
    for looks_like in [json!({ "$json": "1" }), json!({ "$json": "[" }), json!({ "$json": 1 })] {
        replica.set(&ANY, &looks_like).await.unwrap();
        assert_eq!(site.store.get(&ANY), Ok(Some(looks_like.clone())));
        assert_eq!(replica.get(&ANY), Ok(Some(looks_like)));
    }
    site.all_the_same(&[replica]).await;
    let saved = serde_json::to_string(&site.store.snapshot()).unwrap();
    assert!(saved.contains("340282366920938463463374607431768211454"), "{saved}");
    assert!(saved.contains("-170141183460469231731687303715884105728"), "{saved}");
    assert!(saved.contains(r#"{"$json":1}"#), "{saved}");
}

async fn a_watch_gives_the_value_of_now_and_then_each_newer_one(place: Place) {
    let site = Site::new(&place).await;
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

async fn who_waits_for_a_value_is_woken_by_each_write(place: Place) {
    const END: u64 = 150;
    let site = Site::new(&place).await;
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

async fn a_callback_of_a_change_reads_the_state_after_it(place: Place) {
    let site = Site::new(&place).await;
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
    drop((listening, on_store, replica));
    site.nobody_listens().await;
}

async fn changes_come_in_the_order_of_their_revisions(place: Place) {
    let site = Site::new(&place).await;
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

async fn a_counter_of_eight_replicas_ends_exact(place: Place) {
    let site = Site::new(&place).await;
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

async fn all_sides_end_with_the_same_values(place: Place) {
    let site = Site::new(&place).await;
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

async fn a_late_joiner_gets_the_values_of_one_moment(place: Place) {
    let site = Site::new(&place).await;
    let log = Arc::new(Mutex::new(BTreeMap::new()));
    let logged = log.clone();
    let _listening = site.store.changes().on(move |change: &Change| {
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

async fn own_scopes_are_apart_and_gone_with_their_window(place: Place) {
    let site = Site::new(&place).await;
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
    assert_eq!(scope.listeners(), 3);
    first.close().await;
    assert_eq!(watch.next().await, None);
    assert_eq!(changes.next().await, None);
    drop((watch, changes));
    eventually("nobody listens", || scope.listeners() == 0 && site.store.listeners() == 0).await;
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

async fn dropped_replicas_leave_no_listeners(place: Place) {
    let site = Site::new(&place).await;
    let frontend = site.frontend().await;
    let replica = StoreReplica::open(&frontend).await.unwrap();
    let clone = replica.clone();
    let own = StoreReplica::open_own(&frontend).await.unwrap();
    let scope = site.store.window(&site.backend.peers().iter().next().unwrap().clone());
    assert_eq!((site.store.listeners(), scope.listeners()), (1, 1));
    let (watch, changes) = (replica.watch(&COUNT), replica.changes().listen());
    assert_eq!(replica.listeners(), 2);
    drop((watch, changes));
    assert_eq!(replica.listeners(), 0);
    drop(replica);
    clone.set(&COUNT, &1).await.unwrap();
    assert_eq!(site.store.listeners(), 1, "a clone is left");
    drop((clone, own));
    eventually("nobody listens", || site.store.listeners() + scope.listeners() == 0).await;
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

async fn a_lost_connection_ends_a_replica_and_leaves_its_values(place: Place) {
    let site = Site::new(&place).await;
    let frontend = site.frontend().await;
    let replica = StoreReplica::open(&frontend).await.unwrap();
    replica.set(&THEME, &"dark".into()).await.unwrap();
    let (mut watch, mut changes) = (replica.watch(&THEME), replica.changes().listen());
    watch.next().await.unwrap().unwrap();
    assert!(replica.is_connected());
    let unsent = replica.set(&COUNT, &1);
    frontend.close().await;
    assert_eq!(watch.next().await, None);
    assert_eq!(changes.next().await, None);
    assert!(matches!(replica.closed().await, IpcError::Disconnected { .. }));
    assert!(!replica.is_connected());
    assert_eq!(replica.get(&THEME).unwrap().as_deref(), Some("dark"));
    assert_eq!(replica.snapshot().len(), 1);
    let mut late = replica.watch(&THEME);
    assert_eq!(late.next().await, Some(Ok(Some("dark".into()))));
    assert_eq!(late.next().await, None);
    for write in [unsent, replica.set(&COUNT, &2), replica.compare_and_set(&COUNT, None, &2)] {
        match write.await {
            Err(CallError::Ipc(IpcError::Disconnected { method, may_have_run, .. })) => {
                assert!(method.starts_with("ipc.store.") && !may_have_run, "{method}");
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(StoreReplica::open(&frontend).await.is_err());
    site.nobody_listens().await;
}

async fn a_value_too_large_for_a_peer_is_told_and_others_go_on(place: Place) {
    let site = Site::new(&place).await;
    let mut limits = Limits::default();
    limits.max_message_bytes = 20_000;
    let small = place.builder().limits(limits).connect(site.endpoint.clone()).await.unwrap();
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
    let near = 16 * 1024 * 1024 - 150;
    large.set(&THEME, &"y".repeat(near)).await.unwrap();
    match large.get(&THEME) {
        Ok(value) => assert_eq!(value.unwrap().len(), near),
        Err(error) => assert!(matches!(error, StoreError::TooLarge { .. }), "{error}"),
    }
    match large.set(&THEME, &"z".repeat(17 * 1024 * 1024)).await {
        Err(CallError::Ipc(IpcError::TooLarge { method, .. })) => {
            assert_eq!(method, "ipc.store.set")
        }
        other => panic!("{:?}", other.map_err(|error| error.to_string())),
    }
    large.set(&COUNT, &1).await.unwrap();
    assert!(large.is_connected() && small.is_connected());
}

async fn a_full_store_refuses_a_write_and_stays_as_it_is(place: Place) {
    let site = Site::of(&place, Store::builder().max_bytes(580).build()).await;
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

async fn what_cannot_be_kept_is_told_with_its_key(place: Place) {
    let site = Site::new(&place).await;
    let replica = site.replica().await;
    const NUMBER: Key<f64> = Key::new("number");
    let on_both = |error: StoreError, of_replica: CallError<StoreError>| match of_replica {
        CallError::Method(other) => {
            assert_eq!(error, other);
            error
        }
        CallError::Ipc(error) => panic!("{error}"),
    };
    let nan = site.store.set(&NUMBER, &f64::NAN).unwrap_err();
    let nan = on_both(nan, replica.set(&NUMBER, &f64::NAN).await.unwrap_err());
    assert!(matches!(&nan, StoreError::Encode { key, .. } if key == "number"), "{nan}");

    let deep = (0..110).fold(json!(1), |inside, _| json!([inside]));
    let anything: Key<Value> = Key::new("deep");
    let error = site.store.set(&anything, &deep).unwrap_err();
    let error = on_both(error, replica.set(&anything, &deep).await.unwrap_err());
    assert!(matches!(&error, StoreError::Encode { key, .. } if key == "deep"), "{error}");
    let less_deep = (0..99).fold(json!(1), |inside, _| json!({ "inside": inside }));
    replica.set(&anything, &less_deep).await.unwrap();
    assert_eq!(replica.get(&anything), Ok(Some(less_deep)));

    let own = [("a", 1), ("$serde_json::private::RawValue", 5)];
    let own = own.map(|(name, value)| (name.to_owned(), value));
    let named: Key<BTreeMap<String, u8>> = Key::new("names");
    let error = site.store.set(&named, &own.clone().into()).unwrap_err();
    let error = on_both(error, replica.set(&named, &own.into()).await.unwrap_err());
    assert!(error.to_string().contains("serde_json's own"), "{error}");

    let long: Key<u64, String> = Key::new("k".repeat(1025));
    let error = site.store.set(&long, &1).unwrap_err();
    let error = on_both(error, replica.set(&long, &1).await.unwrap_err());
    assert!(matches!(error, StoreError::KeyTooLong { length: 1025, limit: 1024, .. }), "{error}");

    site.store.set(&THEME, &"dark".into()).unwrap();
    let wrong: Key<u64> = Key::new(THEME.name());
    let error = site.store.get(&wrong).unwrap_err();
    assert!(error.to_string().contains("`theme`"), "{error}");
    eventually("it is there", || replica.get(&THEME).unwrap().is_some()).await;
    assert_eq!(replica.get(&wrong), Err(error));
    assert!(matches!(site.store.serve(&site.backend), Err(RegisterError::ChannelTaken { .. })));
    site.all_the_same(&[replica]).await;
}

async fn a_dropped_write_leaves_nothing_behind(place: Place) {
    let site = Site::new(&place).await;
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

async fn a_large_store_comes_in_parts_and_is_seen_at_once(place: Place) {
    let site = Site::new(&place).await;
    for number in 0..5_000 {
        let key: Key<String, String> = Key::new(format!("key.{number}"));
        site.store.set(&key, &format!("{number} {}", "x".repeat(200))).unwrap();
    }
    let mut limits = Limits::default();
    limits.subscription_window = 1;
    let frontend = place.builder().limits(limits).connect(site.endpoint.clone()).await.unwrap();
    let replica = StoreReplica::open(&frontend).await.unwrap();
    assert_eq!(replica.snapshot(), site.store.snapshot());
    // More removals than are remembered, while it can't follow: it starts over, and is told all
    // of them once. It was told the last at the latest when the last one is gone.
    let gone = Arc::new(Mutex::new(Vec::new()));
    let told = gone.clone();
    let _listening = replica.changes().on(move |change: &Change| {
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

async fn replicas_survive_the_store_being_unregistered(place: Place) {
    let backend = Backend::new();
    let store = Store::new();
    let registration = store.serve(&backend).unwrap();
    let frontend = place.connect(&backend).await;
    let replica = StoreReplica::open(&frontend).await.unwrap();
    registration.remove();
    store.set(&COUNT, &1).unwrap();
    eventually("it follows", || replica.get(&COUNT) == Ok(Some(1))).await;
    let refused = replica.set(&COUNT, &2).await;
    assert!(matches!(refused, Err(CallError::Ipc(IpcError::NotFound { .. }))), "{refused:?}");
    assert!(matches!(StoreReplica::open(&frontend).await, Err(IpcError::NotFound { .. })));
    // A replica that is open keeps what it watches.
    drop(store);
    let mut watch = replica.watch(&COUNT);
    assert_eq!(watch.next().await, Some(Ok(Some(1))));
    assert!(replica.is_connected());
    frontend.close().await;
    assert_eq!(watch.next().await, None);
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

async fn several_keys_are_written_at_once_or_not_at_all(place: Place) {
    let site = Site::of(&place, Store::builder().max_bytes(1_200).build()).await;
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

#[test]
fn values_are_not_shown_where_they_may_be_secrets() {
    #[derive(serde::Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only what doesn't fit matters")]
    struct Login {
        name: String,
        mode: Option<Mode>,
    }
    #[derive(serde::Deserialize, Debug)]
    enum Mode {
        Plain,
    }

    const LOGIN: Key<Login> = Key::new("login");
    let anything = Key::<Value>::new("login");
    let store = Store::new();
    let told = Arc::new(Mutex::new(String::new()));
    let telling = told.clone();
    let _listening = store.changes().on(move |change| {
        telling.lock().unwrap().push_str(&format!("{change:?}"));
    });
    let mut messages = Vec::new();
    for value in [
        json!("hunter2"),
        json!({ "name": ["hunter2"] }),
        json!({ "name": "x", "hunter2": 1 }),
        json!({ "name": "x", "mode": "hunter2" }),
        json!({ "name": 17_391_739 }),
        json!({ "mode": "Plain" }),
        json!("a, expected hunter2"),
    ] {
        store.set(&anything, &value).unwrap();
        let error = store.get(&LOGIN).unwrap_err();
        messages.push(error.to_string());
        let shown = format!("{error} {error:?} {:?} {store:?}", store.snapshot());
        assert!(!shown.contains("hunter2") && !shown.contains("17391739"), "{shown}");
        assert!(shown.contains("`login`") && shown.contains("Login"), "{shown}");
    }
    assert!(messages[4].contains("expected a string"), "{}", messages[4]);
    assert!(messages[5].contains("missing field `name`"), "{}", messages[5]);
    let told = told.lock().unwrap();
    assert!(told.contains("login") && !told.contains("hunter2"), "{told}");
}
