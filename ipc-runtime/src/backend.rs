//! The side that listens.

mod peers;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::Future,
    panic::Location,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::Notify,
    task::JoinHandle,
};

#[cfg(feature = "websocket")]
use tokio_tungstenite::tungstenite::http;

pub use self::peers::{Group, Peers};
use crate::{
    ConnectionState, Emitter, Endpoint, EndpointError, Event, Handshake, Limits, ListenError,
    Middleware, Peer, PeerId, RegisterError, Registration, Usage,
    error::DisconnectReason,
    middleware::Layers,
    peer::{self, Driver, Service, Session, Side},
    peer_info::PeerInfo,
    registry::{Registered, Registry},
    transport::{self, CarrierConfig, Connected, ListenOptions, byte_stream},
};
#[cfg(feature = "websocket")]
use crate::{OriginPolicy, transport::websocket};

/// How long [`Backend::run_until`] lets handlers finish.
const GRACE: Duration = Duration::from_secs(5);

/// How long an endpoint rests after a failed accept, which most often means too many open files.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// The side that listens: it holds the handlers, and serves them on any number of endpoints.
///
/// It is cheap to clone; all clones are the same backend. When the last one is dropped, it stops
/// listening and closes all connections at once. [`run_until`](Self::run_until) and
/// [`stop`](Self::stop) let what runs finish first.
///
/// ```
/// use ipc_runtime::{Backend, Frontend, ipc_interface};
///
/// /// Adds numbers.
/// #[ipc_interface(channel = "docs.adder", version = "1.0.0")]
/// pub trait Adder {
///     /// The sum of both.
///     fn add(&self, a: i64, b: i64) -> i64;
/// }
///
/// struct Pocket;
///
/// impl Adder for Pocket {
///     fn add(&self, a: i64, b: i64) -> i64 {
///         a + b
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let backend = Backend::new();
/// backend.register(AdderHandler::new(Pocket))?;
/// backend.listen("memory:docs-backend").await?;
///
/// let frontend = Frontend::connect("memory:docs-backend").await?;
/// let adder: AdderClient = frontend.open().await?;
/// assert_eq!(adder.add(2, 3).await?, 5);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Backend {
    inner: Arc<StopOnDrop>,
}

/// Sets up a [`Backend`].
#[derive(Debug, Clone, Default)]
#[must_use = "it becomes a backend by `build`"]
pub struct BackendBuilder {
    limits: Limits,
    #[cfg(feature = "websocket")]
    origins: OriginPolicy,
    listen: ListenOptions,
    handshake: Handshake,
    hooks: Layers,
}

impl BackendBuilder {
    /// How much of everything there may be.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Which web pages may connect by WebSocket; default: those of the same origin.
    #[cfg(feature = "websocket")]
    pub fn origins(mut self, origins: OriginPolicy) -> Self {
        self.origins = origins;
        self
    }

    /// What becomes of frontends that call without a handshake; default: they are served.
    pub fn handshake(mut self, handshake: Handshake) -> Self {
        self.handshake = handshake;
        self
    }

    /// Adds hooks around every call, behind those that were added before.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.hooks.push(middleware);
        self
    }

    /// Lets `ws://` endpoints be bound to addresses that other machines can reach; default: only
    /// loopback. Calls then travel in the clear, and whoever reaches the port can make them.
    pub fn allow_remote(mut self, allow: bool) -> Self {
        self.listen.allow_remote = allow;
        self
    }

    /// The backend, which listens nowhere yet.
    pub fn build(self) -> Backend {
        #[cfg_attr(not(feature = "websocket"), expect(unused_mut, reason = "only they have more"))]
        let mut carrier = CarrierConfig::new(&self.limits);
        #[cfg(feature = "websocket")]
        {
            carrier.origins = self.origins;
        }
        let side = Side { limits: self.limits, hooks: self.hooks.into(), ..Side::default() }.into();
        let shared = Shared {
            side,
            carrier,
            listen: self.listen,
            handshake: self.handshake,
            open: AtomicUsize::new(0),
            state: Mutex::default(),
            changed: Notify::new(),
            connected: Emitter::new(),
            disconnected: Emitter::new(),
        };
        Backend { inner: Arc::new(StopOnDrop(Arc::new(shared))) }
    }
}

/// What a backend's tasks share. They don't hold the backend itself, whose drop ends them.
struct Shared {
    side: Arc<Side>,
    carrier: CarrierConfig,
    listen: ListenOptions,
    handshake: Handshake,
    /// Connections, those included that haven't said yet who they are.
    open: AtomicUsize,
    state: Mutex<State>,
    /// Told when a connection has gone.
    changed: Notify,
    connected: Emitter<Peer>,
    disconnected: Emitter<(Peer, DisconnectReason)>,
}

#[derive(Default)]
struct State {
    stopped: bool,
    listeners: Vec<JoinHandle<()>>,
    peers: BTreeMap<PeerId, Peer>,
    /// Only those that have members.
    groups: BTreeMap<Arc<str>, BTreeSet<PeerId>>,
    had_connections: bool,
}

struct StopOnDrop(Arc<Shared>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        let (listeners, peers) = self.0.stop_listening();
        listeners.iter().for_each(JoinHandle::abort);
        peers.iter().for_each(|peer| peer.session().close(DisconnectReason::ClosedHere));
        // Handlers may keep peers, whose sessions know the registry.
        self.0.side.registry.clear();
        // So may a middleware, whose hooks the sessions know. Nobody is served any more.
        self.0.side.hooks.retire();
    }
}

/// A [`Backend`] that isn't kept by this: for handlers and callbacks of the same backend, which it
/// would otherwise keep for ever.
#[derive(Clone)]
pub struct WeakBackend {
    inner: Weak<StopOnDrop>,
}

impl WeakBackend {
    /// The backend; `None` when it was dropped.
    pub fn upgrade(&self) -> Option<Backend> {
        Some(Backend { inner: self.inner.upgrade()? })
    }
}

impl fmt::Debug for WeakBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WeakBackend").finish_non_exhaustive()
    }
}

impl Default for Backend {
    fn default() -> Self {
        Self::new()
    }
}

impl Backend {
    /// A backend with the default limits, which listens nowhere yet.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Sets up a backend.
    pub fn builder() -> BackendBuilder {
        BackendBuilder::default()
    }

    /// Adds the handler of an interface, for all connections of now and later.
    ///
    /// # Errors
    ///
    /// [`RegisterError::ChannelTaken`] when the interface's channel has a handler already.
    #[track_caller]
    pub fn register(&self, handler: impl Service) -> Result<Registration, RegisterError> {
        self.registry().register(Registered::shared(handler, Location::caller()))
    }

    /// Adds a factory that makes the handler of an interface for each peer by itself, for all
    /// connections of now and later. A peer's handler is made when the peer opens the interface,
    /// or calls it without having opened it; it is dropped when the connection ends.
    ///
    /// The handler may keep clients of the peer, which is how it calls back:
    ///
    /// ```
    /// # use ipc_runtime::{Backend, Peer, ipc_interface};
    /// # /// A window.
    /// # #[ipc_interface(channel = "docs.with.window", version = "1.0.0")]
    /// # pub trait Window { /// Shows.
    /// #   async fn show(&self, text: &str); }
    /// # /// Files.
    /// # #[ipc_interface(channel = "docs.with.files", version = "1.0.0")]
    /// # pub trait Files { /// Opens.
    /// #   async fn open(&self, path: String); }
    /// struct Disk {
    ///     window: WindowClient,
    /// }
    ///
    /// impl Files for Disk {
    ///     async fn open(&self, path: String) {
    ///         // The window may be gone by now, which is no reason to fail.
    ///         let _ = self.window.show(&path).await;
    ///     }
    /// }
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let backend = Backend::new();
    /// backend.register_with(|peer: Peer| FilesHandler::new(Disk { window: peer.client() }))?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It is called on the task of the connection: it has to be short.
    ///
    /// # Errors
    ///
    /// [`RegisterError::ChannelTaken`] when the interface's channel has a handler already.
    #[track_caller]
    pub fn register_with<S: Service>(
        &self,
        factory: impl Fn(Peer) -> S + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError> {
        self.registry().register(Registered::per_peer(factory, Location::caller()))
    }

    /// The same backend, not kept by this.
    pub fn downgrade(&self) -> WeakBackend {
        WeakBackend { inner: Arc::downgrade(&self.inner) }
    }

    /// The peer with this number, if it is connected now.
    pub fn peer(&self, id: PeerId) -> Option<Peer> {
        self.shared().state().peers.get(&id).cloned()
    }

    /// The peers that are connected now, in the order in which they came.
    pub fn peers(&self) -> Peers {
        Peers::new(self.shared().state().peers.values().cloned())
    }

    /// Fires each peer that has connected, before anything that it says is handled.
    ///
    /// ```
    /// # fn example(backend: &ipc_runtime::Backend) {
    /// let listening = backend.peer_connected().on(|peer| println!("{} is here", peer.id()));
    /// # }
    /// ```
    pub fn peer_connected(&self) -> Event<Peer> {
        self.shared().connected.event()
    }

    /// Fires each peer whose connection has ended, and why, when its handlers were dropped and it
    /// has left its groups.
    pub fn peer_disconnected(&self) -> Event<(Peer, DisconnectReason)> {
        self.shared().disconnected.event()
    }

    /// The group of peers with this name ("room"). It is there as long as it has members.
    pub fn group(&self, name: impl Into<Arc<str>>) -> Group {
        Group::new(Arc::downgrade(self.shared()), name.into())
    }

    /// Begins to serve an endpoint, beside those that are served already. Gives the endpoint to
    /// connect to, with the real port where port 0 was asked for.
    ///
    /// # Errors
    ///
    /// [`ListenError`] when the endpoint is none, is in use, or can't be had.
    pub async fn listen<E>(&self, endpoint: E) -> Result<Endpoint, ListenError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        let endpoint = endpoint.try_into().map_err(Into::into)?;
        let shared = self.shared();
        let listener = transport::listen(&endpoint, &shared.listen).await;
        let listener = listener.map_err(|error| ListenError::Io { endpoint, error })?;
        let endpoint = listener.endpoint();
        let mut state = shared.state();
        if state.stopped {
            return Err(ListenError::Stopped(endpoint));
        }
        state.listeners.push(tokio::spawn(accept_all(shared.clone(), listener)));
        tracing::info!(%endpoint, "listening");
        Ok(endpoint)
    }

    /// Serves a connection that was made elsewhere: any stream of bytes in both directions. What
    /// is spoken on it is found out as on a local socket.
    pub fn accept<T>(&self, io: T)
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let shared = self.shared().clone();
        tokio::spawn(async move {
            let Some(place) = Place::take(&shared) else { return };
            let carrier = transport::within(shared.carrier.handshake_timeout, async {
                let io = Box::new(byte_stream::Foreign(io));
                let carrier = byte_stream::accept(io, &shared.carrier).await?;
                Ok(Connected { carrier, credentials: None })
            });
            serve(&shared, "accepted".into(), carrier.await).await;
            drop(place);
        });
    }

    /// The answer to a request for a WebSocket that came in at the app's own HTTP server, so that
    /// page and socket share one origin. `Ok` is the answer that upgrades; after it was sent, the
    /// stream goes to [`accept_upgraded`](Self::accept_upgraded). `Err` is one that refuses, by the
    /// rules of [`origins`](BackendBuilder::origins) or because the request is for no WebSocket.
    ///
    /// The types are those of the `http` crate, which axum and hyper use too.
    /// `examples/axum-server` shows it whole.
    #[cfg(feature = "websocket")]
    #[expect(clippy::result_large_err, reason = "both are answers to be sent")]
    pub fn upgrade<B>(
        &self,
        request: &http::Request<B>,
    ) -> Result<http::Response<()>, http::Response<Option<String>>> {
        websocket::upgrade(request, &self.shared().carrier.origins)
    }

    /// Serves a WebSocket that the app's own HTTP server has upgraded: by the answer of
    /// [`upgrade`](Self::upgrade), or by its own. `headers` are those of the request; they are
    /// checked here in any case.
    ///
    /// # Errors
    ///
    /// `PermissionDenied` when whoever sent the headers may not connect. Then `io` is dropped.
    #[cfg(feature = "websocket")]
    pub fn accept_upgraded<T>(&self, io: T, headers: &http::HeaderMap) -> std::io::Result<()>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let shared = self.shared().clone();
        websocket::check_upgraded(headers, &shared.carrier.origins)
            .map_err(|why| std::io::Error::new(std::io::ErrorKind::PermissionDenied, why))?;
        tokio::spawn(async move {
            let Some(place) = Place::take(&shared) else { return };
            let io = Box::new(byte_stream::Foreign(io));
            let connected = websocket::accept_upgraded(io, &shared.carrier).await;
            serve(&shared, "upgraded".into(), Ok(connected)).await;
            drop(place);
        });
        Ok(())
    }

    /// Serves until `signal` is ready, then stops as [`stop`](Self::stop) does, with a grace of
    /// five seconds. Gives what the signal gave.
    ///
    /// ```no_run
    /// # async fn example(backend: ipc_runtime::Backend) -> std::io::Result<()> {
    /// # async fn ctrl_c() -> std::io::Result<()> { Ok(()) }
    /// backend.run_until(ctrl_c()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run_until<F: Future>(&self, signal: F) -> F::Output {
        let output = signal.await;
        self.stop(GRACE).await;
        output
    }

    /// Stops: no endpoint is served any more, frontends are told, new requests are refused
    /// (-32005), and what runs may finish within `grace`. What is left then is cancelled.
    ///
    /// Subscriptions go on for as long as a request or notification of their connection runs, and
    /// while they have something to send, or their subscriber has yet to take what they sent. When
    /// all of a connection have had nothing for 100 ms, as that of a replica of a
    /// [`Store`](crate::Store) whose values nobody changes, they are ended (-32005): they don't hold
    /// the stop.
    pub async fn stop(&self, grace: Duration) {
        let shared = self.shared();
        let (listeners, peers) = shared.stop_listening();
        for listener in listeners {
            listener.abort();
            // Waited for, so that its socket's file is gone when this returns.
            let _ = listener.await;
        }
        for peer in &peers {
            if let Some(connection) = peer.session().connection() {
                connection.drain("the backend is stopping");
            }
        }
        if tokio::time::timeout(grace, shared.all_gone()).await.is_err() {
            for peer in &peers {
                tracing::debug!(peer = %peer.id(), "cancelling what still runs");
                peer.session().close(DisconnectReason::ClosedHere);
            }
            // Each closes by itself within seconds, whatever its peer does.
            shared.all_gone().await;
        }
    }

    /// Waits until there was a connection, and none is left: the end of a backend on `stdio:`, or
    /// of one that isn't to outlive its frontends.
    pub async fn abandoned(&self) {
        let shared = self.shared();
        shared.wait_until(|state| state.had_connections && state.peers.is_empty()).await;
    }

    /// How many connections there are.
    pub fn connection_count(&self) -> usize {
        self.shared().state().peers.len()
    }

    /// How much there is of everything at the moment, of all connections together.
    pub fn usage(&self) -> Usage {
        let mut usage = self.shared().side.gauges.usage();
        for peer in self.peers() {
            peer.session().add_usage(&mut usage);
        }
        usage
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.shared().side.registry
    }

    fn shared(&self) -> &Arc<Shared> {
        &self.inner.0
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = self.registry().table();
        let channels: Vec<_> = table.interfaces().map(|interface| interface.channel).collect();
        f.debug_struct("Backend")
            .field("channels", &channels)
            .field("connections", &self.connection_count())
            .finish_non_exhaustive()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn stop_listening(&self) -> (Vec<JoinHandle<()>>, Vec<Peer>) {
        let mut state = self.state();
        state.stopped = true;
        let listeners = std::mem::take(&mut state.listeners);
        (listeners, state.peers.values().cloned().collect())
    }

    async fn all_gone(&self) {
        self.wait_until(|state| state.peers.is_empty()).await;
    }

    /// Waits for something that comes true when a connection goes.
    async fn wait_until(&self, condition: impl Fn(&State) -> bool) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if condition(&self.state()) {
                return;
            }
            changed.await;
        }
    }
}

/// One of the connections that there may be.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(shared: &'a Shared) -> Option<Self> {
        let place = Self(&shared.open);
        let open = shared.open.fetch_add(1, Ordering::Relaxed);
        if open < shared.side.limits.max_connections {
            return Some(place);
        }
        let limit = shared.side.limits.max_connections;
        tracing::warn!(limit, "refused a connection: there are max_connections already");
        None
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn accept_all(shared: Arc<Shared>, mut listener: transport::Listener) {
    let accepts_once = matches!(listener.endpoint(), Endpoint::Stdio);
    let endpoint: Arc<str> = listener.endpoint().to_string().into();
    loop {
        match listener.accept().await {
            Ok(incoming) => {
                let (shared, endpoint) = (shared.clone(), endpoint.clone());
                tokio::spawn(async move {
                    let Some(place) = Place::take(&shared) else { return };
                    let connected = incoming.open(&shared.carrier).await;
                    serve(&shared, endpoint, connected).await;
                    drop(place);
                    if accepts_once {
                        // Also if it came to nothing: nobody else will ever connect there.
                        shared.state().had_connections = true;
                        shared.changed.notify_waiters();
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%endpoint, %error, "could not accept a connection");
                tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
            }
        }
    }
}

async fn serve(shared: &Shared, endpoint: Arc<str>, connected: std::io::Result<Connected>) {
    let Connected { carrier, credentials } = match connected {
        Ok(connected) => connected,
        Err(error) => {
            tracing::debug!(%endpoint, %error, "a connection came to nothing");
            return;
        }
    };
    let info = PeerInfo { id: PeerId::next(), endpoint };
    let id = info.id;
    tracing::debug!(peer = %id, endpoint = %info.endpoint, ?credentials, "connected");
    let session = Session::new(info, shared.side.clone(), ConnectionState::Connecting);
    let config = peer::Config { session: session.clone(), handshake: shared.handshake };
    let (_, driver) = Driver::new(carrier, config);
    session.set_credentials(credentials);
    session.connected();
    {
        let mut state = shared.state();
        if state.stopped {
            return;
        }
        state.peers.insert(id, Peer::new(session.clone()));
        state.had_connections = true;
    }
    // Also when this task is dropped: whoever stops the backend waits for the last one to go.
    let _entry = Entry { shared, id };
    shared.connected.fire(Peer::new(session));
    driver.run().await;
}

/// A connection's place among those that are served.
struct Entry<'a> {
    shared: &'a Shared,
    id: PeerId,
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let peer = {
            let mut state = self.shared.state();
            state.groups.retain(|_, members| {
                members.remove(&self.id);
                !members.is_empty()
            });
            state.peers.remove(&self.id)
        };
        if let Some(peer) = peer {
            let reason = match &*peer.state().borrow() {
                ConnectionState::Disconnected(reason) => reason.clone(),
                // The driver was dropped before it ran.
                _ => DisconnectReason::ClosedHere,
            };
            self.shared.disconnected.fire((peer.clone(), reason));
            // Only now: whoever hears of it may want to know whose it was.
            peer.session().release();
        }
        self.shared.changed.notify_waiters();
    }
}
