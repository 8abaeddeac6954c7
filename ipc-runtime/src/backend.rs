//! The side that listens.

pub(crate) mod builder;
pub(crate) mod closed_sessions;
#[cfg(feature = "inventory")]
pub(crate) mod contributions;
pub(crate) mod core;
#[cfg(feature = "openrpc")]
pub(crate) mod discovery;
#[cfg(feature = "socket-io")]
pub(crate) mod engine_arrival;
#[cfg(feature = "socket-io")]
pub(crate) mod engine_host;
pub(crate) mod listening;
pub(crate) mod peers;
pub(crate) mod serve;
pub(crate) mod session_binding;
#[cfg(feature = "socket-io")]
pub(crate) mod socket_authorizer;
#[cfg(feature = "socket-io")]
pub(crate) mod socket_io;
#[cfg(feature = "socket-io")]
pub(crate) mod socket_peers;
pub(crate) mod stop_signal;
pub(crate) mod turning_away;

use std::{
    fmt,
    future::Future,
    panic::Location,
    pin::pin,
    sync::{Arc, Weak},
    time::Duration,
};

use futures_util::future::{Either, select};
use tokio::io::{AsyncRead, AsyncWrite};
#[cfg(feature = "websocket")]
use tokio_tungstenite::tungstenite::http;

#[cfg(feature = "websocket")]
use crate::backend::turning_away::NoPlace;
#[cfg(feature = "websocket")]
use crate::transport::{byte_stream::Io, websocket};
use crate::{
    backend::{
        core::{BackendCore, StopOnDrop},
        peers::{Group, Peers},
        stop_signal::StopSignal,
    },
    endpoint::{Endpoint, EndpointError},
    error::{
        connect_error::ListenError, disconnect_reason::DisconnectReason,
        register_error::RegisterError,
    },
    event::Event,
    peer::{
        incoming::{
            registry::{Registered, Registry},
            service::Service,
        },
        session::handle::Peer,
    },
    peer_info::PeerId,
    registration::Registration,
    transport::byte_stream::Foreign,
    usage::Usage,
};

/// How long [`Backend::run_until`] lets handlers finish.
const GRACE: Duration = Duration::from_secs(5);

/// The side that listens: it holds the handlers and serves them on any number of endpoints.
///
/// A backend is cheap to clone, and all clones are the same backend. When the last clone is
/// dropped, the backend stops listening and closes all connections at once. To let running handlers
/// finish first, use [`run_until`](Self::run_until) or [`stop`](Self::stop).
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

/// A weak reference to a [`Backend`]. Handlers and callbacks of a backend hold one of these, since
/// a clone of the backend would keep it alive for ever.
#[derive(Clone)]
pub struct WeakBackend {
    inner: Weak<StopOnDrop>,
}

impl WeakBackend {
    /// Returns the backend, or `None` if it was dropped.
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
    /// Creates a backend with the default limits. It listens nowhere yet.
    pub fn new() -> Self {
        Self::builder().build()
    }

    /// Adds the handler of an interface, for all current and later connections.
    ///
    /// # Errors
    ///
    /// [`RegisterError::ChannelTaken`] if the interface's channel has a handler already,
    /// [`RegisterError::NameTaken`] if an exposed function has the name of one of its methods,
    /// [`RegisterError::Version`] if its version isn't a semantic version.
    #[track_caller]
    pub fn register(&self, handler: impl Service) -> Result<Registration, RegisterError> {
        self.registry().register(Registered::shared(handler, Location::caller()))
    }

    /// Adds a factory that makes the handler of an interface for each peer, for all current and
    /// later connections. A peer's handler is made when the peer opens the interface, or first
    /// calls it without having opened it. It is dropped when the peer is gone.
    ///
    /// The handler may keep clients of the peer, to call it back:
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
    /// The factory is called on the task of the connection, so it has to be short.
    ///
    /// # Errors
    ///
    /// [`RegisterError::ChannelTaken`] when the interface's channel has a handler already,
    /// [`RegisterError::NameTaken`] when an exposed function has the name of one of its methods.
    #[track_caller]
    pub fn register_with<S: Service>(
        &self,
        factory: impl Fn(Peer) -> S + Send + Sync + 'static,
    ) -> Result<Registration, RegisterError> {
        self.registry().register(Registered::per_peer(factory, Location::caller()))
    }

    /// Returns a weak reference to this backend.
    pub fn downgrade(&self) -> WeakBackend {
        WeakBackend { inner: Arc::downgrade(&self.inner) }
    }

    /// Returns the peer with this id, if it is connected or
    /// [may come back](crate::Limits::session_grace).
    pub fn peer(&self, id: PeerId) -> Option<Peer> {
        self.shared().state().peers.get(&id).cloned()
    }

    /// Returns the peers that are connected or [may come back](crate::Limits::session_grace), in
    /// the order in which they first connected.
    pub fn peers(&self) -> Peers {
        Peers::new(self.shared().state().peers.values().cloned())
    }

    /// Returns the event that fires when a peer has connected, before any of its messages is
    /// handled. A peer that [comes back](crate::Limits::session_grace) is the same peer, and
    /// doesn't fire it again.
    ///
    /// Only the handshake shows whether a peer has come back. So the event fires
    ///
    /// - after the handshake, if the backend requires one (as it does with a token);
    /// - at once, if the client's first bytes don't show that it knows the protocol, since such a
    ///   client can't come back;
    /// - otherwise with the client's first message. If it sends none, the event fires after a
    ///   second, or after [`handshake_timeout`](crate::Limits::handshake_timeout) if that is less.
    ///
    /// ```
    /// # fn example(backend: &ipc_runtime::Backend) {
    /// backend.peer_connected().on(|peer| println!("{} is here", peer.id()));
    /// # }
    /// ```
    pub fn peer_connected(&self) -> Event<Peer> {
        self.shared().connected.event()
    }

    /// Returns the event that fires when a peer is gone, with the reason why its connection has
    /// ended. By then its handlers were dropped and it has left its groups. A peer that may
    /// [come back](crate::Limits::session_grace) isn't gone until the backend stops waiting for it.
    /// Until then, [`Peer::state`] shows that it is disconnected.
    pub fn peer_disconnected(&self) -> Event<(Peer, DisconnectReason)> {
        self.shared().disconnected.event()
    }

    /// Returns the group of peers ("room") with this name. A group exists as long as it has
    /// members.
    pub fn group(&self, name: impl Into<Arc<str>>) -> Group {
        Group::new(Arc::downgrade(self.shared()), name.into())
    }

    /// Starts to serve an endpoint, in addition to those that are served already. Returns the
    /// endpoint to connect to: if you ask for port 0, it has the real port.
    ///
    /// # Errors
    ///
    /// [`ListenError`] when the text is no valid endpoint, when the endpoint is in use or can't be
    /// bound, or when the backend was stopped.
    pub async fn listen<E>(&self, endpoint: E) -> Result<Endpoint, ListenError>
    where
        E: TryInto<Endpoint>,
        E::Error: Into<EndpointError>,
    {
        let endpoint = endpoint.try_into().map_err(Into::into)?;
        listening::listen(self.shared(), endpoint).await
    }

    /// Serves a connection that was made elsewhere: any stream of bytes in both directions. The
    /// backend detects the framing from the first bytes, as on a local socket.
    pub fn accept<T>(&self, io: T)
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        listening::accept(self.shared().clone(), Box::new(Foreign(io)));
    }

    /// Answers a request for a WebSocket that came in at the app's own HTTP server, so that page
    /// and socket share one origin.
    ///
    /// `Ok` is the answer that upgrades. When your server has sent it, pass the stream to
    /// [`accept_upgraded`](Self::accept_upgraded). `Err` is an answer that refuses, with a body
    /// that says why in a sentence:
    ///
    /// - 403, because of the rules of [`origins`](crate::BackendBuilder::origins); but a page of
    ///   this machine gets an `Ok`, and is refused on the WebSocket, since a browser tells a page
    ///   nothing of a refused request: so an `Ok` admits nobody, `accept_upgraded` does;
    /// - 401, because of the [`token`](crate::BackendBuilder::token);
    /// - 400, 405 or 426, because the request isn't a valid one for a WebSocket;
    /// - 500, because the backend is set up wrongly; its log says how;
    /// - 503, because there are [`max_connections`](crate::Limits::max_connections) already.
    ///
    /// The types are those of the `http` crate, which axum and hyper use too. See
    /// `examples/axum-server` for a whole server.
    ///
    /// With [`socket_io`](crate::BackendBuilder::socket_io), this also answers the WebSockets of
    /// socket.io clients, which it knows by `EIO=4` in the request's query. Refusals of these have
    /// a body as socket.io's server sends it.
    #[cfg(feature = "websocket")]
    #[expect(clippy::result_large_err, reason = "both are answers to be sent")]
    pub fn upgrade<B>(
        &self,
        request: &http::Request<B>,
    ) -> Result<http::Response<()>, http::Response<Option<String>>> {
        #[cfg(feature = "socket-io")]
        if let Some(answer) = engine_host::upgrade(self.shared(), request) {
            return answer;
        }
        let no_place = NoPlace::now(self.shared());
        let why = no_place.as_ref().map(|no| no.why.as_str());
        websocket::upgrade(request, &self.shared().carrier, why)
    }

    /// Serves a WebSocket that the app's own HTTP server has upgraded, with the answer of
    /// [`upgrade`](Self::upgrade) or with its own. `head` is that of the request, and is checked
    /// here in any case.
    ///
    /// # Errors
    ///
    /// `PermissionDenied` when the head doesn't allow the client to connect, or when the backend is
    /// set up wrongly. Then `io` is dropped. A page of this machine whose origin isn't allowed is
    /// no error: it is only told so, with the close code 4403, and nothing of it is read.
    #[cfg(feature = "websocket")]
    pub fn accept_upgraded<T>(&self, io: T, head: &http::request::Parts) -> std::io::Result<()>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let shared = self.shared();
        let io: Box<dyn Io> = Box::new(Foreign(io));
        #[cfg(feature = "socket-io")]
        let io = match engine_host::accept_upgraded(shared, io, head) {
            Ok(accepted) => return accepted,
            Err(io) => io,
        };
        let visitor = websocket::check_upgraded(head, &shared.carrier)
            .map_err(|no| std::io::Error::new(std::io::ErrorKind::PermissionDenied, no.why))?;
        listening::accept_upgraded(shared.clone(), io, head.headers.clone(), visitor);
        Ok(())
    }

    /// Answers a request of a socket.io client that came in at the app's own HTTP server and
    /// doesn't ask for an upgrade: HTTP long-polling. Pass on all of them at one path, whatever
    /// their method, and those with an `Upgrade` header to [`upgrade`](Self::upgrade).
    ///
    /// A request that waits for messages may take as long as
    /// [`ping_interval`](crate::config::SocketIo::ping_interval) and
    /// [`ping_timeout`](crate::config::SocketIo::ping_timeout) together, and one that brings
    /// messages until the backend has room for them. Drop the future when the client has aborted
    /// the request, as HTTP servers do by themselves: the session of that client then ends. A body
    /// that is larger than [`max_payload`](crate::config::SocketIo::max_payload) is refused while
    /// it is read. A client that is slow to send it has
    /// [`frame_timeout`](crate::Limits::frame_timeout) for each 256 KiB.
    ///
    /// Answers that refuse have the status and the body that socket.io's server sends, and 403 or
    /// 401 where [`upgrade`](Self::upgrade) has it. All have the headers that CORS needs for pages
    /// that may connect. Layers of the server must add none of these. Without
    /// [`BackendBuilder::socket_io`](crate::BackendBuilder::socket_io), the answer is 404.
    #[cfg(feature = "socket-io")]
    pub async fn poll<B: http_body::Body>(
        &self,
        request: http::Request<B>,
    ) -> http::Response<bytes::Bytes> {
        engine_host::poll(self.shared(), request).await
    }

    /// Serves until `signal` is ready, then stops as [`stop`](Self::stop) does, with a grace of
    /// five seconds. Returns what the signal returned. If you drop the future before the signal is
    /// ready, the backend goes on.
    ///
    /// The backend also stops without the signal if `stdio:` is its only endpoint and the one
    /// connection there has ended, since nobody can connect any more. It then returns `()`, `None`,
    /// or an `Ok` of one of these: see [`StopSignal`]. If you have passed connections to
    /// [`accept`](Self::accept) or `accept_upgraded`, it waits for the signal.
    ///
    /// ```no_run
    /// # async fn example(backend: ipc_runtime::Backend) -> std::io::Result<()> {
    /// # async fn ctrl_c() -> std::io::Result<()> { Ok(()) }
    /// backend.run_until(ctrl_c()).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn run_until<F>(&self, signal: F) -> F::Output
    where
        F: Future,
        F::Output: StopSignal,
    {
        let unreachable = self.shared().unreachable();
        let output = match select(pin!(signal), unreachable).await {
            Either::Left((output, _)) => output,
            Either::Right(_) => F::Output::without_signal(),
        };
        self.stop(GRACE).await;
        output
    }

    /// Stops the backend: it closes its endpoints, notifies its frontends, refuses new requests
    /// (-32005), and lets running handlers finish within `grace`. Then it cancels the rest, and
    /// closes the connections. A frontend that [reconnects](crate::FrontendBuilder::reconnect) then
    /// tries to reach the next backend at the endpoint. This one never listens again:
    /// [`listen`](Self::listen) fails.
    ///
    /// The backend doesn't wait for disconnected peers. It closes a connection that has yet to show
    /// a [token](crate::BackendBuilder::token) at once; a client that it is refusing at that moment
    /// has two seconds to read the answer.
    ///
    /// Subscriptions go on while a request or notification of their connection runs, while they
    /// have something to send, and until their subscriber has taken what they sent. When all
    /// subscriptions of a connection have had nothing to send for 100 ms, they are ended (-32005).
    /// So idle ones don't delay the stop, such as those of replicas of a
    /// [`Store`](crate::store::Store) whose values nobody changes.
    ///
    /// If you drop the future, the backend stops all the same, but nothing is cancelled after
    /// `grace`.
    pub async fn stop(&self, grace: Duration) {
        self.shared().stop(grace).await;
    }

    /// Waits until at least one client has connected and all have left. Use it for a backend that
    /// must not outlive its frontends; on `stdio:` alone, [`run_until`](Self::run_until) does this
    /// by itself. A peer that [may come back](crate::Limits::session_grace) counts as connected.
    pub async fn abandoned(&self) {
        self.shared().abandoned().await;
    }

    /// Returns the number of connections, including those whose client has yet to identify itself.
    /// If a peer has reconnected, its old connection doesn't count.
    pub fn connection_count(&self) -> usize {
        let state = self.shared().state();
        let has_one = |peer: &&Peer| peer.session().connectivity().attached().is_some();
        state.arriving.len() + state.peers.values().filter(has_one).count()
    }

    /// Returns what the backend holds at the moment, for all connections together.
    pub fn usage(&self) -> Usage {
        let mut usage = self.shared().side.gauges.usage();
        usage.disconnected_peers = self.shared().state().away.len();
        #[cfg(feature = "socket-io")]
        if let Some(recovery) = &self.shared().socket_recovery {
            usage.disconnected_peers += recovery.away_count();
        }
        for peer in self.peers() {
            peer.session().add_usage(&mut usage);
        }
        usage
    }

    pub(crate) fn registry(&self) -> &Arc<Registry> {
        &self.shared().registry
    }

    fn shared(&self) -> &Arc<BackendCore> {
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
