//! Values under typed keys, which a backend and all its frontends share.
//!
//! The backend has the [`Store`], which orders all writes. A frontend has a [`StoreReplica`], which
//! is kept up to date and read without waiting; what it writes goes to the backend and comes back.
//! Either side watches a key, or listens to all changes.
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
//! - What a replica shows is what the backend held at some revision, all keys together. That
//!   revision only grows.
//! - A value may be anything that serializes: `false`, `0`, `""` and `null` too. Only
//!   [`remove`](StoreScope::remove) removes.

pub(crate) mod change;
pub(crate) mod contents;
pub(crate) mod cursor;
pub(crate) mod error;
pub(crate) mod exact;
pub(crate) mod feed;
pub(crate) mod handler;
pub(crate) mod key;
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
/// It is the scope that all windows share, with all methods of a [`StoreScope`], and has one more
/// scope for each window: see [`window`](Self::window).
///
/// It is cheap to clone; all clones are the same store. It is there as long as a clone is, or as it
/// is served, or watched by a replica; then watches end. It lives in memory: whoever wants to keep
/// it writes it down from [`changes`](StoreScope::changes) or a [`snapshot`](StoreScope::snapshot).
///
/// See [the module](self) for an example of both sides.
#[derive(Clone)]
pub struct Store {
    shared: StoreScope,
    /// Tells the stores apart that have scopes of one window.
    id: u64,
    max_bytes: u64,
}

/// Sets up a [`Store`].
#[derive(Debug, Clone)]
#[must_use = "it becomes a store by `build`"]
pub struct StoreBuilder {
    max_bytes: u64,
}

impl StoreBuilder {
    /// How much each scope may hold, in bytes of keys, of values as JSON, and 240 for each value,
    /// which is about what its place costs; default: 64 MiB. A write beyond it fails with
    /// [`StoreError::Full`].
    ///
    /// In memory it may be several times that: arrays and objects of small values cost more than
    /// their text. Besides, up to 1,024 keys that were removed are remembered; and for windows that
    /// can't follow all the writes, values that were replaced may be kept a while, up to this much
    /// again. A window doesn't take more than 1 GiB.
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// The store, which is empty.
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
    /// An empty store with the default limits, which nobody is served yet.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets up a store.
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

/// Values under keys, on the backend's side: those that all windows share ([`Store`]), or those of
/// one window ([`Store::window`]).
///
/// It is cheap to clone; all clones are the same scope. Nothing in here waits, and all methods may
/// be called from any thread, and inside of callbacks.
#[derive(Clone)]
pub struct StoreScope {
    owner: Arc<ScopeCloser>,
}

/// Ends the watches with the last handle.
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

    /// The value of a key; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Decode`] when the value isn't of the key's type.
    pub fn get<T, N>(&self, key: &Key<T, N>) -> Result<Option<T>, StoreError>
    where
        T: DeserializeOwned,
        N: AsRef<str>,
    {
        let found = self.contents().get(key.name());
        found.map(|(_, content)| content.decode(key.name())).transpose()
    }

    /// The write that a key's value came by; `None` where there is no value.
    pub fn revision_of<T, N: AsRef<str>>(&self, key: &Key<T, N>) -> Option<Revision> {
        self.contents().get(key.name()).map(|(revision, _)| revision)
    }

    /// The newest write, of whichever key.
    pub fn revision(&self) -> Revision {
        self.contents().revision()
    }

    /// Writes a value. When it returns, all reads on this side see it, and replicas are about to.
    ///
    /// # Errors
    ///
    /// [`StoreError::Full`], [`StoreError::Encode`], [`StoreError::KeyTooLong`]; and
    /// [`StoreError::Gone`] for the scope of a window that is gone.
    pub fn set<T, N>(&self, key: &Key<T, N>, value: &T) -> Result<Revision, StoreError>
    where
        T: Serialize,
        N: AsRef<str>,
    {
        self.put(key, Expected::Anything, value)
    }

    /// Writes a value, if nobody else has written since the one was read that it replaces.
    /// `expected` is that one's revision, or `None` if there was none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when the key's value has another revision; and as
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

    /// Removes a key's value. Gives the removal's revision; `None` if there was nothing to remove,
    /// which is no write.
    ///
    /// # Errors
    ///
    /// [`StoreError::Gone`] for the scope of a window that is gone.
    pub fn remove<T, N: AsRef<str>>(
        &self,
        key: &Key<T, N>,
    ) -> Result<Option<Revision>, StoreError> {
        Ok(self.contents().remove(key.name())?.revision)
    }

    /// Writes several keys at once: all of them or, where something fails, none. They have one
    /// revision, and replicas see them together. Where nothing is to be written it gives the newest
    /// revision.
    ///
    /// The closure only gathers: nobody waits for it, and reading the store in it gives what is
    /// there before.
    ///
    /// # Errors
    ///
    /// Those of the closure, [`StoreError::Full`], and [`StoreError::Gone`] for the scope of a
    /// window that is gone.
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

    /// All values of now.
    pub fn snapshot(&self) -> Snapshot {
        self.contents().snapshot()
    }

    /// A key's value as a stream: that of now first, then each newer one.
    pub fn watch<T, N: AsRef<str>>(&self, key: &Key<T, N>) -> Watch<T> {
        Watch::new(self.contents(), key.name())
    }

    /// Every write, from whichever side. A listener that is too slow loses the oldest of more than
    /// 1,024 of them, or of more than 16 MiB of keys and values, and is told how many.
    ///
    /// Streams get the changes in the order of their revisions. Callbacks are called inside of the
    /// write, after it was done; where several threads write at once, they may be called at the
    /// same time. They may read and write the store.
    pub fn changes(&self) -> Event<Change> {
        self.contents().changes()
    }

    /// How many listen to this scope: replicas and other watchers from outside, watches on this
    /// side, and listeners of [`changes`](Self::changes).
    pub fn listeners(&self) -> usize {
        self.contents().listeners()
    }

    fn debug(&self, f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
        f.debug_struct(name)
            .field("revision", &self.revision())
            .field("listeners", &self.listeners())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for StoreScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.debug(f, "StoreScope")
    }
}
