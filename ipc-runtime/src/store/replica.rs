//! A store as a frontend sees it.

use std::{
    borrow::Cow,
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};

use futures_util::{FutureExt, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};

use crate::error::error_kind::ErrorKind;
use crate::error::ipc_error::ErrorDetail;
use crate::message::error_object::{ErrorObject, code};
use crate::{
    error::{call_error::CallError, disconnect_reason::DisconnectReason, ipc_error::IpcError},
    event::Event,
    frontend::Frontend,
    interface::Timeout,
    peer::{
        client::caller::Client,
        outgoing::{call::Call, subscription::Subscription},
    },
    store::{
        change::Change,
        contents::Contents,
        error::StoreError,
        key::Key,
        revision::Revision,
        snapshot::Snapshot,
        staging::{self, CompleteLook, Staged},
        value::Kept,
        watch::Watch,
        wire::{LookPart, Removal, Which},
    },
    support::{
        precompiled_future::PrecompiledFuture,
        rt::{AbortHandle, Instant, timeout_at},
    },
};

use super::wire::WireClient;

/// A backend's [`Store`](super::Store), as a frontend sees it: a copy of all values, which is kept
/// up to date. Reading it is local and never waits; writing it goes to the backend.
///
/// What it shows is what the backend held at one [`revision`](Self::revision), all keys together.
/// That is some moment behind the backend; a write of this replica is seen here as soon as its
/// future is ready.
///
/// It takes up to 1 GiB of news at once, a bound for backends that never come to an end; beyond
/// it, it ends with [`ErrorKind::Decode`](crate::ErrorKind::Decode).
///
/// It is cheap to clone, and keeps the frontend's connection open, as clients do. **When the last
/// clone is dropped**, it unsubscribes, and its watches end.
///
/// **When the connection ends**, reads go on to give the last values, watches and listeners end,
/// and writes fail with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected). [`is_connected`](Self::is_connected) and
/// [`closed`](Self::closed) tell. It doesn't come back: open another one then.
///
/// **Where the frontend [comes back](crate::FrontendBuilder::reconnect)**, so does the replica: until
/// then it gives the last values, after that those of the backend, and its watches and listeners
/// are told of the differences.
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
    /// How long a write may take.
    timeout: Option<Duration>,
    /// Why nothing more comes, once that is so.
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
    /// A replica of what all windows share. It has all values when this is ready.
    ///
    /// Dropping the future gives up.
    ///
    /// # Errors
    ///
    /// Those of [`Frontend::open`]: [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when the backend serves no store,
    /// [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected) when the connection ends meanwhile, and so on.
    pub async fn open(frontend: &Frontend) -> Result<Self, IpcError> {
        Self::begin(frontend, Which::Shared).await
    }

    /// A replica of this window's own scope, which the backend has by
    /// [`Store::window`](super::Store::window), and no other window sees. The scope is dropped when the
    /// peer is gone: it stays for a window that comes back within
    /// [`Limits::session_grace`](crate::Limits::session_grace).
    ///
    /// # Errors
    ///
    /// As those of [`open`](Self::open).
    pub async fn open_own(frontend: &Frontend) -> Result<Self, IpcError> {
        Self::begin(frontend, Which::Own).await
    }

    fn begin(frontend: &Frontend, which: Which) -> PrecompiledFuture<'_, Result<Self, IpcError>> {
        Box::pin(async move {
            let client: WireClient = frontend.open().await?;
            let session = frontend.peer().session();
            let endpoint = session.info().endpoint.clone();
            let timeout = session.limits().deadline(Timeout::Default);
            let mut mirror = Mirror {
                batches: client.watch(Some(which), None).await?,
                client: client.clone(),
                connection: session.connectivity().connections(),
                // The limit is the backend's.
                contents: Contents::new(u64::MAX),
                staged: Staged::new(staging::MAX_BYTES),
                endpoint: endpoint.clone(),
                ended: Arc::default(),
            };
            mirror.look().await?;
            let (contents, ended) = (mirror.contents.clone(), mirror.ended.clone());
            let mirror = session.spawn(mirror.run()).abort_handle();
            let shared = ReplicaCore { contents, client, which, endpoint, timeout, ended, mirror };
            Ok(Self { shared: Arc::new(shared) })
        })
    }

    fn contents(&self) -> &Arc<Contents> {
        &self.shared.contents
    }

    /// The value of a key; `None` where there is none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Decode`] when the value isn't of the key's type, [`StoreError::TooLarge`] when
    /// it is larger than the messages that this frontend takes.
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

    /// Everything up to this write is here.
    pub fn revision(&self) -> Revision {
        self.contents().revision()
    }

    /// All values of now.
    pub fn snapshot(&self) -> Snapshot {
        self.contents().snapshot()
    }

    /// A key's value as a stream: that of now first, then each newer one. It doesn't keep the
    /// replica: it ends with the last clone of it, and with the connection.
    pub fn watch<T, N: AsRef<str>>(&self, key: &Key<T, N>) -> Watch<T> {
        Watch::new(self.contents(), key.name())
    }

    /// What has changed here, in the order of the revisions. Of a key that was written several
    /// times since the last news came from the backend, it is the last write alone. A listener that
    /// is too slow loses the oldest of more than 1,024 changes, or of more than 16 MiB of them, and is
    /// told how many.
    ///
    /// Callbacks are called when all news that belong together are here, one callback after the
    /// other, on the task that keeps the replica: they have to be short.
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

    /// How many listen on this side: watches and listeners of [`changes`](Self::changes).
    pub fn listeners(&self) -> usize {
        self.contents().listeners()
    }

    /// Writes a value, and waits until it is seen here.
    ///
    /// # Errors
    ///
    /// What the backend says ([`StoreError`]), or what becomes of any [`Call`]: see
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

    /// Writes a value, if nobody else has written since the one was read that it replaces.
    /// `expected` is that one's revision, or `None` if there was none.
    ///
    /// # Errors
    ///
    /// [`StoreError::Conflict`] when the backend has another revision; what has been written is
    /// seen here by then, so that the next try finds it. And as [`set`](Self::set).
    ///
    /// ```
    /// use ipc_runtime::{CallError, IpcError, store::{Key, StoreError, StoreReplica}};
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

    /// Removes a key's value, and waits until that is seen here. Gives the removal's revision;
    /// `None` if there was nothing to remove, which is no write.
    ///
    /// # Errors
    ///
    /// As [`set`](Self::set).
    pub fn remove<T, N: AsRef<str>>(&self, key: &Key<T, N>) -> StoreWrite<Option<Revision>> {
        let call = self.shared.client.remove(key.name().to_owned(), Some(self.shared.which));
        let seen = |Removal { revision, latest }| (revision, latest);
        self.write("ipc.store.remove", Ok(call), seen)
    }

    /// `seen` tells of the answer what the write gives, and which revision is to be waited for.
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

    /// Whether it follows the backend's store: `false` once [`closed`](Self::closed) is ready. It stays
    /// `true` while a frontend that [reconnects](crate::FrontendBuilder::reconnect) is disconnected.
    pub fn is_connected(&self) -> bool {
        !self.contents().is_closed()
    }

    /// Waits until it isn't kept up to date any more, and tells why:
    /// [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected) when the connection has ended, as a rule.
    pub async fn closed(&self) -> IpcError {
        self.contents().closed().await;
        self.shared.why_ended()
    }
}

impl ReplicaCore {
    /// That a write would be seen here. When the connection is gone, the call says so itself.
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

    /// Waits until a write is seen here, which the backend has done.
    async fn wait_for(
        &self,
        method: &'static str,
        revision: Revision,
        deadline: Option<Instant>,
    ) -> Result<(), IpcError> {
        let connection = self.client.caller().session().connectivity().connections();
        let reached = self.contents.reached(connection, revision);
        let reached = match deadline {
            Some(deadline) => timeout_at(deadline, reached).await.ok(),
            None => Some(reached.await),
        };
        match reached {
            Some(true) => Ok(()),
            // Another store has taken the place of the one that had it.
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
        self.ended.get().cloned().unwrap_or_else(|| over(&self.endpoint))
    }
}

/// What a replica hears of its store by.
const WATCH: &str = "ipc.store.watch";

/// The backend has nothing more to tell.
fn over(endpoint: &Arc<str>) -> IpcError {
    let error = ErrorObject::new(code::CANCELLED, "the store is not served any more");
    IpcError::from_object(Cow::Borrowed(WATCH), endpoint, error)
}

/// A write of a [`StoreReplica`], which is ready when the write is seen there.
///
/// The value was serialized when it was made, so it borrows nothing: it can be spawned. It is sent
/// at its first poll, as a [`Call`] is, and the order of writes is that of calls. It keeps the
/// replica.
///
/// **Deadline.** [`Limits::call_timeout`](crate::Limits::call_timeout) (60 seconds), until it is seen
/// here. Then it fails with [`ErrorKind::DeadlineExceeded`](crate::ErrorKind::DeadlineExceeded).
///
/// **Dropping it** ends the waiting. A write that was sent may be done or not.
///
/// **A lost connection** fails it at once with [`ErrorKind::Disconnected`](crate::ErrorKind::Disconnected), which tells whether it may
/// have been done.
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

/// Takes over what the backend tells.
struct Mirror {
    batches: Subscription<LookPart>,
    client: WireClient,
    /// How many connections there were when it began to hear what it hears.
    connection: u64,
    contents: Arc<Contents>,
    /// Of a look that isn't complete yet.
    staged: Staged,
    endpoint: Arc<str>,
    ended: Arc<OnceLock<IpcError>>,
}

impl Mirror {
    /// Takes over the next look, all of it at once.
    async fn look(&mut self) -> Result<(), IpcError> {
        loop {
            let batch = match self.batches.next().await {
                Some(Ok(batch)) => batch,
                // The frontend has come back to its backend: what follows is all of it.
                Some(Err(error))
                    if error.kind() == ErrorKind::Gap
                        && self.client.caller().session().connectivity().connections()
                            > self.connection =>
                {
                    self.staged = Staged::new(staging::MAX_BYTES);
                    self.connection = self.client.caller().session().connectivity().connections();
                    continue;
                }
                Some(Err(error)) => return Err(error),
                None => return Err(over(&self.endpoint)),
            };
            let staged = self.staged.add(batch).map_err(|error| {
                let detail = ErrorDetail::Decode(error.to_string());
                IpcError::new(WATCH, self.endpoint.clone(), detail)
            })?;
            if let Some(CompleteLook { reset, seen, entries }) = staged {
                self.contents.apply(self.connection, reset, seen, entries);
                return Ok(());
            }
        }
    }

    async fn run(mut self) {
        loop {
            if let Err(error) = self.look().await {
                tracing::debug!(%error, "a replica of a store has ended");
                // Told before whoever waits is woken, by the drop.
                let _ = self.ended.set(error);
                return;
            }
        }
    }
}

/// Also when the task is dropped because its runtime ends.
impl Drop for Mirror {
    fn drop(&mut self) {
        self.contents.close();
    }
}

impl fmt::Debug for StoreReplica {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreReplica")
            .field("scope", &self.shared.which)
            .field("endpoint", &self.shared.endpoint)
            .field("revision", &self.revision())
            .field("connected", &self.is_connected())
            .finish_non_exhaustive()
    }
}

impl<R> fmt::Debug for StoreWrite<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreWrite").finish_non_exhaustive()
    }
}
