//! A frontend's copy of a store.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{
        call_error::CallError,
        disconnect_reason::DisconnectReason,
        error_kind::ErrorKind,
        ipc_error::{ErrorDetail, IpcError},
    },
    event::Event,
    frontend::Frontend,
    interface::Timeout,
    peer::{client::caller::Client, outgoing::call::Call},
    store::{
        change::Change,
        contents::Contents,
        error::StoreError,
        key::Key,
        mirror::{self, Mirror},
        revision::Revision,
        snapshot::Snapshot,
        value::Kept,
        watch::Watch,
        wire::{Removal, Which},
    },
    support::{
        deadline::Deadline,
        precompiled_future::PrecompiledFuture,
        rt::{AbortHandle, Instant},
    },
};

use super::wire::WireClient;

/// A frontend's copy of a backend's [`Store`](super::Store), which is kept up to date. Reads are
/// local and never wait; writes go to the backend.
///
/// A replica shows what the backend held at one [`revision`](Self::revision), for all keys
/// together. It is a moment behind the backend. A write of this replica is visible here as soon as
/// its future completes.
///
/// The replica accepts up to 1 GiB in one update. This is a bound for backends that never complete
/// an update: beyond it, the replica ends with [`ErrorKind::Decode`](crate::ErrorKind::Decode).
///
/// Clones are cheap. Like a client, a replica keeps the frontend's connection open. **When the last
/// clone is dropped**, the replica unsubscribes, and its watches and listeners end.
///
/// **When the connection ends** for good, reads still return the last values, watches and listeners
/// end, and writes fail with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected).
/// [`is_closed`](Self::is_closed) returns `true`, and [`closed`](Self::closed) returns the reason.
/// The replica doesn't come back: open another one on a new connection.
///
/// **If the frontend [reconnects](crate::FrontendBuilder::reconnect)**, so does the replica. While
/// it is disconnected, it returns the last values. Then it takes over the values of the backend,
/// and its watches and listeners get the differences.
///
/// See [the module](super) for an example.
#[derive(Clone)]
pub struct StoreReplica {
    shared: Arc<ReplicaCore>,
}

struct ReplicaCore {
    contents: Arc<Contents>,
    client: WireClient,
    which: Which,
    endpoint: Arc<str>,
    /// The deadline of a write.
    timeout: Option<Duration>,
    /// Why the replica has ended, once it has.
    ended: Arc<OnceLock<IpcError>>,
    mirror: AbortHandle,
}

/// Ends the subscription and the watches.
impl Drop for ReplicaCore {
    fn drop(&mut self) {
        self.mirror.abort();
        self.contents.close();
    }
}

impl StoreReplica {
    /// Opens a replica of the values that all windows share. When the future completes, the replica
    /// has all values.
    ///
    /// Dropping the future cancels the opening.
    ///
    /// # Errors
    ///
    /// Those of [`Frontend::open`]: [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if the
    /// backend serves no store, [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected) if the
    /// connection ends during the opening, and so on.
    pub async fn open(frontend: &Frontend) -> Result<Self, IpcError> {
        Self::begin(frontend, Which::Shared).await
    }

    /// Opens a replica of this window's own scope. The backend reaches the scope with
    /// [`Store::window`](super::Store::window); no other window sees it. The scope is dropped when
    /// the peer is gone. It stays for a window that comes back within
    /// [`Limits::session_grace`](crate::Limits::session_grace).
    ///
    /// # Errors
    ///
    /// The same as those of [`open`](Self::open).
    pub async fn open_own(frontend: &Frontend) -> Result<Self, IpcError> {
        Self::begin(frontend, Which::Own).await
    }

    fn begin(frontend: &Frontend, which: Which) -> PrecompiledFuture<'_, Result<Self, IpcError>> {
        Box::pin(async move {
            let client: WireClient = frontend.open().await?;
            let session = frontend.peer().session();
            let endpoint = session.info().endpoint.clone();
            let timeout = session.limits().deadline(Timeout::Default);
            let batches = client.watch(Some(which), None).await?;
            // Only the backend limits the size of a scope.
            let contents = Contents::new(u64::MAX);
            let ended = Arc::default();
            let mut mirror =
                Mirror::new(batches, client.clone(), Arc::clone(&contents), Arc::clone(&ended));
            mirror.look().await?;
            let mirror = session.spawn(mirror.run()).abort_handle();
            let shared = ReplicaCore { contents, client, which, endpoint, timeout, ended, mirror };
            Ok(Self { shared: Arc::new(shared) })
        })
    }

    fn contents(&self) -> &Arc<Contents> {
        &self.shared.contents
    }

    /// Returns the value of a key, or `None` if it has none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Decode`] if the value isn't of the key's type, [`StoreError::TooLarge`] if it
    /// is larger than the messages that this frontend accepts.
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

    /// Returns the revision that the replica shows: all writes up to it are here.
    pub fn revision(&self) -> Revision {
        self.contents().revision()
    }

    /// Returns all current values.
    pub fn snapshot(&self) -> Snapshot {
        self.contents().snapshot()
    }

    /// Returns a key's value as a stream: first the current value, then each newer one. The stream
    /// doesn't keep the replica alive. It ends when the last clone of the replica is dropped, or
    /// the connection ends for good.
    pub fn watch<T, N: AsRef<str>>(&self, key: &Key<T, N>) -> Watch<T> {
        Watch::new(self.contents(), key.name())
    }

    /// Returns the event that fires for every change of this copy, in the order of the revisions.
    /// If a key was written several times between two updates from the backend, only the last write
    /// is a change here. A listener that falls behind by more than 1,024 changes, or more than 16
    /// MiB of them, loses the oldest changes and learns how many it lost.
    ///
    /// Callbacks run when all changes that belong together have been applied. They run one after
    /// the other, on the task that updates the replica, so they have to be short.
    ///
    /// A callback that captures the replica keeps it, and its connection, alive until the callback
    /// is [removed](crate::Registration::remove).
    ///
    /// ```
    /// # use ipc_runtime::{Backend, Frontend, store::{Key, Store, StoreReplica}};
    /// # const THEME: Key<String> = Key::new("theme");
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let (backend, store) = (Backend::new(), Store::new());
    /// # store.serve(&backend)?;
    /// # backend.listen("memory:docs-store-changes").await?;
    /// # let frontend = Frontend::connect("memory:docs-store-changes").await?;
    /// let replica = StoreReplica::open(&frontend).await?;
    /// let mut changes = replica.changes().listen();
    /// store.set(&THEME, &"dark".to_owned())?; // in the backend
    /// let change = changes.next().await.unwrap();
    /// assert_eq!(change.of(&THEME), Some(Ok(Some("dark".to_owned()))));
    /// # Ok(())
    /// # }
    /// ```
    pub fn changes(&self) -> Event<Change> {
        self.contents().changes()
    }

    /// Returns how many listen on this side: watches, and listeners of [`changes`](Self::changes).
    pub fn listener_count(&self) -> usize {
        self.contents().listener_count()
    }

    /// Writes a value. The returned future completes when the write is visible here.
    ///
    /// # Errors
    ///
    /// A [`StoreError`] if the store refuses the write, or any error that a [`Call`] may have: see
    /// [`StoreWrite`].
    pub fn set<T, N>(&self, key: &Key<T, N>, value: &T) -> StoreWrite<Revision>
    where
        T: Serialize,
        N: AsRef<str>,
    {
        let key = key.name();
        let call = Kept::encode(key, value)
            .map(|value| self.shared.client.set(key.to_owned(), value, Some(self.shared.which)));
        self.write("ipc.store.set", call, |revision| (revision, revision))
    }

    /// Writes a value if nobody else has written the key since the caller read it. `expected` is
    /// the revision of the value that was read, or `None` if the key had no value.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] if the key has another revision in the backend. By then, the other
    /// write is visible here, so that the next attempt finds it. Otherwise as [`set`](Self::set).
    ///
    /// ```
    /// use ipc_runtime::{CallError, store::{Key, StoreError, StoreReplica}};
    ///
    /// const COUNT: Key<u64> = Key::new("count");
    ///
    /// async fn count_up(replica: &StoreReplica) -> Result<u64, CallError<StoreError>> {
    ///     loop {
    ///         let before = replica.snapshot();
    ///         let count = before.get(&COUNT).map_err(CallError::Method)?.unwrap_or(0) + 1;
    ///         match replica.compare_and_set(&COUNT, before.revision_of(&COUNT), &count).await {
    ///             Ok(_) => return Ok(count),
    ///             Err(CallError::Method(StoreError::Conflict { .. })) => {}
    ///             Err(error) => return Err(error),
    ///         }
    ///     }
    /// }
    /// # fn main() {}
    /// ```
    pub fn compare_and_set<T, N>(
        &self,
        key: &Key<T, N>,
        expected: Option<Revision>,
        value: &T,
    ) -> StoreWrite<Revision>
    where
        T: Serialize,
        N: AsRef<str>,
    {
        let key = key.name();
        let call = Kept::encode(key, value).map(|value| {
            let which = Some(self.shared.which);
            self.shared.client.compare_and_set(key.to_owned(), expected, value, which)
        });
        self.write("ipc.store.compareAndSet", call, |revision| (revision, revision))
    }

    /// Removes a key's value. The returned future completes when the removal is visible here. It
    /// returns the removal's revision, or `None` if there was nothing to remove, which isn't a
    /// write.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn remove<T, N: AsRef<str>>(&self, key: &Key<T, N>) -> StoreWrite<Option<Revision>> {
        let call = self.shared.client.remove(key.name().to_owned(), Some(self.shared.which));
        let seen = |Removal { revision, latest }| (revision, latest);
        self.write("ipc.store.remove", Ok(call), seen)
    }

    /// Turns a call into a write. `seen` turns the backend's answer into the result of the write
    /// and the revision to wait for.
    fn write<A, R>(
        &self,
        method: &'static str,
        call: Result<Call<A, CallError<StoreError>>, StoreError>,
        seen: impl FnOnce(A) -> (R, Revision) + Send + 'static,
    ) -> StoreWrite<R>
    where
        A: DeserializeOwned + Send + 'static,
        R: Send + 'static,
    {
        let shared = self.shared.clone();
        let writing = async move {
            let call = call.map_err(CallError::Method)?;
            shared.check(method)?;
            let deadline = shared.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
            match call.await {
                Ok(answer) => {
                    let (given, revision) = seen(answer);
                    shared.wait_for(method, revision, deadline).await?;
                    Ok(given)
                }
                Err(error) => {
                    if let CallError::Method(StoreError::Conflict { latest, .. }) = &error {
                        shared.wait_for(method, *latest, deadline).await?;
                    }
                    Err(error)
                }
            }
        };
        StoreWrite { writing: writing.fuse().boxed() }
    }

    /// Returns whether the replica has stopped following the backend's store:
    /// [`closed`](Self::closed) completes then. A replica isn't closed while its frontend is
    /// disconnected and may [come back](crate::FrontendBuilder::reconnect).
    pub fn is_closed(&self) -> bool {
        self.contents().is_closed()
    }

    /// Waits until the replica isn't kept up to date any more, and returns the reason. In most
    /// cases this is [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected): the connection
    /// has ended.
    pub async fn closed(&self) -> IpcError {
        self.contents().closed().await;
        self.shared.why_ended()
    }
}

impl ReplicaCore {
    /// Checks that a write would become visible here. If the connection has ended, the check
    /// passes: the call itself fails with the reason.
    fn check(&self, method: &'static str) -> Result<(), IpcError> {
        if !self.contents.is_closed() {
            return Ok(());
        }
        let ended = self.why_ended();
        if ended.kind() == ErrorKind::Disconnected {
            return Ok(());
        }
        let why = Some(format!("the replica has ended: {ended}").into());
        Err(self.failed(method, ErrorDetail::NotConnected(why)))
    }

    /// Waits until a write that the backend has done is visible here.
    async fn wait_for(
        &self,
        method: &'static str,
        revision: Revision,
        deadline: Option<Instant>,
    ) -> Result<(), IpcError> {
        let session = self.client.caller().session();
        let connection = session.connectivity().connections();
        let reached = self.contents.reached(connection, revision);
        match Deadline::new(deadline).limit(session.runtime(), reached).await {
            Some(true) => Ok(()),
            // The frontend has reconnected, and found another store than the one that has this
            // write.
            Some(false) if self.ended.get().is_none() && !self.contents.is_closed() => {
                let reason = DisconnectReason::ClosedByPeer(None);
                Err(self.failed(method, ErrorDetail::Disconnected { may_have_run: true, reason }))
            }
            Some(false) => {
                let ended = self.why_ended();
                Err(match ended.reason().cloned() {
                    Some(reason) => {
                        let may_have_run = true;
                        self.failed(method, ErrorDetail::Disconnected { may_have_run, reason })
                    }
                    None => ended,
                })
            }
            None => {
                let timeout = self.timeout.unwrap_or(Duration::MAX);
                Err(self.failed(method, ErrorDetail::DeadlineExceeded(timeout)))
            }
        }
    }

    fn failed(&self, method: &'static str, detail: ErrorDetail) -> IpcError {
        IpcError::new(method, self.endpoint.clone(), detail)
    }

    fn why_ended(&self) -> IpcError {
        self.ended.get().cloned().unwrap_or_else(|| mirror::over(&self.endpoint))
    }
}

/// A write of a [`StoreReplica`]: a future that completes when the replica shows the write.
///
/// The value is serialized when the write is created. So the future borrows nothing, and can be
/// spawned. Like a [`Call`], it is sent at its first poll, in one order with other calls. It keeps
/// the replica alive.
///
/// **Deadline.** If the write isn't visible here after
/// [`Limits::call_timeout`](crate::Limits::call_timeout) (60 seconds), it fails with
/// [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded).
///
/// **Dropping it** stops the waiting. If the write was sent, it may still be done.
///
/// **If the connection is lost**, the write fails at once with
/// [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected), which says whether it may have been
/// done. The exception is a write that the backend has already confirmed, on a frontend that
/// [reconnects](crate::FrontendBuilder::reconnect): it waits until the replica is up to date again.
#[must_use = "a write is sent when it is awaited or polled"]
pub struct StoreWrite<R> {
    writing: BoxFuture<'static, Result<R, CallError<StoreError>>>,
}

impl<R> Future for StoreWrite<R> {
    type Output = Result<R, CallError<StoreError>>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.writing.as_mut().poll(cx)
    }
}

impl fmt::Debug for StoreReplica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreReplica")
            .field("scope", &self.shared.which)
            .field("endpoint", &self.shared.endpoint)
            .field("revision", &self.revision())
            .field("closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for StoreWrite<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreWrite").finish_non_exhaustive()
    }
}
