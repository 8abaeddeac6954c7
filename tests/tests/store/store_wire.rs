//! The shared store, as a peer sees and speaks it that knows nothing of the library.

use ipc_runtime::store::Key;
use ipc_tests::{Framing, eventually, on_every_framing};
use serde_json::{Value, json};

use super::plain_client::{COUNT, PlainClient, WatchUpdate, site_with_store};

on_every_framing! {
    a_plain_client_reads_and_writes,
    null_and_absent_differ,
    a_conflict_names_the_key_and_both_revisions,
    a_plain_client_watches,
    own_scopes_are_by_connection,
    who_comes_back_gets_what_is_newer,
    who_comes_back_too_late_starts_over,
    unsubscribing_leaves_no_listener,
    what_replicas_could_not_read_is_refused,
}

async fn a_plain_client_reads_and_writes(framing: Framing) {
    let (site, store) = site_with_store().await;
    let mut plain = PlainClient::connect(&site, framing).await;
    assert_eq!(plain.result("set", json!(["theme", "dark"])).await, 1);
    assert_eq!(plain.result("set", json!({ "key": "count", "value": 3 })).await, 2);
    let stored = json!({ "value": "dark", "revision": 1 });
    assert_eq!(plain.result("get", json!(["theme"])).await, stored);
    assert_eq!(store.get(&COUNT), Ok(Some(3)));
    let swap = json!({ "key": "count", "expected": 2, "value": 4 });
    assert_eq!(plain.result("compareAndSet", swap).await, 3);
    let removed = json!({ "revision": 4, "latest": 4 });
    assert_eq!(plain.result("remove", json!(["theme"])).await, removed);
    let nothing = json!({ "revision": null, "latest": 4 });
    assert_eq!(plain.result("remove", json!(["theme"])).await, nothing);
    assert_eq!(store.snapshot().len(), 1);
    let answer = plain.ask("set", json!(["theme"])).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    assert!(answer["error"]["message"].as_str().unwrap().contains("`value`"), "{answer}");
}

async fn null_and_absent_differ(framing: Framing) {
    let (site, store) = site_with_store().await;
    let mut plain = PlainClient::connect(&site, framing).await;
    let watch = plain.result("watch", json!([])).await;
    assert_eq!(plain.next_update(&watch).await.entries, [] as [Value; 0]);
    assert_eq!(plain.result("get", json!(["nothing"])).await, Value::Null);
    assert_eq!(plain.result("set", json!(["nothing", null])).await, 1);
    let stored = json!({ "value": null, "revision": 1 });
    assert_eq!(plain.result("get", json!(["nothing"])).await, stored);
    let set = json!({ "set": { "key": "nothing", "value": null, "revision": 1 } });
    assert_eq!(plain.next_update(&watch).await.entries, [set]);
    const NOTHING: Key<Option<u8>> = Key::new("nothing");
    assert_eq!(store.get(&NOTHING), Ok(Some(None)));
    store.remove(&NOTHING).unwrap();
    let removed = json!({ "removed": { "key": "nothing", "revision": 2 } });
    assert_eq!(plain.next_update(&watch).await.entries, [removed]);
}

async fn a_conflict_names_the_key_and_both_revisions(framing: Framing) {
    let (site, store) = site_with_store().await;
    let mut plain = PlainClient::connect(&site, framing).await;
    store.set(&COUNT, &1).unwrap();
    store.set(&COUNT, &2).unwrap();
    let answer = plain.ask("compareAndSet", json!(["count", 1, 3])).await;
    let conflict = json!({ "key": "count", "expected": 1, "current": 2, "latest": 2 });
    assert_eq!(answer["error"]["code"], 1);
    assert_eq!(answer["error"]["data"], json!({ "Conflict": conflict }));
    let message = "`count` was to be written only over revision 1, and is at revision 2";
    assert_eq!(answer["error"]["message"], message);
    let answer = plain.ask("compareAndSet", json!(["count", null, 3])).await;
    assert_eq!(answer["error"]["data"]["Conflict"]["expected"], Value::Null);
    assert_eq!(store.get(&COUNT), Ok(Some(2)));
}

async fn a_plain_client_watches(framing: Framing) {
    let (site, store) = site_with_store().await;
    store.set(&COUNT, &1).unwrap();
    let mut plain = PlainClient::connect(&site, framing).await;
    let watch = plain.result("watch", json!({ "scope": "shared" })).await;
    let first = plain.next_update(&watch).await;
    let entry = |value: u64, revision: u64| json!({ "set": { "key": "count", "value": value, "revision": revision } });
    assert!(first.reset);
    assert_eq!((first.entries, first.revision), (vec![entry(1, 1)], 1));
    for value in 2..6 {
        store.set(&COUNT, &value).unwrap();
        let next = plain.next_update(&watch).await;
        assert!(!next.reset);
        assert_eq!((next.entries, next.revision), (vec![entry(value, value)], value));
        assert_eq!(next.epoch, first.epoch);
    }
    plain.peer.hears_nothing_else().await;
}

async fn own_scopes_are_by_connection(framing: Framing) {
    let (site, store) = site_with_store().await;
    let (mut one, mut two) =
        (PlainClient::connect(&site, framing).await, PlainClient::connect(&site, framing).await);
    let own = json!({ "key": "theme", "value": "dark", "scope": "own" });
    assert_eq!(one.result("set", own).await, 1);
    let get = json!({ "key": "theme", "scope": "own" });
    assert_eq!(one.result("get", get.clone()).await["value"], "dark");
    assert_eq!(two.result("get", get).await, Value::Null);
    assert_eq!(two.result("get", json!(["theme"])).await, Value::Null);
    assert!(store.snapshot().is_empty());
    let peers = site.backend.peers();
    assert_eq!(peers.iter().filter(|peer| !store.window(peer).snapshot().is_empty()).count(), 1);
}

async fn who_comes_back_gets_what_is_newer(framing: Framing) {
    let (site, store) = site_with_store().await;
    let key = |number: u32| Key::<u32, _>::new(format!("key.{number}"));
    for number in 0..100 {
        store.set(&key(number), &number).unwrap();
    }
    let mut plain = PlainClient::connect(&site, framing).await;
    let watch = plain.result("watch", json!([])).await;
    let first = plain.next_update(&watch).await;
    assert_eq!((first.reset, first.entries.len(), first.revision), (true, 100, 100));

    let mut back = PlainClient::connect(&site, framing).await;
    let since =
        |epoch: u64, revision: u64| json!({ "since": { "epoch": epoch, "revision": revision } });
    // Nothing is newer: that is told at once.
    let watch = back.result("watch", since(first.epoch, 100)).await;
    let none = WatchUpdate { reset: false, entries: Vec::new(), revision: 100, epoch: first.epoch };
    assert_eq!(back.next_update(&watch).await, none);

    store.set(&key(7), &700).unwrap();
    store.remove(&key(8)).unwrap();
    let expected = [
        json!({ "set": { "key": "key.7", "value": 700, "revision": 101 } }),
        json!({ "removed": { "key": "key.8", "revision": 102 } }),
    ];
    let mut back = PlainClient::connect(&site, framing).await;
    let watch = back.result("watch", since(first.epoch, 100)).await;
    let newer = back.next_update(&watch).await;
    assert_eq!((newer.reset, newer.revision), (false, 102));
    assert_eq!(newer.entries, expected);

    // Another run of the backend, or a revision that there never was.
    for since in [since(first.epoch ^ 1, 100), since(first.epoch, 103)] {
        let mut back = PlainClient::connect(&site, framing).await;
        let watch = back.result("watch", since).await;
        let all = back.next_update(&watch).await;
        assert_eq!((all.reset, all.entries.len(), all.epoch), (true, 99, first.epoch));
    }
}

async fn who_comes_back_too_late_starts_over(framing: Framing) {
    let (site, store) = site_with_store().await;
    let key = |number: u32| Key::<u32, _>::new(format!("key.{number}"));
    for number in 0..1_100 {
        store.set(&key(number), &number).unwrap();
    }
    let mut plain = PlainClient::connect(&site, framing).await;
    let watch = plain.result("watch", json!([])).await;
    let epoch = plain.next_update(&watch).await.epoch;
    for number in 0..1_050 {
        store.remove(&key(number)).unwrap();
    }
    // The first 26 removals, of revision 1,126 at the latest, aren't remembered any more.
    for (revision, reset, entries) in [(1_100, true, 50), (1_125, true, 50), (1_126, false, 1_024)]
    {
        let mut back = PlainClient::connect(&site, framing).await;
        let since = json!({ "since": { "epoch": epoch, "revision": revision } });
        let watch = back.result("watch", since).await;
        let update = back.next_update(&watch).await;
        assert_eq!((update.reset, update.entries.len(), update.revision), (reset, entries, 2_150));
    }
}

async fn unsubscribing_leaves_no_listener(framing: Framing) {
    let (site, store) = site_with_store().await;
    let mut plain = PlainClient::connect(&site, framing).await;
    let watch = plain.result("watch", json!([])).await;
    plain.next_update(&watch).await;
    assert_eq!(store.listener_count(), 1);
    assert_eq!(plain.request("rpc.unsubscribe", json!([watch])).await["result"], true);
    eventually("nobody listens", || store.listener_count() == 0).await;
    let watch = plain.result("watch", json!([])).await;
    plain.next_update(&watch).await;
    drop(plain);
    eventually("nobody listens", || store.listener_count() == 0).await;
}

async fn what_replicas_could_not_read_is_refused(framing: Framing) {
    let (site, store) = site_with_store().await;
    let mut plain = PlainClient::connect(&site, framing).await;
    let watch = plain.result("watch", json!([])).await;
    plain.next_update(&watch).await;
    let deep = |levels: usize| (1..levels).fold(json!([]), |inside, _| json!([inside]));
    let answer = plain.ask("set", json!(["deep", deep(101)])).await;
    assert_eq!(answer["error"]["data"]["Encode"]["key"], "deep", "{answer}");
    let long = "k".repeat(1_025);
    let answer = plain.ask("set", json!([long, 1])).await;
    assert_eq!(answer["error"]["data"]["KeyTooLong"]["length"], 1_025, "{answer}");
    assert_eq!(plain.result("remove", json!([long])).await["revision"], Value::Null);
    // Names that serde_json takes for a form of its own, wherever they stand.
    let own = "$serde_json::private::RawValue";
    let text = format!(r#"[{{"a":1,"{own}":5}}]"#);
    let wide = format!("[340282366920938463463374607431768211455,{text}]");
    for value in [json!({ "$json": text }), json!({ "$json": wide })] {
        let answer = plain.ask("set", json!(["own", value])).await;
        assert!(answer["error"]["code"].is_i64(), "{value}: {answer}");
    }
    assert!(store.snapshot().is_empty());
    assert_eq!(plain.result("set", json!(["deep", deep(100)])).await, 1);
    assert_eq!(plain.next_update(&watch).await.entries.len(), 1);
}
