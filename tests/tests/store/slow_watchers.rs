//! Watchers of a store that take one message at a time, as they stand on the wire: they get the
//! newest values, in parts, and whatever happens meanwhile they end with what the store has.

use std::collections::BTreeMap;

use ipc_runtime::store::{Key, Store};
use ipc_tests::{Framing, Site, on_every_framing};
use serde_json::{Value, json};

use super::plain_client::{COUNT, PlainClient, site_with_store};

on_every_framing! {
    a_slow_watcher_gets_the_newest_values_alone,
    a_look_comes_in_parts_of_bounded_size,
    what_was_replaced_during_a_look_is_not_sent,
    what_was_removed_during_a_look_is_told,
    a_look_begins_anew_when_too_much_was_removed_meanwhile,
    a_look_ends_however_much_is_written_meanwhile,
    several_keys_of_one_write_come_together,
}

/// Shakes hands so that one item at a time is sent.
async fn take_one_at_a_time(plain: &mut PlainClient) {
    let hello = json!({ "protocol": 1, "uses": [], "exposes": [], "window": 1 });
    let answer = plain.request("rpc.handshake", hello).await;
    assert_eq!(answer["result"]["protocol"], 1, "{answer}");
}

async fn give_credit(plain: &mut PlainClient, subscription: &Value) {
    let params = json!({ "subscription": subscription, "n": 1, "bytes": 0 });
    plain.send(json!({ "jsonrpc": "2.0", "method": "rpc.credit", "params": params })).await;
}

async fn a_slow_watcher_gets_the_newest_values_alone(framing: Framing) {
    let (site, store) = site_with_store().await;
    let mut plain = PlainClient::connect(&site, framing).await;
    take_one_at_a_time(&mut plain).await;
    let watch = plain.result("watch", json!([])).await;
    plain.next_update(&watch).await;
    for number in 1..=10_000 {
        store.set(&COUNT, &number).unwrap();
        if number == 5_000 {
            store.set(&Key::new("other"), &true).unwrap();
        }
    }
    plain.peer.hears_nothing_else().await;
    give_credit(&mut plain, &watch).await;
    let update = plain.next_update(&watch).await;
    let expected = [
        json!({ "set": { "key": "other", "value": true, "revision": 5_001 } }),
        json!({ "set": { "key": "count", "value": 10_000, "revision": 10_001 } }),
    ];
    assert_eq!((update.reset, update.revision), (false, 10_001));
    assert_eq!(update.entries, expected);
    give_credit(&mut plain, &watch).await;
    plain.peer.hears_nothing_else().await;
}

async fn a_look_comes_in_parts_of_bounded_size(framing: Framing) {
    let (site, store) = site_with_store().await;
    let key = |number: u32| Key::<String, _>::new(format!("key.{number}"));
    for number in 0..300 {
        store.set(&key(number), &"x".repeat(1_000)).unwrap();
    }
    store.set(&key(0), &"y".repeat(200_000)).unwrap();
    let mut plain = PlainClient::connect(&site, framing).await;
    take_one_at_a_time(&mut plain).await;
    let watch = plain.result("watch", json!([])).await;
    let (mut parts, mut entries) = (Vec::new(), 0);
    loop {
        let batch = plain.next_batch(&watch).await;
        assert_eq!((&batch["revision"], &batch["reset"]), (&json!(301), &json!(true)));
        let count = batch["entries"].as_array().unwrap().len();
        entries += count;
        parts.push((count, batch.to_string().len()));
        if batch["complete"] == true {
            break;
        }
        give_credit(&mut plain, &watch).await;
    }
    assert_eq!(entries, 300);
    assert!(parts.iter().all(|(count, size)| *size < 66_000 || *count == 1), "{parts:?}");
    assert!(parts.len() > 5, "{parts:?}");
}

/// A store of this many values of 1,000 bytes, and who watches it with one message at a time.
async fn slow_watch(framing: Framing, values: u32) -> (Site, Store, PlainClient, Value) {
    let (site, store) = site_with_store().await;
    for number in 0..values {
        store.set(&numbered_key(number), &"x".repeat(1_000)).unwrap();
    }
    let mut plain = PlainClient::connect(&site, framing).await;
    take_one_at_a_time(&mut plain).await;
    let watch = plain.result("watch", json!([])).await;
    (site, store, plain, watch)
}

fn numbered_key(number: u32) -> Key<String, String> {
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

fn values_of(store: &Store) -> BTreeMap<String, Value> {
    store.snapshot().iter().map(|(key, value, _)| (key.to_owned(), value.clone())).collect()
}

async fn what_was_replaced_during_a_look_is_not_sent(framing: Framing) {
    let (_site, store, mut plain, watch) = slow_watch(framing, 300).await;
    let first = plain.next_batch(&watch).await;
    for number in 0..300 {
        store.set(&numbered_key(number), &"y".repeat(10)).unwrap();
    }
    let (mut known, mut complete) = (BTreeMap::new(), first["complete"].clone());
    apply(&mut known, &first);
    while complete != true {
        give_credit(&mut plain, &watch).await;
        let batch = plain.next_batch(&watch).await;
        assert!(!batch.to_string().contains('x'), "it was kept for one who is slow");
        apply(&mut known, &batch);
        complete = batch["complete"].clone();
    }
    assert_eq!(known, values_of(&store));
}

async fn what_was_removed_during_a_look_is_told(framing: Framing) {
    let (_site, store, mut plain, watch) = slow_watch(framing, 300).await;
    let (mut known, mut removals) = (BTreeMap::new(), 0);
    loop {
        let batch = plain.next_batch(&watch).await;
        removals += batch.to_string().matches("removed").count();
        apply(&mut known, &batch);
        if batch["complete"] == true {
            assert_eq!((&batch["reset"], &batch["revision"]), (&json!(true), &json!(350)));
            break;
        }
        // Some were told, and others weren't yet.
        if store.snapshot().len() == 300 {
            for number in (0..300).step_by(6) {
                store.remove(&numbered_key(number)).unwrap();
            }
        }
        give_credit(&mut plain, &watch).await;
    }
    assert!(removals > 0);
    assert_eq!(known, values_of(&store));
    assert_eq!(known.len(), 250);
}

async fn a_look_begins_anew_when_too_much_was_removed_meanwhile(framing: Framing) {
    let (_site, store, mut plain, watch) = slow_watch(framing, 2_000).await;
    let (mut known, mut restarts) = (BTreeMap::new(), 0);
    loop {
        let batch = plain.next_batch(&watch).await;
        apply(&mut known, &batch);
        restarts += u32::from(batch["restart"] == true);
        if batch["complete"] == true {
            break;
        }
        if store.snapshot().len() == 2_000 {
            for number in 0..1_500 {
                store.remove(&numbered_key(number)).unwrap();
            }
        }
        give_credit(&mut plain, &watch).await;
    }
    assert_eq!(restarts, 1);
    assert_eq!(known, values_of(&store));
    assert_eq!(known.len(), 500);
}

async fn a_look_ends_however_much_is_written_meanwhile(framing: Framing) {
    let (_site, store, mut plain, watch) = slow_watch(framing, 300).await;
    let (mut known, mut log) = (BTreeMap::new(), BTreeMap::new());
    for part in 1.. {
        assert!(part < 100, "it goes on for ever");
        let batch = plain.next_batch(&watch).await;
        apply(&mut known, &batch);
        if batch["complete"] == true {
            // What was so at that very revision.
            assert_eq!(Some(&known), log.get(&batch["revision"].as_u64().unwrap()));
            break;
        }
        for number in 0..300 {
            store.set(&numbered_key(number), &format!("{part} {}", "x".repeat(1_000))).unwrap();
        }
        log.insert(store.revision().get(), values_of(&store));
        give_credit(&mut plain, &watch).await;
    }
}

async fn several_keys_of_one_write_come_together(framing: Framing) {
    let (_site, store, mut plain, watch) = slow_watch(framing, 1).await;
    plain.next_update(&watch).await;
    store
        .write(|batch| {
            batch.set(&COUNT, &1)?;
            batch.remove(&numbered_key(0));
            batch.remove(&numbered_key(1));
            Ok(())
        })
        .unwrap();
    give_credit(&mut plain, &watch).await;
    let update = plain.next_update(&watch).await;
    let expected = [
        json!({ "set": { "key": "count", "value": 1, "revision": 2 } }),
        json!({ "removed": { "key": "key.0", "revision": 2 } }),
    ];
    assert_eq!((update.reset, update.revision), (false, 2));
    assert_eq!(update.entries, expected);
}
