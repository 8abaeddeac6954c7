//! The side that listens.

pub(crate) mod builder;
pub(crate) mod closed_sessions;
#[cfg(feature = "inventory")]
pub(crate) mod contributions;
pub(crate) mod core;
pub(crate) mod listening;
pub(crate) mod peers;
pub(crate) mod serve;
pub(crate) mod session_binding;
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
use crate::transport::websocket;
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
    /// or calls it without having opened it; it is dropped when the peer has gone.
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

    /// The peer with this number, if it is connected now, or is [waited
    /// for](crate::Limits::session_grace).
    pub fn peer(&self, id: PeerId) -> Option<Peer> {
        self.shared().state().peers.get(&id).cloned()
    }

    /// The peers that are connected now, or are [waited for](crate::Limits::session_grace), in the
    /// order in which they came.
    pub fn peers(&self) -> Peers {
        Peers::new(self.shared().state().peers.values().cloned())
    }

    /// Fires each peer that has connected, before anything that it says is handled. A peer that
    /// [comes back](crate::Limits::session_grace) is the same, and isn't fired again.
    ///
    /// Whether it is that shows by its handshake. One that has shown that it knows the protocol, and
    /// then says nothing, is fired after a second, or after
    /// [`handshake_timeout`](crate::Limits::handshake_timeout) if that is less; whoever needn't know
    /// it, at once; one that has to shake hands, when it has.
    ///
    /// ```
    /// # fn example(backend: &ipc_runtime::Backend) {
    /// backend.peer_connected().on(|peer| println!("{} is here", peer.id()));
    /// # }
    /// ```
    pub fn peer_connected(&self) -> Event<Peer> {
        self.shared().connected.event()
    }

    /// Fires each peer that has gone, and why its connection has ended, when its handlers were
    /// dropped and it has left its groups. One that may [come back](crate::Limits::session_grace)
    /// hasn't gone until it is waited for no more; [`Peer::state`] tells that it is away.
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
        listening::listen(self.shared(), endpoint).await
    }

    /// Serves a connection that was made elsewhere: any stream of bytes in both directions. What
    /// is spoken on it is found out as on a local socket.
    pub fn accept<T>(&self, io: T)
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        listening::accept(self.shared().clone(), Box::new(Foreign(io)));
    }

    /// The answer to a request for a WebSocket that came in at the app's own HTTP server, so that
    /// page and socket share one origin. `Ok` is the answer that upgrades; after it was sent, the
    /// stream goes to [`accept_upgraded`](Self::accept_upgraded). `Err` is one that refuses, by the
    /// rules of [`origins`](crate::BackendBuilder::origins) (403) and [`token`](crate::BackendBuilder::token) (401),
    /// because the request is for no WebSocket (400, 405, 426), or because there are
    /// [`max_connections`](crate::Limits::max_connections) already (503). Its body is a sentence that
    /// says why.
    ///
    /// The types are those of the `http` crate, which axum and hyper use too.
    /// `examples/axum-server` shows it whole.
    #[cfg(feature = "websocket")]
    #[expect(clippy::result_large_err, reason = "both are answers to be sent")]
    pub fn upgrade<B>(
        &self,
        request: &http::Request<B>,
    ) -> Result<http::Response<()>, http::Response<Option<String>>> {
        let no_place = NoPlace::now(self.shared());
        let why = no_place.as_ref().map(|no| no.why.as_str());
        websocket::upgrade(request, &self.shared().carrier, why)
    }

    /// Serves a WebSocket that the app's own HTTP server has upgraded: by the answer of
    /// [`upgrade`](Self::upgrade), or by its own. `headers` are those of the request; they are
    /// checked here in any case. A host in the request's target isn't among them: `upgrade` checks it.
    ///
    /// # Errors
    ///
    /// `PermissionDenied` when whoever sent the headers may not connect. Then `io` is dropped.
    #[cfg(feature = "websocket")]
    pub fn accept_upgraded<T>(&self, io: T, headers: &http::HeaderMap) -> std::io::Result<()>
    where
        T: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let shared = self.shared();
        let showed_token = websocket::check_upgraded(headers, &shared.carrier)
            .map_err(|no| std::io::Error::new(std::io::ErrorKind::PermissionDenied, no.why))?;
        let io = Box::new(Foreign(io));
        listening::accept_upgraded(shared.clone(), io, headers.clone(), showed_token);
        Ok(())
    }

    /// Serves until `signal` is ready, then stops as [`stop`](Self::stop) does, with a grace of
    /// five seconds. Gives what the signal gave.
    ///
    /// It does so without the signal when `stdio:` is the only endpoint and its one connection has
    /// ended: nobody can call this backend any more. Then it gives the signal's own word for nothing,
    /// see [`StopSignal`]. A backend that was given connections by [`accept`](Self::accept) or
    /// `accept_upgraded` goes on.
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

    /// Stops: no endpoint is served any more, frontends are told, new requests are refused
    /// (-32005), and what runs may finish within `grace`. What is left then is cancelled. Connections
    /// that have yet to show a [token](crate::BackendBuilder::token) are closed at once; one that is just being
    /// refused has two seconds to take the answer.
    ///
    /// Subscriptions go on for as long as a request or notification of their connection runs, and
    /// while they have something to send, or their subscriber has yet to take what they sent. When
    /// all of a connection have had nothing for 100 ms, as that of a replica of a
    /// [`Store`](crate::store::Store) whose values nobody changes, they are ended (-32005): they don't hold
    /// the stop.
    pub async fn stop(&self, grace: Duration) {
        self.shared().stop(grace).await;
    }

    /// Waits until there was a connection, and none is left: the end of a backend that isn't to
    /// outlive its frontends. On `stdio:` alone [`run_until`](Self::run_until) does that by itself. A peer that may
    /// [come back](crate::Limits::session_grace) counts as one that is there.
    pub async fn abandoned(&self) {
        self.shared().abandoned().await;
    }

    /// How many connections there are, those included that have yet to show who they are. One that
    /// another took over from isn't counted any more.
    pub fn connection_count(&self) -> usize {
        let state = self.shared().state();
        let has_one = |peer: &&Peer| peer.session().connectivity().attached().is_some();
        state.arriving.len() + state.peers.values().filter(has_one).count()
    }

    /// How much there is of everything at the moment, of all connections together.
    pub fn usage(&self) -> Usage {
        let mut usage = self.shared().side.gauges.usage();
        usage.disconnected_peers = self.shared().state().away.len();
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
