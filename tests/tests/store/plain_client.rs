//! A client of the store that knows nothing of the library.

use std::collections::VecDeque;

use ipc_runtime::{
    Backend,
    store::{Key, Store},
};
use ipc_tests::{Framing, RawPeer, Site};
use serde_json::{Value, json};

/// A key of both sides.
pub(crate) const COUNT: Key<u64> = Key::new("count");

/// A backend for raw peers that serves a store.
pub(crate) async fn site_with_store() -> (Site, Store) {
    let site = Site::of(Backend::builder()).await;
    let store = Store::new();
    store.serve(&site.backend).unwrap();
    (site, store)
}

/// A plain client, which keeps the items that come ahead of an answer.
pub(crate) struct PlainClient {
    pub(crate) peer: RawPeer,
    items: VecDeque<Value>,
    asked: u64,
}

/// What a watcher was told by one update, of each key the last.
#[derive(Debug, PartialEq)]
pub(crate) struct WatchUpdate {
    pub(crate) reset: bool,
    pub(crate) entries: Vec<Value>,
    pub(crate) revision: u64,
    pub(crate) epoch: u64,
}

impl PlainClient {
    pub(crate) async fn connect(site: &Site, framing: Framing) -> Self {
        Self { peer: site.peer(framing).await, items: VecDeque::new(), asked: 0 }
    }

    pub(crate) async fn send(&mut self, message: Value) {
        self.peer.send(message.to_string()).await;
    }

    /// The answer of a method of the store.
    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.request(&format!("ipc.store.{method}"), params).await
    }

    /// The answer of any method.
    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
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

    /// What such a method gives.
    pub(crate) async fn result(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params).await;
        assert!(answer.get("error").is_none(), "{answer}");
        answer["result"].clone()
    }

    /// The next message of a watch.
    pub(crate) async fn next_batch(&mut self, subscription: &Value) -> Value {
        let params = match self.items.pop_front() {
            Some(params) => params,
            None => self.peer.next().await["params"].clone(),
        };
        assert_eq!(params["subscription"], *subscription, "{params}");
        params["result"].clone()
    }

    /// The next messages of a watch up to one that completes an update.
    pub(crate) async fn next_update(&mut self, subscription: &Value) -> WatchUpdate {
        let mut entries = Vec::new();
        loop {
            let batch = self.next_batch(subscription).await;
            if batch["restart"] == true {
                entries.clear();
            }
            entries.extend(batch["entries"].as_array().unwrap().iter().cloned());
            if batch["complete"] == true {
                let reset = batch["reset"].as_bool().unwrap();
                let number = |member: &str| batch[member].as_u64().unwrap();
                let (revision, epoch) = (number("revision"), number("epoch"));
                assert!(epoch < 1 << 53);
                return WatchUpdate { reset, entries, revision, epoch };
            }
        }
    }
}
