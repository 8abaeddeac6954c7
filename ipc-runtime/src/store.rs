//! Values under typed keys that a backend and all its frontends share.
//!
//! The backend has the [`Store`], which orders all writes. A frontend has a [`StoreReplica`], a
//! copy that is kept up to date. Reading from it never waits. Its writes go to the backend and come
//! back with all others. Either side can watch a key or listen to all changes.
//!
//! ```
//! use ipc_runtime::{Backend, Frontend, store::{Key, Store, StoreReplica}};
//!
//! const THEME: Key<String> = Key::new("theme");
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let backend = Backend::new();
//! let store = Store::new();
//! store.serve(&backend)?;
//! store.set(&THEME, &"light".to_owned())?;
//! backend.listen("memory:docs-store").await?;
//!
//! let frontend = Frontend::connect("memory:docs-store").await?;
//! let replica = StoreReplica::open(&frontend).await?;
//! assert_eq!(replica.get(&THEME)?.as_deref(), Some("light"));
//!
//! replica.set(&THEME, &"dark".to_owned()).await?;
//! assert_eq!(replica.get(&THEME)?.as_deref(), Some("dark"));
//! assert_eq!(store.get(&THEME)?.as_deref(), Some("dark"));
//! # Ok(())
//! # }
//! ```
//!
//! # What always holds
//!
//! - All sides end with the same values: those that the backend wrote last.
//! - A replica shows what the backend held at one revision, for all keys together. This revision
//!   only grows.
//! - A value is anything that serializes, including `false`, `0`, `""` and `null`. Only
//!   [`remove`](StoreScope::remove) removes a value.

pub(crate) mod change;
pub(crate) mod contents;
pub(crate) mod cursor;
pub(crate) mod error;
pub(crate) mod exact;
pub(crate) mod feed;
pub(crate) mod handler;
pub(crate) mod key;
pub(crate) mod mirror;
pub(crate) mod replica;
pub(crate) mod revision;
pub(crate) mod snapshot;
pub(crate) mod staging;
pub(crate) mod table;
pub(crate) mod value;
pub(crate) mod watch;
pub(crate) mod window_scopes;
pub(crate) mod wire;
pub(crate) mod write_batch;

use std::{
    fmt,
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    event::Event,
    store::{contents::Contents, table::Expected, value::Kept},
};

pub use crate::store::{
    change::Change,
    error::StoreError,
    key::Key,
    replica::{StoreReplica, StoreWrite},
    revision::Revision,
    snapshot::Snapshot,
    watch::Watch,
    write_batch::WriteBatch,
};

/// The backend's values, which its frontends see through a [`StoreReplica`].
///
/// A store is the scope that all windows share, with all methods of a [`StoreScope`]. It also has a
/// scope for each window: see [`window`](Self::window).
///
/// Clones are cheap, and all clones are the same store. The store exists as long as there is a
/// clone, a backend serves it, or a replica watches it. When it ends, its watches and the listeners
/// of [`changes`](StoreScope::changes) end too. It lives in memory: to keep the values, save them
/// from `changes` or from a [`snapshot`](StoreScope::snapshot).
///
/// See [the module](self) for an example of both sides.
#[derive(Clone)]
pub struct Store {
    shared: StoreScope,
    /// Identifies this store among the stores that have a scope of the same window.
    id: u64,
    max_bytes: u64,
}

/// Configures and creates a [`Store`].
#[derive(Debug, Clone)]
#[must_use = "it becomes a store by `build`"]
pub struct StoreBuilder {
    max_bytes: u64,
}

impl StoreBuilder {
    /// Sets how much each scope may hold, in bytes; default: 64 MiB. Keys, values as JSON, and 240
    /// bytes for each value count: this is about what its place costs. A write beyond the limit
    /// fails with [`StoreError::Full`].
    ///
    /// The memory used may be several times that: arrays and objects of small values cost more than
    /// their text. The scope also remembers up to 1,024 keys that were removed. For windows that
    /// can't follow all the writes, it may keep replaced values for a while, up to this limit
    /// again. A replica doesn't accept more than 1 GiB at once.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Creates the store, which is empty.
    pub fn build(self) -> Store {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Store {
            shared: StoreScope::new(self.max_bytes),
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            max_bytes: self.max_bytes,
        }
    }
}

impl Default for Store {
    fn default() -> Self {
        Self::new()
    }
}

impl Store {
    /// Creates an empty store with the default limits, which isn't served yet.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Returns a builder for a store.
    pub fn builder() -> StoreBuilder {
        StoreBuilder { max_bytes: 64 * 1024 * 1024 }
    }
}

impl Deref for Store {
    type Target = StoreScope;

    fn deref(&self) -> &StoreScope {
        &self.shared
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.debug(f, "Store")
    }
}

/// Values under keys on the backend's side: those that all windows share ([`Store`]), or those of
/// one window ([`Store::window`]).
///
/// Clones are cheap, and all clones are the same scope. No method waits. All methods may be called
/// from any thread and inside callbacks.
#[derive(Clone)]
pub struct StoreScope {
    owner: Arc<ScopeCloser>,
}

/// Ends the watches when the last handle is dropped.
struct ScopeCloser(Arc<Contents>);

impl Drop for ScopeCloser {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl StoreScope {
    fn new(max_bytes: u64) -> Self {
        Self { owner: Arc::new(ScopeCloser(Contents::new(max_bytes))) }
    }

    fn contents(&self) -> &Arc<Contents> {
        &self.owner.0
    }

    /// Returns the value of a key, or `None` if it has none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Decode`] if the value isn't of the key's type.
    pub fn get<T, N>(&self, key: &Key<T, N>) -> Result<Option<T>, StoreError>
    where
        T: DeserializeOwned,
        N: AsRef<str>,
    {
        let found = self.contents().get(key.name());
        found.map(|(_, content)| content.decode(key.name())).transpose()
    }

    /// Returns the revision of the write that set a key's value, or `None` if the key has no value.
    pub fn revision_of<T, N: AsRef<str>>(&self, key: &Key<T, N>) -> Option<Revision> {
        self.contents().get(key.name()).map(|(revision, _)| revision)
    }

    /// Returns the revision of the newest write, of any key.
    pub fn revision(&self) -> Revision {
        self.contents().revision()
    }

    /// Writes a value and returns the revision of the write. When it returns, all reads on this
    /// side see the value, and replicas are about to.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`], [`StoreError::Encode`], [`StoreError::KeyTooLong`]; and
    /// [`StoreError::Gone`] if the scope belongs to a window that is gone.
    pub fn set<T, N>(&self, key: &Key<T, N>, value: &T) -> Result<Revision, StoreError>
    where
        T: Serialize,
        N: AsRef<str>,
    {
        self.put(key, Expected::Anything, value)
    }

    /// Writes a value if nobody else has written the key since the caller read it. `expected` is
    /// the revision of the value that was read, or `None` if the key had no value.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if the key's value has another revision; otherwise as
    /// [`set`](Self::set).
    ///
    /// ```
    /// use ipc_runtime::store::{Key, Store, StoreError};
    ///
    /// const COUNT: Key<u64> = Key::new("count");
    ///
    /// # fn main() -> Result<(), StoreError> {
    /// let store = Store::new();
    /// let first = store.compare_and_set(&COUNT, None, &1)?;
    /// store.compare_and_set(&COUNT, Some(first), &2)?;
    /// let late = store.compare_and_set(&COUNT, Some(first), &3);
    /// assert!(matches!(late, Err(StoreError::Conflict { current: Some(_), .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn compare_and_set<T, N>(
        &self,
        key: &Key<T, N>,
        expected: Option<Revision>,
        value: &T,
    ) -> Result<Revision, StoreError>
    where
        T: Serialize,
        N: AsRef<str>,
    {
        self.put(key, Expected::Exactly(expected), value)
    }

    fn put<T, N>(
        &self,
        key: &Key<T, N>,
        expected: Expected,
        value: &T,
    ) -> Result<Revision, StoreError>
    where
        T: Serialize,
        N: AsRef<str>,
    {
        let kept = Kept::encode(key.name(), value)?;
        self.contents().set(key.name(), expected, kept)
    }

    /// Removes a key's value. Returns the removal's revision, or `None` if there was nothing to
    /// remove, which isn't a write.
    ///
    /// # Errors
    ///
    /// [`StoreError::Gone`] if the scope belongs to a window that is gone.
    pub fn remove<T, N: AsRef<str>>(
        &self,
        key: &Key<T, N>,
    ) -> Result<Option<Revision>, StoreError> {
        Ok(self.contents().remove(key.name())?.revision)
    }

    /// Writes several keys at once: all of them or, if anything fails, none. They share one
    /// revision, which is returned, and replicas see them together. If there is nothing to write,
    /// the newest revision is returned.
    ///
    /// The closure only collects the writes. It holds no lock, so nobody waits for it. If it reads
    /// the store, it sees the values from before the write.
    ///
    /// # Errors
    ///
    /// Those of the closure, [`StoreError::Full`], and [`StoreError::Gone`] if the scope belongs to
    /// a window that is gone.
    ///
    /// ```
    /// use ipc_runtime::store::{Key, Store, StoreError};
    ///
    /// const THEME: Key<String> = Key::new("theme");
    /// const ZOOM: Key<u32> = Key::new("zoom");
    ///
    /// # fn main() -> Result<(), StoreError> {
    /// let store = Store::new();
    /// store.set(&THEME, &"dark".to_owned())?;
    /// let written = store.write(|batch| {
    ///     batch.set(&ZOOM, &100)?;
    ///     batch.remove(&THEME);
    ///     Ok(())
    /// })?;
    /// assert_eq!((store.get(&THEME)?, store.revision_of(&ZOOM)), (None, Some(written)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn write(
        &self,
        gather: impl FnOnce(&mut WriteBatch) -> Result<(), StoreError>,
    ) -> Result<Revision, StoreError> {
        let mut batch = WriteBatch::default();
        gather(&mut batch)?;
        self.contents().write_all(batch.news)
    }

    /// Returns all current values.
    pub fn snapshot(&self) -> Snapshot {
        self.contents().snapshot()
    }

    /// Returns a key's value as a stream: first the current value (`None` if there is none), then
    /// each newer one. A value that is replaced before it is read is skipped.
    pub fn watch<T, N: AsRef<str>>(&self, key: &Key<T, N>) -> Watch<T> {
        Watch::new(self.contents(), key.name())
    }

    /// Returns the event that fires for every write, of any side. A listener that falls behind by
    /// more than 1,024 changes, or more than 16 MiB of keys and values, loses the oldest changes
    /// and learns how many it lost.
    ///
    /// Streams get the changes in the order of their revisions. Callbacks run inside the write,
    /// after it was done. If several threads write at once, callbacks may run at the same time.
    /// They may read and write the store. A callback that captures the store keeps it alive until
    /// it is [removed](crate::Registration::remove).
    pub fn changes(&self) -> Event<Change> {
        self.contents().changes()
    }

    /// Returns how many listen to this scope: replicas and other remote watchers, watches on this
    /// side, and listeners of [`changes`](Self::changes).
    pub fn listener_count(&self) -> usize {
        self.contents().listener_count()
    }

    fn debug(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        f.debug_struct(name)
            .field("revision", &self.revision())
            .field("listeners", &self.listener_count())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for StoreScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug(f, "StoreScope")
    }
}
