//! Values: what is set or removed on one side is the same on all others, of whatever type it is.

use std::collections::BTreeMap;

use ipc_runtime::store::{Key, Revision};
use ipc_tests::{TestCarrier, eventually, on_every_carrier};
use serde_json::{Value, json};

use super::served_store::{COUNT, ServedStore, THEME};

on_every_carrier! {
    a_value_set_on_either_side_is_seen_on_the_other,
    falsy_values_are_values,
    removing_nothing_is_no_write,
    numbers_are_the_same_on_all_sides,
    integers_of_128_bits_are_kept_as_methods_carry_them,
}

async fn a_value_set_on_either_side_is_seen_on_the_other(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
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

async fn falsy_values_are_values(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
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

async fn removing_nothing_is_no_write(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
    let replica = site.replica().await;
    assert_eq!(replica.remove(&THEME).await.unwrap(), None);
    assert_eq!(site.store.remove(&THEME), Ok(None));
    assert_eq!(site.store.revision().get(), 0);
    assert_eq!(replica.set(&COUNT, &1).await.unwrap().get(), 1);
    let removed = replica.remove(&COUNT).await.unwrap();
    assert_eq!(removed.map(Revision::get), Some(2));
}

async fn numbers_are_the_same_on_all_sides(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
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

async fn integers_of_128_bits_are_kept_as_methods_carry_them(carrier: TestCarrier) {
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

    let site = ServedStore::new(&carrier).await;
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
