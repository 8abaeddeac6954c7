//! What one side knows of the other, beside the connection itself.

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

use crate::error::ipc_error::ErrorDetail;
use crate::{
    codec::Encoding,
    error::{disconnect_reason::DisconnectReason, ipc_error::IpcError},
    interface::InterfaceInfo,
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

/// What is kept of the name that the other side has told, in characters.
const LONGEST_NAME: usize = 256;

type OnRelease = Box<dyn FnOnce() + Send>;

/// What all sessions of one backend or frontend share.
pub(crate) struct Side {
    pub(crate) limits: Limits,
    /// What this side calls itself.
    pub(crate) name: Option<Box<str>>,
    /// What this side shows on each connection that it makes.
    pub(crate) token: Option<Token>,
    /// What it serves, on each of its connections.
    pub(crate) served: Arc<dyn ServedInterfaces>,
    /// What the app has put around its calls.
    pub(crate) hooks: Option<Arc<dyn CallHooks<Session>>>,
    pub(crate) gauges: Arc<Gauges>,
    /// What was warned of lately.
    pub(crate) warnings: Arc<Warnings>,
    /// There is only one session: the handlers go with it.
    pub(crate) is_of_one: bool,
    /// The other side is a plain JSON-RPC server, and is told nothing of the runtime's own.
    pub(crate) is_plain: bool,
    /// A connection that was lost is made again.
    pub(crate) reconnect: Option<Reconnect>,
}

/// What one side knows of the other for as long as it may be talked to: who it is, how to reach
/// it, and what the app keeps with it.
pub(crate) struct Session {
    info: PeerInfo,
    side: Arc<Side>,
    encoding: Encoding,
    connectivity: Connectivity<Connection>,
    /// What the other side calls itself.
    told_name: Lock<Option<Arc<str>>>,
    /// The one that its connections run on. One that never has a connection may be made outside of any.
    runtime: Option<Handle>,
    /// Known once there is a connection, where the operating system tells.
    credentials: Lock<Option<PeerCredentials>>,
    /// How many calls wait for a connection.
    waiting: AtomicUsize,
    /// How many notifications the app has made and not done with.
    notifications: AtomicUsize,
    /// The interfaces that the other side was found to serve, on whatever connection.
    used: Lock<Vec<&'static InterfaceInfo>>,
    /// What it is known by when it comes back: given by the side that waits, told by the one that
    /// comes.
    id: Lock<Option<SessionId>>,
    /// The same on the last connection that was usable: an attempt that ended before may have
    /// changed it, and nobody was told.
    last_id: Lock<Option<SessionId>>,
    /// What lets go of what others have made for it.
    on_release: Lock<Vec<OnRelease>>,
    /// What the app keeps with it, each type at most once.
    extensions: ExtensionMap,
    /// What is the app's was let go of, and what comes later goes at once.
    released: AtomicBool,
    /// This side has closed it for good.
    dismissed: AtomicBool,
}

impl Side {
    /// One that has no name, shows no token, and whose connections aren't made again.
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
        }
    }
}

impl Session {
    /// To be called inside of the runtime that its connections run on, if it is to have some.
    pub(crate) fn new(
        info: PeerInfo,
        side: Arc<Side>,
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

    /// Which connection it has, and how it stands with it.
    pub(crate) fn connectivity(&self) -> &Connectivity<Connection> {
        &self.connectivity
    }

    pub(crate) fn info(&self) -> &PeerInfo {
        &self.info
    }

    /// The runtime that its connections run on. Calls may be awaited elsewhere.
    pub(crate) fn runtime(&self) -> Option<&Handle> {
        self.runtime.as_ref()
    }

    /// Has something run where its connections do.
    pub(crate) fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future<Output: Send> + Send + 'static,
    {
        match &self.runtime {
            Some(runtime) => runtime.spawn(future),
            None => spawn(future),
        }
    }

    /// How many notifications the app has made and not done with.
    pub(super) fn notifications(&self) -> &AtomicUsize {
        &self.notifications
    }

    pub(super) fn side(&self) -> &Arc<Side> {
        &self.side
    }

    pub(crate) fn warnings(&self) -> &Warnings {
        &self.side.warnings
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.side.limits
    }

    /// What this side serves.
    pub(crate) fn served(&self) -> &dyn ServedInterfaces {
        &*self.side.served
    }

    /// What this side calls itself.
    pub(crate) fn own_name(&self) -> Option<&str> {
        self.side.name.as_deref()
    }

    /// What this side shows on each connection that it makes.
    pub(crate) fn own_token(&self) -> Option<&Token> {
        self.side.token.as_ref()
    }

    /// What the app has put around its calls.
    pub(crate) fn hooks(&self) -> Option<&dyn CallHooks<Session>> {
        self.side.hooks.as_deref()
    }

    pub(crate) fn gauges(&self) -> &Arc<Gauges> {
        &self.side.gauges
    }

    /// Adds what its connection has of what nobody else counts.
    pub(crate) fn add_usage(&self, usage: &mut Usage) {
        if let Some(connection) = self.connectivity.attached() {
            connection.add_usage(usage);
        }
    }

    /// Whether the other side is a plain JSON-RPC server.
    pub(crate) fn is_plain(&self) -> bool {
        self.side.is_plain
    }

    /// What payloads are encoded in, on any of its connections.
    pub(crate) fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What stands in a message for no arguments. A plain JSON-RPC server may take none at all, and
    /// not an array without elements.
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

    /// A connection was made. If the session was closed before that, it is closed at once.
    pub(crate) fn attach(&self, connection: &Arc<Connection>) {
        if let Err(reason) = self.connectivity.attach(connection) {
            connection.close(reason);
        }
    }

    /// The same on the side that comes back, which is known to the other one by this id.
    pub(crate) fn connected_as(&self, connection: &Arc<Connection>, id: Option<SessionId>) -> bool {
        let last = *self.last_id.lock();
        let is_connected = self.connectivity.connected(connection, id.is_some() && id == last);
        if is_connected {
            *self.last_id.lock() = id;
        }
        is_connected
    }

    /// Closes the connection that another one has taken over from.
    pub(crate) fn replaced(&self, claim: Claim<Connection>) {
        // Also for the one that waits for this return.
        self.connectivity.tell();
        if let Some(old) = claim.replaced {
            old.replace();
        }
    }

    /// From now on its connections come and go, and this is what it is known by. `attempt`: that of
    /// the present one, as the other side has told.
    pub(crate) fn wait_for_return(&self, id: SessionId, attempt: Option<u64>) {
        self.set_id(Some(id));
        self.connectivity.wait_for_return(attempt);
    }

    /// What it is known by when it comes back.
    pub(crate) fn id(&self) -> Option<SessionId> {
        *self.id.lock()
    }

    pub(crate) fn set_id(&self, id: Option<SessionId>) {
        *self.id.lock() = id;
    }

    /// Whether this side is the one that comes back.
    pub(crate) fn reconnects(&self) -> bool {
        self.side.reconnect.is_some()
    }

    /// Runs this when it is over: at once if it is.
    pub(crate) fn on_release(&self, release: impl FnOnce() + Send + 'static) {
        self.on_release.lock().push(Box::new(release));
        self.release_again();
    }

    /// Whether calls wait while there is no connection; `None`: they don't, or too many do.
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

    /// The other side was found to serve this interface, and is expected to when it comes back.
    pub(crate) fn uses(&self, interface: &'static InterfaceInfo) {
        if self.side.reconnect.is_none() {
            return;
        }
        let mut used = self.used.lock();
        if !used.iter().any(|known| known.is_same(interface)) {
            used.push(interface);
        }
    }

    /// Everything that it was found to serve.
    pub(crate) fn used(&self) -> Vec<&'static InterfaceInfo> {
        self.used.lock().clone()
    }

    /// Writes what is queued, then ends the connection, and is over.
    pub(crate) fn close(&self, reason: DisconnectReason) {
        match self.connectivity.close(reason.clone()) {
            Some(connection) => connection.close(reason),
            None => self.release_if_alone(),
        }
    }

    /// The same, and tells the other side that it is for good.
    pub(crate) fn dismiss(&self) {
        self.dismissed.store(true, Ordering::Release);
        match self.connectivity.close(DisconnectReason::ClosedHere) {
            Some(connection) => connection.dismiss(),
            None => self.release_if_alone(),
        }
    }

    /// Whether this side has closed it for good.
    pub(crate) fn is_dismissed(&self) -> bool {
        self.dismissed.load(Ordering::Acquire)
    }

    /// Waits until it has ended.
    pub(crate) fn ended(&self) -> PrecompiledFuture<'_, DisconnectReason> {
        let mut state = self.connectivity().watch();
        Box::pin(async move {
            let is_end =
                |state: &ConnectionState| matches!(state, ConnectionState::Disconnected(_));
            match state.wait_for(is_end).await.as_deref() {
                Ok(ConnectionState::Disconnected(reason)) => reason.clone(),
                // The sender is ours, and lives as long as this borrow.
                _ => DisconnectReason::ClosedHere,
            }
        })
    }

    /// Why a call can't be sent now.
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

    /// The other side has told what it calls itself.
    pub(crate) fn set_told_name(&self, name: &str) {
        let short: String = name.chars().take(LONGEST_NAME).collect();
        *self.told_name.lock() = Some(short.into());
    }

    /// What is kept of this type, or else this.
    pub(crate) fn extension_or_insert<T: Any + Send + Sync>(&self, data: T) -> Arc<T> {
        let kept = self.extensions.get_or_insert(data);
        self.release_again();
        kept
    }

    /// What is kept with it. What is added must go by the session, which may be over.
    pub(crate) fn extensions(&self) -> &ExtensionMap {
        &self.extensions
    }

    /// It is over, and no connection will come any more.
    pub(crate) fn end(&self, reason: DisconnectReason) {
        if let Some(connection) = self.connectivity.end(reason.clone()) {
            connection.close(reason);
        }
        self.release();
    }

    /// Lets go of what is the app's if it is over, where nobody is told first that it is.
    pub(crate) fn release_if_alone(&self) {
        if self.side.is_of_one && self.connectivity.has_ended() {
            self.release();
        }
    }

    /// Lets go of what is the app's, once it is over: its data and handlers may hold clients of
    /// this very session, or whatever else.
    pub(crate) fn release(&self) {
        self.released.store(true, Ordering::Release);
        let others = std::mem::take(&mut *self.on_release.lock());
        others.into_iter().for_each(|release| release());
        self.extensions.clear();
        if self.side.is_of_one {
            self.side.served.clear();
        }
    }

    /// Lets go of what has come after that: something may have been registered with it.
    pub(crate) fn release_again(&self) {
        let alone_at_its_end = self.side.is_of_one && self.connectivity.has_ended();
        if alone_at_its_end || self.released.load(Ordering::Acquire) {
            self.release();
        }
    }
}

/// A call that waits for a connection.
pub(crate) struct Waits(Arc<Session>);

impl Waits {
    /// Until there is one, or never will be.
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
