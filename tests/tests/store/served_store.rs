//! A store that a backend serves, and the replicas that the suites open of it.

use ipc_runtime::{
    Backend, Endpoint, Frontend, Limits,
    store::{Key, Store, StoreReplica},
};
use ipc_tests::{TestCarrier, eventually};

/// Two keys of all sides.
pub(crate) const THEME: Key<String> = Key::new("theme");
pub(crate) const COUNT: Key<u64> = Key::new("count");

/// A store, its backend, and where that listens.
pub(crate) struct ServedStore {
    pub(crate) backend: Backend,
    pub(crate) store: Store,
    pub(crate) endpoint: Endpoint,
}

impl ServedStore {
    pub(crate) async fn new(carrier: &TestCarrier) -> Self {
        Self::of(carrier, Store::new()).await
    }

    pub(crate) async fn of(carrier: &TestCarrier, store: Store) -> Self {
        Self::limited(carrier, store, Limits::default()).await
    }

    pub(crate) async fn limited(carrier: &TestCarrier, store: Store, limits: Limits) -> Self {
        let backend = Backend::builder().limits(limits).build();
        store.serve(&backend).unwrap();
        let endpoint = carrier.listen(&backend).await;
        Self { backend, store, endpoint }
    }

    pub(crate) async fn frontend(&self) -> Frontend {
        Frontend::connect(self.endpoint.clone()).await.unwrap()
    }

    pub(crate) async fn replica(&self) -> StoreReplica {
        StoreReplica::open(&self.frontend().await).await.unwrap()
    }

    pub(crate) async fn replicas(&self, count: usize) -> Vec<StoreReplica> {
        let mut replicas = Vec::new();
        for _ in 0..count {
            replicas.push(self.replica().await);
        }
        replicas
    }

    /// Waits until all of them are where the store is, and compares.
    pub(crate) async fn all_the_same(&self, replicas: &[StoreReplica]) {
        let ours = self.store.snapshot();
        for replica in replicas {
            eventually("a replica catches up", || replica.revision() == ours.revision()).await;
            assert_eq!(replica.snapshot(), ours);
        }
    }

    /// Waits until no replica and no watch is left.
    pub(crate) async fn nobody_listens(&self) {
        eventually("nobody listens", || self.store.listener_count() == 0).await;
    }
}
