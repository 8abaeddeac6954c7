//! What the errors of a store tell, and that they show no values.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use ipc_runtime::{
    CallError,
    error::RegisterError,
    store::{Key, Store, StoreError},
};
use ipc_tests::{TestCarrier, eventually, on_every_carrier};
use serde_json::{Value, json};

use super::served_store::{ServedStore, THEME};

on_every_carrier! {
    what_cannot_be_kept_is_told_with_its_key,
}

async fn what_cannot_be_kept_is_told_with_its_key(carrier: TestCarrier) {
    let site = ServedStore::new(&carrier).await;
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
    store.changes().on(move |change| {
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
