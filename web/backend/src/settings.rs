//! A store whose keys the tests have, and what the Rust side does with it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use ipc_runtime::{
    Backend, Bytes, CallContext, Registration,
    error::RegisterError,
    ipc_interface, ipc_type,
    store::{Key, Revision, Snapshot, Store, StoreError, StoreScope},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

pub(crate) const THEME: Key<String> = Key::new("theme");
pub(crate) const COUNT: Key<u64> = Key::new("count");
pub(crate) const NOTHING: Key<Option<u32>> = Key::new("nothing");
pub(crate) const ANY: Key<Value> = Key::new("any");
pub(crate) const RATIO: Key<f64> = Key::new("ratio");
pub(crate) const WIDE: Key<u128> = Key::new("wide");
pub(crate) const BLOB: Key<Bytes> = Key::new("blob");
pub(crate) const SIZES: Key<BTreeMap<String, u64>> = Key::new("sizes");
pub(crate) const PAIR: Key<(u64, Bytes)> = Key::new("pair");
pub(crate) const LAYOUT: Key<Layout> = Key::new("layout");

/// A value with one of everything in it.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    /// It may be larger than what a number can hold.
    #[ipc(integer = "bigint")]
    pub id: u64,
    /// The same.
    #[ipc(integer = "string")]
    pub serial: i64,
    /// The same, in more bits.
    pub widest: i128,
    /// Its parts.
    pub panes: Vec<Pane>,
}

/// A part of a layout.
#[ipc_type]
#[derive(Debug, Clone, PartialEq)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Pane {
    /// Bytes.
    Picture {
        /// The bytes.
        data: Bytes,
        /// How large it is shown.
        scale: f64,
    },
    /// More of them.
    Split {
        /// The parts.
        panes: Vec<Pane>,
    },
    /// None.
    Empty,
}

/// A scope at one revision.
#[ipc_type]
#[derive(Debug)]
pub struct Held {
    /// The newest write.
    pub revision: u64,
    /// The values, by their keys.
    pub values: Vec<HeldValue>,
}

/// A value of a scope.
#[ipc_type]
#[derive(Debug)]
pub struct HeldValue {
    /// Its key.
    pub key: String,
    /// The value.
    pub value: Value,
    /// The write that set it.
    pub revision: u64,
}

impl From<Snapshot> for Held {
    fn from(snapshot: Snapshot) -> Self {
        let values = snapshot.iter().map(|(key, value, revision)| HeldValue {
            key: key.to_owned(),
            value: value.clone(),
            revision: revision.get(),
        });
        Self { revision: snapshot.revision().get(), values: values.collect() }
    }
}

/// What the backend does with its store.
#[ipc_interface(channel = "test.settings", version = "1.0.0", rename_all = "camelCase")]
pub trait SettingsApi {
    /// The shared values.
    fn held(&self) -> Held;
    /// Those of the caller alone.
    fn held_own(&self, #[ipc(context)] call: &CallContext) -> Held;
    /// Writes the caller's own `count`.
    fn set_own(&self, #[ipc(context)] call: &CallContext, count: u64) -> Result<u64, StoreError>;
    /// Writes to 13 keys in turn, and removes each third again.
    async fn churn(&self, rounds: u32) -> Result<(), StoreError>;
    /// Counts `count` up by compare-and-set.
    async fn count_up(&self, times: u32) -> Result<(), StoreError>;
    /// Writes `count` so many times, in one go.
    fn burst(&self, times: u32) -> Result<u64, StoreError>;
    /// Writes `theme` and `count` as one.
    fn both(&self, theme: String, count: u64) -> Result<u64, StoreError>;
    /// Writes a key that isn't among the constants.
    fn put(&self, key: String, value: Value) -> Result<u64, StoreError>;
    /// Reads each value by its type, and writes it again. Returns how many there are.
    fn rewrite(&self) -> Result<u32, StoreError>;
    /// How many replicas there are of the shared values.
    fn listeners(&self) -> u32;
    /// Serves the store no more.
    fn withdraw(&self);
}

/// A served store.
#[derive(Debug)]
pub(crate) struct Settings {
    store: Store,
    served: Mutex<Option<Registration>>,
}

impl Settings {
    pub(crate) fn serve(backend: &Backend) -> Result<Self, RegisterError> {
        let store = Store::new();
        let served = Mutex::new(Some(store.serve(backend)?));
        Ok(Self { store, served })
    }
}

fn again<T: Serialize + DeserializeOwned>(
    store: &StoreScope,
    key: &Key<T>,
) -> Result<u32, StoreError> {
    let Some(value) = store.get(key)? else { return Ok(0) };
    store.set(key, &value)?;
    Ok(1)
}

impl SettingsApi for Settings {
    fn held(&self) -> Held {
        self.store.snapshot().into()
    }

    fn held_own(&self, call: &CallContext) -> Held {
        self.store.window(call.peer()).snapshot().into()
    }

    fn set_own(&self, call: &CallContext, count: u64) -> Result<u64, StoreError> {
        self.store.window(call.peer()).set(&COUNT, &count).map(Revision::get)
    }

    async fn churn(&self, rounds: u32) -> Result<(), StoreError> {
        for round in 0..rounds {
            let key: Key<String, String> = Key::new(format!("key.{}", round % 13));
            self.store.set(&key, &"backend".repeat(round as usize))?;
            if round % 3 == 0 {
                self.store.remove(&key)?;
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn count_up(&self, times: u32) -> Result<(), StoreError> {
        for _ in 0..times {
            loop {
                let before = self.store.snapshot();
                let count = before.get(&COUNT)?.unwrap_or(0) + 1;
                match self.store.compare_and_set(&COUNT, before.revision_of(&COUNT), &count) {
                    Ok(_) => break,
                    Err(StoreError::Conflict { .. }) => tokio::task::yield_now().await,
                    Err(error) => return Err(error),
                }
            }
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    fn burst(&self, times: u32) -> Result<u64, StoreError> {
        for count in 1..=times {
            self.store.set(&COUNT, &count.into())?;
        }
        Ok(self.store.revision().get())
    }

    fn both(&self, theme: String, count: u64) -> Result<u64, StoreError> {
        let written = self.store.write(|batch| {
            batch.set(&THEME, &theme)?;
            batch.set(&COUNT, &count)
        });
        written.map(Revision::get)
    }

    fn put(&self, key: String, value: Value) -> Result<u64, StoreError> {
        self.store.set(&Key::<Value, String>::new(key), &value).map(Revision::get)
    }

    fn rewrite(&self) -> Result<u32, StoreError> {
        let store = &self.store;
        Ok(again(store, &THEME)?
            + again(store, &COUNT)?
            + again(store, &NOTHING)?
            + again(store, &ANY)?
            + again(store, &RATIO)?
            + again(store, &WIDE)?
            + again(store, &BLOB)?
            + again(store, &SIZES)?
            + again(store, &PAIR)?
            + again(store, &LAYOUT)?)
    }

    fn listeners(&self) -> u32 {
        u32::try_from(self.store.listener_count()).unwrap_or(u32::MAX)
    }

    fn withdraw(&self) {
        let served = self.served.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(served) = served {
            served.remove();
        }
    }
}
