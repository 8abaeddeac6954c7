//! The shared store, as a peer sees and speaks it that knows nothing of the library.

use std::collections::{BTreeMap, VecDeque};

use ipc_runtime::{Backend, Key, Store};
use ipc_tests::{Framing, RawPeer, Site, eventually, on_every_framing};
use serde_json::{Value, json};

on_every_framing! {
    a_plain_client_reads_and_writes,
    null_and_absent_differ,
    a_conflict_names_the_key_and_both_revisions,
    a_plain_client_watches,
    own_scopes_are_by_connection,
    who_comes_back_gets_what_is_newer,
    who_comes_back_too_late_starts_over,
    a_slow_watcher_gets_the_newest_values_alone,
    a_look_comes_in_parts_of_bounded_size,
    what_was_replaced_during_a_look_is_not_sent,
    what_was_removed_during_a_look_is_told,
    a_look_begins_anew_when_too_much_was_removed_meanwhile,
    a_look_ends_however_much_is_written_meanwhile,
    several_keys_of_one_write_come_together,
    unsubscribing_leaves_no_listener,
    what_replicas_could_not_read_is_refused,
}

const COUNT: Key<u64> = Key::new("count");

async fn site() -> (Site, Store) {
    let site = Site::of(Backend::builder()).await;
    let store = Store::new();
    store.serve(&site.backend).unwrap();
    (site, store)
}

/// A plain client, which keeps the items that come ahead of an answer.
struct Plain {
    peer: RawPeer,
    items: VecDeque<Value>,
    asked: u64,
}

/// What a watcher was told by one look, of each key the last.
#[derive(Debug, PartialEq)]
struct Look {
    reset: bool,
    entries: Vec<Value>,
    revision: u64,
    epoch: u64,
}

impl Plain {
    async fn connect(site: &Site, framing: Framing) -> Self {
        Self { peer: site.peer(framing).await, items: VecDeque::new(), asked: 0 }
    }

    async fn send(&mut self, message: Value) {
        self.peer.send(message.to_string()).await;
    }

    /// The answer of a method of the store.
    async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.request(&format!("ipc.store.{method}"), params).await
    }

    async fn request(&mut self, method: &str, params: Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        self.send(json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })).await;
        loop {
            let message = self.peer.next().await;
            if message["id"] == id {
                return message;
            }
            assert_eq!(message["method"], "ipc.store.watch", "{message}");
            self.items.push_back(message["params"].clone());
        }
    }

    async fn result(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params).await;
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    async fn batch(&mut self, subscription: &Value) -> Value {
        let params = match self.items.pop_front() {
            Some(params) => params,
            None => self.peer.next().await["params"].clone(),
        };
        assert_eq!(params["subscription"], *subscription, "{params}");
        params["result"].clone()
    }

    async fn look(&mut self, subscription: &Value) -> Look {
        let mut entries = Vec::new();
        loop {
            let batch = self.batch(subscription).await;
            if batch["restart"] == true {
                entries.clear();
            }
            entries.extend(batch["entries"].as_array().unwrap().iter().cloned());
            if batch["complete"] == true {
                let reset = batch["reset"].as_bool().unwrap();
                let number = |member: &str| batch[member].as_u64().unwrap();
                let (revision, epoch) = (number("revision"), number("epoch"));
                assert!(epoch < 1 << 53);
                return Look { reset, entries, revision, epoch };
            }
        }
    }
}

async fn a_plain_client_reads_and_writes(framing: Framing) {
    let (site, store) = site().await;
    let mut plain = Plain::connect(&site, framing).await;
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
    let (site, store) = site().await;
    let mut plain = Plain::connect(&site, framing).await;
    let watch = plain.result("watch", json!([])).await;
    assert_eq!(plain.look(&watch).await.entries, [] as [Value; 0]);
    assert_eq!(plain.result("get", json!(["nothing"])).await, Value::Null);
    assert_eq!(plain.result("set", json!(["nothing", null])).await, 1);
    let stored = json!({ "value": null, "revision": 1 });
    assert_eq!(plain.result("get", json!(["nothing"])).await, stored);
    let set = json!({ "set": { "key": "nothing", "value": null, "revision": 1 } });
    assert_eq!(plain.look(&watch).await.entries, [set]);
    const NOTHING: Key<Option<u8>> = Key::new("nothing");
    assert_eq!(store.get(&NOTHING), Ok(Some(None)));
    store.remove(&NOTHING).unwrap();
    let removed = json!({ "removed": { "key": "nothing", "revision": 2 } });
    assert_eq!(plain.look(&watch).await.entries, [removed]);
}

async fn a_conflict_names_the_key_and_both_revisions(framing: Framing) {
    let (site, store) = site().await;
    let mut plain = Plain::connect(&site, framing).await;
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
    let (site, store) = site().await;
    store.set(&COUNT, &1).unwrap();
    let mut plain = Plain::connect(&site, framing).await;
    let watch = plain.result("watch", json!({ "scope": "shared" })).await;
    let first = plain.look(&watch).await;
    let entry = |value: u64, revision: u64| json!({ "set": { "key": "count", "value": value, "revision": revision } });
    assert!(first.reset);
    assert_eq!((first.entries, first.revision), (vec![entry(1, 1)], 1));
    for value in 2..6 {
        store.set(&COUNT, &value).unwrap();
        let next = plain.look(&watch).await;
        assert!(!next.reset);
        assert_eq!((next.entries, next.revision), (vec![entry(value, value)], value));
        assert_eq!(next.epoch, first.epoch);
    }
    plain.peer.hears_nothing_else().await;
}

async fn own_scopes_are_by_connection(framing: Framing) {
    let (site, store) = site().await;
    let (mut one, mut two) =
        (Plain::connect(&site, framing).await, Plain::connect(&site, framing).await);
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
    let (site, store) = site().await;
    let key = |number: u32| Key::<u32, _>::new(format!("key.{number}"));
    for number in 0..100 {
        store.set(&key(number), &number).unwrap();
    }
    let mut plain = Plain::connect(&site, framing).await;
    let watch = plain.result("watch", json!([])).await;
    let first = plain.look(&watch).await;
    assert_eq!((first.reset, first.entries.len(), first.revision), (true, 100, 100));

    let mut back = Plain::connect(&site, framing).await;
    let since =
        |epoch: u64, revision: u64| json!({ "since": { "epoch": epoch, "revision": revision } });
    // Nothing is newer: that is told at once.
    let watch = back.result("watch", since(first.epoch, 100)).await;
    let none = Look { reset: false, entries: Vec::new(), revision: 100, epoch: first.epoch };
    assert_eq!(back.look(&watch).await, none);

    store.set(&key(7), &700).unwrap();
    store.remove(&key(8)).unwrap();
    let expected = [
        json!({ "set": { "key": "key.7", "value": 700, "revision": 101 } }),
        json!({ "removed": { "key": "key.8", "revision": 102 } }),
    ];
    let mut back = Plain::connect(&site, framing).await;
    let watch = back.result("watch", since(first.epoch, 100)).await;
    let newer = back.look(&watch).await;
    assert_eq!((newer.reset, newer.revision), (false, 102));
    assert_eq!(newer.entries, expected);

    // Another run of the backend, or a revision that there never was.
    for since in [since(first.epoch ^ 1, 100), since(first.epoch, 103)] {
        let mut back = Plain::connect(&site, framing).await;
        let watch = back.result("watch", since).await;
        let all = back.look(&watch).await;
        assert_eq!((all.reset, all.entries.len(), all.epoch), (true, 99, first.epoch));
    }
}

async fn who_comes_back_too_late_starts_over(framing: Framing) {
    let (site, store) = site().await;
    let key = |number: u32| Key::<u32, _>::new(format!("key.{number}"));
    for number in 0..1_100 {
        store.set(&key(number), &number).unwrap();
    }
    let mut plain = Plain::connect(&site, framing).await;
    let watch = plain.result("watch", json!([])).await;
    let epoch = plain.look(&watch).await.epoch;
    for number in 0..1_050 {
        store.remove(&key(number)).unwrap();
    }
    // The first 26 removals, of revision 1,126 at the latest, aren't remembered any more.
    for (revision, reset, entries) in [(1_100, true, 50), (1_125, true, 50), (1_126, false, 1_024)]
    {
        let mut back = Plain::connect(&site, framing).await;
        let since = json!({ "since": { "epoch": epoch, "revision": revision } });
        let watch = back.result("watch", since).await;
        let look = back.look(&watch).await;
        assert_eq!((look.reset, look.entries.len(), look.revision), (reset, entries, 2_150));
    }
}

/// Shakes hands so that one item at a time is sent.
async fn one_at_a_time(plain: &mut Plain) {
    let hello = json!({ "protocol": 1, "uses": [], "exposes": [], "window": 1 });
    let answer = plain.request("rpc.handshake", hello).await;
    assert_eq!(answer["result"]["protocol"], 1, "{answer}");
}

async fn credit(plain: &mut Plain, subscription: &Value) {
    let params = json!({ "subscription": subscription, "n": 1, "bytes": 0 });
    plain.send(json!({ "jsonrpc": "2.0", "method": "rpc.credit", "params": params })).await;
}

async fn a_slow_watcher_gets_the_newest_values_alone(framing: Framing) {
    let (site, store) = site().await;
    let mut plain = Plain::connect(&site, framing).await;
    one_at_a_time(&mut plain).await;
    let watch = plain.result("watch", json!([])).await;
    plain.look(&watch).await;
    for number in 1..=10_000 {
        store.set(&COUNT, &number).unwrap();
        if number == 5_000 {
            store.set(&Key::new("other"), &true).unwrap();
        }
    }
    plain.peer.hears_nothing_else().await;
    credit(&mut plain, &watch).await;
    let look = plain.look(&watch).await;
    let expected = [
        json!({ "set": { "key": "other", "value": true, "revision": 5_001 } }),
        json!({ "set": { "key": "count", "value": 10_000, "revision": 10_001 } }),
    ];
    assert_eq!((look.reset, look.revision), (false, 10_001));
    assert_eq!(look.entries, expected);
    credit(&mut plain, &watch).await;
    plain.peer.hears_nothing_else().await;
}

async fn a_look_comes_in_parts_of_bounded_size(framing: Framing) {
    let (site, store) = site().await;
    let key = |number: u32| Key::<String, _>::new(format!("key.{number}"));
    for number in 0..300 {
        store.set(&key(number), &"x".repeat(1_000)).unwrap();
    }
    store.set(&key(0), &"y".repeat(200_000)).unwrap();
    let mut plain = Plain::connect(&site, framing).await;
    one_at_a_time(&mut plain).await;
    let watch = plain.result("watch", json!([])).await;
    let (mut parts, mut entries) = (Vec::new(), 0);
    loop {
        let batch = plain.batch(&watch).await;
        assert_eq!((&batch["revision"], &batch["reset"]), (&json!(301), &json!(true)));
        let count = batch["entries"].as_array().unwrap().len();
        entries += count;
        parts.push((count, batch.to_string().len()));
        if batch["complete"] == true {
            break;
        }
        credit(&mut plain, &watch).await;
    }
    assert_eq!(entries, 300);
    assert!(parts.iter().all(|(count, size)| *size < 66_000 || *count == 1), "{parts:?}");
    assert!(parts.len() > 5, "{parts:?}");
}

/// A store of this many values of 1,000 bytes, and who watches it with one message at a time.
async fn slow_look(framing: Framing, values: u32) -> (Site, Store, Plain, Value) {
    let (site, store) = site().await;
    for number in 0..values {
        store.set(&numbered(number), &"x".repeat(1_000)).unwrap();
    }
    let mut plain = Plain::connect(&site, framing).await;
    one_at_a_time(&mut plain).await;
    let watch = plain.result("watch", json!([])).await;
    (site, store, plain, watch)
}

fn numbered(number: u32) -> Key<String, String> {
    Key::new(format!("key.{number}"))
}

/// What somebody knows of a store who applies entries in their order.
fn apply(known: &mut BTreeMap<String, Value>, batch: &Value) {
    if batch["restart"] == true {
        known.clear();
    }
    for entry in batch["entries"].as_array().unwrap() {
        let key = |entry: &Value| entry["key"].as_str().unwrap().to_owned();
        match entry.get("set") {
            Some(set) => known.insert(key(set), set["value"].clone()),
            None => known.remove(&key(&entry["removed"])),
        };
    }
}

fn values(store: &Store) -> BTreeMap<String, Value> {
    store.snapshot().iter().map(|(key, value, _)| (key.to_owned(), value.clone())).collect()
}

async fn what_was_replaced_during_a_look_is_not_sent(framing: Framing) {
    let (_site, store, mut plain, watch) = slow_look(framing, 300).await;
    let first = plain.batch(&watch).await;
    for number in 0..300 {
        store.set(&numbered(number), &"y".repeat(10)).unwrap();
    }
    let (mut known, mut complete) = (BTreeMap::new(), first["complete"].clone());
    apply(&mut known, &first);
    while complete != true {
        credit(&mut plain, &watch).await;
        let batch = plain.batch(&watch).await;
        assert!(!batch.to_string().contains('x'), "it was kept for one who is slow");
        apply(&mut known, &batch);
        complete = batch["complete"].clone();
    }
    assert_eq!(known, values(&store));
}

async fn what_was_removed_during_a_look_is_told(framing: Framing) {
    let (_site, store, mut plain, watch) = slow_look(framing, 300).await;
    let (mut known, mut removals) = (BTreeMap::new(), 0);
    loop {
        let batch = plain.batch(&watch).await;
        removals += batch.to_string().matches("removed").count();
        apply(&mut known, &batch);
        if batch["complete"] == true {
            assert_eq!((&batch["reset"], &batch["revision"]), (&json!(true), &json!(350)));
            break;
        }
        // Some were told, and others weren't yet.
        if store.snapshot().len() == 300 {
            for number in (0..300).step_by(6) {
                store.remove(&numbered(number)).unwrap();
            }
        }
        credit(&mut plain, &watch).await;
    }
    assert!(removals > 0);
    assert_eq!(known, values(&store));
    assert_eq!(known.len(), 250);
}

async fn a_look_begins_anew_when_too_much_was_removed_meanwhile(framing: Framing) {
    let (_site, store, mut plain, watch) = slow_look(framing, 2_000).await;
    let (mut known, mut restarts) = (BTreeMap::new(), 0);
    loop {
        let batch = plain.batch(&watch).await;
        apply(&mut known, &batch);
        restarts += u32::from(batch["restart"] == true);
        if batch["complete"] == true {
            break;
        }
        if store.snapshot().len() == 2_000 {
            for number in 0..1_500 {
                store.remove(&numbered(number)).unwrap();
            }
        }
        credit(&mut plain, &watch).await;
    }
    assert_eq!(restarts, 1);
    assert_eq!(known, values(&store));
    assert_eq!(known.len(), 500);
}

async fn a_look_ends_however_much_is_written_meanwhile(framing: Framing) {
    let (_site, store, mut plain, watch) = slow_look(framing, 300).await;
    let (mut known, mut log) = (BTreeMap::new(), BTreeMap::new());
    for part in 1.. {
        assert!(part < 100, "it goes on for ever");
        let batch = plain.batch(&watch).await;
        apply(&mut known, &batch);
        if batch["complete"] == true {
            // What was so at that very revision.
            assert_eq!(Some(&known), log.get(&batch["revision"].as_u64().unwrap()));
            break;
        }
        for number in 0..300 {
            store.set(&numbered(number), &format!("{part} {}", "x".repeat(1_000))).unwrap();
        }
        log.insert(store.revision().get(), values(&store));
        credit(&mut plain, &watch).await;
    }
}

async fn several_keys_of_one_write_come_together(framing: Framing) {
    let (_site, store, mut plain, watch) = slow_look(framing, 1).await;
    plain.look(&watch).await;
    store
        .write(|batch| {
            batch.set(&COUNT, &1)?;
            batch.remove(&numbered(0));
            batch.remove(&numbered(1));
            Ok(())
        })
        .unwrap();
    credit(&mut plain, &watch).await;
    let look = plain.look(&watch).await;
    let expected = [
        json!({ "set": { "key": "count", "value": 1, "revision": 2 } }),
        json!({ "removed": { "key": "key.0", "revision": 2 } }),
    ];
    assert_eq!((look.reset, look.revision), (false, 2));
    assert_eq!(look.entries, expected);
}

async fn unsubscribing_leaves_no_listener(framing: Framing) {
    let (site, store) = site().await;
    let mut plain = Plain::connect(&site, framing).await;
    let watch = plain.result("watch", json!([])).await;
    plain.look(&watch).await;
    assert_eq!(store.listeners(), 1);
    assert_eq!(plain.request("rpc.unsubscribe", json!([watch])).await["result"], true);
    eventually("nobody listens", || store.listeners() == 0).await;
    let watch = plain.result("watch", json!([])).await;
    plain.look(&watch).await;
    drop(plain);
    eventually("nobody listens", || store.listeners() == 0).await;
}

async fn what_replicas_could_not_read_is_refused(framing: Framing) {
    let (site, store) = site().await;
    let mut plain = Plain::connect(&site, framing).await;
    let watch = plain.result("watch", json!([])).await;
    plain.look(&watch).await;
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
    assert_eq!(plain.look(&watch).await.entries.len(), 1);
}
