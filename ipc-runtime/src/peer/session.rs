//! What one side knows of the other, apart from the connection itself.

pub(crate) mod connectivity;
pub(crate) mod extension_map;
pub(crate) mod extensions;
pub(crate) mod handle;
pub(crate) mod hooks;
pub(crate) mod id;
pub(crate) mod link;
pub(crate) mod resolver;
pub(crate) mod served_interfaces;
pub(crate) mod state;

use std::{
    any::Any,
    borrow::Cow,
    fmt,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use crate::{
    codec::Encoding,
    error::{
        disconnect_reason::DisconnectReason,
        ipc_error::{ErrorDetail, IpcError},
    },
    interface::{Compat, InterfaceInfo},
    limits::Limits,
    peer::{
        connection::Connection,
        session::{
            connectivity::{Claim, Connectivity},
            extension_map::ExtensionMap,
            hooks::CallHooks,
            id::SessionId,
            served_interfaces::ServedInterfaces,
            state::ConnectionState,
        },
    },
    peer_info::{PeerCredentials, PeerInfo},
    reconnect::{CallsWhileDisconnected, Reconnect},
    support::{
        lock::Lock,
        precompiled_future::PrecompiledFuture,
        rt::{Handle, JoinHandle, spawn},
        warnings::Warnings,
    },
    token::Token,
    usage::{Gauges, Usage},
};

/// The longest name that is kept of a peer, in characters. A longer one is cut off.
const LONGEST_NAME: usize = 256;

type OnRelease = Box<dyn FnOnce() + Send>;

/// What all sessions of one backend or frontend share.
pub(crate) struct LocalSide {
    pub(crate) limits: Limits,
    /// The name that this side announces.
    pub(crate) name: Option<Box<str>>,
    /// The token that this side shows on each connection that it makes.
    pub(crate) token: Option<Token>,
    /// What this side serves on each of its connections.
    pub(crate) served: Arc<dyn ServedInterfaces>,
    /// The app's middleware.
    pub(crate) hooks: Option<Arc<dyn CallHooks<Session>>>,
    pub(crate) gauges: Arc<Gauges>,
    /// Which warnings were logged lately.
    pub(crate) warnings: Arc<Warnings>,
    /// There is only one session, so the handlers are dropped with it.
    pub(crate) is_of_one: bool,
    /// The other side is a plain JSON-RPC server, which gets nothing of the runtime's own protocol.
    pub(crate) is_plain: bool,
    /// Set if a lost connection is made again.
    pub(crate) reconnect: Option<Reconnect>,
    /// Which versions of what this side calls fit, if the interfaces' own rules don't say.
    pub(crate) compat: Option<Compat>,
}

/// What one side knows of the other for as long as they may talk: who it is, how to reach it, and
/// what the app keeps for it.
pub(crate) struct Session {
    info: PeerInfo,
    side: Arc<LocalSide>,
    encoding: Encoding,
    connectivity: Connectivity<Connection>,
    /// The name that the other side announced.
    told_name: Lock<Option<Arc<str>>>,
    /// The runtime that the session's connections run on. A session that never has a connection may
    /// be created outside of a runtime.
    runtime: Option<Handle>,
    /// Known once there is a connection, if the operating system says.
    credentials: Lock<Option<PeerCredentials>>,
    /// How many calls wait for a connection.
    waiting: AtomicUsize,
    /// How many notifications of the app exist, sent or not.
    notifications: AtomicUsize,
    /// The interfaces that the other side was found to serve, on any connection, each with the rule
    /// that its caller has chosen.
    used: Lock<Vec<(&'static InterfaceInfo, Option<Compat>)>>,
    /// The id by which the peer is recognized when it comes back. The side that waits assigns it,
    /// and the side that comes back shows it.
    id: Lock<Option<SessionId>>,
    /// The id as of the last usable connection. An attempt that failed later may have changed `id`,
    /// without anybody having noticed.
    last_id: Lock<Option<SessionId>>,
    /// Drop what other code has made for this session.
    on_release: Lock<Vec<OnRelease>>,
    /// The app's values for this session, at most one of each type.
    extensions: ExtensionMap,
    /// The app's values were dropped. Values that come later are dropped at once.
    released: AtomicBool,
    /// This side has closed the session for good.
    dismissed: AtomicBool,
}

impl LocalSide {
    /// A side without a name and a token, whose lost connections aren't made again.
    pub(crate) fn new(
        limits: Limits,
        served: Arc<dyn ServedInterfaces>,
        hooks: Option<Arc<dyn CallHooks<Session>>>,
    ) -> Self {
        Self {
            limits,
            name: None,
            token: None,
            served,
            hooks,
            gauges: Arc::default(),
            warnings: Arc::default(),
            is_of_one: false,
            is_plain: false,
            reconnect: None,
            compat: None,
        }
    }
}

impl Session {
    /// Creates a session. If it is to have connections, call this inside of the runtime that they
    /// will run on.
    pub(crate) fn new(
        info: PeerInfo,
        side: Arc<LocalSide>,
        encoding: Encoding,
        state: ConnectionState,
    ) -> Arc<Self> {
        let connectivity = Connectivity::new(state, side.reconnect.is_some());
        Arc::new(Self {
            info,
            side,
            encoding,
            connectivity,
            told_name: Lock::default(),
            runtime: Handle::try_current().ok(),
            credentials: Lock::default(),
            waiting: AtomicUsize::new(0),
            notifications: AtomicUsize::new(0),
            used: Lock::default(),
            id: Lock::default(),
            last_id: Lock::default(),
            on_release: Lock::default(),
            extensions: ExtensionMap::default(),
            released: AtomicBool::new(false),
            dismissed: AtomicBool::new(false),
        })
    }

    /// The session's connection and its state.
    pub(crate) fn connectivity(&self) -> &Connectivity<Connection> {
        &self.connectivity
    }

    pub(crate) fn info(&self) -> &PeerInfo {
        &self.info
    }

    /// The runtime that the session's connections run on. Calls may be awaited elsewhere.
    pub(crate) fn runtime(&self) -> Option<&Handle> {
        self.runtime.as_ref()
    }

    /// Spawns a task on the runtime that the session's connections run on.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        match &self.runtime {
            Some(runtime) => runtime.spawn(future),
            None => spawn(future),
        }
    }

    /// How many notifications of the app exist, sent or not.
    pub(super) fn notifications(&self) -> &AtomicUsize {
        &self.notifications
    }

    pub(super) fn side(&self) -> &Arc<LocalSide> {
        &self.side
    }

    pub(crate) fn warnings(&self) -> &Warnings {
        &self.side.warnings
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.side.limits
    }

    /// Which versions of what this side calls fit, if the interfaces' own rules don't say.
    pub(crate) fn compat(&self) -> Option<Compat> {
        self.side.compat
    }

    /// What this side serves.
    pub(crate) fn served(&self) -> &dyn ServedInterfaces {
        &*self.side.served
    }

    /// The name that this side announces.
    pub(crate) fn own_name(&self) -> Option<&str> {
        self.side.name.as_deref()
    }

    /// The token that this side shows on each connection that it makes.
    pub(crate) fn own_token(&self) -> Option<&Token> {
        self.side.token.as_ref()
    }

    /// The app's middleware.
    pub(crate) fn hooks(&self) -> Option<&dyn CallHooks<Session>> {
        self.side.hooks.as_deref()
    }

    pub(crate) fn gauges(&self) -> &Arc<Gauges> {
        &self.side.gauges
    }

    /// Adds what only the connection itself counts.
    pub(crate) fn add_usage(&self, usage: &mut Usage) {
        if let Some(connection) = self.connectivity.attached() {
            connection.add_usage(usage);
        }
    }

    /// Whether the other side is a plain JSON-RPC server.
    pub(crate) fn is_plain(&self) -> bool {
        self.side.is_plain
    }

    /// The encoding of payloads on all of its connections.
    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How an empty list of arguments is encoded. A plain JSON-RPC server gets no `params` at all,
    /// since it may not accept an empty array.
    pub(crate) fn no_params(&self) -> &'static [u8] {
        if self.is_plain() { b"" } else { self.encoding.no_params() }
    }

    /// Who the operating system says the peer is.
    pub(crate) fn credentials(&self) -> Option<PeerCredentials> {
        *self.credentials.lock()
    }

    pub(crate) fn set_credentials(&self, credentials: Option<PeerCredentials>) {
        *self.credentials.lock() = credentials;
    }

    /// Takes a new connection. If the session was closed before, closes the connection at once.
    pub(crate) fn attach(&self, connection: &Arc<Connection>) {
        if let Err(reason) = self.connectivity.attach(connection) {
            connection.close(reason);
        }
    }

    /// Makes a connection usable on the side that reconnects. `id`: the session's id at the other
    /// side. `false`: the connection has ended, or isn't wanted any more.
    pub(crate) fn connected_as(&self, connection: &Arc<Connection>, id: Option<SessionId>) -> bool {
        let last = *self.last_id.lock();
        let is_connected = self.connectivity.connected(connection, id.is_some() && id == last);
        if is_connected {
            *self.last_id.lock() = id;
        }
        is_connected
    }

    /// Announces a takeover, and closes the connection that was replaced.
    pub(crate) fn replaced(&self, claim: Claim<Connection>) {
        // This also wakes the task that waits for the peer's return.
        self.connectivity.tell();
        if let Some(old) = claim.replaced {
            old.replace();
        }
    }

    /// Makes the session wait for its peer when a connection is lost. `id`: what the peer will show
    /// when it comes back. `attempt`: which of its attempts the present connection is, as it
    /// announced.
    pub(crate) fn wait_for_return(&self, id: SessionId, attempt: Option<u64>) {
        self.set_id(Some(id));
        self.connectivity.wait_for_return(attempt);
    }

    /// The id by which the peer is recognized when it comes back.
    pub(crate) fn id(&self) -> Option<SessionId> {
        *self.id.lock()
    }

    pub(crate) fn set_id(&self, id: Option<SessionId>) {
        *self.id.lock() = id;
    }

    /// Whether this side is the one that reconnects.
    pub(crate) fn reconnects(&self) -> bool {
        self.side.reconnect.is_some()
    }

    /// Runs `release` when the session is over, or at once if it is.
    pub(crate) fn on_release(&self, release: impl FnOnce() + Send + 'static) {
        self.on_release.lock().push(Box::new(release));
        self.release_again();
    }

    /// Counts a call that waits for a connection. `None`: calls don't wait, or too many do already.
    pub(crate) fn wait(self: &Arc<Self>) -> Option<Waits> {
        let reconnect = self.side.reconnect.as_ref()?;
        if reconnect.calls_while_disconnected != CallsWhileDisconnected::Wait
            || !self.connectivity.comes_back()
        {
            return None;
        }
        let waits = Waits(self.clone());
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        (before < reconnect.max_waiting).then_some(waits)
    }

    /// Remembers an interface that the other side was found to serve. When the connection is made
    /// again, the other side is expected to serve it still.
    pub(crate) fn uses(&self, interface: &'static InterfaceInfo, compat: Option<Compat>) {
        if self.side.reconnect.is_none() {
            return;
        }
        let mut used = self.used.lock();
        let is_known =
            |(known, rule): &(&InterfaceInfo, _)| known.is_same(interface) && *rule == compat;
        if !used.iter().any(is_known) {
            used.push((interface, compat));
        }
    }

    /// All interfaces that the other side was found to serve.
    pub(crate) fn used(&self) -> Vec<(&'static InterfaceInfo, Option<Compat>)> {
        self.used.lock().clone()
    }

    /// Ends the session: writes what is queued, then ends the connection.
    pub(crate) fn close(&self, reason: DisconnectReason) {
        match self.connectivity.close(reason.clone()) {
            Some(connection) => connection.close(reason),
            None => self.release_if_alone(),
        }
    }

    /// Like `close`, and tells the other side that it is for good.
    pub(crate) fn dismiss(&self) {
        self.dismissed.store(true, Ordering::Release);
        match self.connectivity.close(DisconnectReason::ClosedHere) {
            Some(connection) => connection.dismiss(),
            None => self.release_if_alone(),
        }
    }

    /// Whether this side has closed the session for good.
    pub(crate) fn is_dismissed(&self) -> bool {
        self.dismissed.load(Ordering::Acquire)
    }

    /// Waits until the session has ended, and returns the reason.
    pub(crate) fn ended(&self) -> PrecompiledFuture<'_, DisconnectReason> {
        let mut state = self.connectivity().watch();
        Box::pin(async move {
            let is_end =
                |state: &ConnectionState| matches!(state, ConnectionState::Disconnected(_));
            match state.wait_for(is_end).await.as_deref() {
                Ok(ConnectionState::Disconnected(reason)) => reason.clone(),
                // The sender is in `self`, so it outlives this borrow.
                _ => DisconnectReason::ClosedHere,
            }
        })
    }

    /// The error of a call that can't be sent now.
    pub(crate) fn unavailable(&self, method: Cow<'static, str>) -> IpcError {
        let endpoint = self.info.endpoint.clone();
        match &self.connectivity.state() {
            ConnectionState::Disconnected(DisconnectReason::VersionMismatch(mismatch)) => {
                IpcError::mismatch(mismatch.clone())
            }
            ConnectionState::Disconnected(DisconnectReason::Unauthorized(why)) => {
                IpcError::unauthorized(method, &endpoint, why)
            }
            &ConnectionState::Disconnected(DisconnectReason::ProtocolMismatch(mismatch)) => {
                let detail = ErrorDetail::ProtocolMismatch(mismatch);
                IpcError::new("rpc.handshake", endpoint, detail)
            }
            ConnectionState::Disconnected(DisconnectReason::NeverConnected(why)) => {
                IpcError::new(method, endpoint, ErrorDetail::NotConnected(Some(why.clone())))
            }
            ConnectionState::Disconnected(reason) => {
                let (may_have_run, reason) = (false, reason.clone());
                let detail = ErrorDetail::Disconnected { may_have_run, reason };
                IpcError::new(method, endpoint, detail)
            }
            ConnectionState::Reconnecting { reason, .. } => {
                let why = Some(reason.to_string().into());
                IpcError::new(method, endpoint, ErrorDetail::NotConnected(why))
            }
            ConnectionState::Connecting | ConnectionState::Connected { .. } => {
                IpcError::new(method, endpoint, ErrorDetail::NotConnected(None))
            }
        }
    }

    pub(crate) fn told_name(&self) -> Option<Arc<str>> {
        self.told_name.lock().clone()
    }

    /// Stores the name that the other side announced, cut off at `LONGEST_NAME`.
    pub(crate) fn set_told_name(&self, name: &str) {
        let short: String = name.chars().take(LONGEST_NAME).collect();
        *self.told_name.lock() = Some(short.into());
    }

    /// The app's value of this type. If there is none, inserts `data`.
    pub(crate) fn extension_or_insert<T: Any + Send + Sync>(&self, data: T) -> Arc<T> {
        let kept = self.extensions.get_or_insert(data);
        self.release_again();
        kept
    }

    /// The app's values. After inserting one, call `release_again`: the session may be over.
    pub(crate) fn extensions(&self) -> &ExtensionMap {
        &self.extensions
    }

    /// Ends the session at once. There will be no other connection.
    pub(crate) fn end(&self, reason: DisconnectReason) {
        if let Some(connection) = self.connectivity.end(reason.clone()) {
            connection.close(reason);
        }
        self.release();
    }

    /// On a frontend: drops the app's values if the session is over. A backend first runs its
    /// callbacks for disconnected peers.
    pub(crate) fn release_if_alone(&self) {
        if self.side.is_of_one && self.connectivity.has_ended() {
            self.release();
        }
    }

    /// Drops what belongs to the app, once the session is over. The app's values and handlers may
    /// hold anything, including clients of this session.
    pub(crate) fn release(&self) {
        self.released.store(true, Ordering::Release);
        let others = std::mem::take(&mut *self.on_release.lock());
        others.into_iter().for_each(|release| release());
        self.extensions.clear();
        if self.side.is_of_one {
            self.side.served.clear();
        }
    }

    /// Drops what was added after the session was over.
    pub(crate) fn release_again(&self) {
        let alone_at_its_end = self.side.is_of_one && self.connectivity.has_ended();
        if alone_at_its_end || self.released.load(Ordering::Acquire) {
            self.release();
        }
    }
}

/// A call that is counted as waiting for a connection until this is dropped.
pub(crate) struct Waits(Arc<Session>);

impl Waits {
    /// Waits until there is a connection, or there won't be one any more.
    pub(crate) async fn settled(self) {
        self.0.connectivity.usable_after(0).await;
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("peer", &self.info)
            .field("state", &self.connectivity.state())
            .finish_non_exhaustive()
    }
}
